// The rows of the log, typed, and of those with one key the one that counts.
import { join } from 'node:path';
import { isDeepStrictEqual as isDeepEqual } from 'node:util';
import { quoteIdentifier, readExpression, readType, sqlType, storedType, valueExpression } from '../schema/index.js';
import type { ComingRows } from './decision.js';
import type { Publication, SealedPart } from './engine.js';
import * as sql from './merge-sql.js';
import type { PublishContext } from './publish-context.js';
import { checkRead } from './row-count.js';
import * as sets from './set-sql.js';
import { TableError } from './table-error.js';

/**
 * The log as a query in its final types.
 * @param where Only the rows for which this holds: an expression, for which the members `also` of the log are read as well.
 */
export function logQuery(context: PublishContext, only: LogFilter = {}): string {
  const { publication, columns } = context;
  if (publication.rows === 0) return sql.noRows(columns);
  // A part lacks other members than the columns.
  const all = only.where === undefined ? stretches(context) : [{ segments: publication.segments, parts: [] }];
  const read = all.map((stretch) => readStretch(context, stretch, only));
  return withValidity(context, read.length === 1 ? read[0]! : sql.concatenated(read));
}

interface LogFilter {
  readonly where?: string;
  readonly also?: readonly sql.SqlColumn[];
}

/** Segments that follow each other and are read in the same way. */
interface Stretch {
  readonly segments: readonly string[];
  /** What they are as Parquet; empty when they are not. */
  readonly parts: readonly SealedPart[];
}

function stretches({ publication }: PublishContext): readonly Stretch[] {
  const { segments, parts, schema } = publication;
  const all: { readonly segments: string[]; readonly parts: SealedPart[] }[] = [];
  for (const segment of segments) {
    const found = parts?.get(segment);
    const part = found && hasFinalTypes(found, schema) ? [found] : [];
    const last = all.at(-1);
    if (last !== undefined && last.parts.length > 0 === part.length > 0) {
      last.segments.push(segment);
      last.parts.push(...part);
    } else {
      all.push({ segments: [segment], parts: part });
    }
  }
  return all;
}

/** Whether a part has the types that are the final ones. Columns may have come since it was made: its rows are without them. */
export function hasFinalTypes(part: SealedPart, schema: Publication['schema']): boolean {
  const final = new Map(schema.columns.map(({ name, type }) => [name, sqlType(type)]));
  return part.columns.every(({ name, type }) => final.get(name) === sqlType(type));
}

function readStretch(context: PublishContext, { segments, parts }: Stretch, only: LogFilter = {}): string {
  const { schema, longestLine } = context.publication;
  if (parts.length > 0) return sql.withoutPlace(readParts(context, parts.map(asTyped)), context.columns);
  const read = schema.columns.map((column) => ({
    name: column.name,
    readType: readType(column.type),
    expression: readExpression(column),
  }));
  const log = sql.readLog(segments, read, longestLine, only.also);
  return only.where === undefined ? log : `${log} WHERE ${only.where}`;
}

/** A Parquet file with rows of the log, and how many rows it has where their places matter. */
interface TypedFile {
  readonly file: string;
  readonly columns: ReadonlySet<string>;
  readonly rows: number;
}

function asTyped({ file, columns }: SealedPart): TypedFile {
  return { file, columns: new Set(columns.map(({ name }) => name)), rows: 0 };
}

/** The rows of several files with their places, as if the files were one. */
function readParts({ publication, columns }: PublishContext, typed: readonly TypedFile[]): string {
  const existing = publication.schema.columns.flatMap(({ name, type }) => {
    const isThere = typed.some((each) => each.columns.has(name));
    const stored = storedType(type, publication.layout?.timestamps);
    const cast = sql.typed(quoteIdentifier(name), stored, sqlType(type));
    return isThere ? [{ name, cast }] : [];
  });
  return sql.selectFromFiles(typed, columns, existing);
}

/** With versions, what comes begins now, and is valid. */
function withValidity({ rules }: PublishContext, log: string): string {
  const { versions } = rules;
  if (versions === undefined) return log;
  const validity = { [versions.from]: sets.instant(versions.boundary), [versions.to]: sets.instant(versions.active) };
  return sql.replacing(log, validity);
}

/** The log as rows that come, in its order. */
export async function logInOrder(context: PublishContext): Promise<readonly ComingRows[]> {
  const { publication, format, groups } = context;
  // Another format takes more memory to write than what is passed on at a time.
  const isDirect = !hasParts(context) && !(groups.isWide && format !== undefined);
  if (isDirect) return [{ relation: logQuery(context), rows: publication.rows, isLog: true }];
  const { files, all, rows } = await placedRows(context, format === undefined ? 'final' : 'quick');
  return [{ relation: all, rows, ...(files && { files }) }];
}

