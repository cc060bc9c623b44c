// Cuts the range of a cursor into slices, each of which is asked for by itself: days, months, or so many of the cursor's own units.
import { compare } from './compare.js';
import { type CursorValue, plainValue } from './cursor-value.js';
import { earlier, milliseconds, monthsLater, temporalKind } from './dates.js';

/** How long a slice is: a number in the units of `lag`, or a text such as `day` or `3 months`. */
export type WindowSize = number | string;

export interface Slice {
  readonly start: CursorValue;
  readonly end: CursorValue;
  readonly isLast: boolean;
}

/** More slices than anybody means. */
const mostSlices = 100_000;

const written = /^\s*(\d+)?\s*(hour|day|week|month|year)s?\s*$/;
const daysIn: Readonly<Record<string, number>> = { hour: 1 / 24, day: 1, week: 7 };
const monthsIn: Readonly<Record<string, number>> = { month: 1, year: 12 };

/** Why a range cannot be cut into slices of the size; `undefined` when it can. */
export function windowFault(size: WindowSize, like: CursorValue | undefined): string | undefined {
  const kind = temporalKind(like);
  if (typeof size === 'number') return size > 0 ? undefined : 'must be above 0';
  const [, count, unit] = written.exec(size) ?? [];
  if (unit === undefined || count === '0')
    return 'is no length of time; write for example "day", "6 hours", "3 months", or a number';
  if (kind === undefined)
    return `is a length of time, and the cursor starts with ${JSON.stringify(like)}, which is no time`;
  return kind === 'date' && unit === 'hour' ? 'is shorter than a day, and the cursor starts with a date' : undefined;
}

/**
 * The slices from `start` to `end`, or, without one, to the first that reaches beyond now. Each begins a whole number of sizes after
 * `start`: a run that is gone on with later has the same ones.
 *
 * @throws RangeError when there would be more than 100,000
 */
export function slices(
  size: WindowSize,
  { start, end, now }: { readonly start: CursorValue; readonly end: CursorValue | undefined; readonly now: number },
): Slice[] {
  const made: Slice[] = [];
  for (let from = start, number = 1; ; number += 1) {
    const to = later(start, size, number);
    const isLast = end === undefined ? milliseconds(to) > now : (compare(to, end) ?? 0) >= 0;
    made.push({ start: from, end: isLast && end !== undefined ? end : to, isLast });
    if (isLast) return made;
    if (number === mostSlices)
      throw new RangeError(`would be cut into more than ${mostSlices} slices; make "window" longer`);
    from = to;
  }
}

/** So many sizes after the start. */
function later(start: CursorValue, size: WindowSize, number: number): CursorValue {
  if (typeof size === 'number') return earlier(start, -size * number);
  const [, count = '1', unit = 'day'] = written.exec(size) ?? [];
  const times = Number(count) * number;
  const months = monthsIn[unit];
  if (months !== undefined) return monthsLater(String(plainValue(start)), months * times);
  const days = daysIn[unit]! * times;
  return earlier(start, -(temporalKind(start) === 'date' ? days : Math.round(days * 86_400)));
}
