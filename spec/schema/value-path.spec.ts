// Names that options give of values: columns, fields within objects, members of JSON, in every form that rows can take.
import { DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'chai';
import {
  type Column,
  columnPolicy,
  resolvePath,
  Shape,
  valueAt,
  valueExpression,
  valuePaths,
} from '../../lib/schema/index.js';

const columns: readonly Column[] = [
  { name: 'id', type: { kind: 'bigint' }, nullable: false },
  {
    name: 'owner',
    type: {
      kind: 'struct',
      fields: [
        { name: 'ID', type: { kind: 'text' } },
        { name: 'data', type: { kind: 'json' } },
      ],
    },
    nullable: true,
  },
  { name: 'owner.name', type: { kind: 'text' }, nullable: true },
  { name: 'raw', type: { kind: 'json' }, nullable: true },
];
const find = (name: string) => resolvePath(valuePaths(name), columns);

describe('the path of a value', () => {
  it('is a column, whatever its case', () => {
    expect(find('id')).to.include({ column: 'id', structs: 0 });
    expect(find('ID')).to.include({ column: 'id' });
    expect(find('no')).to.equal(undefined);
  });

  it('is a column of just that name before a field within another', () => {
    expect(find('owner.name')).to.deep.include({ column: 'owner.name', fields: [] });
  });

  it('leads into objects, and from there into JSON', () => {
    expect(find('owner.id')).to.deep.include({ column: 'owner', fields: ['ID'], structs: 1, type: { kind: 'text' } });
    expect(find('owner.data.a.b')).to.deep.include({ column: 'owner', fields: ['data', 'a', 'b'], structs: 1 });
    expect(find('owner.data.a.b')?.type).to.deep.equal({ kind: 'json' });
    expect(find('owner.no')).to.equal(undefined);
    expect(find('id.no')).to.equal(undefined);
  });

  it('is followed by the names that the rows get', () => {
    const path = (options: Parameters<typeof columnPolicy>[0], name: string, column: Column) =>
      resolvePath(columnPolicy(options).pathsOf(name), [column])?.column;
    const flat: Column = { name: 'the_owner__user_id', type: { kind: 'bigint' }, nullable: false };
    expect(path({ naming: 'snake_case', nesting: 'flatten' }, 'theOwner.userId', flat)).to.equal(flat.name);
    expect(path({ naming: 'snake_case', nesting: 'flatten' }, flat.name, flat)).to.equal(flat.name);
    expect(path({ naming: 'snake_case' }, 'userId', { ...flat, name: 'user_id' })).to.equal('user_id');
  });

  it('gives the value of a row, under the key that the row has', () => {
    const shape = new Shape();
    const row = { Owner: { id: 7, more: [{ id: 8 }] }, 'a.b': 1, a: { b: 2 } };
    shape.observe(row);
    expect(valueAt(row, valuePaths('owner.id'), shape)).to.equal(7);
    expect(valueAt(row, valuePaths('a.b'), shape)).to.equal(1);
    for (const name of ['owner.no', 'owner.id.no', 'owner.toString', 'no'])
      expect(valueAt(row, valuePaths(name), shape), name).to.equal(undefined);
  });

  it('gives the same in SQL, with NULL for the null of JSON, and whatever names hold', async () => {
    const odd = `it's "a/b~c"`;
    const rows = [
      ['{"x": null}', null],
      ['{"x": "null"}', '"null"'],
      ['{"x": 1.5}', '1.5'],
      ['{"x": 123456789012345678901}', '123456789012345678901'],
      ['{"y": 1}', null],
      [null, null],
    ] as const;
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const json = (name: string) =>
      valueExpression(resolvePath([[odd, name]], [{ name: odd, type: { kind: 'json' }, nullable: true }])!, 't.');
    const column = `"${odd.replaceAll('"', '""')}"`;
    for (const [text, expected] of rows) {
      const literal = text === null ? 'NULL' : `'${text}'`;
      const [row] = (
        await connection.runAndReadAll(`SELECT ${json('x')} FROM (SELECT ${literal}::JSON AS ${column}) t`)
      ).getRows();
      expect(row, String(text)).to.deep.equal([expected]);
    }
    const nested = `'{"${odd.replaceAll("'", "''").replaceAll('"', '\\"')}": 5}'::JSON`;
    const [row] = (
      await connection.runAndReadAll(`SELECT ${json(odd)} FROM (SELECT ${nested} AS ${column}) t`)
    ).getRows();
    expect(row).to.deep.equal(['5']);
    connection.closeSync();
  });
});
