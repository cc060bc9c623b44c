// What the server says about when to ask again.

/**
 * The wait that `Retry-After` asks for, in milliseconds: seconds or an HTTP date, which counts from the server's own `Date`
 * so that a clock that runs wrong does no harm. `undefined` when there is none that can be read.
 */
export function retryAfter(headers: Readonly<Record<string, string>>, now: number): number | undefined {
  const value = headers['retry-after']?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000);
  const until = Date.parse(value);
  if (Number.isNaN(until)) return undefined;
  const from = Date.parse(headers['date'] ?? '');
  return Math.max(0, until - (Number.isNaN(from) ? now : from));
}
