// Parquet files that something else wrote: their columns in our types.
import { type ColumnType, type Field, Shape, type TableSchema } from '../schema/index.js';
import { Database } from './duckdb.js';
import { readParquet } from './merge-sql.js';

/** The columns of any Parquet file. Types that have no equal here become the one that holds their values, text for all others. */
export async function foreignSchema(file: string, table: string): Promise<TableSchema> {
  const database = await Database.open({ table, memoryLimit: '64MB', threads: 1 });
  try {
    const rows = await database.rows(
      `SELECT column_name, column_type FROM (DESCRIBE SELECT * EXCLUDE (file_row_number) FROM ${readParquet(file)})`,
    );
    return {
      columns: rows.map(([name, type]) => ({ name: String(name), type: parseType(String(type)), nullable: true })),
    };
  } finally {
    database.close();
  }
}

const simpleTypes: Readonly<Record<string, ColumnType>> = {
  BOOLEAN: { kind: 'bool' },
  TINYINT: { kind: 'bigint' },
  SMALLINT: { kind: 'bigint' },
  INTEGER: { kind: 'bigint' },
  BIGINT: { kind: 'bigint' },
  UTINYINT: { kind: 'bigint' },
  USMALLINT: { kind: 'bigint' },
  UINTEGER: { kind: 'bigint' },
  UBIGINT: { kind: 'decimal', precision: 38, scale: 0 },
  HUGEINT: { kind: 'decimal', precision: 38, scale: 0 },
  FLOAT: { kind: 'double' },
  DOUBLE: { kind: 'double' },
  DATE: { kind: 'date' },
  TIME: { kind: 'time' },
  TIMESTAMP: { kind: 'timestamp' },
  TIMESTAMP_S: { kind: 'timestamp' },
  TIMESTAMP_MS: { kind: 'timestamp' },
  TIMESTAMP_NS: { kind: 'timestamp' },
  'TIMESTAMP WITH TIME ZONE': { kind: 'timestamp' },
  BLOB: { kind: 'binary' },
  JSON: { kind: 'json' },
};

/** A type as DuckDB's DESCRIBE writes it. */
export function parseType(text: string): ColumnType {
  if (text.endsWith(']')) return { kind: 'list', item: parseType(text.slice(0, text.lastIndexOf('['))) };
  const decimal = /^DECIMAL\((\d+),(\d+)\)$/.exec(text);
  if (decimal) return { kind: 'decimal', precision: Number(decimal[1]), scale: Number(decimal[2]) };
  if (text.startsWith('STRUCT(')) return { kind: 'struct', fields: parseFields(text.slice('STRUCT('.length, -1)) };
  return simpleTypes[text] ?? { kind: 'text' };
}

/** `a BIGINT, "b c" STRUCT(…)` */
function parseFields(text: string): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at < text.length; ) {
    const quoted = /^"((?:[^"]|"")*)" /.exec(text.slice(at));
    const plain = /^([^" ]+) /.exec(text.slice(at));
    const name = quoted ? quoted[1]!.replaceAll('""', '"') : plain![1]!;
    at += (quoted ?? plain)![0].length;
    const end = endOfType(text, at);
    fields.push({ name, type: parseType(text.slice(at, end)) });
    at = end + 2;
  }
  return fields;
}

/** Where the type that starts at `at` ends: at a comma outside brackets and quotes. */
function endOfType(text: string, at: number): number {
  let depth = 0;
  let quoted = false;
  for (let end = at; end < text.length; end += 1) {
    const char = text[end];
    if (char === '"' || char === "'") quoted = !quoted;
    else if (quoted) continue;
    else if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    else if (char === ',' && depth === 0) return end;
  }
  return text.length;
}

/** What must have been seen for a table to have this schema. */
export function shapeOf(schema: TableSchema): Shape {
  const columns = schema.columns.map(({ name, type, nullable }) => ({ name, ...seenOf(type, nullable) }));
  return Shape.fromJSON({ version: 1, rows: true, columns });
}

type SeenText = { seen: string[]; digits?: number; scale?: number; item?: SeenText; fields?: [string, SeenText][] };

function seenOf(type: ColumnType, nullable = true): SeenText {
  const nothing = nullable ? ['null'] : [];
  switch (type.kind) {
    case 'unknown':
      return { seen: nothing };
    case 'bigint':
      return { seen: [...nothing, 'int', 'long'], digits: 19 };
    case 'decimal':
      return { seen: [...nothing, 'exact'], digits: type.precision - type.scale, scale: type.scale };
    case 'list':
      return { seen: [...nothing, 'list'], item: seenOf(type.item) };
    case 'struct':
      return {
        seen: [...nothing, 'struct'],
        fields: type.fields.map((field) => [field.name, seenOf(field.type)]),
      };
    default:
      return { seen: [...nothing, type.kind] };
  }
}
