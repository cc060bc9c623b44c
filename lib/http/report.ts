// Makes the error of a failed request, with every secret taken out.
import {
  type Clock,
  isTransientStatus,
  type Request,
  RequestError,
  type RequestErrorCode,
  type RequestFailure,
} from '../core/index.js';
import { adviceFor, diagnose } from './failure.js';
import type { Redactor } from './redact.js';
import { quotaOf, retryAfter } from './server-timing.js';

/** How much of a body an error shows, in characters. */
const bodyStartLength = 500;

export interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** One attempt, as its errors name it. */
export interface Subject {
  readonly request: Request;
  /** As it was sent, with its query. */
  readonly url: string;
  /** Present once the headers had arrived. */
  readonly answer?: Answer | undefined;
}

export class Reporter {
  readonly #redactor: Redactor;
  readonly #auth: string | undefined;

  readonly #clock: Clock;

  constructor(redactor: Redactor, auth: string | undefined, clock: Clock) {
    this.#redactor = redactor;
    this.#auth = auth;
    this.#clock = clock;
  }

  /** The server answered, but not with success. */
  status(subject: Subject, answer: Answer, body: string, advice = adviceFor(answer.status, this.#auth)): RequestError {
    const now = this.#clock.now();
    // A server that is asked too often may say only when its quota is renewed.
    const renewal = answer.status === 429 ? quotaOf(answer.headers, now, answer.status) : undefined;
    const serverWait =
      retryAfter(answer.headers, now) ?? (renewal && renewal.remaining < 1 ? renewal.reset : undefined);
    return this.failed(
      { ...subject, answer },
      {
        code: 'ERR_HTTP_STATUS',
        reason: `answered ${answer.status} ${answer.statusText}`.trimEnd(),
        transient: isTransientStatus(answer.status),
        ...(advice !== undefined && { advice }),
        ...(serverWait !== undefined && { serverWait }),
      },
      body,
    );
  }

  /** No whole answer came. */
  broken(subject: Subject, error: unknown): RequestError {
    return this.failed(subject, { ...diagnose(error, subject.answer !== undefined), cause: error });
  }

  failed(
    subject: Subject,
    failure: Pick<RequestFailure, 'reason' | 'transient'> &
      Partial<RequestFailure> & { readonly code: RequestErrorCode },
    body = '',
  ): RequestError {
    const { answer, request, url } = subject;
    const bodyStart = this.#redactor.start(body, bodyStartLength);
    return new RequestError({
      ...failure,
      method: request.method,
      url: this.#redactor.message(url),
      reason: this.#redactor.message(failure.reason),
      ...(answer && { status: answer.status, headers: this.#redactor.headers(answer.headers) }),
      ...(bodyStart !== '' && { bodyStart }),
      ...(failure.cause !== undefined && { cause: this.#clean(failure.cause) }),
    });
  }

  /** The same error without secrets. It is made anew: libraries put the URL into the message and the stack. */
  #clean(error: unknown, depth = 0): unknown {
    if (!(error instanceof Error)) return this.#redactor.message(String(error));
    const { cause, code } = error as { cause?: unknown; code?: unknown };
    const deeper = cause === undefined || depth > 4 ? undefined : { cause: this.#clean(cause, depth + 1) };
    const clean = new Error(this.#redactor.message(error.message), deeper);
    clean.name = error.name;
    if (error.stack !== undefined) clean.stack = this.#redactor.message(error.stack);
    return typeof code === 'string' ? Object.assign(clean, { code }) : clean;
  }
}
