// The error of everything that has to do with columns, their names, types and values.
import { SluiceError, type SluiceErrorOptions } from '../core/index.js';

export type SchemaErrorCode =
  /** A row has no value for a column of the key. */
  | 'ERR_ROW_WITHOUT_KEY'
  /** A row cannot be written, for example because it refers to itself. */
  | 'ERR_ROW'
  /** Two keys would be one column. */
  | 'ERR_COLUMN_COLLISION'
  /** A row is against a contract that is frozen. */
  | 'ERR_SCHEMA_CONTRACT'
  /** The metadata of a file, or the shape in a journal, cannot be read. */
  | 'ERR_SCHEMA_METADATA';

/** Where a row came from, as errors name it. */
export interface RowOrigin {
  /** The page's number, counted from 0. */
  readonly page: number;
  /** The row's index in its page, counted from 0. */
  readonly index: number;
}

/** The words for it in messages. */
export function placeOf({ page, index }: RowOrigin): string {
  return `row ${index} of page ${page} (both counted from 0)`;
}

/** A row or a column cannot be taken in, or what a file says of its columns cannot be read. Codes: `SchemaErrorCode`. */
export class SchemaError extends SluiceError {
  override readonly name = 'SchemaError';
  declare readonly code: SchemaErrorCode;
  readonly column?: string;
  readonly origin?: RowOrigin;

  constructor(
    code: SchemaErrorCode,
    message: string,
    options: SluiceErrorOptions & { readonly column?: string; readonly origin?: RowOrigin } = {},
  ) {
    super(code, message, options);
    if (options.column !== undefined) this.column = options.column;
    if (options.origin !== undefined) this.origin = options.origin;
  }
}
