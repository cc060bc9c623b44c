// Column types in DuckDB's SQL: the final types, the types to read the log with, and the expressions between the two.
// The session must have TimeZone set to UTC.
import type { ColumnType, Field } from './type.js';

/** Quotes a name. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Quotes a text. A NUL ends the text of a statement, so one that has it is put together of parts. */
export function quoteLiteral(text: string): string {
  const parts = text.split('\0').map((part) => `'${part.replaceAll("'", "''")}'`);
  return parts.length === 1 ? parts[0]! : `(${parts.join(' || chr(0) || ')})`;
}

/** The type in the table, as DuckDB writes it: `BIGINT`, `STRUCT("a" BIGINT)[]`. */
export function sqlType(type: ColumnType): string {
  return write(type, { text: finalNames, field: quoteIdentifier });
}

/** The type for people: as `sqlType`, but names are quoted only where they must be: `STRUCT(id BIGINT, "first name" VARCHAR)`. */
export function displayType(type: ColumnType): string {
  const field = (name: string) => (/^[A-Za-z_]\w*$/.test(name) ? name : quoteIdentifier(name));
  return write(type, { text: { ...finalNames, timestamp: 'TIMESTAMP WITH TIME ZONE' }, field });
}

/**
 * The type that a Parquet file stores: JSON is plain text there, since readers differ in what they make of a JSON column (one
 * gives bytes). That the text is JSON stands in the file's metadata. `timestamps` are instants, or date and time in UTC.
 */
export function storedType(type: ColumnType, timestamps: 'instant' | 'local' = 'instant'): string {
  const timestamp = timestamps === 'instant' ? finalNames.timestamp : 'TIMESTAMP';
  return write(type, { text: { ...finalNames, json: 'VARCHAR', timestamp }, field: quoteIdentifier });
}

/** The type that `read_json` is to read a column of the log with, so that no digit is lost before `readExpression` casts it. */
export function readType(type: ColumnType): string {
  return write(type, { text: readNames, field: quoteIdentifier });
}

/** The final value of a column that was read with `readType`. */
export function readExpression({ name, type }: Field): string {
  return fromLog(quoteIdentifier(name), type, 0);
}

export interface LogFiles {
  /** Paths, in order. At least one. */
  readonly files: readonly string[];
  /** Size in bytes of the longest line in them. */
  readonly longestLine: number;
}

/** The SELECT that gives the rows of a log, in order, with columns of their final types. */
export function selectLog({ files, longestLine }: LogFiles, columns: readonly Field[]): string {
  const types = columns.map(({ name, type }) => `${quoteLiteral(name)}: ${quoteLiteral(readType(type))}`);
  const values = columns.map((column) => `${readExpression(column)} AS ${quoteIdentifier(column.name)}`);
  // Without `records` the reader takes each line of a table with one column for that column's value.
  return (
    `SELECT ${values.join(', ')} FROM read_json([${files.map(quoteLiteral).join(', ')}], format = 'newline_delimited', ` +
    `records = true, maximum_object_size = ${Math.max(longestLine + 1, smallestBuffer)}, columns = {${types.join(', ')}})`
  );
}

/** The reader's own default, in bytes: smaller ones make it slow. */
const smallestBuffer = 16 * 1024 * 1024;

type SimpleKind = Exclude<ColumnType['kind'], 'list' | 'struct' | 'decimal'>;
interface Writing {
  readonly text: Readonly<Record<SimpleKind, string>> & { readonly decimal?: string };
  readonly field: (name: string) => string;
}

const finalNames: Readonly<Record<SimpleKind, string>> = {
  unknown: 'VARCHAR',
  bool: 'BOOLEAN',
  bigint: 'BIGINT',
  double: 'DOUBLE',
  text: 'VARCHAR',
  timestamp: 'TIMESTAMPTZ',
  date: 'DATE',
  time: 'TIME',
  json: 'JSON',
  binary: 'BLOB',
};

// The reader's own parsing of dates and decimals guesses formats and rounds; a cast from text does neither.
const readNames = {
  ...finalNames,
  decimal: 'VARCHAR',
  timestamp: 'VARCHAR',
  date: 'VARCHAR',
  time: 'VARCHAR',
  binary: 'VARCHAR',
};

function write(type: ColumnType, writing: Writing): string {
  switch (type.kind) {
    case 'list':
      return `${write(type.item, writing)}[]`;
    case 'struct':
      return `STRUCT(${type.fields.map((field) => `${writing.field(field.name)} ${write(field.type, writing)}`).join(', ')})`;
    case 'decimal':
      return writing.text.decimal ?? `DECIMAL(${type.precision},${type.scale})`;
    default:
      return writing.text[type.kind];
  }
}

function fromLog(sql: string, type: ColumnType, depth: number): string {
  if (!holds(type, 'binary')) return readType(type) === sqlType(type) ? sql : `CAST(${sql} AS ${sqlType(type)})`;
  switch (type.kind) {
    case 'list':
      return mapList(sql, depth, (item) => fromLog(item, type.item, depth + 1));
    case 'struct':
      return mapStruct(sql, type.fields, (field) => fromLog(fieldOf(sql, field.name), field.type, depth));
    default:
      return `from_base64(${sql})`;
  }
}

/** Whether a kind occurs anywhere in a type. */
export function holds(type: ColumnType, kind: ColumnType['kind']): boolean {
  if (type.kind === kind) return true;
  if (type.kind === 'list') return holds(type.item, kind);
  return type.kind === 'struct' && type.fields.some((field) => holds(field.type, kind));
}

/** A list with every item replaced. `depth` tells nested lists apart. */
export function mapList(sql: string, depth: number, item: (sql: string) => string): string {
  return `list_transform(${sql}, lambda x${depth}: ${item(`x${depth}`)})`;
}

/** A struct with the given fields, NULL where the original is NULL. */
export function mapStruct(sql: string, fields: readonly Field[], value: (field: Field) => string): string {
  const members = fields.map((field) => `${quoteIdentifier(field.name)} := ${value(field)}`);
  return `CASE WHEN ${sql} IS NOT NULL THEN struct_pack(${members.join(', ')}) END`;
}

/** A field of a struct. */
export function fieldOf(sql: string, name: string): string {
  return `struct_extract(${sql}, ${quoteLiteral(name)})`;
}
