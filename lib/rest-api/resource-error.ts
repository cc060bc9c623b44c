// The errors of rows that are not what the configuration takes them for.
import { SluiceError, type SluiceErrorOptions } from '../core/index.js';

/** Codes of a `ResourceError`. */
export type ResourceErrorCode =
  /** A field that a placeholder or `include_from_parent` names is not in a row of the parent. */
  | 'ERR_PARENT_FIELD'
  /** A value of the parent's row does not fit the place that it is for. */
  | 'ERR_PARENT_VALUE'
  /** An expression of `processing_steps` does not fit a row. */
  | 'ERR_PROCESSING_STEP'
  /** A row has no cursor value, or one that cannot be compared with the others. */
  | 'ERR_CURSOR_VALUE'
  /** A row names a table that its resource does not, or what can be none. */
  | 'ERR_TABLE_NAME'
  /** What a row says of its table is not allowed, or not what another row of the table has said. */
  | 'ERR_TABLE_HINT'
  /** The selector matched nothing on any page, and the table would be empty by that. */
  | 'ERR_NOTHING_SELECTED'
  /** More rows of a parent failed than `on_error` allows. */
  | 'ERR_TOO_MANY_FAILURES';

/** A row is not what the configuration takes it for. */
export class ResourceError extends SluiceError {
  override readonly name = 'ResourceError';
  /** The resource that needs it otherwise. */
  readonly resource: string;

  constructor(code: ResourceErrorCode, resource: string, message: string, options?: SluiceErrorOptions) {
    super(code, `resource "${resource}": ${message}`, options);
    this.resource = resource;
  }
}
