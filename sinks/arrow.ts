// Rows into an Arrow IPC file: appended, replaced, or merged on a key.
import type { OperatorFunction } from 'rxjs';
import { type HighWater, OptionError, type Receipt, type Row, type Rows } from '../lib/core/index.js';
import {
  arrowFormat,
  type Checkpoint,
  DuckDbEngine,
  readArrowInfo,
  tableName,
  tableSink,
  type WriteDisposition,
} from '../lib/table/index.js';

export interface ArrowOptions {
  /** The column or columns that tell rows apart. Must be in every row. Needed for `merge`. @default none */
  readonly primaryKey?: string | readonly string[];
  /**
   * `append` adds the rows to those of the file, `replace` puts them in the place of those, `merge` replaces the rows with the
   * same key and adds the others. @default 'append'
   */
  readonly writeDisposition?: WriteDisposition;
  /** How often rows are made durable. @default every 100 pages, 5 seconds or 32 MiB, whatever comes first */
  readonly checkpoint?: Checkpoint;
  /** Most rows in a record batch. At least 1. A batch also ends at 32 MiB. @default 65536 */
  readonly batchRows?: number;
  /** How many pages and bytes may be on their way to the file. @default 16 pages, 64 MiB */
  readonly highWaterMark?: Partial<HighWater>;
  /** Memory for DuckDB while it publishes, such as `512MB`. More makes large merges faster. @default '128MB' */
  readonly memoryLimit?: string;
  /** The table's name in receipts and errors. @default the file's name without its ending */
  readonly table?: string;
}

/**
 * Writes rows into an Arrow IPC file (also called Feather version 2), uncompressed, so that readers can map it into memory.
 *
 * Guarantees the same as `parquet`: rows are staged in `.sluice/` beside the file and published at the end by one rename; a run that
 * was cut short goes on from its last commit; within one run, the last row with a key wins. A file that another program wrote can
 * be added to, unless it is compressed or has a type that would be rounded.
 *
 * @example
 * pages(api, '/v1/projects').pipe(select('data'), arrow('out/projects.arrow', { primaryKey: 'id', writeDisposition: 'merge' }))
 * @throws TableError `ERR_TABLE_NO_KEY`, and in the chain `ERR_TABLE_PATH`, `ERR_TABLE_CORRUPT`, `ERR_TABLE_TYPE`, `ERR_TABLE_WRITE`,
 * `ERR_ENGINE_MEMORY`, `ERR_ENGINE_UNAVAILABLE`; StageError `ERR_STAGE_LOCKED`, `ERR_STAGE_IO`; SchemaError `ERR_ROW_WITHOUT_KEY`
 */
export function arrow<T = Row>(path: string, options: ArrowOptions = {}): OperatorFunction<Rows<T>, Receipt> {
  const { batchRows, memoryLimit, checkpoint, highWaterMark } = options;
  if (path === '') throw new OptionError('path', 'must be the path of a file, such as out/projects.arrow');
  if (batchRows !== undefined && !(Number.isInteger(batchRows) && batchRows >= 1)) {
    throw new OptionError('batchRows', `must be an integer of at least 1, not ${batchRows}`);
  }
  const format = arrowFormat(batchRows === undefined ? {} : { batchRows });
  return tableSink({
    target: {
      table: options.table ?? tableName(path),
      path,
      format: 'arrow',
      disposition: options.writeDisposition ?? 'append',
      primaryKey: [options.primaryKey ?? []].flat(),
      engine: new DuckDbEngine(memoryLimit === undefined ? {} : { memoryLimit }, format),
      inspect: readArrowInfo,
    },
    ...(checkpoint !== undefined && { checkpoint }),
    ...(highWaterMark !== undefined && { highWaterMark }),
  });
}
