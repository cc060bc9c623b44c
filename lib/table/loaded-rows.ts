// The rows of the log, typed, and of those with one key the one that counts.
import { join } from 'node:path';
import { quoteIdentifier, readExpression, readType, valueExpression } from '../schema/index.js';
import * as sql from './merge-sql.js';
import type { PublishContext } from './publish-context.js';
import * as sets from './set-sql.js';
import { TableError } from './table-error.js';

/**
 * The log as a query in its final types.
 * @param where Only the rows for which this holds: an expression, for which the members `also` of the log are read as well.
 */
export function logQuery(
  { publication, columns, rules }: PublishContext,
  { where, also = [] }: { readonly where?: string; readonly also?: readonly sql.SqlColumn[] } = {},
): string {
  const { segments, rows, schema, longestLine } = publication;
  if (rows === 0) return sql.noRows(columns);
  const read = schema.columns.map((column) => ({
    name: column.name,
    readType: readType(column.type),
    expression: readExpression(column),
  }));
  const log = sql.readLog(segments, read, longestLine, also) + (where === undefined ? '' : ` WHERE ${where}`);
  const { versions } = rules;
  if (versions === undefined) return log;
  // What comes begins now, and is valid.
  const validity = { [versions.from]: sets.instant(versions.boundary), [versions.to]: sets.instant(versions.active) };
  return sql.replacing(log, validity);
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

/**
 * Types the log, and finds the row of each key that counts. The database is new after it.
 * @param key Expressions that tell rows apart; none when all rows count.
 * @throws TableError `ERR_TABLE_VALUE` for NULL in the key, which the intake could not see
 */
export async function loadRows(
  context: PublishContext,
  purpose: 'final' | 'quick',
  key: readonly string[],
): Promise<LoadedRows> {
  const { database, publication, columns, rules } = context;
  const { rows, scratch } = publication;
  const file = join(scratch, 'load.parquet');
  await context.copy(logQuery(context), file, purpose);
  await database.restart();
  const existing = columns.map(({ name }) => ({ name, cast: quoteIdentifier(name) }));
  const all = sql.selectExisting(file, columns, existing);
  await refuseNullKeys(context, all);
  if (key.length === 0 || rows === 0) return { file, all, relation: all, distinct: rows };
  await database.run(sets.setVariable(countingRows, sets.lastOfKeys(all, rows, key, rules)));
  const [distinct = 0] = await database.numbers(`SELECT bit_count(${sets.variable(countingRows)})`);
  return { file, all, relation: distinct === rows ? all : sql.whereBit(all, countingRows, 1), distinct };
}

const countingRows = 'counting_rows';

/** A field that some rows have within an object and others as a column of its own is seen only now. */
async function refuseNullKeys({ database, publication, rules }: PublishContext, relation: string): Promise<void> {
  if (rules.nullKeys === 'group') return;
  for (const part of [...rules.primaryKey, ...rules.mergeKey]) {
    if (part === undefined || part.fields.length === 0) continue;
    const [missing = 0] = await database.numbers(
      `SELECT count(*) FROM (${relation}) WHERE ${valueExpression(part)} IS NULL`,
    );
    if (missing === 0) continue;
    const name = [part.column, ...part.fields].join('.');
    const message = `${missing} rows have no value for the key "${name}". Choose another key, or drop such rows before the sink, for example with filterRows. The rows are kept in the stage.`;
    throw new TableError('ERR_TABLE_VALUE', publication.table, message);
  }
}
