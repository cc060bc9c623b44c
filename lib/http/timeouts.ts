// How long each part of an attempt may take.
import { AsyncResource } from 'node:async_hooks';
import { longestTimer, OptionError } from '../core/index.js';
import type { Signal, Stop } from './stop.js';

/** In milliseconds, each above 0. Those left out do not apply, except `whole`. */
export interface Timeouts {
  /** From the start of the attempt to the end of the body, redirects included. @default 60000 */
  readonly whole?: number;
  /** Until a connection stands, TLS included. Only with the default transport. */
  readonly connect?: number;
  /** From the request to the headers of the answer. */
  readonly firstByte?: number;
  /** From the headers of the answer to the end of the body. */
  readonly body?: number;
  /** Between two pieces of the body. */
  readonly idle?: number;
}

/** The reason of an abort by a timeout. The message says which. */
export class TimeoutPassed extends Error {}

/** A number is the whole. @throws OptionError `ERR_INVALID_OPTION` */
export function toTimeouts(timeout: number | Timeouts = {}): Timeouts & { readonly whole: number } {
  const timeouts = typeof timeout === 'number' ? { whole: timeout } : timeout;
  for (const [name, value] of Object.entries(timeouts)) {
    if (!(value > 0)) throw new OptionError('timeout', `${name} is ${value} ms; it must be above 0`);
  }
  return { whole: 60_000, ...timeouts };
}

/** Milliseconds by which a timer is late when the process did not run: it was stopped, or the machine slept. */
const stallMilliseconds = 500;
/** Milliseconds for what came meanwhile. */
const graceMilliseconds = 1000;

/** A time that runs. `restart` begins again. */
export interface Countdown {
  stop(): void;
  restart(): void;
}

const none: Countdown = { stop: () => {}, restart: () => {} };

/**
 * Aborts `whom` after a time, unless stopped. After a sleep of the machine all timers end at once, before anything is read of what has come:
 * so whoever slept through the end gets a moment more.
 */
export function countdown(whom: Pick<Stop, 'abort'>, milliseconds: number | undefined, what: string): Countdown {
  if (milliseconds === undefined || milliseconds > longestTimer) return none;
  return new Running(whom, milliseconds, what);
}

class Running implements Countdown {
  readonly #whom: Pick<Stop, 'abort'>;
  readonly #milliseconds: number;
  readonly #what: string;
  /** As `performance.now` counts. */
  due: number;
  #hadGrace = false;

  constructor(whom: Pick<Stop, 'abort'>, milliseconds: number, what: string) {
    this.#whom = whom;
    this.#milliseconds = milliseconds;
    this.#what = what;
    this.due = performance.now() + milliseconds;
    deadlines.add(this);
  }

  stop(): void {
    deadlines.delete(this);
  }

  restart(): void {
    this.due = performance.now() + this.#milliseconds;
    this.#hadGrace = false;
  }

  /** Its time has passed. */
  end(now: number): void {
    if (now - this.due > stallMilliseconds && !this.#hadGrace) {
      this.#hadGrace = true;
      this.due = now + Math.min(this.#milliseconds, graceMilliseconds);
    } else {
      this.stop();
      this.#whom.abort(new TimeoutPassed(`${this.#what} within ${this.#milliseconds / 1000} s`));
    }
  }
}

/**
 * All countdowns that run, with one timer for the first that is due: a timer for each costs more than the rest of it, and most are stopped
 * long before their time. It keeps the process alive as long as one of them runs.
 */
class Deadlines {
  readonly #running = new Set<Running>();
  #timer: NodeJS.Timeout | undefined;
  #firesAt = Number.POSITIVE_INFINITY;
  /** Not of whoever happens to start the timer: it would keep their flow in memory. */
  readonly #context = new AsyncResource('SluiceDeadlines');
  readonly #fire = () => this.#end();

  add(each: Running): void {
    this.#running.add(each);
    if (each.due < this.#firesAt) this.#set(each.due);
    else if (this.#running.size === 1) this.#timer?.ref();
  }

  delete(each: Running): void {
    if (this.#running.delete(each) && this.#running.size === 0) this.#timer?.unref();
  }

  #set(due: number): void {
    clearTimeout(this.#timer);
    this.#firesAt = due;
    this.#timer = this.#context.runInAsyncScope(() => setTimeout(this.#fire, Math.ceil(due - performance.now())));
  }

  #end(): void {
    this.#timer = undefined;
    this.#firesAt = Number.POSITIVE_INFINITY;
    const now = performance.now();
    // Timers count in whole milliseconds.
    const due = [...this.#running].filter((each) => each.due < now + 1).sort((a, b) => a.due - b.due);
    for (const each of due) if (this.#running.has(each)) each.end(now);
    let first = this.#firesAt;
    for (const { due } of this.#running) first = Math.min(first, due);
    if (first < this.#firesAt) this.#set(first);
  }
}

const deadlines = new Deadlines();

/** The promise, or the reason of the abort as soon as that happens, also when nobody below listens to the signal. */
export function abortable<T>(promise: Promise<T>, signal: Signal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort);
    const forget = () => signal.removeEventListener('abort', abort);
    promise.then(
      (value) => {
        forget();
        resolve(value);
      },
      (error) => {
        forget();
        reject(error);
      },
    );
  });
}
