// Which type comes out of which values: one line for each rule.
import { expect } from 'chai';
import { ExactNumber } from '../../lib/core/exact.js';
import { displayType, resolve, Shape } from '../../lib/schema/index.js';

function typeOf(...values: unknown[]): string {
  const shape = new Shape();
  for (const value of values) shape.observe({ column: value });
  return displayType(resolve(shape, { keepAsText: [] }).columns[0]!.type);
}

const big = 2n ** 60n;
const beyond = 2n ** 64n;

describe('resolve', () => {
  const cases: readonly (readonly [type: string, ...values: unknown[]])[] = [
    ['BOOLEAN', true, null, false],
    ['BIGINT', 1, -5, null],
    ['BIGINT', 1, big, 2n ** 63n - 1n, -(2n ** 63n)],
    ['DOUBLE', -0, 0],
    ['DOUBLE', -0],
    ['DECIMAL(38,0)', -0, big],
    ['DOUBLE', 1.5],
    ['DOUBLE', 1, 1.5, Number.MAX_SAFE_INTEGER],
    ['DOUBLE', 5, Number.NaN, Number.POSITIVE_INFINITY],
    ['DOUBLE', 1e300, 5e-324],
    ['DECIMAL(38,1)', big, 1.5],
    ['DECIMAL(38,2)', beyond, 1.25, 3],
    ['DECIMAL(38,0)', big, 1e21],
    ['VARCHAR', big, 1e300],
    ['VARCHAR', big, 1e-30],
    ['VARCHAR', big, Number.NaN],
    ['DECIMAL(38,0)', beyond],
    ['DECIMAL(38,0)', 1, 10n ** 38n - 1n, -(10n ** 38n - 1n)],
    ['VARCHAR', 10n ** 38n],
    ['DECIMAL(38,19)', new ExactNumber('0.1234567890123456789')],
    ['DECIMAL(38,19)', new ExactNumber('0.1234567890123456789'), 1.5, 12345],
    ['VARCHAR', new ExactNumber('0.1234567890123456789'), beyond],
    ['VARCHAR', new ExactNumber('1e400')],
    ['VARCHAR', new ExactNumber('0.12345678901234567890123456789012345678901')],
    ['DECIMAL(38,2)', new ExactNumber('123456789012345678901234.25')],
    ['VARCHAR', true, 1],
    ['VARCHAR', true, 'true'],
    ['VARCHAR', 1, '1'],
    ['TIMESTAMP WITH TIME ZONE', '2024-01-01T00:00:00Z', '2024-01-01 00:00:00', new Date(0)],
    ['DATE', '2024-01-01'],
    ['TIME', '10:00:00'],
    ['VARCHAR', '2024-01-01', '2024-01-01T00:00:00Z'],
    ['VARCHAR', '2024-01-01', '10:00:00'],
    ['VARCHAR', '2024-01-01', 5],
    ['VARCHAR', '2024-01-01', ''],
    ['BLOB', new Uint8Array([1, 2]), Buffer.from('x')],
    ['VARCHAR', new Uint8Array([1, 2]), 'text'],
    ['BIGINT[]', [1, null], [], null],
    ['DOUBLE[]', [1], [1.5]],
    ['VARCHAR[]', [1], ['a']],
    ['BIGINT[][]', [[1], []], [null]],
    ['VARCHAR[]', []],
    ['JSON', [1], 1],
    ['JSON', [1], {}],
    ['JSON[]', [1, [2]]],
    ['STRUCT(a BIGINT)', { a: 1 }, {}, null],
    ['STRUCT(a BIGINT, b VARCHAR)', { a: 1, b: null }, { a: null, b: 'x' }],
    ['STRUCT(a VARCHAR)', { a: null }],
    ['STRUCT("a b" STRUCT("c""d" DATE))', { 'a b': { 'c"d': '2024-01-01' } }],
    ['STRUCT(a JSON)', { a: {} }, { a: null }],
    ['JSON', {}],
    ['JSON', { a: 1 }, 1],
    ['JSON', { a: 1 }, 'text'],
    ['JSON', { a: 1, A: 2 }],
    ['JSON', { a: 1 }, { A: 2 }],
    ['JSON', { '': 1 }],
    ['JSON', { 'a\0': 1 }],
    ['STRUCT(b JSON)', { b: { a: 1, A: 2 } }],
    ['JSON', Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`key${i}`, i]))],
    ['VARCHAR', null, undefined],
    ['STRUCT(a BIGINT)', new Map([['a', 1]])],
    ['BIGINT[]', new Set([1, 2])],
  ];
  it('leaves times of day text unless they are declared, so that every reader opens the file', () => {
    const shape = new Shape();
    shape.observe({ at: '10:00:00' });
    expect(resolve(shape).columns[0]!.type).to.deep.equal({ kind: 'text' });
    const declared = [{ name: 'at', type: { kind: 'time' } as const }];
    expect(resolve(shape, { declared }).columns[0]!.type).to.deep.equal({ kind: 'time' });
  });

  for (const [type, ...values] of cases) {
    it(`${values.map(show).join(', ')} -> ${type}`, () => {
      expect(typeOf(...values)).to.equal(type);
      expect(typeOf(...values.toReversed())).to.equal(type);
    });
  }

  it('keeps what lies deeper than 32 levels as JSON', () => {
    let value: unknown = 1;
    for (let level = 0; level < 40; level += 1) value = [value];
    expect(typeOf(value)).to.equal(`JSON${'[]'.repeat(32)}`);
  });

  it('makes maps with keys that are data JSON, also when each row has few of them', () => {
    const values = Array.from({ length: 1001 }, (_, i) => ({ [`key${i}`]: i }));
    expect(typeOf(...values)).to.equal('JSON');
    expect(typeOf(...values.slice(1))).to.match(/^STRUCT/);
  });

  it('lets declared columns win, and adds those that no row had', () => {
    const shape = new Shape();
    shape.observe({ id: 1, at: '2024-01-01' });
    const { columns } = resolve(shape, {
      declared: [
        { name: 'at', type: { kind: 'text' }, description: 'as sent' },
        { name: 'extra', type: { kind: 'bool' } },
      ],
    });
    expect(columns).to.deep.equal([
      { name: 'id', type: { kind: 'bigint' }, nullable: false },
      { name: 'at', type: { kind: 'text' }, nullable: false, description: 'as sent' },
      { name: 'extra', type: { kind: 'bool' }, nullable: true },
    ]);
  });
});

function show(value: unknown): string {
  if (value instanceof Map || value instanceof Set) return value.constructor.name;
  const text = JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ?? 'undefined';
  return typeof value === 'number' ? String(value) : text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
