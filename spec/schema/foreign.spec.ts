// Columns that something else wrote: every type of DuckDB gets one of ours, and keeps its values.
import { expect } from 'chai';
import {
  displayType,
  importExpression,
  RowEncoder,
  resolve,
  shapeFromSchema,
  typeFromDuckDb,
} from '../../lib/schema/index.js';
import { LogReader } from './log-reader.js';

/** A value of a type in SQL, the type that it gets, and the value in it. */
const cases: readonly (readonly [sql: string, type: string, value: unknown])[] = [
  ['1::UTINYINT', 'BIGINT', '1'],
  ['(-5)::INTEGER', 'BIGINT', '-5'],
  ['9223372036854775807::BIGINT', 'BIGINT', '9223372036854775807'],
  ['18446744073709551615::UBIGINT', 'DECIMAL(38,0)', '18446744073709551615'],
  ["'170141183460469231731687303715884105727'::HUGEINT", 'VARCHAR', '170141183460469231731687303715884105727'],
  ['0.5::FLOAT', 'DOUBLE', 0.5],
  ['0.1::FLOAT', 'DOUBLE', Math.fround(0.1)],
  ['1.50::DECIMAL(10,2)', 'DECIMAL(10,2)', '1.50'],
  ["'2024-01-01 10:00:00.123456'::TIMESTAMP", 'TIMESTAMP WITH TIME ZONE', '2024-01-01 10:00:00.123456+00'],
  ["'2024-01-01 10:00:00'::TIMESTAMP_S", 'TIMESTAMP WITH TIME ZONE', '2024-01-01 10:00:00+00'],
  ["'2024-01-01 10:00:00.123456789'::TIMESTAMP_NS", 'VARCHAR', '2024-01-01 10:00:00.123456789'],
  ["'2024-01-01 10:00:00+02'::TIMESTAMPTZ", 'TIMESTAMP WITH TIME ZONE', '2024-01-01 08:00:00+00'],
  ["'10:00:00'::TIME", 'TIME', '10:00:00'],
  ["'2024-01-01'::DATE", 'DATE', '2024-01-01'],
  ["'\\x00\\xFF'::BLOB", 'BLOB', '\\x00\\xFF'],
  ["'00000000-0000-0000-0000-000000000001'::UUID", 'VARCHAR', '00000000-0000-0000-0000-000000000001'],
  ["'a'::ENUM('a', 'b, c INTEGER')", 'VARCHAR', 'a'],
  ['INTERVAL 1 DAY', 'VARCHAR', '1 day'],
  ["MAP {'a': 1}", 'JSON', '{"a":1}'],
  ['\'{"a": [1]}\'::JSON', 'JSON', '{"a": [1]}'],
  ['[1, 2]::INTEGER[2]', 'BIGINT[]', ['1', '2']],
  ['[[1::UTINYINT, NULL], NULL]', 'BIGINT[][]', [['1', null], null]],
  [
    "{'a b': 1::SMALLINT, 'c\"d': [MAP {1: 2}], 'e''f(': '2024-01-01 00:00:00'::TIMESTAMP, 'g, h': NULL::DATE}",
    'STRUCT("a b" BIGINT, "c""d" JSON[], "e\'f(" TIMESTAMP WITH TIME ZONE, "g, h" DATE)',
    { 'a b': '1', 'c"d': ['{"1":2}'], "e'f(": '2024-01-01 00:00:00+00', 'g, h': null },
  ],
  ['true', 'BOOLEAN', true],
  ['NULL::STRUCT(a INTEGER)', 'STRUCT(a BIGINT)', null],
];

describe('foreign columns', () => {
  let reader: LogReader;
  before(async () => {
    reader = await LogReader.open();
  });
  after(() => reader.close());

  for (const [sql, type, value] of cases) {
    it(`takes ${sql} as ${type}`, async () => {
      await reader.run(`CREATE OR REPLACE TEMP TABLE source AS SELECT ${sql} AS v UNION ALL SELECT NULL`);
      const [described] = await reader.query('DESCRIBE source');
      const text = String(described!['column_type']);
      const own = typeFromDuckDb(text);
      expect(displayType(own)).to.equal(type);
      const select = `SELECT ${importExpression('v', text)} AS v FROM source`;
      expect(await reader.query(select)).to.deep.equal([{ v: value }, { v: null }]);
      expect(await reader.query(`SELECT DISTINCT typeof(v) AS t FROM (${select})`)).to.deep.equal([{ t: type }]);
    });
  }

  it('have a shape that has just that schema, and that rows can widen', () => {
    const columns = cases.map(([, type], i) => ({ name: `c${i}`, type: typeFromDuckDb(type), nullable: i % 2 === 0 }));
    const schema = {
      columns: columns.map((column) =>
        column.type.kind === 'decimal' ? { ...column, type: { ...column.type, precision: 38 } } : column,
      ),
    };
    expect(resolve(shapeFromSchema(schema), { keepAsText: [] })).to.deep.equal(schema);
  });

  it('become text, not rounded, when their doubles meet integers beyond 2^53', () => {
    const shape = shapeFromSchema({ columns: [{ name: 'd', type: { kind: 'double' }, nullable: false }] });
    new RowEncoder({ shape }).encode([{ d: 2n ** 60n }], { page: 0 });
    expect(resolve(shape).columns[0]!.type).to.deep.equal({ kind: 'text' });
  });
});
