// A table in a DuckDB database file: where it is, and what the database says of it.

import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { decodeMetadata } from '../../schema/index.js';
import type { Database } from '../duckdb.js';
import type { Published } from '../engine.js';
import type { MemoryLimits } from '../memory-limits.js';
import { identifier, literal } from '../sql-text.js';
import { TableError } from '../table-error.js';
import type { TableInfo } from '../table-info.js';
import { withDatabaseFile } from './database-file.js';

/** Where the tables of a sink are. */
export interface DatabaseTarget {
  readonly file: string;
  /** The schema within the database. */
  readonly schema: string;
}

/** How tables are published in a database. */
export interface DatabasePublisher extends DatabaseTarget {
  readonly limits: MemoryLimits;
}

export interface DatabaseTable extends DatabaseTarget {
  readonly name: string;
}

/** The table that stands, in paths, for one of a database: `out/orders@shop.duckdb`. */
export function databasePath({ file, schema, name }: DatabaseTable): string {
  const within = schema === 'main' ? basename(file) : `${schema}@${basename(file)}`;
  return join(dirname(file), `${name}@${within}`);
}

/** The table of such a path. */
export function tableOfPath(path: string, target: DatabaseTarget): DatabaseTable {
  const end = basename(databasePath({ ...target, name: '' }));
  return { ...target, name: basename(path).slice(0, -end.length) };
}

/** Its name in SQL. */
export function sqlName({ schema, name }: DatabaseTable): string {
  return `target.${identifier(schema)}.${identifier(name)}`;
}

/** The table in which the loads of all tables of a database are recorded. */
const records = 'target.main._sluice_tables';

/** What the database has recorded of the last load of a table. */
export interface LoadRecord {
  readonly loadId: string;
  readonly counts: Published;
  readonly metadata: string;
}

export interface DatabaseInfo extends TableInfo {
  readonly record: LoadRecord;
}

/**
 * What the database says of a table; `undefined` when there is none.
 * @throws TableError as `withDatabaseFile`, `ERR_TABLE_PATH` for a table that something else made; SchemaError `ERR_SCHEMA_METADATA`
 */
export async function readDatabaseInfo(table: DatabaseTable): Promise<DatabaseInfo | undefined> {
  const { file, name } = table;
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return undefined;
  return await withDatabaseFile(file, { memoryLimit: '128MB', threads: 1, table: name }, async (database) => {
    if (!(await isThere(database, table))) return undefined;
    const record = await readRecord(database, table);
    if (record === undefined) {
      const message = `the database ${file} has a table ${table.schema}.${name} that Sluice did not write. It is left as it is: give another table name, or drop it.`;
      throw new TableError('ERR_TABLE_PATH', name, message);
    }
    const metadata = decodeMetadata(record.metadata);
    const [rows = 0] = await database.numbers(`SELECT count(*) FROM ${sqlName(table)}`);
    const schema = { columns: metadata.columns };
    return { file, bytes: found.size, rows, schema, shape: metadata.shape, metadata, record };
  });
}

async function isThere(database: Database, { schema, name }: DatabaseTable): Promise<boolean> {
  const query = `SELECT count(*) FROM information_schema.tables WHERE table_catalog = 'target' AND table_schema = ${literal(schema)} AND table_name = ${literal(name)}`;
  return (await database.numbers(query))[0] === 1;
}

/** The record of a table; `undefined` when Sluice did not write it. */
export async function readRecord(database: Database, table: DatabaseTable): Promise<LoadRecord | undefined> {
  if (!(await isThere(database, { ...table, schema: 'main', name: '_sluice_tables' }))) return undefined;
  const [row] = await database.rows(`SELECT load_id, counts, metadata FROM ${records} WHERE ${sameTable(table)}`);
  if (row === undefined) return undefined;
  const [loadId, counts, metadata] = row.map(String);
  return { loadId: loadId!, counts: JSON.parse(counts!) as Published, metadata: metadata! };
}

/** What is there of a table, be it of use or not: one that was recorded may have been dropped since. */
export interface Standing {
  readonly loadId: string | undefined;
  readonly rows: number | undefined;
}

export async function standingOf(database: Database, table: DatabaseTable): Promise<Standing> {
  const record = await readRecord(database, table);
  const [rows] = (await isThere(database, table))
    ? await database.numbers(`SELECT count(*) FROM ${sqlName(table)}`)
    : [undefined];
  return { loadId: record?.loadId, rows };
}

/** The names and the metadata of all tables that were recorded and are still there, in order. */
export async function readRecords(
  database: Database,
): Promise<{ readonly schema: string; readonly name: string; readonly metadata: string }[]> {
  const own: DatabaseTable = { file: '', schema: 'main', name: '_sluice_tables' };
  if (!(await isThere(database, own))) return [];
  const rows = await database.rows(
    `SELECT r.schema_name, r.table_name, r.metadata FROM ${records} r SEMI JOIN information_schema.tables t ON t.table_catalog = 'target' AND t.table_schema = r.schema_name AND t.table_name = r.table_name ORDER BY ALL`,
  );
  return rows.map((row) => {
    const [schema, name, metadata] = row.map(String);
    return { schema: schema!, name: name!, metadata: metadata! };
  });
}

/** The statements that record a load, for the transaction that makes it. */
export function recordLoad(table: DatabaseTable, { loadId, counts, metadata }: LoadRecord): string[] {
  const values = [table.schema, table.name, loadId].map(literal);
  return [
    `CREATE TABLE IF NOT EXISTS ${records} (schema_name VARCHAR, table_name VARCHAR, load_id VARCHAR, published_at TIMESTAMPTZ, counts VARCHAR, metadata VARCHAR)`,
    `DELETE FROM ${records} WHERE ${sameTable(table)}`,
    `INSERT INTO ${records} VALUES (${[...values, 'now()', literal(JSON.stringify(counts)), literal(metadata)].join(', ')})`,
  ];
}

function sameTable({ schema, name }: DatabaseTable): string {
  return `schema_name = ${literal(schema)} AND table_name = ${literal(name)}`;
}
