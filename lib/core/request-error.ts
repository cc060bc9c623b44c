// The error of one failed request: what was asked, what came back, whether asking again can help, and how to go on.
import type { Observable } from 'rxjs';
import { SluiceError } from './errors.js';
import type { Page } from './page.js';
import type { HttpResponse } from './request.js';

/** What went wrong with a request. */
export type RequestErrorCode =
  /** The server answered with a status of 400 or more. */
  | 'ERR_HTTP_STATUS'
  /** No connection, or it broke before the response. */
  | 'ERR_HTTP_CONNECTION'
  /** No response within the time allowed. */
  | 'ERR_HTTP_TIMEOUT'
  /** The body ended before its end. */
  | 'ERR_HTTP_BODY_CUT'
  /** The body is not what its content type says. */
  | 'ERR_HTTP_BODY_INVALID'
  /** The body is larger than allowed. */
  | 'ERR_HTTP_BODY_TOO_LARGE'
  /** A redirect that cannot be followed. */
  | 'ERR_HTTP_REDIRECT'
  /** The request leads to another origin than its secrets are for, with a secret in its body or its path: it is not sent. */
  | 'ERR_HTTP_ORIGIN'
  /** A page of a walk has no records, although by the total that the server told there are more. */
  | 'ERR_PAGINATION_INCOMPLETE';

/** What is known of a failed request. Everything in it is free of secrets: whoever makes it has removed them. */
export interface RequestFailure {
  readonly code: RequestErrorCode;
  readonly method: string;
  /** With secrets replaced by `***`. */
  readonly url: string;
  /** What happened, in a few words: `answered 404 Not Found`, `the connection was reset`. */
  readonly reason: string;
  /** What the user can do about it, as a sentence. */
  readonly advice?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The start of the body, for a person to read. */
  readonly bodyStart?: string;
  /** Whether the failure is one that passes by itself: a lost connection, a timeout, a body cut short, 408, 425, 429, and 5xx but 501 and 505. */
  readonly transient: boolean;
  /** How long the server asked to wait before the next attempt, in milliseconds (`Retry-After`). */
  readonly serverWait?: number;
  readonly cause?: unknown;
}

/** What is known of a failed request beside the failure itself. */
export interface RequestErrorContext {
  readonly attempts?: number;
  readonly resume?: () => Observable<Page>;
  readonly walk?: Observable<Page>;
  readonly response?: HttpResponse;
  readonly holdBack?: (milliseconds: number) => void;
}

/**
 * A request failed. Thrown by `client.send`; in a walk it carries `resume`.
 * The message names method, URL, reason, number of attempts, start of the body and what to do.
 */
export class RequestError extends SluiceError implements RequestFailure {
  override readonly name = 'RequestError';
  declare readonly code: RequestErrorCode;
  readonly method: string;
  readonly url: string;
  readonly reason: string;
  readonly advice?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly bodyStart?: string;
  readonly transient: boolean;
  readonly serverWait?: number;
  /** How often the request was tried. */
  readonly attempts: number;
  /** The rest of the walk, from the failed request on. Absent outside a walk. */
  readonly resume?: () => Observable<Page>;
  /** The walk that `resume` is the rest of: whoever goes on with `resume` must be subscribed to this, and to nothing more. */
  readonly walk?: Observable<Page>;
  /** What the server answered, with as much of the body as was read; for response actions. Not printed with the error. */
  readonly response?: HttpResponse;
  /** Holds back all who share the budget of requests. There with a 429 alone: whoever tries again says so how long it waits. */
  readonly holdBack?: (milliseconds: number) => void;

  constructor(failure: RequestFailure, more: RequestErrorContext = {}) {
    const attempts = more.attempts ?? 1;
    super(failure.code, message(failure, attempts), { cause: failure.cause });
    this.method = failure.method;
    this.url = failure.url;
    this.reason = failure.reason;
    this.transient = failure.transient;
    this.attempts = attempts;
    if (failure.advice !== undefined) this.advice = failure.advice;
    if (failure.status !== undefined) this.status = failure.status;
    if (failure.headers !== undefined) this.headers = failure.headers;
    if (failure.bodyStart !== undefined) this.bodyStart = failure.bodyStart;
    if (failure.serverWait !== undefined) this.serverWait = failure.serverWait;
    if (more.walk !== undefined) Object.defineProperty(this, 'walk', { value: more.walk, enumerable: false });
    if (more.response !== undefined)
      Object.defineProperty(this, 'response', { value: more.response, enumerable: false });
    if (more.holdBack !== undefined)
      Object.defineProperty(this, 'holdBack', { value: more.holdBack, enumerable: false });
    if (more.resume !== undefined) Object.defineProperty(this, 'resume', { value: more.resume, enumerable: false });
  }

  /** The same error with another number of attempts or another way to go on. */
  with(more: RequestErrorContext): RequestError {
    const { resume = this.resume, walk = this.walk, response = this.response, holdBack = this.holdBack } = more;
    return new RequestError(this, {
      attempts: more.attempts ?? this.attempts,
      ...(resume && { resume }),
      ...(walk && { walk }),
      ...(response && { response }),
      ...(holdBack && { holdBack }),
    });
  }
}

function message(failure: RequestFailure, attempts: number): string {
  const parts = [`${failure.method} ${failure.url}: ${failure.reason}`];
  if (attempts > 1) parts.push(`, after ${attempts} attempts`);
  if (failure.bodyStart) parts.push(`. The body starts: ${failure.bodyStart}`);
  if (failure.advice) parts.push(`. ${failure.advice}`);
  return parts.join('');
}
