// Rows into an Arrow IPC file: appended, replaced, or merged on a key.
import type { OperatorFunction } from 'rxjs';
import { OptionError, type Receipt, type Row, type Rows } from '../lib/core/index.js';
import {
  arrowFormat,
  DuckDbEngine,
  ownOptions,
  readArrowInfo,
  type TableOptions,
  tableSink,
  tableTarget,
} from '../lib/table/index.js';

export interface ArrowOptions extends TableOptions {
  /** Most rows in a record batch. At least 1. A batch also ends at 32 MiB. @default 65536 */
  readonly batchRows?: number;
  /**
   * `file` has a footer, and is what most programs take for an Arrow file; `stream` has none, and can be read while it comes through a pipe.
   * @default 'stream' when the path ends with `.arrows`, otherwise 'file'
   */
  readonly ipc?: 'file' | 'stream';
  /** Columns of texts that are stored once, with a number for each row: for texts that come again and again. @default none */
  readonly dictionary?: readonly string[];
  /** Memory for DuckDB while it publishes, such as `512MB`. More makes large merges faster. @default '128MB' */
  readonly memoryLimit?: string;
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
 * `ERR_ENGINE_MEMORY`, `ERR_ENGINE_UNAVAILABLE`; StageError `ERR_STAGE_LOCKED`, `ERR_STAGE_IO`; SchemaError `ERR_ROW_WITHOUT_KEY`,
 * `ERR_SCHEMA_CONTRACT`; OptionError
 */
export function arrow<T = Row>(path: string, options: ArrowOptions = {}): OperatorFunction<Rows<T>, Receipt> {
  const { batchRows, memoryLimit, checkpoint, highWaterMark, dictionary } = options;
  const { ipc = path.endsWith('.arrows') ? 'stream' : 'file' } = options;
  if (batchRows !== undefined && !(Number.isInteger(batchRows) && batchRows >= 1)) {
    throw new OptionError('batchRows', `must be an integer of at least 1, not ${batchRows}`);
  }
  if (ipc !== 'file' && ipc !== 'stream')
    throw new OptionError('ipc', `there is no "${String(ipc)}". Give file or stream`);
  if (dictionary !== undefined && !(Array.isArray(dictionary) && dictionary.every((name) => typeof name === 'string')))
    throw new OptionError('dictionary', "must be names of columns, such as ['status']");
  const format = arrowFormat({ ipc, ...(batchRows !== undefined && { batchRows }), ...(dictionary && { dictionary }) });
  return tableSink({
    target: {
      ...tableTarget(path, options, ownOptions.arrow),
      format: 'arrow',
      engine: new DuckDbEngine(memoryLimit === undefined ? {} : { memoryLimit }, format),
      inspect: readArrowInfo,
      ...(dictionary && { namedColumns: { dictionary } }),
    },
    ...(checkpoint !== undefined && { checkpoint }),
    ...(highWaterMark !== undefined && { highWaterMark }),
  });
}