/** The log in files of its own, so that its rows have places. */
export interface LoadedRows {
  /** The files, when they may be taken for the rows as they are (see `ComingRows`). */
  readonly files: readonly string[] | undefined;
  /** A query that gives the published columns and the place of each row in the log as `__sluice_row`. */
  readonly all: string;
  /** How many rows were read. */
  readonly rows: number;
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
  const { database, rules } = context;
  const { files, all, rows } = await placedRows(context, purpose);
  await refuseNullKeys(context, all);
  if (key.length === 0 || rows === 0) return { files, all, rows, relation: all, distinct: rows };
  await database.runSpilling(sets.setVariable(countingRows, sets.lastOfKeys(all, rows, key, rules)));
  const [distinct = 0] = await database.numbers(`SELECT bit_count(${sets.variable(countingRows)})`);
  return { files, all, rows, relation: distinct === rows ? all : sql.whereBit(all, countingRows, 1), distinct };
}

const typedLogs = new WeakMap<PublishContext, Promise<PlacedRows>>();

type PlacedRows = Pick<LoadedRows, 'files' | 'all' | 'rows'>;

/**
 * Types the log into files, once in a publish: whoever asks again gets the same. What typing has left in the database is gone then.
 * @param purpose `final` when the files may become those of the table.
 * @throws TableError `ERR_TABLE_ROWS` when not all rows of the log are there
 */
export function placedRows(context: PublishContext, purpose: 'final' | 'quick'): Promise<PlacedRows> {
  const known = typedLogs.get(context);
  if (known !== undefined) return known;
  const placing = hasParts(context) ? placedParts(context) : placedLog(context, purpose);
  typedLogs.set(context, placing);
  return placing;
}

async function placedLog(context: PublishContext, purpose: 'final' | 'quick'): Promise<PlacedRows> {
  const { database, publication, columns } = context;
  const file = join(publication.scratch, 'load.parquet');
  const rows = await context.copy(logQuery(context), file, purpose);
  checkRead(publication, rows);
  await database.restart();
  const existing = columns.map(({ name }) => ({ name, cast: quoteIdentifier(name) }));
  const files = purpose === 'final' ? [file] : undefined;
  return { files, rows, all: sql.selectExisting(file, columns, existing) };
}

function hasParts(context: PublishContext): boolean {
  return context.publication.rows > 0 && stretches(context).some(({ parts }) => parts.length > 0);
}

/** Types what has not been typed yet, and leaves the rest where it is. */
async function placedParts(context: PublishContext): Promise<PlacedRows> {
  const { database, publication, columns, rules } = context;
  const names = columns.map(({ name }) => name);
  const typed: Omit<TypedFile, 'rows'>[] = [];
  const all = stretches(context);
  let isFinal = rules.versions === undefined;
  for (const [index, stretch] of all.entries()) {
    typed.push(...stretch.parts.map(asTyped));
    isFinal = stretch.parts.every((part) => isDeepEqual(namesOf(part), names)) && isFinal;
    if (stretch.parts.length > 0) continue;
    const file = join(publication.scratch, `load.${index}.parquet`);
    await context.copy(readStretch(context, stretch), file, 'final');
    typed.push({ file, columns: new Set(names) });
  }
  if (all.some(({ parts }) => parts.length === 0)) await database.restart();
  const counts = await database.rows(sql.countFiles(typed.map(({ file }) => file)));
  const counted = new Map(counts.map(([file, count]) => [String(file), Number(count)]));
  const placed = typed.map((each) => ({ ...each, rows: counted.get(each.file)! }));
  const rows = placed.reduce((sum, each) => sum + each.rows, 0);
  checkRead(publication, rows);
  const files = typed.map(({ file }) => file);
  if (isFinal && all.at(-1)!.parts.length > 0) files.push(await lastWord(context));
  return {
    rows,
    files: isFinal ? files : undefined,
    all: withValidity(context, readParts(context, placed)),
  };
}

/** A file without rows that says of the table what the parts do not: the last of the files has the say about it. */
async function lastWord(context: PublishContext): Promise<string> {
  const file = join(context.publication.scratch, 'load.last.parquet');
  await context.copy(sql.noRows(context.columns), file, 'final');
  return file;
}

function namesOf({ columns }: SealedPart): string[] {
  return columns.map(({ name }) => name);
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
