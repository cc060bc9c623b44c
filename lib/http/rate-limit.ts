// One budget of requests for all who share it: so many in a time, so many at once, and what the server says. The counting of
// tokens is limiter's; the queue is our own, since a request may be given up while it waits, and all must stop at a 429.
import { TokenBucket } from 'limiter';
import { type Clock, longestTimer, markConfined, OptionError, onAbort, systemClock } from '../core/index.js';
import { quotaOf, retryAfter } from './server-timing.js';

export interface RateLimitOptions {
  /** How many requests an interval has room for, above 0. @default no limit of our own */
  readonly requests?: number;
  /** In milliseconds, above 0. @default 1000 */
  readonly interval?: number;
  /** How many of them may go at once after a rest, at least 1. @default 1, which spreads them evenly */
  readonly burst?: number;
  /** How many may be in flight, at least 1. @default no limit of our own */
  readonly concurrency?: number;
  /** Whether there is one budget for all requests, or one for each origin. @default 'all' */
  readonly per?: 'all' | 'origin';
  /**
   * Whether a 429, `Retry-After` with a 503, and `RateLimit-*` hold back everyone who shares the budget: for the time that the server says, or
   * else for as long as `retry` waits. @default true
   */
  readonly followServer?: boolean;
  /**
   * What the server says about a time further away than this is not followed, in milliseconds: a request is sent all the same, and the
   * server may refuse it, which is an error instead of a wait without end. @default 3_600_000
   */
  readonly maxServerWait?: number;
}

/** A budget. Give one to several clients and they share it. */
export interface RateLimit {
  /** Waits for a place in the budget. `leave` must be called once for each place. Rejects with the reason of the abort. */
  enter(url: string, options: EnterOptions): Promise<RateLimitPlace>;
}

export interface EnterOptions {
  readonly signal: AbortSignal;
  /** Told when the wait is one that a person would notice. In milliseconds. */
  readonly onWait?: (wait: number) => void;
}

export interface RateLimitPlace {
  /** What the server answered. */
  answered(status: number, headers: Readonly<Record<string, string>>): void;
  /** Holds back everyone from now on, in milliseconds: what a 429 leads to when the server says no time. */
  holdBack(wait: number): void;
  leave(): void;
}

/**
 * A budget of requests.
 * @example
 * const budget = rateLimit({ requests: 100, interval: 60_000, concurrency: 4 });
 * const orders = client({ baseUrl: 'https://api.example.com/orders', rateLimit: budget });
 * const people = client({ baseUrl: 'https://api.example.com/people', rateLimit: budget });
 * @throws OptionError `ERR_INVALID_OPTION`
 */
export function rateLimit(options: RateLimitOptions = {}, clock: Clock = systemClock): RateLimit {
  const minimums = {
    requests: Number.MIN_VALUE,
    interval: Number.MIN_VALUE,
    burst: 1,
    concurrency: 1,
    maxServerWait: 0,
  };
  for (const [name, minimum] of Object.entries(minimums)) {
    const value = options[name as keyof typeof minimums];
    if (value !== undefined && !(value >= minimum))
      throw new OptionError(name, `is ${value}; it must be ${minimum % 1 === 0 ? `at least ${minimum}` : 'above 0'}`);
  }
  return markConfined(new Budgets(options, clock));
}

/** A place that is free at once, if there is one. No promise for it: most requests find one. */
export function enterAtOnce(limit: RateLimit, url: string): RateLimitPlace | undefined {
  return limit instanceof Budgets ? limit.enterAtOnce(url) : undefined;
}

class Budgets implements RateLimit {
  readonly #options: RateLimitOptions;
  readonly #clock: Clock;
  readonly #budgets = new Map<string, Budget>();

