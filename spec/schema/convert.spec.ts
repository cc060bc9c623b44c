// Published columns in their widened types: one line for each pair that can come up.
import { expect } from 'chai';
import { type ColumnType, convertExpression, sqlType } from '../../lib/schema/index.js';
import { LogReader } from './log-reader.js';

const bigint: ColumnType = { kind: 'bigint' };
const double: ColumnType = { kind: 'double' };
const text: ColumnType = { kind: 'text' };
const json: ColumnType = { kind: 'json' };
const timestamp: ColumnType = { kind: 'timestamp' };
const unknown: ColumnType = { kind: 'unknown' };
const binary: ColumnType = { kind: 'binary' };
const decimal = (scale: number): ColumnType => ({ kind: 'decimal', precision: 38, scale });
const list = (item: ColumnType): ColumnType => ({ kind: 'list', item });
const struct = (fields: Record<string, ColumnType>): ColumnType => ({
  kind: 'struct',
  fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
});

const cases: readonly (readonly [value: string, from: ColumnType, to: ColumnType, result: unknown])[] = [
  ['5', bigint, double, 5],
  ['5', bigint, decimal(2), '5.00'],
  ['9223372036854775807', bigint, text, '9223372036854775807'],
  ['0.1', double, decimal(3), '0.100'],
  ['1e21', double, decimal(0), '1000000000000000000000'],
  ['100', double, text, '100'],
  ['0.1', double, text, '0.1'],
  ["'nan'", double, text, 'NaN'],
  ["'-inf'", double, text, '-Infinity'],
  ["'inf'", double, text, 'Infinity'],
  ['-0.0::DOUBLE', double, text, '-0.0'],
  ['0', double, text, '0'],
  ['NULL', double, text, null],
  ['1.5', decimal(4), text, '1.5'],
  ['100', decimal(4), text, '100'],
  ['100', decimal(0), text, '100'],
  ['1.5', decimal(1), decimal(3), '1.500'],
  ['true', { kind: 'bool' }, text, 'true'],
  ["'2024-01-01 10:00:00+02'", timestamp, text, '2024-01-01T08:00:00Z'],
  ["'0001-01-01 00:00:00.5'", timestamp, text, '0001-01-01T00:00:00.5Z'],
  ["'2024-01-01 10:00:00.000001'", timestamp, text, '2024-01-01T10:00:00.000001Z'],
  ["'2024-01-01'", { kind: 'date' }, text, '2024-01-01'],
  ["'10:00:00.5'", { kind: 'time' }, text, '10:00:00.5'],
  ["'\\x00\\xFF'", binary, text, 'AP8='],
  ["'x'", text, json, '"x"'],
  ["'2024-01-01 10:00:00'", timestamp, json, '"2024-01-01T10:00:00Z"'],
  ['5', bigint, json, '5'],
  ['0.1', double, json, '0.1'],
  ["'-inf'", double, json, '"-Infinity"'],
  ['1.10', decimal(2), json, '1.1'],
  ['-1.12345678901234567890', decimal(20), json, '"-1.12345678901234567890"'],
  ["'99999999999999999999999999999999999.999'", decimal(3), json, '"99999999999999999999999999999999999.999"'],
  ['18446744073709551616', decimal(0), json, '18446744073709551616'],
  [
    "{'a': 1.5, 'b': [12345678901234567.25]}",
    struct({ a: decimal(2), b: list(decimal(2)) }),
    json,
    '{"a":1.5,"b":["12345678901234567.25"]}',
  ],
  ['\'{"a": "12345678901234567.25"}\'', json, struct({ a: decimal(2) }), { a: '12345678901234567.25' }],
  ['[1, NULL]', list(bigint), list(double), [1, null]],
  ['[1, NULL]', list(bigint), list(text), ['1', null]],
  ["['2024-01-01 10:00:00']", list(timestamp), json, '["2024-01-01T10:00:00Z"]'],
  ["['2024-01-01 10:00:00']", list(timestamp), list(json), ['"2024-01-01T10:00:00Z"']],
  ['[[0.5]]', list(list(double)), list(list(text)), [['0.5']]],
  ['[NULL]', list(unknown), list(struct({ a: bigint })), [null]],
  ["{'a': 1}", struct({ a: bigint }), struct({ b: text, a: double }), { b: null, a: 1 }],
  ["{'a': 1}", struct({ a: bigint }), struct({ a: text }), { a: '1' }],
  [
    "{'a': {'b': [{'c': '2024-01-01 10:00:00'}]}}",
    struct({ a: struct({ b: list(struct({ c: timestamp })) }) }),
    struct({ a: struct({ b: list(struct({ c: text, d: bigint })) }) }),
    { a: { b: [{ c: '2024-01-01T10:00:00Z', d: null }] } },
  ],
  [
    "{'a': '2024-01-01 10:00:00', 'b': 'AB'::BLOB, 'c': 0.5}",
    struct({ a: timestamp, b: binary, c: double }),
    json,
    '{"a":"2024-01-01T10:00:00Z","b":"QUI=","c":0.5}',
  ],
  ["'{}'", json, struct({ a: timestamp, b: list(bigint) }), { a: null, b: null }],
  ['\'{"a": "2024-01-01T10:00:00Z", "z": 1}\'', json, struct({ a: timestamp }), { a: '2024-01-01 10:00:00+00' }],
  ['\'"plain"\'', json, text, 'plain'],
  ['\'{"a": 1}\'', json, text, '{"a": 1}'],
  ['NULL', unknown, timestamp, null],
  ['NULL', unknown, list(bigint), null],
];

describe('convertExpression', () => {
  let reader: LogReader;
  before(async () => {
    reader = await LogReader.open();
  });
  after(() => reader.close());

  for (const [value, from, to, result] of cases) {
    it(`takes ${value} of ${sqlType(from)} to ${sqlType(to)}, and NULL to NULL`, async () => {
      await reader.run(
        `CREATE OR REPLACE TEMP TABLE source AS SELECT CAST(${value} AS ${sqlType(from)}) AS v UNION ALL SELECT NULL`,
      );
      const select = `SELECT ${convertExpression('v', from, to)} AS v FROM source`;
      expect(await reader.query(select)).to.deep.equal([{ v: result }, { v: null }]);
      expect(
        await reader.query(`SELECT DISTINCT typeof(v) = typeof(CAST(NULL AS ${sqlType(to)})) AS same FROM (${select})`),
      ).to.deep.equal([{ same: true }]);
    });
  }
});
