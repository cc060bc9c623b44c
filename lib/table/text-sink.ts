// The common body of the sinks for CSV and JSON lines.
import type { OperatorFunction } from 'rxjs';
import type { Receipt, Rows } from '../core/index.js';
import { DuckDbEngine } from './duckdb-engine.js';
import { tableName } from './layout.js';
import { ownOptions } from './own-options.js';
import { tableSink } from './sink.js';
import { type TableOptions, tableTarget } from './table-options.js';
import { readTextInfo, type TextKind, textFormat } from './text-format.js';

export interface TextOptions extends TableOptions {
  /** Memory for DuckDB while it publishes, such as `512MB`. More makes large merges faster. @default '128MB' */
  readonly memoryLimit?: string;
}

/** Takes rows into a text file. @throws OptionError, TableError `ERR_TABLE_NO_KEY` */
export function textSink<T>(kind: TextKind, path: string, options: TextOptions): OperatorFunction<Rows<T>, Receipt> {
  const { memoryLimit, checkpoint, highWaterMark } = options;
  const table = options.table ?? tableName(path.replace(/\.(gz|zst)$/, ''));
  const engineFor = (file: string) =>
    new DuckDbEngine(memoryLimit === undefined ? {} : { memoryLimit }, textFormat(kind, file));
  const target = tableTarget(path, { ...options, table }, ownOptions.text);
  return tableSink({
    target: {
      ...target,
      format: kind,
      engine: engineFor(path),
      engineFor,
      inspect: (file) => readTextInfo(file, target.disposition === 'replace' ? 'ignore' : 'refuse'),
    },
    ...(checkpoint !== undefined && { checkpoint }),
    ...(highWaterMark !== undefined && { highWaterMark }),
  });
}
