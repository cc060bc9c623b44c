// Reads the rows of a published Parquet file, whoever wrote it. parquetjs-lite reads neither zstd nor the dictionaries that DuckDB
// writes (see docs/formats.md), so hyparquet does it, with its own conversions off: they round decimals and cut microseconds.
import { type FileHandle, open } from 'node:fs/promises';
import { type FileMetaData, parquetMetadataAsync, parquetRead, type SchemaElement } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { ColumnType } from '../schema/index.js';
import { compact, type Value } from './parquetjs-value.js';

export interface PreviousColumn {
  readonly name: string;
  readonly type: ColumnType;
}

/** The rows of a file, one row group after the other: the values of `columns`, in their order. */
export async function* readPrevious(path: string, columns: readonly PreviousColumn[]): AsyncGenerator<Value[][]> {
  const handle = await open(path, 'r');
  try {
    const file = { byteLength: (await handle.stat()).size, slice: slicer(handle) };
    const metadata = withoutConversions(await parquetMetadataAsync(file));
    const names = topLevel(metadata);
    const readers = columns.map((column) => {
      const at = names.indexOf(column.name);
      if (at < 0) throw new Error(`it has no column ${column.name}`);
      return { at, read: reader(column.type) };
    });
    let rowStart = 0;
    for (const group of metadata.row_groups) {
      const rowEnd = rowStart + Number(group.num_rows);
      let rows: unknown[][] = [];
      const onComplete = (read: unknown[][]) => {
        rows = read;
      };
      await parquetRead({ file, metadata, rowStart, rowEnd, compressors, utf8: false, parsers, onComplete });
      yield rows.map((row) => readers.map(({ at, read }) => read(row[at])));
      rowStart = rowEnd;
    }
  } finally {
    await handle.close();
  }
}

function slicer(handle: FileHandle): (start: number, end?: number) => Promise<ArrayBuffer> {
  return async (start, end) => {
    const length = (end ?? (await handle.stat()).size) - start;
    const bytes = new Uint8Array(length);
    await handle.read(bytes, 0, length, start);
    return bytes.buffer;
  };
}

const text = new TextDecoder('utf-8', { ignoreBOM: true });

const parsers = {
  timestampFromMilliseconds: (millis: bigint) => millis * 1000n,
  timestampFromMicroseconds: (micros: bigint) => micros,
  dateFromDays: (days: number) => days,
  stringFromBytes: (bytes: Uint8Array | undefined) => bytes && text.decode(bytes),
  jsonFromBytes: (bytes: Uint8Array | undefined) => bytes && text.decode(bytes),
};

/** Decimals come as the integers that are stored. */
function withoutConversions(metadata: FileMetaData): FileMetaData {
  const schema = metadata.schema.map((element): SchemaElement => {
    if (element.converted_type !== 'DECIMAL' && element.logical_type?.type !== 'DECIMAL') return element;
    const { converted_type: _, logical_type: __, ...rest } = element;
    return rest;
  });
  return { ...metadata, schema };
}

/** The names of the columns, in the order in which rows have them. */
function topLevel({ schema }: FileMetaData): string[] {
  const names: string[] = [];
  let at = 1;
  const skip = (): void => {
    const children = schema[at]!.num_children ?? 0;
    at += 1;
    for (let child = 0; child < children; child += 1) skip();
  };
  while (at < schema.length) {
    names.push(schema[at]!.name);
    skip();
  }
  return names;
}

type Read = (value: unknown) => Value;

function reader(type: ColumnType): Read {
  const read = present(type);
  return (value) => (value === null || value === undefined ? null : read(value));
}

function present(type: ColumnType): Read {
  switch (type.kind) {
    case 'bigint':
    case 'timestamp':
    case 'time':
      return (value) => (typeof value === 'bigint' ? compact(value) : (value as number));
    case 'decimal':
      return (value) => compact(value instanceof Uint8Array ? bigEndian(value) : BigInt(value as bigint));
    case 'binary':
      return (value) => Buffer.from(value as Uint8Array);
    case 'list': {
      const item = reader(type.item);
      return (value) => (value as unknown[]).map(item);
    }
    case 'struct': {
      const fields = type.fields.map(({ name, type: field }) => ({ name, read: reader(field) }));
      return (value) => fields.map(({ name, read }) => read((value as Record<string, unknown>)[name]));
    }
    default:
      return (value) => value as Value;
  }
}

function bigEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(bytes.length * 8, value);
}
