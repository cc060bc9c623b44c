// The errors of a walk that cannot go on although every request was answered.
import { SluiceError } from '../core/index.js';

/** Why a walk cannot go on. */
export type PaginationErrorCode =
  /** It would ask for something that it has had already. */
  | 'ERR_PAGINATION_LOOP'
  /** It is longer or larger than was allowed. */
  | 'ERR_PAGINATION_LIMIT'
  /** A page is without what the paginator needs to go on, or has something else in its place. */
  | 'ERR_PAGINATION_RESPONSE'
  /** How the pages hang together could not be detected. */
  | 'ERR_PAGINATION_UNKNOWN';

/** A walk cannot go on. The message names the requests that it is about and says what to do. */
export class PaginationError extends SluiceError {
  override readonly name = 'PaginationError';
  declare readonly code: PaginationErrorCode;

  constructor(code: PaginationErrorCode, message: string) {
    super(code, message);
  }

  /** The same error with a clean message: itself where there is nothing to clean. */
  redacted(redact: (text: string) => string): PaginationError {
    const message = redact(this.message);
    return message === this.message ? this : new PaginationError(this.code, message);
  }
}
