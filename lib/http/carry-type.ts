// The shorter way through a transport of the package.
import type { FetchInit, FetchResponse } from './fetch-type.js';
import type { Signal } from './stop.js';

/** What `fetch` is told, with a signal that need not be the platform's. */
export interface CarryInit extends Omit<FetchInit, 'signal'> {
  readonly signal: Signal;
}

/** Like `fetch`, but that it may throw at once. As soon as the signal aborts, it rejects or the body errors. */
export type Carry = (url: string, init: CarryInit) => Promise<FetchResponse>;
