// The SQL between a table and its rows as text: as the fields of a CSV file, and as lines of JSON.
import {
  type ColumnType,
  convertExpression,
  type Field,
  quoteIdentifier,
  quoteLiteral,
  readExpression,
  readType,
  selectLog,
  sqlType,
} from '../schema/index.js';

export type Compression = 'none' | 'gzip' | 'zstd';

/** Files to read back, one after the other: no line of them is longer than `longestLine` bytes. */
export interface TextFiles {
  readonly paths: readonly string[];
  readonly longestLine: number;
}

/** Writes the rows of a query as CSV: a header, NULL as nothing, the empty text as `""`, lists and structs as JSON. */
export function copyToCsv(query: string, columns: readonly Field[], path: string, compression: Compression): string {
  const fields = columns.map(({ name, type }) => `${fieldText(name, type)} AS ${quoteIdentifier(name)}`);
  const options = `FORMAT csv, HEADER true, DELIMITER ',', QUOTE '"', ESCAPE '"', NULLSTR '', COMPRESSION ${compression}`;
  return `COPY (SELECT ${fields.join(', ')} FROM (${query})) TO ${quoteLiteral(path)} (${options})`;
}

/** The rows of such a file, with columns of their types. */
export function selectCsv({ paths, longestLine }: TextFiles, columns: readonly Field[]): string {
  const types = columns.map(({ name }) => `${quoteLiteral(name)}: 'VARCHAR'`).join(', ');
  const settings =
    `header = true, auto_detect = false, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false, ` +
    `strict_mode = true, max_line_size = ${longestLine}, columns = {${types}}`;
  const fields = columns.map(({ name, type }) => `${readable(name, type)} AS ${quoteIdentifier(name)}`);
  const values = columns.map((column) => `${readExpression(column)} AS ${quoteIdentifier(column.name)}`);
  return `SELECT ${values.join(', ')} FROM (SELECT ${fields.join(', ')} FROM read_csv([${paths.map((path) => quoteLiteral(pathPattern(path))).join(', ')}], ${settings}))`;
}

/** Writes the rows of a query as lines of JSON. Decimals with a fraction are texts, since readers round JSON numbers. */
export function copyToJsonl(query: string, columns: readonly Field[], path: string, compression: Compression): string {
  const members = columns.map(({ name, type }) => {
    const sql = quoteIdentifier(name);
    // A text is JSON in the end, too, and takes half the memory.
    return `${type.kind === 'text' ? sql : json(sql, type)} AS ${sql}`;
  });
  const options = `FORMAT json, COMPRESSION ${compression}`;
  return `COPY (SELECT ${members.join(', ')} FROM (${query})) TO ${quoteLiteral(path)} (${options})`;
}

/** The rows of such a file, with columns of their types. */
export function selectJsonl({ paths, longestLine }: TextFiles, columns: readonly Field[]): string {
  return selectLog({ files: paths.map(pathPattern), longestLine }, columns);
}

/** The pattern that only this path matches: DuckDB takes `*`, `?` and `[` in the paths that it reads for patterns. */
export function pathPattern(path: string): string {
  return path.replace(/[*?[]/g, '[$&]');
}

function fieldText(name: string, type: ColumnType): string {
  const sql = quoteIdentifier(name);
  if (type.kind === 'json') return `CAST(${sql} AS VARCHAR)`;
  if (type.kind === 'list' || type.kind === 'struct') return `CAST(${json(sql, type)} AS VARCHAR)`;
  if (type.kind === 'double') return `CAST(${sql} AS VARCHAR)`;
  return convertExpression(sql, type, { kind: 'text' });
}

/** A field of a CSV file in the type in which the log is read. */
function readable(name: string, type: ColumnType): string {
  const sql = quoteIdentifier(name);
  if (type.kind === 'list' || type.kind === 'struct') {
    return `from_json_strict(${sql}, ${quoteLiteral(JSON.stringify(structureOf(type)))})`;
  }
  return readType(type) === 'VARCHAR' ? sql : `CAST(${sql} AS ${readType(type)})`;
}

/** A type as `from_json_strict` wants it. */
function structureOf(type: ColumnType): unknown {
  if (type.kind === 'list') return [structureOf(type.item)];
  if (type.kind !== 'struct') return readType(type);
  return Object.fromEntries(type.fields.map((field) => [field.name, structureOf(field.type)]));
}

/** A value as JSON that reads back exactly. */
function json(sql: string, type: ColumnType): string {
  const exact = withTexts(type);
  const value = sqlType(exact) === sqlType(type) ? sql : convertExpression(sql, type, exact);
  return convertExpression(value, exact, { kind: 'json' });
}

/** The type with texts in the place of decimals that JSON readers would round. */
function withTexts(type: ColumnType): ColumnType {
  if (type.kind === 'list') return { kind: 'list', item: withTexts(type.item) };
  if (type.kind === 'struct') {
    return { kind: 'struct', fields: type.fields.map(({ name, type: field }) => ({ name, type: withTexts(field) })) };
  }
  return type.kind === 'decimal' && type.scale > 0 ? { kind: 'text' } : type;
}
