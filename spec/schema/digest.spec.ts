// What stands for values that are compared: the same for the same values, and another for others.
import { DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'chai';
import { type ColumnType, digestExpression, sqlType } from '../../lib/schema/index.js';

const long = 'x'.repeat(100);
const struct: ColumnType = {
  kind: 'struct',
  fields: [
    { name: 'a b', type: { kind: 'text' } },
    { name: 'n', type: { kind: 'double' } },
  ],
};
/** Values in SQL, no two of which are the same. */
const values: readonly (readonly [type: ColumnType, sql: readonly string[]])[] = [
  [{ kind: 'text' }, ['NULL', "''", "'a'", `'${long}'`, `'${long}y'`, `'sha256:' || sha256('${long}')`]],
  [{ kind: 'binary' }, ['NULL', "''::BLOB", "'a'::BLOB", `'${long}'::BLOB`, `encode('sha256:' || sha256('${long}'))`]],
  [{ kind: 'json' }, ['NULL', "'null'", "'1'", '\'"1"\'', `'"${long}"'`, `'{"a":"${long}"}'`]],
  [
    struct,
    [
      'NULL',
      "{'a b': NULL, 'n': NULL}",
      `{'a b': '${long}', 'n': 1}`,
      `{'a b': '${long}', 'n': 2}`,
      "{'a b': 'a', 'n': 1}",
    ],
  ],
  [
    { kind: 'list', item: { kind: 'list', item: { kind: 'text' } } },
    [
      'NULL',
      '[]',
      '[[]]',
      '[NULL]',
      '[[NULL]]',
      `[['${long}']]`,
      `[['${long}'], ['${long}']]`,
      `[['${long}', '${long}']]`,
    ],
  ],
  [{ kind: 'list', item: struct }, ['NULL', '[NULL]', `[{'a b': '${long}', 'n': 1}]`, `[{'a b': '${long}y', 'n': 1}]`]],
  [{ kind: 'bigint' }, ['NULL', '1', '2']],
];

describe('the digest of a value', () => {
  for (const [type, list] of values) {
    it(`is that of the same ${sqlType(type)}, and of no other`, async () => {
      const connection = await (await DuckDBInstance.create(':memory:')).connect();
      const rows = list.map((value, at) => `(${at}, (${value})::${sqlType(type)})`).join(', ');
      const table = `SELECT id, ${digestExpression('v', type)} AS d FROM (VALUES ${rows}) AS t(id, v)`;
      const result = await connection.runAndReadAll(
        `SELECT l.id, p.id FROM (${table}) l JOIN (${table}) p ON l.d IS NOT DISTINCT FROM p.d ORDER BY ALL`,
      );
      expect(result.getRows()).to.deep.equal(list.map((_, at) => [at, at]));
      connection.closeSync();
    });
  }

  it('is short', async () => {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const sql = digestExpression('v', { kind: 'text' });
    const result = await connection.runAndReadAll(`SELECT strlen(${sql}) FROM (SELECT repeat('x', 1000000) AS v)`);
    expect(result.getRows()).to.deep.equal([[71n]]);
    connection.closeSync();
  });
});
