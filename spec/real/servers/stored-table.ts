// Reads a published Parquet file the way a user would, with DuckDB, and compares every row with what a server holds.
import { DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'chai';
import { canonical } from './canonical.js';

type Row = Readonly<Record<string, unknown>>;

export interface StoredTable {
  readonly rows: readonly Row[];
  /** Type of each column, as DuckDB names it. */
  readonly types: Readonly<Record<string, string>>;
}

/** Reads a file; `select` are other columns than its own, in SQL. */
export async function readTable(file: string, { select = '*' } = {}): Promise<StoredTable> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    const source = `FROM read_parquet('${file.replaceAll("'", "''")}')`;
    const described = (await connection.runAndReadAll(`DESCRIBE SELECT ${select} ${source}`)).getRowObjects();
    const types = Object.fromEntries(described.map((it) => [String(it['column_name']), String(it['column_type'])]));
    const rows = (await connection.runAndReadAll(`SELECT ${select} ${source}`)).getRowObjects();
    return { rows: rows.map((row) => parseJson(row, types)), types };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** What is kept as JSON comes back as the values that it stands for. */
function parseJson(row: Row, types: Readonly<Record<string, string>>): Row {
  const parsed = Object.entries(row).map(([name, value]) => [
    name,
    types[name] === 'JSON' && typeof value === 'string' ? JSON.parse(value) : value,
  ]);
  return Object.fromEntries(parsed);
}

/** Fails unless the table has exactly the expected rows, each once, every value equal. Shows the first rows that differ. */
export function expectRows(table: StoredTable, expected: readonly Row[], key: readonly string[]): void {
  const keyOf = (row: Row) => canonical(key.map((name) => row[name]));
  const wanted = new Map(expected.map((row) => [keyOf(row), canonical(row)]));
  const found = new Map(table.rows.map((row) => [keyOf(row), canonical(row)]));
  expect(wanted.size, 'keys among the expected rows').to.equal(expected.length);
  expect(found.size, 'keys among the rows of the table').to.equal(table.rows.length);
  const first = (keys: Iterable<string>) => [...keys].slice(0, 5);
  expect(first([...wanted.keys()].filter((it) => !found.has(it))), 'rows that the table lacks').to.deep.equal([]);
  expect(first([...found.keys()].filter((it) => !wanted.has(it))), 'rows that the server lacks').to.deep.equal([]);
  const different = [...wanted].filter(([name, row]) => found.get(name) !== row);
  const shown = different.slice(0, 3).map(([name, row]) => ({ expected: row, actual: found.get(name) }));
  expect(shown, `of ${different.length} rows that differ`).to.deep.equal([]);
}
