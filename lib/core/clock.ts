// Time as the library sees it, so that a test can hold it still.

export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** Milliseconds that a timer can wait: one that is to wait longer fires at once. */
export const longestTimer = 2 ** 31 - 1;
