// The files of a published directory as one relation, and which of them a load may change.
import { join } from 'node:path';
import { convertExpression, sqlType, type TableSchema } from '../../schema/index.js';
import type { Database } from '../duckdb.js';
import { placedRows } from '../loaded-rows.js';
import type { RuleValue } from '../merge-rules.js';
import * as sql from '../merge-sql.js';
import type { PublishContext } from '../publish-context.js';
import { sameKey } from '../set-sql.js';
import { identifier, literal } from '../sql-text.js';
import type { ManifestFile } from './manifest.js';
import type { Partition } from './partition.js';

/** A published file among the others. */
export interface PlacedFile {
  readonly file: ManifestFile;
  readonly path: string;
  /** Its number among the published files. */
  readonly number: number;
  /** The place of its first row among the rows of all of them. */
  readonly start: number;
}

/** What the files hold, and how. */
export interface PublishedColumns {
  /** Of the table as it was published. */
  readonly schema: TableSchema;
  readonly partitions: readonly Partition[];
}

/** Places files one after the other. */
export function placed(files: readonly ManifestFile[], folder: string): PlacedFile[] {
  let start = 0;
  return files.map((file, number) => {
    const each = { file, path: join(folder, file.path), number, start };
    start += file.rows;
    return each;
  });
}

/** The rows of files, in their order, in the columns and types of the table to be published, with their place as `__sluice_row` and their file's number. */
export function rowsOfFiles(
  { columns, publication }: PublishContext,
  files: readonly PlacedFile[],
  { schema, partitions }: PublishedColumns,
): string {
  const final = new Map(publication.schema.columns.map(({ name, type }) => [name, type]));
  const levels = new Map(
    partitions.flatMap(({ column, transform }, level) => (transform === 'identity' ? [[column, level] as const] : [])),
  );
  const paths = files.map(({ path }) => path);
  const told = new Set(levels.keys());
  const stored = schema.columns.map(({ name }) => name).filter((name) => !told.has(name));
  const from = sql.readFiles(paths, stored, { unionByName: false });
  // A list, not a join: a join gives rows in another order.
  const ofFile = (values: readonly (string | number)[], type: string): string =>
    `list_extract([${values.join(', ')}]::${type}[], ${from.number})`;
  const casts = new Map(
    schema.columns.flatMap(({ name, type }) => {
      const to = final.get(name);
      if (to === undefined) return [];
      const level = levels.get(name);
      const value = level === undefined ? identifier(name) : ofFile(files.map(partitionValue(level)), 'VARCHAR');
      return [[name, convertExpression(`CAST(${value} AS ${sqlType(type)})`, type, to)] as const];
    }),
  );
  const list = columns.map(({ name, type }) => `${casts.get(name) ?? `NULL::${type}`} AS ${identifier(name)}`);
  const [starts, numbers] = [files.map(({ start }) => start), files.map(({ number }) => number)];
  const place = `${ofFile(starts, 'BIGINT')} + file_row_number AS ${sql.rowNumber}`;
  return `SELECT ${list.join(', ')}, ${place}, ${ofFile(numbers, 'BIGINT')} AS ${fileNumber} FROM ${from.relation}`;
}

function partitionValue(level: number): (placed: PlacedFile) => string {
  return ({ file }) => {
    const value = file.partition?.[level] ?? null;
    return value === null ? 'NULL' : literal(value);
  };
}

const fileNumber = '__sluice_file';

/**
 * The numbers of the files that hold a row with one of the keys of a row of the log, each key a list of values. Only the columns of the keys
 * are read. The log is typed for `purpose`.
 */
export async function filesWithKeys(
  context: PublishContext,
  files: readonly PlacedFile[],
  published: PublishedColumns,
  keys: readonly (readonly RuleValue[])[],
  purpose: 'final' | 'quick',
): Promise<ReadonlySet<number>> {
  const { database, rules } = context;
  // A value that no row has may be equal to one that no row of the table has.
  if (keys.flat().includes(undefined)) return new Set(files.map(({ number }) => number));
  const columns = new Set(keys.flat().flatMap((part) => part?.column ?? []));
  const { all } = await placedRows(context, purpose);
  const load = `SELECT DISTINCT ${sql.names([...columns])} FROM (${all})`;
  await database.run(`CREATE OR REPLACE TEMP TABLE load_keys AS ${load}`);
  const rows = rowsOfFiles(context, files, published);
  const found = new Set<number>();
  for (const key of keys) {
    const query = `SELECT DISTINCT p.${fileNumber} FROM (${rows}) AS p SEMI JOIN load_keys AS l ON ${sameKey(key, rules)}`;
    for (const [number] of await database.rows(query)) found.add(Number(number));
  }
  await database.run('DROP TABLE load_keys');
  return found;
}

/** The numbers of the files from which rows leave, by the variable of that name. */
export async function filesLeft(database: Database, rows: string, variable: string): Promise<ReadonlySet<number>> {
  const leave = sql.whereBit(rows, variable, 1);
  const found = await database.rows(`SELECT DISTINCT ${fileNumber} FROM (${leave})`);
  return new Set(found.map(([number]) => Number(number)));
}
