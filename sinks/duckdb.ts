// Rows into a table of a DuckDB database file: appended, replaced, or merged on a key.
import type { OperatorFunction } from 'rxjs';
import type { Receipt, Row, Rows } from '../lib/core/index.js';
import { DuckDbEngine, databaseOf, ownOptions, type TableOptions, tableSink, tableTarget } from '../lib/table/index.js';

export interface DuckDbSinkOptions extends TableOptions {
  /** The table's name in the database, and in receipts and errors. */
  readonly table: string;
  /** The schema that it is in; made when it is not there. @default 'main' */
  readonly schema?: string;
  /** Memory for DuckDB while it publishes, such as `512MB`. @default '128MB', and twice as much up to '1GB' when a table cannot do with that */
  readonly memoryLimit?: string;
}

/**
 * Writes rows into a table of a DuckDB database file, which is made when it is not there.
 *
 * Guarantees the same as `parquet`, by a transaction in the place of the rename: it changes all tables of the run that are in this file,
 * and records the load in the table `_sluice_tables`, so that nothing is applied twice. The file is open while a table is looked at, while
 * its rows are compared, and for the transaction; no other program may have it open then.
 *
 * @example
 * pages(api, '/v1/projects').pipe(select('data'), duckdb('out/shop.duckdb', { table: 'projects', primaryKey: 'id', writeDisposition: 'merge' }))
 * @throws TableError `ERR_TABLE_NO_KEY`, and in the chain `ERR_TABLE_LOCKED`, `ERR_TABLE_CORRUPT`, `ERR_TABLE_PATH`, `ERR_TABLE_WRITE`,
 * `ERR_ENGINE_MEMORY`, `ERR_ENGINE_UNAVAILABLE`; StageError, SchemaError as `parquet`; OptionError
 */
export function duckdb<T = Row>(path: string, options: DuckDbSinkOptions): OperatorFunction<Rows<T>, Receipt> {
  const { checkpoint, highWaterMark } = options;
  const database = databaseOf(path, options);
  return tableSink({
    target: {
      ...tableTarget(path, options, ownOptions.duckdb),
      ...database,
      format: 'duckdb',
      engine: new DuckDbEngine(),
    },
    ...(checkpoint !== undefined && { checkpoint }),
    ...(highWaterMark !== undefined && { highWaterMark }),
  });
}
