// How long each part of an attempt may take.
import { longestTimer, OptionError } from '../core/index.js';

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

/**
 * Aborts `controller` after a time, unless stopped. `restart` begins again. After a sleep of the machine all timers end at once, before
 * anything is read of what has come: so whoever slept through the end gets a moment more.
 */
export function countdown(controller: AbortController, milliseconds: number | undefined, what: string) {
  if (milliseconds === undefined || milliseconds > longestTimer) return { stop: () => {}, restart: () => {} };
  let due = performance.now() + milliseconds;
  const end = () => {
    if (performance.now() - due > stallMilliseconds) {
      due = Number.POSITIVE_INFINITY;
      timer = setTimeout(end, Math.min(milliseconds, graceMilliseconds));
    } else {
      controller.abort(new TimeoutPassed(`${what} within ${milliseconds / 1000} s`));
    }
  };
  let timer = setTimeout(end, milliseconds);
  return {
    stop: () => clearTimeout(timer),
    restart: () => {
      clearTimeout(timer);
      due = performance.now() + milliseconds;
      timer = setTimeout(end, milliseconds);
    },
  };
}

/** The promise, or the reason of the abort as soon as that happens, also when nobody below listens to the signal. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
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
