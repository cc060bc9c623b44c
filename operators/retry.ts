// `retry`: asks again for what failed, and only for that.
import {
  asyncScheduler,
  from,
  type MonoTypeOperatorFunction,
  Observable,
  type ObservableInput,
  type Subscriber,
  Subscription,
  take,
  timer,
} from 'rxjs';
import {
  AbortedError,
  confinedWith,
  currentFlow,
  type HttpResponse,
  isPristine,
  longestTimer,
  markPristine,
  OptionError,
  RequestError,
  withFlow,
} from '../lib/core/index.js';
import { checkPolicy, isRetryable, type RetryPolicy, type Timing, waitingTime } from './retry-policy.js';

export type { RetryPolicy } from './retry-policy.js';

/**
 * Tries a failed request again: 408, 425, 429, 5xx (but 501 and 505), lost connections, timeouts and bodies cut short. It waits as long
 * as the server asked for, or else longer and longer, and goes on with the failed page: no page twice, none lost, however
 * the failures fall. Attempts are counted for each request.
 *
 * Put it right behind `pages()`. A source that is no walk (`client.send(…)`) is subscribed to again, as long as it has
 * emitted nothing. After the last attempt, and for every other error, the error passes through; `attempts` in it says how
 * often the request was tried.
 *
 * @throws OptionError `ERR_INVALID_OPTION`
 * @example pages(api, '/v1/projects', offset({ limit: 100 })).pipe(retry({ maxRetries: 3, factor: 2 }))
 */
export function retry<T extends HttpResponse>(policy: RetryPolicy = {}): MonoTypeOperatorFunction<T> {
  checkPolicy(policy);
  return (source) => {
    const retried = new Observable<T>((subscriber) => {
      const run = new RetryRun(source, policy, subscriber);
      run.start();
      return () => run.stop();
    });
    return confinedWith(isPristine(source) ? markPristine(retried) : retried, [source, policy]);
  };
}

/** A trampoline: however many retries follow each other at once, they cost no stack, and no subscriber stays behind. */
class RetryRun<T> {
  #next: Observable<T> | undefined;
  #subscribed: unknown;
  #current: Subscription | undefined;
  #running = false;
  /** Failures of the current request so far. */
  #failures = 0;
  #firstFailure = 0;
  #emitted = false;
  readonly #flow = currentFlow();
  readonly #source: Observable<T>;
  readonly #policy: RetryPolicy;
  readonly #timing: Timing;
  readonly #maxRetries: number;
  readonly #subscriber: Subscriber<T>;
  readonly #aborted = () => this.#subscriber.error(new AbortedError());

  constructor(source: Observable<T>, policy: RetryPolicy, subscriber: Subscriber<T>) {
    const { initialDelay = 1000, factor = 2, maxDelay = 60_000, jitter = 'none', maxRetries = 3 } = policy;
    this.#source = source;
    this.#next = source;
    this.#policy = policy;
    this.#timing = { initialDelay, factor, maxDelay, jitter };
    this.#maxRetries = maxRetries;
    this.#subscriber = subscriber;
  }

  readonly start = (): void => {
    if (this.#running) return;
    this.#running = true;
    while (this.#next && !this.#subscriber.closed) {
      const source = this.#next;
      this.#next = undefined;
      this.#subscribed = source;
      const current = new Subscription();
      this.#current = current;
      const subscribe = () =>
        source.subscribe({
          next: (value) => {
            this.#emitted = true;
            this.#failures = 0;
            this.#subscriber.next(value);
          },
          error: (error) => this.#failed(error),
          complete: () => this.#subscriber.complete(),
        });
      current.add(this.#flow ? withFlow(this.#flow, subscribe) : subscribe());
    }
    this.#running = false;
  };

  stop(): void {
    this.#next = undefined;
    this.#current?.unsubscribe();
    this.#flow?.signal.removeEventListener('abort', this.#aborted);
  }

  #failed(error: unknown): void {
    try {
      if (!(error instanceof RequestError)) throw error;
      // A walk counts by itself: a request that was in flight beside others may have failed when it was not its turn.
      const attempt = error.resume ? Math.max(this.#failures + 1, error.attempts) : this.#failures + 1;
      const attempts = error.resume ? attempt : this.#failures + error.attempts;
      const final = attempts === error.attempts ? error : error.with({ attempts });
      if (attempt > this.#maxRetries || !isRetryable(error, this.#policy)) throw final;
      if (!error.resume && this.#emitted) throw final;
      if (error.walk && error.walk !== this.#subscribed)
        throw new OptionError(
          'retry',
          'must stand right behind each walk, as in merge(pages(a).pipe(retry()), pages(b).pipe(retry())): ' +
            `behind other operators it would lose what is in them. The failure was: ${final.message}`,
        );
      this.#wait(error, attempt, final);
    } catch (passed) {
      this.#subscriber.error(passed);
    }
  }

  #wait(error: RequestError, attempt: number, final: RequestError): void {
    const clock = this.#flow?.clock ?? asyncScheduler;
    if (this.#failures === 0) this.#firstFailure = clock.now();
    const wait = this.#policy.delay ? 0 : waitingTime(error, attempt, this.#timing);
    const { maxElapsed, maxServerWait = 3_600_000 } = this.#policy;
    if (error.serverWait !== undefined && error.serverWait > maxServerWait) throw final;
    if (maxElapsed !== undefined && clock.now() + wait - this.#firstFailure > maxElapsed) throw final;
    this.#failures = attempt;
    error.holdBack?.(wait);
    this.#flow?.meter.report({ type: 'retry', attempt, wait, reason: error.reason });
    const again = () => {
      this.#flow?.signal.removeEventListener('abort', this.#aborted);
      this.#next = (error.resume?.() as Observable<T> | undefined) ?? this.#source;
      this.start();
    };
    if (!this.#policy.delay && wait === 0) {
      again();
      return;
    }
    const schedule: ObservableInput<unknown> =
      this.#policy.delay?.(error, attempt) ?? timer(Math.min(wait, longestTimer));
    this.#flow?.signal.addEventListener('abort', this.#aborted, { once: true });
    // Made before: the schedule may be over at once, and what it starts is then the current one.
    const current = new Subscription();
    this.#current = current;
    current.add(
      from(schedule)
        .pipe(take(1))
        .subscribe({ complete: again, error: (problem) => this.#subscriber.error(problem) }),
    );
  }
}
