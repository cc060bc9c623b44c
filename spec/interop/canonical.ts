// The rows of rows.json in the words of read.py: what every reader must find in the files, typed.
import { readFileSync } from 'node:fs';
import { isLosslessNumber, parse } from 'lossless-json';
import type { ColumnType } from '../../lib/schema/index.js';

/** A value as text that carries its type, such as `i:1`; lists and structs of them; null. */
export type Canonical = null | string | Canonical[] | { [field: string]: Canonical };

/** The body that the API sends, digits and all. */
export const body = readFileSync(new URL('rows.json', import.meta.url), 'utf8');

const text: ColumnType = { kind: 'text' };
const bigint: ColumnType = { kind: 'bigint' };
const double: ColumnType = { kind: 'double' };
const date: ColumnType = { kind: 'date' };
const list = (item: ColumnType): ColumnType => ({ kind: 'list', item });
const struct = (fields: Record<string, ColumnType>): ColumnType => ({
  kind: 'struct',
  fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
});

/** What the columns should be. */
export const types: Readonly<Record<string, ColumnType>> = {
  id: bigint,
  amount: double,
  long: bigint,
  huge: { kind: 'decimal', precision: 38, scale: 0 },
  vast: text,
  exact: { kind: 'decimal', precision: 38, scale: 20 },
  flag: { kind: 'bool' },
  day: date,
  at: { kind: 'timestamp' },
  words: text,
  nothing: text,
  sometimes: text,
  owner: struct({ id: bigint, name: text, address: struct({ city: text, geo: list(double) }) }),
  tags: list(text),
  lines: list(struct({ sku: text, count: bigint, due: date })),
  matrix: list(list(bigint)),
  either: { kind: 'json' },
};

/** A type in the words of read.py. JSON is text to readers that have no such type. */
export function words(type: ColumnType): string {
  switch (type.kind) {
    case 'list':
      return `list<${words(type.item)}>`;
    case 'struct':
      return `struct<${type.fields.map((field) => `${field.name}: ${words(field.type)}`).join(', ')}>`;
    case 'decimal':
      return `decimal(${type.precision}, ${type.scale})`;
    case 'json':
    case 'unknown':
      return 'text';
    default:
      return type.kind;
  }
}

/** The source rows, by every column of `types`. */
export function expectedRows(): Canonical[] {
  const { data } = parse(body) as { data: Record<string, unknown>[] };
  return data.map((row) =>
    Object.fromEntries(Object.entries(types).map(([name, type]) => [name, expected(type, row[name])])),
  );
}

function expected(type: ColumnType, value: unknown): Canonical {
  if (value === null || value === undefined) return null;
  const digits = isLosslessNumber(value) ? value.value : undefined;
  switch (type.kind) {
    case 'bool':
      return `b:${value}`;
    case 'bigint':
      return `i:${digits}`;
    case 'double':
      return `f:${Number(digits)}`;
    case 'decimal':
      return `d:${fixed(digits!, type.scale)}`;
    case 'date':
      return `D:${value}`;
    case 'timestamp':
      return `T:${inUtc(value as string)}`;
    case 'list':
      return (value as unknown[]).map((item) => expected(type.item, item));
    case 'struct':
      return Object.fromEntries(
        type.fields.map(({ name, type: of }) => [name, expected(of, (value as Record<string, unknown>)[name])]),
      );
    case 'json':
      return `s:${JSON.stringify(value, (_, part) => (isLosslessNumber(part) ? Number(part.value) : part))}`;
    default:
      return `s:${digits ?? value}`;
  }
}

/** `1.5` with a scale of 3 is `1.500`. */
function fixed(digits: string, scale: number): string {
  const [whole, fraction = ''] = digits.split('.');
  return scale === 0 ? whole! : `${whole}.${fraction.padEnd(scale, '0')}`;
}

/** The instant in UTC, to the microsecond; a text without an offset is UTC. */
function inUtc(iso: string): string {
  const [, local, fraction = '', offset = ''] = /^(.{19})(?:\.(\d+))?(.*)$/.exec(iso)!;
  const seconds = new Date(`${local!.replace(' ', 'T')}${offset || 'Z'}`).toISOString().slice(0, 19);
  return `${seconds}.${fraction.padEnd(6, '0')}Z`;
}

function doubleWord(value: number): string {
  return `f:${Object.is(value, -0) ? '-0' : value}`;
}

/** What a reader found, with doubles written in one way. */
export function normalized(found: Canonical): Canonical {
  if (typeof found === 'string') return found.startsWith('f:') ? doubleWord(Number(found.slice(2))) : found;
  if (Array.isArray(found)) return found.map(normalized);
  if (found === null) return null;
  return Object.fromEntries(Object.entries(found).map(([name, value]) => [name, normalized(value)]));
}