  constructor(options: RateLimitOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** A function of its own: whoever was given a limit may hand it on without the rest. */
  readonly enter = (url: string, options: EnterOptions) => this.#budgetOf(url).enter(options);

  enterAtOnce(url: string): RateLimitPlace | undefined {
    return this.#budgetOf(url).enterAtOnce();
  }

  #budgetOf(url: string): Budget {
    const key = this.#options.per === 'origin' && URL.canParse(url) ? new URL(url).origin : '';
    const known = this.#budgets.get(key);
    if (known !== undefined) return known;
    const budget = new Budget(this.#options, this.#clock);
    this.#budgets.set(key, budget);
    return budget;
  }
}

/** A share of the quota that is spent slowly, so that it lasts until there is a new one. */
const reserve = 0.1;
/** The same in requests, where the server does not say how many there are in all. */
const reserveRequests = 5;
/** A wait that is worth a note, in milliseconds. */
const noteworthy = 2_000;

interface Waiting {
  readonly go: () => void;
  readonly onWait: ((wait: number) => void) | undefined;
  told: boolean;
}

class Budget {
  readonly #bucket: TokenBucket | undefined;
  readonly #concurrency: number;
  readonly #followServer: boolean;
  readonly #maxServerWait: number;
  readonly #clock: Clock;
  readonly #queue = new Set<Waiting>();
  #inFlight = 0;
  #lastGo = Number.NEGATIVE_INFINITY;
  #pausedUntil = 0;
  /** After a pause one request goes alone, until the server takes one: else all would run into the next 429. */
  #probing = false;
  #quota: { remaining: number; readonly limit: number | undefined; readonly resetAt: number } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    {
      requests,
      interval = 1000,
      burst = 1,
      concurrency = Number.POSITIVE_INFINITY,
      followServer = true,
      maxServerWait = 3_600_000,
    }: RateLimitOptions,
    clock: Clock,
  ) {
    this.#concurrency = concurrency;
    this.#followServer = followServer;
    this.#maxServerWait = maxServerWait;
    this.#clock = clock;
    if (requests === undefined) return;
    this.#bucket = new TokenBucket({ bucketSize: burst, tokensPerInterval: requests, interval });
    this.#bucket.content = burst;
  }

  enterAtOnce(): RateLimitPlace | undefined {
    const now = performance.now();
    if (this.#queue.size > 0 || this.#wait(now) > 0) return undefined;
    this.#went(now);
    return new Place(this);
  }

  async enter({ signal, onWait }: EnterOptions): Promise<RateLimitPlace> {
    signal.throwIfAborted();
    const free = this.enterAtOnce();
    if (free !== undefined) return free;
    return new Promise((resolve, reject) => {
      const forget = onAbort(signal, () => {
        this.#queue.delete(waiting);
        reject(signal.reason);
        this.#pump();
      });
      const waiting: Waiting = {
        go: () => {
          forget();
          resolve(new Place(this));
        },
        onWait,
        told: false,
      };
      this.#queue.add(waiting);
      this.#pump();
    });
  }

  left(): void {
    this.#inFlight -= 1;
    this.#pump();
  }

  #pump(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const first of this.#queue) {
      const now = performance.now();
      const wait = this.#wait(now);
      if (wait > 0) {
        if (wait === Number.POSITIVE_INFINITY) return;
        if (wait >= noteworthy && !first.told) {
          first.told = true;
          first.onWait?.(wait);
        }
        this.#timer = setTimeout(() => this.#pump(), Math.min(wait, longestTimer));
        return;
      }
      this.#queue.delete(first);
      this.#went(now);
      first.go();
    }
  }

  #went(now: number): void {
    this.#inFlight += 1;
    this.#lastGo = now;
    if (this.#quota) this.#quota.remaining -= 1;
  }

  /** How long the next request must wait, in milliseconds; infinite: until another one has left. Takes a token when it need not. */
  #wait(now: number): number {
    if (this.#inFlight >= this.#concurrency) return Number.POSITIVE_INFINITY;
    if (this.#probing && this.#inFlight > 0) return Number.POSITIVE_INFINITY;
    const held = Math.max(this.#pausedUntil - now, this.#quotaWait(now));
    if (held > 0) return Math.ceil(held);
    if (this.#bucket === undefined || this.#bucket.tryRemoveTokens(1)) return 0;
    return Math.max(1, this.#bucket.getWaitTime(1));
  }

  #quotaWait(now: number): number {
    if (this.#quota === undefined) return 0;
    const { remaining, limit, resetAt } = this.#quota;
    if (now >= resetAt) {
      this.#quota = undefined;
      return 0;
    }
    if (remaining < 1) return resetAt - now;
    const slow = limit === undefined ? reserveRequests : limit * reserve;
    return remaining > slow ? 0 : this.#lastGo + (resetAt - now) / (remaining + 1) - now;
  }

  holdBack(wait: number): void {
    if (!this.#followServer || wait > this.#maxServerWait) return;
    this.#pausedUntil = Math.max(this.#pausedUntil, performance.now() + wait);
  }

  answered(status: number, headers: Readonly<Record<string, string>>): void {
    if (!this.#followServer) return;
    const refused = status === 429 || status === 503;
    const wait = refused ? retryAfter(headers, this.#clock.now()) : undefined;
    if (wait !== undefined) this.holdBack(wait);
    if (status === 429 || wait !== undefined) this.#probing = true;
    else if (!refused) this.#probing = false;
    const quota = quotaOf(headers, this.#clock.now(), status);
    if (quota !== undefined && quota.reset <= this.#maxServerWait) {
      const resetAt = performance.now() + quota.reset;
      const before = this.#quota;
      // Answers overtake each other: within one window only less can be left than is known.
      const same = before !== undefined && Math.abs(before.resetAt - resetAt) < 2000;
      const remaining = same ? Math.min(before.remaining, quota.remaining) : quota.remaining - (this.#inFlight - 1);
      this.#quota = { remaining, limit: quota.limit, resetAt: same ? before.resetAt : resetAt };
    }
    this.#pump();
  }
}

class Place implements RateLimitPlace {
  readonly #budget: Budget;
  #left = false;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  answered(status: number, headers: Readonly<Record<string, string>>): void {
    this.#budget.answered(status, headers);
  }

  holdBack(wait: number): void {
    this.#budget.holdBack(wait);
  }

  leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.#budget.left();
  }
}
