// Rows of a parent that a resource could not be read for, and that its configuration says to leave out.
import { catchError, EMPTY, type MonoTypeOperatorFunction, tap } from 'rxjs';
import { type Meter, RequestError, type Row, type Rows, type SluiceError } from '../../core/index.js';
import { PaginationError } from '../../pages/index.js';
import type { ErrorPlan } from '../plan/on-error.js';
import { ResourceError } from '../resource-error.js';

/** What was left out, and why. */
export interface Failure {
  readonly resource: string;
  /** Names the parents' values that the request was made of, such as `posts.id`. */
  readonly parents: Readonly<Record<string, unknown>>;
  readonly code: string;
  /** Without secrets. */
  readonly message: string;
  /** Pages that had come before, whose rows are in the table. */
  readonly pages: number;
}

export interface FailuresOptions {
  readonly resource: string;
  readonly onError: ErrorPlan;
  /** Is told of each, before anything else is asked. */
  readonly keep: ((failure: Failure) => void) | undefined;
}

/** Those of one resource in one run. */
export class Failures {
  readonly #options: FailuresOptions;
  #count = 0;

  constructor(options: FailuresOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#count;
  }

  /** Ends a walk that fails as if it had come to its end, when the configuration says so. */
  skip(
    parents: () => Readonly<Record<string, unknown>>,
    meter: Meter | undefined,
  ): MonoTypeOperatorFunction<Rows<Row>> {
    return (source) => {
      if (this.#options.onError.action === 'fail') return source;
      let pages = 0;
      return source.pipe(
        tap(() => {
          pages += 1;
        }),
        catchError((error: unknown) => {
          const { message } = this.#take(error, { parents: parents(), pages });
          meter?.report({ type: 'note', message: `left out: ${message}` });
          return EMPTY;
        }),
      );
    };
  }

  /** What is left out. @throws the error, when it is none of one row, or one too many */
  #take(error: unknown, { parents, pages }: Pick<Failure, 'parents' | 'pages'>): SluiceError {
    const { resource, onError, keep } = this.#options;
    if (!isOfOneRow(error)) throw error;
    this.#count += 1;
    const most = onError.action === 'skip' ? onError.maxFailures : 0;
    if (this.#count > most) {
      const message = `more than ${most} rows of its parent failed, and "on_error" allows no more; the last one: ${error.message}`;
      throw new ResourceError('ERR_TOO_MANY_FAILURES', resource, message, { cause: error });
    }
    keep?.({ resource, parents, code: error.code, message: error.message, pages });
    return error;
  }
}

function isOfOneRow(error: unknown): error is SluiceError {
  return error instanceof RequestError || error instanceof PaginationError || error instanceof ResourceError;
}
