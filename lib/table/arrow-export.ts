// The rows of a DuckDB query as Arrow record batches, and as an Arrow IPC file.
import type { DuckDBConnection } from '@duckdb/node-api';
import { type Dictionary, makeData, RecordBatch, type Schema, Struct, type Utf8, type Vector } from 'apache-arrow';
import { AbortedError } from '../core/index.js';
import type { TableSchema } from '../schema/index.js';
import { type ArrowColumn, arrowColumn } from './arrow-column.js';
import { DictionaryColumn, dictionaryType } from './arrow-dictionary.js';
import { arrowType } from './arrow-duckdb.js';
import { type ArrowIpc, writeArrowFile } from './arrow-file.js';
import { arrowSchema } from './arrow-schema.js';

export interface ArrowBatchOptions {
  /** The table that errors name. @default 'query' */
  readonly table?: string;
  /** Most rows in a batch. At least 1. @default 65536 */
  readonly batchRows?: number;
  /** A batch ends when it has reached this size in bytes. @default 33554432 */
  readonly batchBytes?: number;
  /** Columns that are numbers of texts in these. @default none */
  readonly dictionaries?: ReadonlyMap<string, Vector<Utf8>>;
  /** @default 'file' */
  readonly ipc?: ArrowIpc;
  /** Stops the query. */
  readonly signal?: AbortSignal;
}

/** A query's result in Arrow. */
export interface ArrowResult {
  readonly schema: Schema;
  /** Can be read once. Leaving the loop early stops the query. */
  readonly batches: AsyncGenerator<RecordBatch, void>;
}

/**
 * Starts a query and gives its rows as record batches of one schema, one after the other: the query goes on when the next
 * batch is asked for. Names, nullability and descriptions of the columns come from `schema`.
 * @throws TableError `ERR_TABLE_TYPE` for a column type without a counterpart. @throws AbortedError when `signal` aborts.
 */
export async function arrowBatches(
  connection: DuckDBConnection,
  sql: string,
  schema: TableSchema,
  metadata: Readonly<Record<string, string>>,
  options: ArrowBatchOptions = {},
): Promise<ArrowResult> {
  if (options.signal?.aborted) throw new AbortedError();
  const result = await connection.stream(sql);
  const names = result.columnNames();
  const duckdb = result.columnTypes();
  const dictionaries = new Map([...(options.dictionaries ?? [])].map(([name, texts], id) => [name, { texts, id }]));
  const types = duckdb.map((type, at) => {
    const dictionary = dictionaries.get(names[at]!);
    return dictionary ? dictionaryType(dictionary.id) : arrowType(type, options.table ?? 'query', names[at]!);
  });
  const arrow = arrowSchema(names, types, schema, metadata);
  const columns = duckdb.map((type, at) => {
    const dictionary = dictionaries.get(names[at]!);
    return dictionary ? new DictionaryColumn(types[at] as Dictionary, dictionary.texts) : arrowColumn(type, types[at]!);
  });
  return { schema: arrow, batches: generate(result, arrow, columns, options) };
}

/**
 * Writes a query's rows to an Arrow IPC file and returns their number. At most one batch is in memory.
 * The file is not synced; it is incomplete when this fails.
 * @throws TableError `ERR_TABLE_TYPE` for a column type without a counterpart. @throws AbortedError when `signal` aborts.
 */
export async function writeArrow(
  connection: DuckDBConnection,
  sql: string,
  schema: TableSchema,
  metadata: Readonly<Record<string, string>>,
  destination: string,
  options: ArrowBatchOptions = {},
): Promise<number> {
  const result = await arrowBatches(connection, sql, schema, metadata, options);
  return writeArrowFile(destination, result.schema, result.batches, options.ipc);
}

/** Rows that are gathered before the batch's size is looked at again: a chunk of DuckDB's may hold gigabytes of text. */
const slice = 256;

type Result = Awaited<ReturnType<DuckDBConnection['stream']>>;

async function* generate(
  result: Result,
  schema: Schema,
  columns: readonly ArrowColumn[],
  { batchRows = 65536, batchBytes = 32 * 1024 * 1024, signal }: ArrowBatchOptions,
): AsyncGenerator<RecordBatch, void> {
  let rows = 0;
  for (;;) {
    if (signal?.aborted) throw new AbortedError();
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    for (let from = 0; from < chunk.rowCount; ) {
      const count = Math.min(chunk.rowCount - from, batchRows - rows, slice);
      for (const [at, column] of columns.entries()) column.append(chunk.getColumnVector(at), from, count);
      from += count;
      rows += count;
      if (rows < batchRows && columns.reduce((sum, column) => sum + column.bytes, 0) < batchBytes) continue;
      yield batch(schema, columns, rows);
      rows = 0;
    }
  }
  if (rows > 0) yield batch(schema, columns, rows);
}

function batch(schema: Schema, columns: readonly ArrowColumn[], rows: number): RecordBatch {
  const children = columns.map((column) => column.finish());
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: rows, nullCount: 0, children }));
}
