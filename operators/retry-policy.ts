// When a failed request is tried again, and after how long. The waiting times are exponential-backoff's.
import { AlwaysDelay } from 'exponential-backoff/dist/delay/always/always.delay.js';
import type { ObservableInput } from 'rxjs';
import { type HttpResponse, OptionError, type RequestError } from '../lib/core/index.js';

export interface RetryPolicy {
  /** How often one request is tried again. 0: never. @default 3 */
  readonly maxRetries?: number;
  /** The wait before the first retry, in milliseconds. @default 1000 */
  readonly initialDelay?: number;
  /** By what each further wait is longer. At least 1. @default 2 */
  readonly factor?: number;
  /** The longest wait of our own, in milliseconds; what the server asks for is not cut. @default 60_000 */
  readonly maxDelay?: number;
  /** A server that asks for a longer wait than this, in milliseconds, is not waited for: the error comes at once. @default 3_600_000 */
  readonly maxServerWait?: number;
  /**
   * How much of a wait is left to chance, so that clients that failed together do not come back together: `full` anything
   * from 0 to the wait, `equal` from half of it. @default "none"
   */
  readonly jitter?: 'none' | 'full' | 'equal';
  /** The statuses that are tried again. @default 408, 425, 429, and 5xx but 501 and 505 */
  readonly statuses?: readonly number[];
  /**
   * Decides instead of `statuses` and the kind of failure. `response` is what the server answered, where there was an answer, without secrets.
   * `maxRetries` and `maxElapsed` stay in force.
   */
  readonly when?: (error: RequestError, response: HttpResponse | undefined) => boolean;
  /** No retry starts later than this after the first failure of a request, in milliseconds. @default no limit */
  readonly maxElapsed?: number;
  /**
   * Whether a request that may have been carried out although it failed is tried again when it is not one that can be
   * repeated by its nature (POST, PATCH). In a walk a POST is a search, and is tried again.
   * @default true in a walk, else false
   */
  readonly retryNonIdempotent?: boolean;
  /** A schedule of your own: the retry starts when what it returns emits or completes. `attempt` counts from 1. */
  readonly delay?: (error: RequestError, attempt: number) => ObservableInput<unknown>;
}

const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE']);

export type Timing = Required<Pick<RetryPolicy, 'initialDelay' | 'factor' | 'maxDelay' | 'jitter'>>;

/** @throws OptionError `ERR_INVALID_OPTION` */
export function checkPolicy(policy: RetryPolicy): void {
  const check = (name: keyof RetryPolicy, minimum: number) => {
    const value = policy[name];
    if (value !== undefined && !(typeof value === 'number' && value >= minimum))
      throw new OptionError(name, `must be a number of at least ${minimum}, not ${String(value)}`);
  };
  check('maxRetries', 0);
  check('initialDelay', 0);
  check('factor', 1);
  check('maxDelay', 0);
  check('maxServerWait', 0);
  check('maxElapsed', 0);
  if (policy.jitter !== undefined && !['none', 'full', 'equal'].includes(policy.jitter))
    throw new OptionError('jitter', `must be none, full or equal, not ${JSON.stringify(policy.jitter)}`);
  for (const status of policy.statuses ?? [])
    if (!(Number.isInteger(status) && status >= 100 && status <= 599))
      throw new OptionError('statuses', `must be HTTP statuses, not ${String(status)}`);
}

/** Whether asking again can help, and does no harm. */
export function isRetryable(error: RequestError, policy: RetryPolicy): boolean {
  if (policy.when) return policy.when(error, error.response);
  const passes =
    policy.statuses && error.code === 'ERR_HTTP_STATUS' ? policy.statuses.includes(error.status ?? 0) : error.transient;
  if (!passes) return false;
  if (idempotent.has(error.method.toUpperCase()) || notCarriedOut(error)) return true;
  return policy.retryNonIdempotent ?? error.resume !== undefined;
}

/** Whether the server did not act on the request: it said that it has no time, or never got it. */
function notCarriedOut(error: RequestError): boolean {
  if (error.status !== undefined && [408, 425, 429, 503].includes(error.status)) return true;
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN';
}

/**
 * The wait before a retry, in milliseconds: the server's, or our own. `attempt` counts from 1. A server that asks for no wait
 * at all gets ours, or a few failures in a row would use up all attempts at once.
 */
export function waitingTime(error: RequestError, attempt: number, timing: Timing): number {
  if (error.serverWait) return error.serverWait;
  if (timing.jitter !== 'equal') return backoff(attempt, timing, timing.jitter);
  const half = { ...timing, initialDelay: timing.initialDelay / 2, maxDelay: timing.maxDelay / 2 };
  return backoff(attempt, half, 'none') + backoff(attempt, half, 'full');
}

/** exponential-backoff computes the wait; it is waited for elsewhere, since its own timer cannot be taken back. */
function backoff(attempt: number, { initialDelay, factor, maxDelay }: Timing, jitter: 'none' | 'full'): number {
  const wait = new AlwaysDelay({
    delayFirstAttempt: true,
    startingDelay: initialDelay,
    timeMultiple: factor,
    maxDelay,
    jitter,
    numOfAttempts: Number.POSITIVE_INFINITY,
    retry: () => true,
  });
  wait.setAttemptNumber(attempt - 1);
  return wait['jitteredDelay'];
}
