// The rows of the log, typed, and of those with one key the one that counts.
import { join } from 'node:path';
import { quoteIdentifier, readExpression, readType } from '../schema/index.js';
import * as sql from './merge-sql.js';
import type { PublishContext } from './publish-context.js';

/** The log as a query in its final types. */
export function logQuery({ publication, columns }: PublishContext): string {
  const { segments, rows, schema, longestLine } = publication;
  if (rows === 0) return sql.noRows(columns);
  const read = schema.columns.map((column) => ({
    name: column.name,
    readType: readType(column.type),
    expression: readExpression(column),
  }));
  return sql.readLog(segments, read, longestLine);
}

/** The log in a file of its own, so that its rows have places. */
export interface LoadedRows {
  readonly file: string;
  /** A query that gives the published columns and the place of each row in the log as `__sluice_row`. */
  readonly all: string;
  /** The same, of the rows with one key only the one that counts. */
  readonly relation: string;
  /** How many those are. */
  readonly distinct: number;
}

/** Types the log, and finds the last row of each key. The database is new after it. */
export async function loadRows(context: PublishContext, purpose: 'final' | 'quick'): Promise<LoadedRows> {
  const { database, publication, columns } = context;
  const { rows, primaryKey, scratch } = publication;
  const file = join(scratch, 'load.parquet');
  await context.copy(logQuery(context), file, purpose);
  await database.restart();
  const existing = columns.map(({ name }) => ({ name, cast: quoteIdentifier(name) }));
  const all = sql.selectExisting(file, columns, existing);
  await database.run(sql.setLastRows(all, primaryKey, rows));
  const [distinct = 0] = await database.numbers(sql.countLastRows);
  return { file, all, relation: distinct === rows ? all : sql.whereBit(all, 'last_rows', 1), distinct };
}
