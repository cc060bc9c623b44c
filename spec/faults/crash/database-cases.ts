// Loads into tables of one DuckDB database, which change all at once.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { run } from '../../../lib/table/index.js';
import { duckdb } from '../../../sinks/index.js';
import { walk } from '../../sinks/killed-load.js';
import { type CrashCase, checkpoint } from './crash-case.js';

const columns = 'id::INTEGER AS id, page::INTEGER AS page, index::INTEGER AS index, text';

/** The rows of each of the tables in their order; none where it or its database is not there. Read at one moment. */
export async function databaseRows(file: string, tables: readonly string[], sql = '*'): Promise<object[][]> {
  // A database that has been created and has nothing in it yet may have no content.
  if (!existsSync(file)) return tables.map(() => []);
  const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' });
  try {
    const connection = await instance.connect();
    const found = (await connection.runAndReadAll('SELECT table_name FROM duckdb_tables()')).getRowsJson().flat();
    const all: object[][] = [];
    for (const table of tables) {
      const reading = found.includes(table) && connection.runAndReadAll(`SELECT ${sql} FROM "${table}"`);
      all.push(reading ? (await reading).getRowObjectsJson() : []);
    }
    return all;
  } finally {
    instance.closeSync();
  }
}

/** DuckDB makes its own writes durable, past the disk that stands in for it: there, only what the library does around them is tried. */
const tables: CrashCase = {
  name: 'tables of one database',
  load: (out, pages) => {
    const file = join(out, 'tables.duckdb');
    const source = () => walk(pages, () => undefined);
    return run([
      source().pipe(duckdb(file, { table: 'a', checkpoint })),
      source().pipe(duckdb(file, { table: 'b', checkpoint, writeDisposition: 'merge', primaryKey: 'id' })),
      source().pipe(duckdb(file, { table: 'c', checkpoint, writeDisposition: 'replace' })),
    ]);
  },
  tables: (out) => databaseRows(join(out, 'tables.duckdb'), ['a', 'b', 'c'], columns),
  files: ['tables.duckdb'],
  together: true,
  counts: false,
  crashes: ['killed'],
};

export const databaseCases: readonly CrashCase[] = [
  tables,
  { ...tables, name: 'tables of a database that is new', before: 0 },
];
