// The SQL of publishing. Each function makes one statement from what it is given; nothing here runs anything.
import { identifier, literal } from './sql-text.js';

/** A column as SQL knows it. */
export interface SqlColumn {
  readonly name: string;
  /** The final type. */
  readonly type: string;
}

/** What a relation says of its rows beside their columns: their place in the file, counted from 0. */
const rowNumber = '__sluice_row';

/** A log of JSON lines, read with the types of `reads` and turned into the final ones by `expression`. */
export function readLog(
  segments: readonly string[],
  columns: readonly { readonly name: string; readonly readType: string; readonly expression: string }[],
  longestLine: number,
): string {
  const reads = columns.map(({ name, readType }) => `${literal(name)}: ${literal(readType)}`);
  const list = columns.map(({ name, expression }) => `${expression} AS ${identifier(name)}`);
  return (
    `SELECT ${list.join(', ')} FROM read_json([${segments.map(fileToRead).join(', ')}], columns={${reads.join(', ')}}, ` +
    `format='newline_delimited', records=true, compression='uncompressed', auto_detect=false, hive_partitioning=false, ` +
    `maximum_object_size=${Math.max(longestLine + 2, 1024 * 1024)})`
  );
}

/** Parquet as a relation: its columns, and `__sluice_row`. */
export function readParquet(file: string): string {
  return `read_parquet(${fileToRead(file)}, file_row_number=true, hive_partitioning=false, union_by_name=false)`;
}

/** Names and types of a Parquet file's columns. */
export function describeParquet(file: string): string {
  return `SELECT column_name, column_type FROM (DESCRIBE SELECT * EXCLUDE (file_row_number) FROM ${readParquet(file)})`;
}

export interface ExistingColumn {
  readonly name: string;
  /** The expression that makes the final type of it. */
  readonly cast: string;
}

/** The published columns from a Parquet file that has only some of them. */
export function selectExisting(
  file: string,
  columns: readonly SqlColumn[],
  existing: readonly ExistingColumn[],
): string {
  const casts = new Map(existing.map(({ name, cast }) => [name, cast]));
  const list = columns.map(({ name, type }) => `${casts.get(name) ?? `NULL::${type}`} AS ${identifier(name)}`);
  return `SELECT ${[...list, `file_row_number AS ${rowNumber}`].join(', ')} FROM ${readParquet(file)}`;
}

/** The place of the last row of each key. */
export function createLast(relation: string, key: readonly string[]): string {
  return `CREATE TEMP TABLE last AS SELECT max(${rowNumber}) AS ${rowNumber} FROM (${relation}) GROUP BY ${names(key)}`;
}

/**
 * For each loaded key that the previous table has: the place of its loaded row, the places of its previous rows, and whether nothing
 * changed. A key that the previous table has twice, as a foreign file may, counts as changed: one row remains of it.
 */
export function createMatches(
  load: string,
  previous: string,
  columns: readonly SqlColumn[],
  key: readonly string[],
): string {
  const on = key.map((name) => `l.${identifier(name)} = p.${identifier(name)}`).join(' AND ');
  const same = columns
    .filter(({ name }) => !key.includes(name))
    .map(({ name }) => `l.${identifier(name)} IS NOT DISTINCT FROM p.${identifier(name)}`);
  return (
    `CREATE TEMP TABLE matches AS SELECT l.${rowNumber} AS loaded, p.${rowNumber} AS previous, ` +
    `${same.length === 0 ? 'true' : same.join(' AND ')} AS same ` +
    `FROM (${load}) AS l JOIN (${previous}) AS p ON ${on}`
  );
}

/** One row for each loaded row that has matches: whether it is unchanged. */
export const createVerdict =
  'CREATE TEMP TABLE verdict AS SELECT loaded, count(*) = 1 AND bool_and(same) AS unchanged FROM matches GROUP BY loaded';

export const countLast = 'SELECT count(*) FROM last';
export const countVerdict = 'SELECT count(*), count(*) FILTER (unchanged) FROM verdict';

/** The places of the last row of each key. */
export const lastRows = `SELECT ${rowNumber} AS place FROM last`;
/** The places of the loaded rows that are unchanged. */
export const unchangedRows = 'SELECT loaded AS place FROM verdict WHERE unchanged';
/** The places of the previous rows that the load replaces. */
export const replacedRows =
  'SELECT previous AS place FROM matches WHERE loaded IN (SELECT loaded FROM verdict WHERE NOT unchanged)';
export const countReplaced = `SELECT count(*) FROM (${replacedRows})`;

/**
 * Keeps a set of places as bits in a variable. A filter on it is a plain expression, not a join, so the rows keep their order and
 * nothing is held but one bit for each row.
 */
export function setBits(variable: string, places: string, rows: number): string {
  return `SET VARIABLE ${variable} = (SELECT bitstring_agg(place, 0, ${Math.max(rows - 1, 0)}) FROM (${places}))`;
}

/** The rows whose bit is `value`. */
export function whereBit(relation: string, variable: string, value: 0 | 1): string {
  return `SELECT * FROM (${relation}) WHERE get_bit(getvariable('${variable}'), ${rowNumber}::INTEGER) = ${value}`;
}

/** The columns without their place. */
export function withoutPlace(relation: string, columns: readonly SqlColumn[]): string {
  return `SELECT ${namesOf(columns)} FROM (${relation})`;
}

/** One relation after the other. */
export function concatenated(relations: readonly string[]): string {
  return relations.map((relation) => `(${relation})`).join(' UNION ALL ');
}

/** No rows, with the right columns. */
export function noRows(columns: readonly SqlColumn[]): string {
  return `SELECT ${columns.map(({ name, type }) => `NULL::${type} AS ${identifier(name)}`).join(', ')} WHERE false`;
}

export interface ParquetOptions {
  readonly compression: string;
  readonly rowGroupRows: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Writes a query into a Parquet file. */
export function copyToParquet(query: string, file: string, options: ParquetOptions): string {
  const settings = [
    'FORMAT parquet',
    `COMPRESSION ${literal(options.compression)}`,
    `ROW_GROUP_SIZE ${options.rowGroupRows}`,
  ];
  const metadata = Object.entries(options.metadata ?? {}).map(
    ([key, value]) => `${identifier(key)}: ${literal(value)}`,
  );
  if (metadata.length > 0) settings.push(`KV_METADATA {${metadata.join(', ')}}`);
  return `COPY (${query}) TO ${literal(file)} (${settings.join(', ')})`;
}

/** The path of one file to read. DuckDB takes `*`, `?` and `[` in it for patterns. */
function fileToRead(path: string): string {
  return literal(path.replace(/[*?[]/g, '[$&]'));
}

function names(list: readonly string[]): string {
  return list.map(identifier).join(', ');
}

function namesOf(columns: readonly SqlColumn[]): string {
  return names(columns.map(({ name }) => name));
}
