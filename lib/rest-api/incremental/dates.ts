// Dates and times as APIs write them: moved by an amount, and converted, without losing the way they are written.
import type { CursorValue } from './cursor-value.js';
import { plainValue } from './cursor-value.js';

const date = /^\d{4}-\d\d-\d\d$/;
const instant = /^(\d{4}-\d\d-\d\d)([Tt ])(\d\d:\d\d)(:\d\d)?(?:\.(\d+))?\s?(Z|z|[+-]\d\d(?::?\d\d)?)?$/;

/**
 * The value `lag` earlier, or, for a negative one, later: seconds for a time, days for a date, the number itself for a number. It is
 * written as it was. A text that is neither date nor time stays as it is.
 */
export function earlier(value: CursorValue, lag: number): CursorValue {
  if (typeof value !== 'string') {
    if (typeof value === 'number') return value - lag;
    return /^-?\d+$/.test(value.number) && Number.isInteger(lag)
      ? { number: String(BigInt(value.number) - BigInt(lag)) }
      : Number(value.number) - lag;
  }
  if (date.test(value)) return new Date(Date.parse(value) - lag * 86_400_000).toISOString().slice(0, 10);
  const match = instant.exec(value);
  if (match === null) return value;
  const [, day, separator, minutes, seconds, fraction = '', zone] = match;
  const offset = zone === undefined ? 0 : offsetMinutes(zone);
  const whole = Date.parse(`${day}T${minutes}${seconds ?? ':00'}Z`);
  // Thousandths of a second are enough for a lag; what is finer in the value is kept.
  const moved = whole - Math.round(lag * 1000) + Number((fraction + '000').slice(0, 3));
  if (Number.isNaN(moved) || Number.isNaN(offset)) return value;
  const [movedDay, time = ''] = new Date(moved).toISOString().slice(0, -1).split('T');
  const [clock, thousandths = ''] = time.split('.');
  const shownFraction = fraction === '' ? '' : `.${(thousandths + fraction.slice(3)).slice(0, fraction.length)}`;
  return `${movedDay}${separator}${seconds === undefined ? clock!.slice(0, 5) : clock}${shownFraction}${zone ?? ''}`;
}

/** The value so many calendar months later, on the last day of a month that is shorter; written as it was. A text that is no date stays. */
export function monthsLater(value: string, months: number): string {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)/.exec(value) ?? [];
  if (year === undefined || (!date.test(value) && !instant.test(value))) return value;
  const first = new Date(Date.UTC(Number(year), Number(month) - 1 + months, 1));
  const days = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  const shown = `${first.toISOString().slice(0, 8)}${String(Math.min(Number(day), days)).padStart(2, '0')}`;
  return `${shown}${value.slice(10)}`;
}

/** Whether a text is a date, such as `2024-01-31`, or a time; `undefined`: neither. */
export function temporalKind(value: CursorValue | undefined): 'date' | 'time' | undefined {
  if (typeof value !== 'string') return undefined;
  return date.test(value) ? 'date' : instant.test(value) ? 'time' : undefined;
}

/**
 * Which of two times is later, however they are written; `undefined` unless both are times with a clock. Where one of them does not say its zone,
 * both clocks are taken as they stand.
 */
export function compareTimes(a: CursorValue, b: CursorValue): number | undefined {
  const [one, other] = [a, b].map((value) => (typeof value === 'string' ? instant.exec(value) : null));
  if (!one || !other) return undefined;
  const hasZones = one[6] !== undefined && other[6] !== undefined;
  const seconds = secondsOf(one, hasZones) - secondsOf(other, hasZones);
  if (seconds !== 0) return Number.isNaN(seconds) ? undefined : seconds;
  const [fraction = '', otherFraction = ''] = [one[5], other[5]];
  const digits = Math.max(fraction.length, otherFraction.length);
  const [x, y] = [fraction.padEnd(digits, '0'), otherFraction.padEnd(digits, '0')];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Whole seconds since 1970. */
function secondsOf([, day, , minutes, seconds = ':00', , zone = 'Z']: RegExpExecArray, hasZones: boolean): number {
  return Date.parse(`${day}T${minutes}${seconds}Z`) / 1000 - (hasZones ? offsetMinutes(zone) * 60 : 0);
}

function offsetMinutes(zone: string): number {
  if (/^z$/i.test(zone)) return 0;
  const [hours = '0', minutes = '0'] = zone.slice(1).replace(':', '').match(/\d\d/g) ?? [];
  return (zone.startsWith('-') ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

/** The conversions that a configuration can name, for what an API wants to be asked with. */
export const conversions = {
  /** A time as whole seconds since 1970. */
  epoch_seconds: (value: CursorValue) => Math.floor(milliseconds(value) / 1000),
  /** A time as milliseconds since 1970. */
  epoch_milliseconds: milliseconds,
  /** A time as its date, `2024-01-31`. */
  date: (value: CursorValue) => new Date(milliseconds(value)).toISOString().slice(0, 10),
  /** Seconds since 1970 as a time. */
  from_epoch_seconds: (value: CursorValue) => new Date(Number(plainValue(value)) * 1000).toISOString(),
  /** Milliseconds since 1970 as a time. */
  from_epoch_milliseconds: (value: CursorValue) => new Date(Number(plainValue(value))).toISOString(),
} as const satisfies Readonly<Record<string, (value: CursorValue) => string | number>>;

export type Conversion = keyof typeof conversions;

/** @throws RangeError for a text that is no time */
export function milliseconds(value: CursorValue): number {
  const plain = plainValue(value);
  const text = String(plain);
  const found = Date.parse(
    /\d\d:\d\d/.test(text) && !/(Z|z|[+-]\d\d:?\d\d)$/.test(text) ? `${text.replace(' ', 'T')}Z` : text,
  );
  if (Number.isNaN(found)) throw new RangeError(`${JSON.stringify(plain)} is no date or time`);
  return found;
}
