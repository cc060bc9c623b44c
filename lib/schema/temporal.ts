// Tells which texts are dates, times and timestamps: only those that DuckDB casts without error and without loss.

export type TemporalKind = 'timestamp' | 'date' | 'time';

const daysOfMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Recognises ISO 8601 in its extended form: `2024-02-29`, `10:00:00.5`, `2024-02-29T10:00:00.123456+02:00`. Dates must be in the
 * calendar, years 0001 to 9999; a timestamp may have a space instead of the `T`, and `Z`, `+02`, `+0200`, `+02:00` or nothing
 * behind it. No leap second, no 24:00, no digit beyond the microsecond except zeros.
 *
 * Looks at single characters, since it sees every text of every row.
 */
export function temporalKind(text: string): TemporalKind | undefined {
  const { length } = text;
  if (length < shortest || length > longest) return undefined;
  if (text.charCodeAt(2) !== colon && text.charCodeAt(4) !== dash) return undefined;
  for (let at = 0; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code > 127) return undefined;
    scratch[at] = code;
  }
  return temporalKindAt(scratch, 0, length);
}

/** The same of the text from `start` to before `end` in bytes of ASCII. */
export function temporalKindAt(bytes: Uint8Array, start: number, end: number): TemporalKind | undefined {
  const length = end - start;
  if (length < shortest || length > longest) return undefined;
  if (bytes[start + 2] === colon) return timeEnd(bytes, start, end) === end ? 'time' : undefined;
  if (bytes[start + 4] !== dash || length < 10) return undefined;
  const year = yearOfDate(bytes, start);
  if (year < 0) return undefined;
  if (length === 10) return 'date';
  const separator = bytes[start + 10];
  if (separator !== 84 && separator !== 32) return undefined;
  const zone = timeEnd(bytes, start + 11, end);
  if (zone < 0) return undefined;
  if (zone === end) return 'timestamp';
  if (bytes[zone] === 90) return zone + 1 === end ? 'timestamp' : undefined;
  // An offset moves the instant; near the ends of the calendar that could leave the years that readers know.
  return isOffset(bytes, zone, end) && year !== 1 && year !== 9999 ? 'timestamp' : undefined;
}

const shortest = 8;
const longest = 35;
const scratch = new Uint8Array(longest);

const colon = 58;
const dash = 45;

/** The two digits at `at`; negative when they are not digits. */
function two(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - 48;
  const ones = bytes[at + 1]! - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

/** The year of the date at `at`; negative when there is none. */
function yearOfDate(bytes: Uint8Array, at: number): number {
  if (bytes[at + 7] !== dash) return -1;
  const century = two(bytes, at);
  const rest = two(bytes, at + 2);
  const month = two(bytes, at + 5);
  const day = two(bytes, at + 8);
  if (century < 0 || rest < 0 || month < 1 || month > 12 || day < 1) return -1;
  const year = century * 100 + rest;
  if (year === 0 || day > daysOfMonth[month - 1]!) return -1;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month !== 2 || day < 29 || isLeap ? year : -1;
}

/** Where a time that starts at `at` ends, its fraction included; -1 when there is none before `last`. */
function timeEnd(bytes: Uint8Array, at: number, last: number): number {
  if (at + 8 > last) return -1;
  const hour = two(bytes, at);
  const minute = two(bytes, at + 3);
  const second = two(bytes, at + 6);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return -1;
  if (bytes[at + 2] !== colon || bytes[at + 5] !== colon) return -1;
  let end = at + 8;
  if (end === last || bytes[end] !== 46) return end;
  const fraction = end + 1;
  for (end = fraction; end < last && isDigit(bytes[end]!); end += 1) {
    // Seven and nine digits are common, from systems that count in smaller units; they fit when the rest is zero.
    if (end - fraction >= 6 && bytes[end] !== 48) return -1;
  }
  return end > fraction && end - fraction <= 9 ? end : -1;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Whether the rest of the text is `+02`, `+0200` or `+02:00`, either sign, at most 15 hours. */
function isOffset(bytes: Uint8Array, at: number, end: number): boolean {
  const length = end - at;
  if (length !== 3 && length !== 5 && length !== 6) return false;
  const sign = bytes[at];
  const hours = two(bytes, at + 1);
  if ((sign !== 43 && sign !== dash) || hours < 0 || hours > 15) return false;
  if (length === 3) return true;
  const minutes = two(bytes, end - 2);
  return minutes >= 0 && minutes <= 59 && (length === 5 || bytes[at + 3] === colon);
}
