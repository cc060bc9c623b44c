// The laws of a shape: the order of rows, and how they are divided, do not matter.
import { expect } from 'chai';
import fc from 'fast-check';
import { ExactNumber } from '../../lib/core/exact.js';
import { resolve, SchemaError, Shape } from '../../lib/schema/index.js';
import { rows } from './values.js';

type Rows = readonly Record<string, unknown>[];

function shapeOf(list: Rows): Shape {
  const shape = new Shape();
  for (const row of list) shape.observe(row);
  return shape;
}

function merged(...shapes: Shape[]): Shape {
  const result = new Shape();
  for (const shape of shapes) result.merge(shape);
  return result;
}

/** A shape without the order of its columns and fields, which follows the rows. */
function content(shape: Shape): unknown {
  const sorted = (value: unknown): unknown => {
    if (!Array.isArray(value)) {
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, sorted(inner)]));
    }
    return value.map(sorted).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  };
  return sorted(JSON.parse(JSON.stringify(shape)));
}

/** Rows whose keys are no two names of one column: only then do names not depend on the order. */
const distinctRows = rows.map((list) =>
  list.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([key]) => !['A', 'É', '\ud800', '\0'].includes(key))),
  ),
);

describe('Shape', () => {
  it('is the same whatever the order of the rows', () => {
    fc.assert(
      fc.property(distinctRows, fc.infiniteStream(fc.nat()), (list, random) => {
        const shuffled = list.map((row) => ({ row, at: random.next().value as number })).sort((a, b) => a.at - b.at);
        expect(content(shapeOf(shuffled.map(({ row }) => row)))).to.deep.equal(content(shapeOf(list)));
      }),
      { numRuns: 500 },
    );
  });

  it('is the same whether rows are observed together or apart and merged, in any grouping, and merging twice changes nothing', () => {
    fc.assert(
      fc.property(distinctRows, distinctRows, distinctRows, (a, b, c) => {
        const whole = content(shapeOf([...a, ...b, ...c]));
        expect(content(merged(shapeOf(a), shapeOf(b), shapeOf(c)))).to.deep.equal(whole);
        expect(content(merged(merged(shapeOf(c), shapeOf(b)), shapeOf(a)))).to.deep.equal(whole);
        const shape = shapeOf([...a, ...b, ...c]);
        const { version } = shape;
        for (const part of [a, b, c]) shape.merge(shapeOf(part));
        expect(content(shape)).to.deep.equal(whole);
        expect(shape.version).to.equal(version);
      }),
      { numRuns: 300 },
    );
  });

  it('survives JSON', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const shape = shapeOf(list);
        const restored = Shape.fromJSON(JSON.parse(JSON.stringify(shape)));
        expect(restored.toJSON()).to.deep.equal(shape.toJSON());
        expect(resolve(restored)).to.deep.equal(resolve(shape));
      }),
    );
  });

  it('changes its version only when something new is seen', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const shape = shapeOf(list);
        const { version } = shape;
        const before = JSON.stringify(shape);
        for (const row of list) shape.observe(row);
        expect(JSON.stringify(shape)).to.equal(before);
        expect(shape.version).to.equal(version);
      }),
    );
    const shape = new Shape();
    const versions = [
      { a: 1 },
      { a: 2 },
      { a: 1000 },
      { a: null },
      {},
      { b: 1 },
      { a: 1.5 },
      { a: 2.5 },
      { a: 'x' },
    ].map((row) => {
      shape.observe(row);
      return shape.version;
    });
    expect(versions).to.deep.equal([1, 1, 2, 3, 3, 4, 5, 5, 6]);
  });

  it('knows that a column is nullable when any row lacks it, or has NULL', () => {
    const nullable = (list: Rows) =>
      resolve(shapeOf(list)).columns.map((column) => `${column.name}:${column.nullable}`);
    expect(nullable([{ a: 1 }, { a: 2 }])).to.deep.equal(['a:false']);
    expect(nullable([{ a: 1 }, {}])).to.deep.equal(['a:true']);
    expect(nullable([{ a: 1 }, { a: null }])).to.deep.equal(['a:true']);
    expect(nullable([{ a: 1 }, { a: undefined }])).to.deep.equal(['a:true']);
    expect(nullable([{}, { a: 1 }])).to.deep.equal(['a:true']);
    expect(
      nullable([
        { a: 1, b: 1 },
        { b: 2, a: 3, c: 4 },
      ]),
    ).to.deep.equal(['a:false', 'b:false', 'c:true']);
  });

  it('keeps columns and fields in the order in which they came', () => {
    const { columns } = resolve(
      shapeOf([
        { b: { y: 1 }, a: 1 },
        { c: 1, a: 1, b: { x: 1, y: 2 } },
      ]),
    );
    expect(columns.map(({ name }) => name)).to.deep.equal(['b', 'a', 'c']);
    expect(columns[0]!.type).to.have.property('fields').with.lengthOf(2).and.with.nested.property('[0].name', 'y');
  });

  it('is quick with many columns, also when every row lacks some', () => {
    const shape = new Shape();
    for (let row = 0; row < 300; row += 1) {
      shape.observe(
        Object.fromEntries(
          Array.from({ length: 2000 }, (_, i) => [`column_${i}`, i]).filter((_, i) => i % 7 !== row % 7),
        ),
      );
    }
    expect(resolve(shape).columns).to.have.lengthOf(2000);
    expect(resolve(shape).columns.every((column) => column.nullable)).to.equal(true);
  });

  it('does not mind own keys called __proto__, toString or constructor', () => {
    const row = JSON.parse('{"__proto__": 1, "toString": 2, "constructor": {"__proto__": {"x": 1}}}') as Record<
      string,
      unknown
    >;
    const { columns } = resolve(shapeOf([row]));
    expect(columns.map(({ name, type }) => [name, type.kind])).to.deep.equal([
      ['__proto__', 'bigint'],
      ['toString', 'bigint'],
      ['constructor', 'struct'],
    ]);
    expect(({} as Record<string, unknown>)['x']).to.equal(undefined);
  });

  it('tells the digits of exact numbers from their text', () => {
    expect(shapeOf([{ a: new ExactNumber('0.12345678901234567890') }]).toJSON()).to.have.nested.property(
      'columns[0].scale',
      19,
    );
    expect(shapeOf([{ a: new ExactNumber('-12345678901234567.5e3') }]).toJSON()).to.have.nested.property(
      'columns[0].digits',
      20,
    );
  });

  it('refuses what it did not write', () => {
    for (const json of [
      null,
      {},
      { version: 2, columns: [] },
      { version: 1, columns: [{ seen: [] }] },
      { version: 1, columns: [{ name: 'a', seen: ['odd'] }] },
      { version: 1, columns: [null] },
    ]) {
      expect(() => Shape.fromJSON(json))
        .to.throw(SchemaError)
        .with.property('code', 'ERR_SCHEMA_METADATA');
    }
  });
});
