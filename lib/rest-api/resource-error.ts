// The error of a resource that cannot be asked for with what its parent's row holds.
import { SluiceError } from '../core/index.js';

/** Codes of a `ResourceError`. */
export type ResourceErrorCode =
  /** A field that a placeholder or `include_from_parent` names is not in a row of the parent. */
  | 'ERR_PARENT_FIELD'
  /** A value of the parent's row does not fit the place that it is for. */
  | 'ERR_PARENT_VALUE';

/** A row of a parent is not what its child needs. */
export class ResourceError extends SluiceError {
  override readonly name = 'ResourceError';
  /** The child. */
  readonly resource: string;

  constructor(code: ResourceErrorCode, resource: string, message: string) {
    super(code, `resource "${resource}": ${message}`);
    this.resource = resource;
  }
}
