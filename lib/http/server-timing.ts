// What the server says about when to ask again, and how often it may be asked.

type Headers = Readonly<Record<string, string>>;

/**
 * The wait that `Retry-After` asks for, in milliseconds: seconds or an HTTP date, which counts from the server's own `Date`
 * so that a clock that runs wrong does no harm. `undefined` when there is none that can be read.
 */
export function retryAfter(headers: Headers, now: number): number | undefined {
  const value = headers['retry-after']?.trim();
  return value === undefined || value === '' ? undefined : waitOf(value, headers, now);
}

/** How many requests the server still takes, and for how long that holds. */
export interface Quota {
  readonly remaining: number;
  /** How many there were at first. */
  readonly limit?: number | undefined;
  /** Until there are new ones, in milliseconds. */
  readonly reset: number;
}

/** The names in use: the draft's first ones, the older ones, and two more spellings of those. */
const names = ['ratelimit', 'x-ratelimit', 'x-rate-limit', 'rate-limit'].map((prefix) => ({
  remaining: `${prefix}-remaining`,
  reset: `${prefix}-reset`,
  resetAfter: `${prefix}-reset-after`,
  limit: `${prefix}-limit`,
}));

/**
 * What `RateLimit-*` and `X-RateLimit-*` say, with the reset as seconds, as an epoch in seconds or milliseconds, or as a date; and the
 * newer `RateLimit: "default";r=50;t=30`. `undefined` when remaining or reset is missing; with the status 429 nothing remains where
 * only the reset is given.
 */
export function quotaOf(headers: Headers, now: number, status?: number): Quota | undefined {
  for (const name of names) {
    const remaining = headers[name.remaining] ?? (status === 429 ? '0' : undefined);
    const reset = headers[name.reset] ?? headers[name.resetAfter];
    if (remaining === undefined || reset === undefined) continue;
    const quota = make(remaining, waitOf(reset.trim(), headers, now), headers[name.limit]);
    if (quota !== undefined) return quota;
  }
  const field = headers['ratelimit'];
  if (field === undefined) return undefined;
  // Several policies may be named: the one with the least left counts.
  const quotas = field.split(',').flatMap((policy) => {
    const quota = make(
      part(policy, 'r', 'remaining'),
      Number(part(policy, 't', 'reset')) * 1000,
      part(policy, 'q', 'limit'),
    );
    return quota === undefined ? [] : [quota];
  });
  // The draft's second form has the three parts of one policy separated by commas.
  quotas.push(
    ...[make(part(field, 'remaining'), Number(part(field, 'reset')) * 1000, part(field, 'limit'))].filter(
      (each) => each !== undefined,
    ),
  );
  return quotas.sort((a, b) => a.remaining - b.remaining)[0];
}

function part(text: string, ...names: readonly string[]): string | undefined {
  return new RegExp(`(?:^|[;,\\s])(?:${names.join('|')})=(\\d+)`, 'i').exec(text)?.[1];
}

function make(remaining: string | undefined, reset: number | undefined, limit: string | undefined): Quota | undefined {
  const left = Math.min(...(remaining ?? '').split(',').map(Number.parseFloat));
  const most = Number.parseFloat(limit ?? '');
  if (Number.isNaN(left) || reset === undefined || Number.isNaN(reset)) return undefined;
  return { remaining: left, reset, ...(most > 0 && { limit: most }) };
}

/** A time as servers write it, from now on, in milliseconds. Where a proxy has added its own, the longest counts. */
function waitOf(value: string, headers: Headers, now: number): number | undefined {
  const several = /^[\d.]+(?:\s*,\s*[\d.]+)+$/.test(value) ? value.split(',') : [];
  if (several.length > 0) return Math.max(...several.map((one) => waitOf(one.trim(), headers, now) ?? 0));
  const serverDate = Date.parse(headers['date'] ?? '');
  const from = Number.isNaN(serverDate) ? now : serverDate;
  if (/^\d+(\.\d+)?$/.test(value)) {
    const number = Number(value);
    if (number > 1e12) return Math.max(0, number - from);
    if (number > 1e9) return Math.max(0, number * 1000 - from);
    return Math.ceil(number * 1000);
  }
  const until = Date.parse(value);
  return Number.isNaN(until) ? undefined : Math.max(0, until - from);
}
