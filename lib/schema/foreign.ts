// Columns that something else wrote: which of our types holds their values, and the expression that makes it.
import { kinds } from './seen.js';
import { seenOfType } from './seen-of-type.js';
import { Shape } from './shape.js';
import { fieldOf, mapList, mapStruct, sqlType } from './sql.js';
import type { ColumnType, TableSchema } from './type.js';

/** A type as DuckDB's DESCRIBE writes it, taken apart. */
type ForeignType =
  | { readonly kind: 'list'; readonly item: ForeignType }
  | { readonly kind: 'struct'; readonly fields: readonly { readonly name: string; readonly type: ForeignType }[] }
  | { readonly kind: 'other'; readonly name: string };

/**
 * The type that holds all values of a DuckDB type, given as DESCRIBE writes it. Narrower integers are `bigint`, those that may be
 * wider than 64 bits text unless 38 digits hold them, nanoseconds text, maps and variants JSON, all else text.
 *
 * @example typeFromDuckDb('STRUCT(id INTEGER, tags VARCHAR[])')
 */
export function typeFromDuckDb(text: string): ColumnType {
  return ownType(parse(text));
}

/**
 * The expression that makes a column of a foreign file, given as `sql` and its DESCRIBE type, a value of type `typeFromDuckDb`.
 * Exact; the session must have TimeZone set to UTC.
 */
export function importExpression(sql: string, text: string): string {
  const type = parse(text);
  const own = ownType(type);
  return sqlType(own) === text ? sql : imported(sql, type, own, 0);
}

/** What must have been seen for a table to have this schema: so that new rows can widen it, and never narrow it. */
export function shapeFromSchema(schema: TableSchema): Shape {
  const shape = new Shape();
  const columns = schema.columns.map(({ name, type, nullable }) => {
    const seen = seenOfType(type);
    if (nullable) seen.add(kinds.null);
    return { name, seen };
  });
  shape.restore(columns, { hasRows: true });
  return shape;
}

const integers = ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'UTINYINT', 'USMALLINT', 'UINTEGER'];

const simpleTypes: Readonly<Record<string, ColumnType>> = {
  ...Object.fromEntries(integers.map((name) => [name, { kind: 'bigint' } as const])),
  BOOLEAN: { kind: 'bool' },
  UBIGINT: { kind: 'decimal', precision: 38, scale: 0 },
  FLOAT: { kind: 'double' },
  DOUBLE: { kind: 'double' },
  DATE: { kind: 'date' },
  TIME: { kind: 'time' },
  TIMESTAMP: { kind: 'timestamp' },
  TIMESTAMP_S: { kind: 'timestamp' },
  TIMESTAMP_MS: { kind: 'timestamp' },
  'TIMESTAMP WITH TIME ZONE': { kind: 'timestamp' },
  BLOB: { kind: 'binary' },
  JSON: { kind: 'json' },
  VARIANT: { kind: 'json' },
};

function ownType(type: ForeignType): ColumnType {
  if (type.kind === 'list') return { kind: 'list', item: ownType(type.item) };
  if (type.kind === 'struct') {
    return { kind: 'struct', fields: type.fields.map(({ name, type: inner }) => ({ name, type: ownType(inner) })) };
  }
  const decimal = /^DECIMAL\((\d+),(\d+)\)$/.exec(type.name);
  if (decimal) return { kind: 'decimal', precision: Number(decimal[1]), scale: Number(decimal[2]) };
  if (type.name.startsWith('MAP(') || type.name.startsWith('UNION(')) return { kind: 'json' };
  return simpleTypes[type.name] ?? { kind: 'text' };
}

function imported(sql: string, type: ForeignType, own: ColumnType, depth: number): string {
  if (type.kind === 'list' && own.kind === 'list') {
    return mapList(`CAST(${sql} AS ${nameOf(type.item)}[])`, depth, (item) =>
      imported(item, type.item, own.item, depth + 1),
    );
  }
  if (type.kind === 'struct' && own.kind === 'struct') {
    const types = new Map(type.fields.map((field) => [field.name, field.type]));
    return mapStruct(sql, own.fields, ({ name, type: inner }) =>
      imported(fieldOf(sql, name), types.get(name)!, inner, depth),
    );
  }
  const name = type.kind === 'other' ? type.name : '';
  if (name === sqlType(own)) return sql;
  if (own.kind === 'json' && name !== 'JSON') return `CASE WHEN ${sql} IS NOT NULL THEN to_json(${sql}) END`;
  return `CAST(${sql} AS ${sqlType(own)})`;
}

function nameOf(type: ForeignType): string {
  if (type.kind === 'list') return `${nameOf(type.item)}[]`;
  if (type.kind === 'other') return type.name;
  return `STRUCT(${type.fields.map((field) => `"${field.name.replaceAll('"', '""')}" ${nameOf(field.type)}`).join(', ')})`;
}

function parse(text: string): ForeignType {
  if (text.endsWith(']')) return { kind: 'list', item: parse(text.slice(0, text.lastIndexOf('['))) };
  if (text.startsWith('STRUCT(')) return { kind: 'struct', fields: parseFields(text.slice('STRUCT('.length, -1)) };
  return { kind: 'other', name: text };
}

/** `a BIGINT, "b c" STRUCT(…)` */
function parseFields(text: string): { name: string; type: ForeignType }[] {
  return splitAtCommas(text).map((field) => {
    const [whole, quoted, plain] = /^(?:"((?:[^"]|"")*)"|([^" ]+)) /.exec(field) ?? ['', field];
    return { name: quoted?.replaceAll('""', '"') ?? plain!, type: parse(field.slice(whole.length)) };
  });
}

/** Splits at the commas outside brackets and quotes. */
function splitAtCommas(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let depth = 0;
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]!;
    if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === '"' || char === "'") quote = char;
    else if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    else if (char === ',' && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 2;
    }
  }
  return [...parts, text.slice(start)];
}
