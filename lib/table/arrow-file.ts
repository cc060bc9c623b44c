// Arrow IPC files: written batch by batch, so that no more than one batch is in memory, and described without reading their rows.
import { type FileHandle, open } from 'node:fs/promises';
import { parse } from 'node:path';
import {
  AsyncByteQueue,
  type RecordBatch,
  RecordBatchFileWriter,
  RecordBatchReader,
  RecordBatchWriter,
  type Schema,
} from 'apache-arrow';
import type { Field } from '../schema/index.js';
import { columnType } from './arrow-schema.js';
import { TableError } from './table-error.js';

/** What an Arrow file says of itself. */
export interface ArrowDescription {
  readonly metadata: Readonly<Record<string, string>>;
  readonly columns: readonly (Field & { readonly nullable: boolean })[];
}

/**
 * Writes batches of one schema to an Arrow IPC file, and returns how many rows they hold. The file is not synced.
 * Both ways of reading work on it: from the footer, and as a stream after the first 8 bytes.
 */
export async function writeArrowFile(
  destination: string,
  schema: Schema,
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
): Promise<number> {
  const file = await open(destination, 'w');
  try {
    const sink = new Collector();
    const writer = new StreamableFileWriter();
    writer.reset(sink, schema);
    let rows = 0;
    for await (const batch of batches) {
      writer.write(batch);
      rows += batch.numRows;
      await sink.flush(file);
    }
    writer.finish();
    await sink.flush(file);
    return rows;
  } finally {
    await file.close();
  }
}

/** @throws TableError `ERR_TABLE_CORRUPT` when the file is not an Arrow IPC file, `ERR_TABLE_TYPE` for a type that cannot be read without loss. */
export async function describeArrow(path: string): Promise<ArrowDescription> {
  return withArrowReader(path, async ({ schema }) => ({
    metadata: Object.fromEntries(schema.metadata),
    columns: schema.fields.map(({ name, type, nullable }) => ({
      name,
      type: columnType(type, tableOf(path), name),
      nullable,
    })),
  }));
}

/** Opens an Arrow IPC file, gives its reader to `use`, and closes it. @throws TableError `ERR_TABLE_CORRUPT` when it is not one. */
export async function withArrowReader<T>(
  path: string,
  use: (reader: { readonly schema: Schema } & AsyncIterable<RecordBatch>) => Promise<T>,
): Promise<T> {
  const file = await open(path, 'r');
  try {
    const reader = await opened(path, file);
    return await use(reader);
  } finally {
    await file.close();
  }
}

async function opened(path: string, file: FileHandle) {
  try {
    const reader = await RecordBatchReader.from(file);
    await reader.open();
    if (!reader.schema) throw new Error('it has no schema');
    return reader;
  } catch (cause) {
    const message = `${path} is not an Arrow IPC file. Move it away, or choose another path.`;
    throw new TableError('ERR_TABLE_CORRUPT', tableOf(path), message, { cause });
  }
}

/** The table's name, for errors. */
export function tableOf(path: string): string {
  return parse(path).name;
}

/** Keeps what the writer says until it is flushed. The queue it replaces has no way to wait until it is empty. */
class Collector extends AsyncByteQueue {
  #chunks: Uint8Array[] = [];

  override write(value: Parameters<AsyncByteQueue['write']>[0]): void {
    if (value instanceof Uint8Array) this.#chunks.push(value);
    else if (ArrayBuffer.isView(value)) {
      this.#chunks.push(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    }
  }

  async flush(file: FileHandle): Promise<void> {
    const chunks = this.#chunks;
    this.#chunks = [];
    await file.writeFile(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
  }
}

/** apache-arrow leaves the schema out of the file's stream part, where the format demands it. */
class StreamableFileWriter extends RecordBatchFileWriter {
  protected override _writeSchema(schema: Schema): this {
    super._writeSchema(schema);
    return streamSchema.call(this, schema) as this;
  }
}

const streamSchema = (RecordBatchWriter.prototype as unknown as { _writeSchema(schema: Schema): RecordBatchWriter })
  ._writeSchema;
