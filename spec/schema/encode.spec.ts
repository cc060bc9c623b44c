// What a row looks like in the log, and which rows are refused.
import { expect } from 'chai';
import { LosslessNumber } from 'lossless-json';
import { ExactNumber } from '../../lib/core/exact.js';
import { displayType, RowEncoder, resolve, SchemaError, Shape } from '../../lib/schema/index.js';

function lines(...rows: unknown[]): string[] {
  const { chunk } = new RowEncoder().encode(rows, { page: 0 });
  return chunk.toString().trimEnd().split('\n');
}

function errorOf(run: () => unknown): SchemaError {
  try {
    run();
  } catch (error) {
    expect(error).to.be.instanceOf(SchemaError);
    return error as SchemaError;
  }
  throw new Error('nothing was thrown');
}

describe('RowEncoder', () => {
  it('writes a line of JSON for each row, and knows the size of the longest in bytes', () => {
    const encoder = new RowEncoder();
    const ascii = encoder.encode([{ id: 1 }, { id: 12, name: 'a\nb' }], { page: 0 });
    expect(ascii.chunk.toString()).to.equal('{"id":1}\n{"id":12,"name":"a\\nb"}\n');
    expect(ascii).to.include({ rows: 2, longestLine: 23 });
    const unicode = encoder.encode([{ name: '👩‍👩‍👧' }, { name: 'plain text, longer' }], { page: 1 });
    expect(unicode.longestLine).to.equal(Buffer.byteLength('{"name":"plain text, longer"}'));
    expect(encoder.encode([{ name: '👩‍👩‍👧👩‍👩‍👧' }], { page: 2 }).longestLine).to.equal(47);
    expect(encoder.encode([], { page: 3 })).to.deep.include({ chunk: Buffer.alloc(0), rows: 0, longestLine: 0 });
  });

  const cases: readonly (readonly [what: string, value: unknown, json: string])[] = [
    ['a bigint as digits', 2n ** 64n, '18446744073709551616'],
    ['a long decimal as text', new ExactNumber('0.12345678901234567890'), '"0.12345678901234567890"'],
    ['a number of lossless-json as a number', new LosslessNumber('1.50'), '1.5'],
    ['an integer of lossless-json as its digits', new LosslessNumber('18446744073709551616'), '18446744073709551616'],
    ['a long decimal of lossless-json as text', new LosslessNumber('0.1234567890123456789'), '"0.1234567890123456789"'],
    ['a date as ISO text', new Date(0), '"1970-01-01T00:00:00.000Z"'],
    ['bytes as base64', new Uint8Array([255, 0, 1]), '"/wAB"'],
    ['a view of bytes as those bytes', Buffer.from('abc').subarray(1), '"YmM="'],
    ['-0', -0, '-0.0'],
    ['NaN as text', Number.NaN, '"NaN"'],
    ['an infinity as text', Number.NEGATIVE_INFINITY, '"-Infinity"'],
    ['a lone surrogate as U+FFFD', 'a\ud800b', '"a\ufffdb"'],
    ['what only looks like a lone surrogate as it is', '\\ud800', '"\\\\ud800"'],
    ['NUL', '\0', '"\\u0000"'],
    [
      'a Map as an object',
      new Map<unknown, unknown>([
        ['a', 1n],
        [2, 'x'],
      ]),
      '{"2":"x","a":1}',
    ],
    ['a Set as a list', new Set([1, 2n]), '[1,2]'],
    ['what has toJSON as that says', { toJSON: () => ({ a: 1n }), __proto__: { of: 'a class' } }, '{"a":1}'],
    ['a plain object with toJSON as that says', { b: 2, toJSON: () => ({ a: 1n }) }, '{"a":1}'],
    [
      'what toJSON gives without asking it again',
      {
        b: 2n,
        toJSON() {
          return { ...this };
        },
      },
      '{"b":2}',
    ],
    [
      'an object that is its own JSON by its other properties',
      {
        b: 2n,
        toJSON() {
          return this;
        },
      },
      '{"b":2}',
    ],
    ['boxed values unboxed', Object(5), '5'],
    [
      'an instance of a class by its own properties',
      new (class Point {
        x = 1;
        y = 2n;
      })(),
      '{"x":1,"y":2}',
    ],
    ['holes and undefined in a list as null', [undefined, 1n, undefined], '[null,1,null]'],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1n }), '{"a":1}'],
  ];
  for (const [what, value, json] of cases) {
    it(`writes ${what}`, () => {
      expect(lines({ v: value })).to.deep.equal([`{"v":${json}}`]);
      expect(lines({ v: [{ deep: [value] }] })).to.deep.equal([`{"v":[{"deep":[${json}]}]}`]);
      // Also where the column has become JSON, and nobody looks for types any more.
      expect(lines({ v: 1 }, { v: {} }, { v: [value] })[2]).to.equal(`{"v":[${json}]}`);
    });
  }

  it('leaves out undefined, as JSON does', () => {
    expect(lines({ a: undefined, d: 1 }, { a: undefined, d: 1n })).to.deep.equal(['{"d":1}', '{"d":1}']);
  });

  describe('refuses what JSON would make NULL of, wherever it is:', () => {
    const values: readonly (readonly [string, unknown])[] = [
      ['a function', () => 1],
      ['a symbol', Symbol('x')],
      ['an invalid Date', new Date('2024-13-01')],
      ['a promise', Promise.resolve(1)],
    ];
    for (const [what, value] of values) {
      it(what, () => {
        const places: readonly (readonly [string, unknown])[] = [
          ['v', value],
          ['v.a.1', { a: [1, value] }],
          ['v.a', new Map([['a', value]])],
        ];
        for (const [path, within] of places) {
          for (const before of [[], [{ v: 1 }, { v: {} }]]) {
            const encoder = new RowEncoder();
            encoder.encode(before, { page: 0 });
            const error = errorOf(() => encoder.encode([{ id: 1, v: within }], { page: 1 }));
            expect(error).to.deep.include({ code: 'ERR_ROW', origin: { page: 1, index: 0 } });
            expect(error.message).to.include(`"${path}" is ${what}`);
          }
        }
      });
    }
  });

  it('says what a getter or a toJSON that throws has said', () => {
    const fault = (): never => {
      throw new Error('the handle is closed');
    };
    for (const row of [
      Object.defineProperty({ id: 1 }, 'name', { get: fault, enumerable: true }),
      { id: 1, name: Object.create({ toJSON: fault }) },
    ]) {
      const error = errorOf(() => new RowEncoder().encode([row], { page: 0 }));
      expect(error).to.include({ code: 'ERR_ROW' });
      expect(error.message).to.include('reading it failed').and.include('the handle is closed');
    }
  });

  it('keeps own keys called __proto__', () => {
    expect(lines(JSON.parse('{"__proto__":{"a":1},"b":[{"__proto__":2}]}'))).to.deep.equal([
      '{"__proto__":{"a":1},"b":[{"__proto__":2}]}',
    ]);
    const special = JSON.parse('{"__proto__":{"a":1}}') as { big?: bigint };
    special.big = 1n;
    expect(lines(special)).to.deep.equal(['{"__proto__":{"a":1},"big":1}']);
  });

  it('wraps what is not an object', () => {
    expect(lines(1, 'a', null, [1], new Date(0))).to.deep.equal([
      '{"value":1}',
      '{"value":"a"}',
      '{"value":null}',
      '{"value":[1]}',
      '{"value":"1970-01-01T00:00:00.000Z"}',
    ]);
  });

  it('writes keys that cannot be columns under the names of theirs', () => {
    const encoder = new RowEncoder();
    const { chunk } = encoder.encode([{ Id: 1 }, { Id: 1, id: 2, '': 3, 'a\0': 4, id_2: 5 }], { page: 0 });
    expect(chunk.toString()).to.equal('{"Id":1}\n{"Id":1,"id_2":2,"_empty":3,"a\ufffd":4,"id_2_2":5}\n');
    expect(resolve(encoder.shape).columns.map(({ name }) => name)).to.deep.equal([
      'Id',
      'id_2',
      '_empty',
      'a\ufffd',
      'id_2_2',
    ]);
  });

  it('goes on with the names of the table that it adds to', () => {
    const first = new RowEncoder();
    first.encode([{ Id: 1, id: 'x' }], { page: 0 });
    const shape = Shape.fromJSON(JSON.parse(JSON.stringify(first.shape)));
    const { chunk } = new RowEncoder({ shape }).encode([{ id: 'y', Id: 2 }], { page: 0 });
    expect(chunk.toString()).to.equal('{"id_2":"y","Id":2}\n');
  });

  it('takes names that collide for an error on request, and names both', () => {
    const encoder = new RowEncoder({ shape: new Shape({ collisions: 'error' }) });
    const error = errorOf(() => encoder.encode([{ Id: 1, ID: 2 }], { page: 0 }));
    expect(error.code).to.equal('ERR_COLUMN_COLLISION');
    expect(error.message).to.contain('"Id"').and.to.contain('"ID"');
  });

  describe('with a key', () => {
    const encode = (...rows: unknown[]) => new RowEncoder({ keys: ['id', 'part'] }).encode(rows, { page: 7 });

    it('takes rows that have it', () => {
      expect(encode({ id: 0, part: '' }, { id: false, part: 0n }).rows).to.equal(2);
    });

    it('refuses a row without it, and names the row', () => {
      const error = errorOf(() => encode({ id: 1, part: 1 }, { id: 2, name: `x${'y'.repeat(500)}` }));
      expect(error.code).to.equal('ERR_ROW_WITHOUT_KEY');
      expect(error).to.deep.include({ column: 'part', origin: { page: 7, index: 1 } });
      expect(error.message).to.match(
        /^row 1 of page 7 \(both counted from 0\) has no value for the key column "part": \{"id":2,"name":"xyyy/,
      );
      expect(error.message.length).to.be.lessThan(600);
    });

    it('refuses a row with NULL in it', () => {
      expect(errorOf(() => encode({ id: null, part: 1n })).message).to.contain('has NULL in the key column "id"');
    });

    it('finds it under another name', () => {
      const encoder = new RowEncoder({ keys: ['id_2'] });
      encoder.encode([{ Id: 1, id: 2 }], { page: 0 });
      expect(errorOf(() => encoder.encode([{ Id: 1 }], { page: 1 })).code).to.equal('ERR_ROW_WITHOUT_KEY');
    });
  });

  it('refuses a row that refers to itself, and one that is nested without end', () => {
    const loop: Record<string, unknown> = { id: 1 };
    loop['self'] = { loop };
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    for (const row of [loop, { deep }]) {
      const error = errorOf(() => new RowEncoder().encode([{}, row], { page: 3 }));
      expect(error).to.deep.include({ code: 'ERR_ROW', origin: { page: 3, index: 1 } });
      expect(error.message).to.include('refers to itself');
    }
  });

  it('notes every row in its shape', () => {
    const encoder = new RowEncoder();
    encoder.encode([{ a: 1 }, { a: 2.5 }], { page: 0 });
    encoder.encode([{ a: null, b: [1n] }], { page: 1 });
    const shown = resolve(encoder.shape).columns.map(
      ({ name, type, nullable }) => `${name} ${displayType(type)} ${nullable}`,
    );
    expect(shown).to.deep.equal(['a DOUBLE true', 'b BIGINT[] true']);
  });
});
