// The SQL of publishing. Each function makes one statement from what it is given; nothing here runs anything.
import { identifier, literal } from './sql-text.js';

/** A column as SQL knows it. */
export interface SqlColumn {
  readonly name: string;
  /** The final type. */
  readonly type: string;
}

/** What a relation says of its rows beside their columns: their place in the file, counted from 0. */
export const rowNumber = '__sluice_row';

/**
 * A log of JSON lines, read with the types of `reads` and turned into the final ones by `expression`; the members of `also` may be used
 * in a WHERE behind it.
 */
export function readLog(
  segments: readonly string[],
  columns: readonly { readonly name: string; readonly readType: string; readonly expression: string }[],
  longestLine: number,
  also: readonly SqlColumn[] = [],
): string {
  const types = [...columns.map(({ name, readType: type }) => ({ name, type })), ...also];
  const reads = types.map(({ name, type }) => `${literal(name)}: ${literal(type)}`);
  const list = columns.map(({ name, expression }) => `${expression} AS ${identifier(name)}`);
  return (
    `SELECT ${list.join(', ')} FROM read_json([${segments.map(fileToRead).join(', ')}], columns={${reads.join(', ')}}, ` +
    `format='newline_delimited', records=true, compression='uncompressed', auto_detect=false, hive_partitioning=false, ` +
    `maximum_object_size=${Math.max(longestLine + 2, 1024 * 1024)})`
  );
}

/** Members of a log of JSON lines, as they stand there. */
export function rowsOfLog(segments: readonly string[], members: readonly SqlColumn[], longestLine: number): string {
  const columns = members.map(({ name, type }) => ({ name, readType: type, expression: identifier(name) }));
  return readLog(segments, columns, longestLine);
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

/** The same of several files that may lack columns, the places counted on from one file to the next. */
export function selectFromFiles(
  typed: readonly { readonly file: string; readonly rows: number }[],
  columns: readonly SqlColumn[],
  existing: readonly ExistingColumn[],
): string {
  const casts = new Map(existing.map(({ name, cast }) => [name, cast]));
  const list = columns.map(({ name, type }) => `${casts.get(name) ?? `NULL::${type}`} AS ${identifier(name)}`);
  let before = 0;
  const starts = typed.map(({ rows }) => {
    const start = before;
    before += rows;
    return start;
  });
  const paths = typed.map(({ file }) => file);
  const from = readFiles(
    paths,
    existing.map(({ name }) => name),
    { unionByName: true },
  );
  const place = `file_row_number + list_extract([${starts.join(', ')}]::BIGINT[], ${from.number})`;
  return `SELECT ${[...list, `${place} AS ${rowNumber}`].join(', ')} FROM ${from.relation}`;
}

/**
 * Several Parquet files as one relation, read in their order, and the expression that tells which of them a row is from, counted from 1.
 * @param columns What is in the files: a column that is called as DuckDB calls its own hides it.
 */
export function readFiles(
  paths: readonly string[],
  columns: readonly string[],
  { unionByName }: { readonly unionByName: boolean },
): { readonly relation: string; readonly number: string } {
  const isHidden = columns.some((name) => name.toLowerCase() === 'file_index');
  const options = [
    'file_row_number=true',
    'hive_partitioning=false',
    `union_by_name=${unionByName}`,
    ...(isHidden ? ["filename='__sluice_name'"] : []),
  ];
  return {
    relation: `read_parquet([${paths.map(fileToRead).join(', ')}], ${options.join(', ')})`,
    number: isHidden
      ? `list_position([${paths.map(literal).join(', ')}], __sluice_name)::BIGINT`
      : '(file_index + 1)::BIGINT',
  };
}

/** The paths of Parquet files, and how many rows each has. */
export function countFiles(paths: readonly string[]): string {
  return `SELECT file_name, num_rows FROM parquet_file_metadata([${paths.map(fileToRead).join(', ')}])`;
}

/** The rows whose bit is `value`. */
export function whereBit(relation: string, variable: string, value: 0 | 1): string {
  return `SELECT * FROM (${relation}) WHERE get_bit(getvariable('${variable}'), ${rowNumber}::INTEGER) = ${value}`;
}

/** The rows for which a condition holds. */
export function where(relation: string, condition: string): string {
  return `SELECT * FROM (${relation}) WHERE ${condition}`;
}

/** The rows with other values in some columns: expressions by name. */
export function replacing(relation: string, values: Readonly<Record<string, string>>): string {
  const list = Object.entries(values).map(([name, value]) => `${value} AS ${identifier(name)}`);
  return `SELECT * REPLACE (${list.join(', ')}) FROM (${relation})`;
}

/** The rows whose place is in one of the ranges, each from its start to before its end. DuckDB reads only the row groups that have some. */
export function wherePlace(relation: string, ranges: readonly (readonly [start: number, end: number])[]): string {
  const list = ranges.map(([start, end]) => `${rowNumber} BETWEEN ${start} AND ${end - 1}`);
  return where(relation, list.length === 0 ? 'false' : list.join(' OR '));
}

/** The rows of a Parquet file at some places, given in order: at least one. */
export function readPlaces(file: string, places: readonly number[]): string {
  const [first, last] = [places[0]!, places.at(-1)!];
  const bits = Array.from({ length: last - first + 1 }, () => '0');
  for (const place of places) bits[place - first] = '1';
  const isThere = `get_bit(${literal(bits.join(''))}::BIT, (file_row_number - ${first})::INTEGER) = 1`;
  return `SELECT * FROM ${readParquet(file)} WHERE file_row_number BETWEEN ${first} AND ${last} AND ${isThere}`;
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

/** Writes a query into a file; `options` as COPY takes them. */
export function copyTo(query: string, file: string, options: string): string {
  return `COPY (${query}) TO ${literal(file)} (${options})`;
}

/** An expression of type `from` as one of type `to`. */
export function typed(expression: string, from: string, to: string): string {
  return from === to ? expression : `CAST(${expression} AS ${to})`;
}

/** The columns of a query in the types that a file stores. */
export function asStored(query: string, columns: readonly (SqlColumn & { readonly stored: string })[]): string {
  const list = columns.map(
    ({ name, type, stored }) => `${typed(identifier(name), type, stored)} AS ${identifier(name)}`,
  );
  return `SELECT ${list.join(', ')} FROM (${query})`;
}

/** The path of one file to read. DuckDB takes `*`, `?` and `[` in it for patterns. */
function fileToRead(path: string): string {
  return literal(path.replace(/[*?[]/g, '[$&]'));
}

export function names(list: readonly string[]): string {
  return list.map(identifier).join(', ');
}

function namesOf(columns: readonly SqlColumn[]): string {
  return names(columns.map(({ name }) => name));
}
