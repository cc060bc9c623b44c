// Rows into a Parquet file: appended, replaced, or merged on a key.
import type { OperatorFunction } from 'rxjs';
import { type HighWater, OptionError, type Receipt, type Row, type Rows } from '../lib/core/index.js';
import {
  type Checkpoint,
  DuckDbEngine,
  type Engine,
  ParquetjsEngine,
  readTableInfo,
  tableName,
  tableSink,
  type WriteDisposition,
} from '../lib/table/index.js';

export interface ParquetOptions {
  /** The column or columns that tell rows apart. Must be in every row. Needed for `merge`. @default none */
  readonly primaryKey?: string | readonly string[];
  /**
   * `append` adds the rows to those of the file, `replace` puts them in the place of those, `merge` replaces the rows with the
   * same key and adds the others. @default 'append'
   */
  readonly writeDisposition?: WriteDisposition;
  /** How often rows are made durable. @default every 100 pages, 5 seconds or 32 MiB, whatever comes first */
  readonly checkpoint?: Checkpoint;
  /** What writes the file: DuckDB, or parquetjs-lite where DuckDB has no binary for the platform. See docs/formats.md. @default 'duckdb' */
  readonly engine?: 'duckdb' | 'parquetjs';
  /** `parquetjs` knows snappy, gzip and uncompressed. @default 'zstd', for parquetjs 'snappy' */
  readonly compression?: 'zstd' | 'snappy' | 'gzip' | 'lz4_raw' | 'brotli' | 'uncompressed';
  /** Rows in a row group. At least 2048. @default as many as take 16 MiB as JSON, at most 122880 */
  readonly rowGroupRows?: number;
  /** How many pages and bytes may be on their way to the file. @default 16 pages, 64 MiB */
  readonly highWaterMark?: Partial<HighWater>;
  /** Memory for DuckDB while it publishes, such as `512MB`. More makes large merges faster. @default '128MB' */
  readonly memoryLimit?: string;
  /** The table's name in receipts and errors. @default the file's name without its ending */
  readonly table?: string;
}

/**
 * Writes rows into a Parquet file.
 *
 * Rows are staged as they come in `.sluice/` beside the file, and published at the end by one rename: a reader sees the old table or the new
 * one. When the source fails or the process dies, the next run goes on from the last commit. Within one run, the last row with a key
 * wins. A run that brings no rows and finds no file writes none: the receipt has no files then.
 *
 * @example
 * pages(api, '/v1/projects').pipe(select('data'), parquet('out/projects.parquet', { primaryKey: 'id', writeDisposition: 'merge' }))
 * @throws TableError `ERR_TABLE_NO_KEY`, and in the chain `ERR_TABLE_PATH`, `ERR_TABLE_CORRUPT`, `ERR_TABLE_WRITE`, `ERR_ENGINE_MEMORY`;
 * StageError `ERR_STAGE_LOCKED`, `ERR_STAGE_IO`; SchemaError `ERR_ROW_WITHOUT_KEY`
 */
export function parquet<T = Row>(path: string, options: ParquetOptions = {}): OperatorFunction<Rows<T>, Receipt> {
  const { compression, rowGroupRows, checkpoint, highWaterMark } = options;
  if (path === '') throw new OptionError('path', 'must be the path of a file, such as out/projects.parquet');
  return tableSink({
    target: {
      table: options.table ?? tableName(path),
      path,
      format: 'parquet',
      disposition: options.writeDisposition ?? 'append',
      primaryKey: [options.primaryKey ?? []].flat(),
      engine: engineFor(options),
      inspect: readTableInfo,
      ...(compression !== undefined && { compression }),
      ...(rowGroupRows !== undefined && { rowGroupRows }),
    },
    ...(checkpoint !== undefined && { checkpoint }),
    ...(highWaterMark !== undefined && { highWaterMark }),
  });
}

function engineFor({ engine, memoryLimit }: ParquetOptions): Engine {
  if (engine === 'parquetjs') return new ParquetjsEngine();
  return new DuckDbEngine(memoryLimit === undefined ? {} : { memoryLimit });
}
