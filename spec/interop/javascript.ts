// What JavaScript's own readers find in the files, in the words of read.py.
import { readFile } from 'node:fs/promises';
import { tableFromIPC } from 'apache-arrow';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { ColumnType } from '../../lib/schema/index.js';
import { type Canonical, types } from './canonical.js';
import { shortened } from './hostile.js';

type Found = Readonly<Record<string, unknown>>;

/** Rows of a Parquet file by hyparquet. It knows decimals as doubles only: `d:` is followed by the double's digits. */
export async function withHyparquet(path: string, columns = types): Promise<Canonical[]> {
  const decoder = new TextDecoder();
  const file = await asyncBufferFromFile(path);
  const rows: Found[] = await parquetReadObjects({
    file,
    compressors,
    // Otherwise bytes are taken for texts.
    utf8: false,
    parsers: {
      timestampFromMicroseconds: (microseconds: bigint) => instant(microseconds),
      dateFromDays: (days: number) => day(days * 86_400_000),
      jsonFromBytes: (bytes: Uint8Array | undefined) => bytes && decoder.decode(bytes),
    },
  });
  return canonicalRows(rows, columns, { decimal: (value) => String(value) });
}

/** Rows of an Arrow file by apache-arrow. */
export async function withApacheArrow(path: string, columns = types): Promise<Canonical[]> {
  const table = tableFromIPC(await readFile(path));
  const rows = table.toArray().map((row) => Object.fromEntries([...row]));
  return canonicalRows(rows, columns, { decimal: (value, scale) => fromWords(value as Uint32Array, scale) });
}

/** The types of an Arrow file as apache-arrow names them. */
export async function typesByApacheArrow(path: string): Promise<Record<string, string>> {
  const { schema } = tableFromIPC(await readFile(path));
  return Object.fromEntries(schema.fields.map((field) => [field.name, String(field.type)]));
}

interface Reading {
  readonly decimal: (value: unknown, scale: number) => string;
}

function canonicalRows(
  rows: readonly Found[],
  columns: Readonly<Record<string, ColumnType>>,
  reading: Reading,
): Canonical[] {
  return rows.map((row) =>
    Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, canonical(type, row[name], reading)])),
  );
}

function canonical(type: ColumnType, value: unknown, reading: Reading): Canonical {
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case 'bool':
      return `b:${value}`;
    case 'bigint':
      return `i:${value}`;
    case 'double':
      return `f:${Object.is(value, -0) ? '-0' : value}`;
    case 'binary':
      return `h:${Buffer.from(value as Uint8Array).toString('hex')}`;
    case 'decimal':
      return `d:${reading.decimal(value, type.scale)}`;
    case 'date':
      return `D:${typeof value === 'number' ? day(value) : value}`;
    case 'timestamp':
      return `T:${typeof value === 'number' ? instant(BigInt(Math.round(value * 1000))) : value}`;
    case 'list':
      return [...(value as Iterable<unknown>)].map((item) => canonical(type.item, item, reading));
    case 'struct':
      return Object.fromEntries(
        type.fields.map(({ name, type: of }) => [name, canonical(of, (value as Found)[name], reading)]),
      );
    default:
      return `s:${shortened(String(value))}`;
  }
}

function day(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}

function instant(microseconds: bigint): string {
  const rest = ((microseconds % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = new Date(Number((microseconds - rest) / 1000n)).toISOString().slice(0, 19);
  return `${seconds}.${String(rest).padStart(6, '0')}Z`;
}

/** A decimal of 128 bits, which apache-arrow gives as four words, the lowest first. */
function fromWords(words: Uint32Array, scale: number): string {
  const unsigned = words.reduce((sum, word, index) => sum + (BigInt(word) << BigInt(32 * index)), 0n);
  const value = BigInt.asIntN(128, unsigned);
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  const sign = value < 0n ? '-' : '';
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
