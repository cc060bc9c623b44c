// Rows into a Parquet file, or a directory of such files: appended, replaced, or merged on a key.
import { basename } from 'node:path';
import type { OperatorFunction } from 'rxjs';
import { OptionError, type Receipt, type Row, type Rows } from '../lib/core/index.js';
import {
  DuckDbEngine,
  directoryOf,
  type Engine,
  type LayoutOptions,
  ownOptions,
  ParquetjsEngine,
  type ParquetLayoutOptions,
  parquetLayout,
  type TableOptions,
  tableInfoReader,
  tableSink,
  tableTarget,
} from '../lib/table/index.js';

export interface ParquetOptions extends TableOptions, LayoutOptions, ParquetLayoutOptions {
  /**
   * What writes the file. `parquetjs` needs no binary, is slower, and holds what it merges in memory: for platforms where DuckDB does
   * not load. @default 'duckdb'
   */
  readonly engine?: 'duckdb' | 'parquetjs';
  /** Memory for DuckDB while it publishes, such as `512MB`. More makes large merges faster. @default '128MB' */
  readonly memoryLimit?: string;
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
 * @throws TableError `ERR_TABLE_NO_KEY`, and in the chain `ERR_TABLE_PATH`, `ERR_TABLE_CORRUPT`, `ERR_TABLE_COLUMN`, `ERR_TABLE_WRITE`,
 * `ERR_ENGINE_MEMORY`, `ERR_ENGINE_UNAVAILABLE`; StageError `ERR_STAGE_LOCKED`, `ERR_STAGE_IO`; SchemaError `ERR_ROW_WITHOUT_KEY`, `ERR_SCHEMA_CONTRACT`;
 * OptionError
 */
export function parquet<T = Row>(path: string, options: ParquetOptions = {}): OperatorFunction<Rows<T>, Receipt> {
  const { checkpoint, highWaterMark } = options;
  const directory = directoryOf(path, options);
  if (directory !== undefined && options.engine === 'parquetjs') {
    throw new OptionError(
      'engine',
      'parquetjs writes one file. Give a path such as out/projects.parquet, or leave the engine out',
    );
  }
  const layout = parquetLayout(options);
  return tableSink({
    target: {
      ...tableTarget(
        path,
        directory === undefined ? options : { table: basename(path), ...options },
        ownOptions.parquet,
      ),
      format: 'parquet',
      engine: engineFor(options),
      inspect: tableInfoReader(),
      ...directory,
      layout,
      ...(typeof layout.statistics !== 'boolean' && { namedColumns: { statistics: layout.statistics } }),
    },
    ...(checkpoint !== undefined && { checkpoint }),
    ...(highWaterMark !== undefined && { highWaterMark }),
  });
}

function engineFor(options: ParquetOptions): Engine {
  const { engine, memoryLimit } = options;
  if (engine !== undefined && engine !== 'duckdb' && engine !== 'parquetjs') {
    throw new OptionError('engine', `there is no engine ${JSON.stringify(engine)}. Give duckdb or parquetjs`);
  }
  if (engine === 'parquetjs') {
    checkForParquetjs(options);
    return new ParquetjsEngine();
  }
  return new DuckDbEngine(memoryLimit === undefined ? {} : { memoryLimit });
}

/** What parquetjs never writes may be switched off, and not on. */
function checkForParquetjs({
  audit,
  compressionLevel,
  dictionary,
  statistics,
  bloomFilters,
  timestamps,
}: ParquetOptions): void {
  const refused = {
    audit: audit !== undefined,
    compressionLevel: compressionLevel !== undefined,
    dictionary: dictionary === true,
    statistics: statistics !== undefined && statistics !== false,
    bloomFilters: bloomFilters !== undefined && bloomFilters !== false,
    timestamps: timestamps === 'local',
  };
  for (const [option, isRefused] of Object.entries(refused)) {
    if (isRefused)
      throw new OptionError(option, 'the engine parquetjs cannot do that. Leave it out, or use the engine duckdb');
  }
}
