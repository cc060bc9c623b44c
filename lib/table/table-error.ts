// The error of publishing a table: what cannot be written or read, where, and what to do about it.
import { SluiceError, type SluiceErrorOptions } from '../core/index.js';

export type TableErrorCode =
  /** A value that the column's type, or the file format, cannot hold exactly. */
  | 'ERR_TABLE_VALUE'
  /** A column type, or an option, that the engine or the file format does not know. */
  | 'ERR_TABLE_TYPE'
  /** A file that is there already cannot be read as the table. */
  | 'ERR_TABLE_FILE';

/** A table cannot be published. The published file, if there is one, stays as it was. */
export class TableError extends SluiceError {
  override readonly name = 'TableError';
  declare readonly code: TableErrorCode;

  constructor(code: TableErrorCode, message: string, options?: SluiceErrorOptions) {
    super(code, message, options);
  }
}
