// Arrow IPC files: written batch by batch, so that no more than one batch is in memory, and described without reading their rows.
import { type FileHandle, open } from 'node:fs/promises';
import {
  AsyncByteQueue,
  Message,
  type RecordBatch,
  RecordBatchFileWriter,
  RecordBatchReader,
  RecordBatchStreamWriter,
  RecordBatchWriter,
  type Schema,
} from 'apache-arrow';
import type { Field } from '../schema/index.js';
import { columnType } from './arrow-schema.js';
import { tableName } from './layout.js';
import { TableError } from './table-error.js';

/** The two formats of Arrow IPC: with a footer that tells where the batches are, and without. */
export type ArrowIpc = 'file' | 'stream';

/** What an Arrow file says of itself. */
export interface ArrowDescription {
  readonly metadata: Readonly<Record<string, string>>;
  readonly rows: number;
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
  ipc: ArrowIpc = 'file',
): Promise<number> {
  const file = await open(destination, 'w');
  try {
    const sink = new Collector();
    const writer = ipc === 'file' ? new StreamableFileWriter() : new RecordBatchStreamWriter();
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
  return withArrowReader(path, async (reader, file) => ({
    metadata: Object.fromEntries(reader.schema.metadata),
    rows: reader.isFile() ? await countRows(path, reader, file) : await countStreamed(path, file),
    columns: reader.schema.fields.map(({ name, type, nullable }) => ({
      name,
      type: columnType(type, tableName(path), name),
      nullable,
    })),
  }));
}

export type ArrowReader = RecordBatchReader & AsyncIterable<RecordBatch>;

/** From the messages that say how the batches lie in the file, without the batches. */
async function countRows(path: string, reader: ArrowReader, file: FileHandle): Promise<number> {
  let rows = 0;
  for (const { offset, metaDataLength } of reader.footer?.recordBatches() ?? []) {
    const message = new Uint8Array(metaDataLength);
    await file.read(message, 0, metaDataLength, offset);
    // The mark of a message and its length come first; old files have only the length.
    const start = message[0] === 0xff ? 8 : 4;
    const header = Message.decode(message.subarray(start)).header() as { length: number; compression?: unknown };
    if (header.compression) throw unreadable(path, 'its batches are compressed');
    rows += Number(header.length);
  }
  return rows;
}

/** From the messages of a stream, one after the other, without the batches. */
async function countStreamed(path: string, file: FileHandle): Promise<number> {
  let rows = 0;
  const prefix = Buffer.alloc(8);
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(prefix, 0, 8, at);
    // Old streams have only the length.
    const start = prefix.readInt32LE(0) === -1 ? 8 : 4;
    const length = bytesRead < start ? 0 : prefix.readInt32LE(start - 4);
    if (length === 0) return rows;
    const message = new Uint8Array(length);
    await file.read(message, 0, length, at + start);
    const decoded = Message.decode(message);
    if (decoded.isRecordBatch()) {
      const header = decoded.header() as { length: number; compression?: unknown };
      if (header.compression) throw unreadable(path, 'its batches are compressed');
      rows += Number(header.length);
    }
    at += start + length + Number(decoded.bodyLength);
  }
}

/** The record batches of a file; one is in memory at a time. @throws TableError `ERR_TABLE_CORRUPT` when it is no Arrow IPC file. */
export async function* eachArrowBatch(path: string): AsyncGenerator<RecordBatch, void> {
  const file = await open(path, 'r');
  try {
    yield* await opened(path, file);
  } finally {
    await file.close();
  }
}

/** Opens an Arrow IPC file, gives its reader to `use`, and closes it. @throws TableError `ERR_TABLE_CORRUPT` when it is not one. */
export async function withArrowReader<T>(
  path: string,
  use: (reader: ArrowReader, file: FileHandle) => Promise<T>,
): Promise<T> {
  const file = await open(path, 'r');
  try {
    const reader = await opened(path, file);
    return await use(reader, file);
  } finally {
    await file.close();
  }
}

async function opened(path: string, file: FileHandle): Promise<ArrowReader> {
  try {
    const reader = await RecordBatchReader.from(file);
    await reader.open();
    if (!reader.schema) throw new Error('it has no schema');
    return reader;
  } catch (cause) {
    throw unreadable(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function unreadable(path: string, reason: string, cause?: unknown): TableError {
  const message = `the published file ${path} cannot be read as an Arrow IPC file (${reason}). It is left as it is: move it away to start anew, or choose another path.`;
  return new TableError('ERR_TABLE_CORRUPT', tableName(path), message, { cause });
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
