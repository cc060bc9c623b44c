// The errors of publishing a table.
import { SluiceError, type SluiceErrorOptions } from '../core/index.js';

export type TableErrorCode =
  /** A merge needs a primary key. */
  | 'ERR_TABLE_NO_KEY'
  /** The rows have a column of a name that the disposition needs for itself. */
  | 'ERR_TABLE_COLUMN'
  /** The path cannot be a table's file: it is a folder. */
  | 'ERR_TABLE_PATH'
  /** The audit of the table stopped its publish. */
  | 'ERR_TABLE_AUDIT'
  /** Another program has the database open. */
  | 'ERR_TABLE_LOCKED'
  /** The published file cannot be read. It is left as it is. */
  | 'ERR_TABLE_CORRUPT'
  /** A value that the column's type, or the format, cannot hold exactly. Nothing is rounded. */
  | 'ERR_TABLE_VALUE'
  /** A column type or an option that the engine or the format does not know. */
  | 'ERR_TABLE_TYPE'
  /** The engine is not there, for example because DuckDB has no binary for this platform. */
  | 'ERR_ENGINE_UNAVAILABLE'
  /** The engine needs more memory than it may take. */
  | 'ERR_ENGINE_MEMORY'
  /** A row holds a key twice; the log is written anew without that, so that this never leaves the package. */
  | 'ERR_ENGINE_DUPLICATE_KEY'
  /** Another number of rows was read back from the log, or written, than there is; or a page came without one of its parts. Nothing is published. */
  | 'ERR_TABLE_ROWS'
  /** The table cannot be written: disk full, no permission. The published file is the old one. */
  | 'ERR_TABLE_WRITE';

/** A table cannot be published. The file that readers see is the old one, and the rows are kept in the stage. */
export class TableError extends SluiceError {
  override readonly name = 'TableError';
  declare readonly code: TableErrorCode;
  readonly table: string;

  constructor(code: TableErrorCode, table: string, message: string, options?: SluiceErrorOptions) {
    super(code, `table ${table}: ${message}`, options);
    this.table = table;
  }
}
