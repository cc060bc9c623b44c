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
  const length = text.length;
  if (length < 8 || length > 35) return undefined;
  if (text.charCodeAt(2) === colon) return timeEnd(text, 0) === length ? 'time' : undefined;
  if (text.charCodeAt(4) !== dash || length < 10 || !isDate(text)) return undefined;
  if (length === 10) return 'date';
  const separator = text.charCodeAt(10);
  if (separator !== 84 && separator !== 32) return undefined;
  const end = timeEnd(text, 11);
  if (end < 0) return undefined;
  if (end === length) return 'timestamp';
  if (text.charCodeAt(end) === 90) return end + 1 === length ? 'timestamp' : undefined;
  // An offset moves the instant; near the ends of the calendar that could leave the years that readers know.
  const year = text.slice(0, 4);
  return isOffset(text, end) && year !== '0001' && year !== '9999' ? 'timestamp' : undefined;
}

const colon = 58;
const dash = 45;

/** The two digits at `at`; negative when they are not digits. */
function two(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

function isDate(text: string): boolean {
  if (text.charCodeAt(7) !== dash) return false;
  const century = two(text, 0);
  const rest = two(text, 2);
  const month = two(text, 5);
  const day = two(text, 8);
  if (century < 0 || rest < 0 || month < 1 || month > 12 || day < 1) return false;
  const year = century * 100 + rest;
  if (year === 0 || day > daysOfMonth[month - 1]!) return false;
  return month !== 2 || day < 29 || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0));
}

/** Where a time that starts at `at` ends, its fraction included; -1 when there is none. */
function timeEnd(text: string, at: number): number {
  const hour = two(text, at);
  const minute = two(text, at + 3);
  const second = two(text, at + 6);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return -1;
  if (text.charCodeAt(at + 2) !== colon || text.charCodeAt(at + 5) !== colon) return -1;
  let end = at + 8;
  if (text.charCodeAt(end) !== 46) return end;
  const fraction = end + 1;
  for (end = fraction; isDigit(text, end); end += 1) {
    // Seven and nine digits are common, from systems that count in smaller units; they fit when the rest is zero.
    if (end - fraction >= 6 && text.charCodeAt(end) !== 48) return -1;
  }
  return end > fraction && end - fraction <= 9 ? end : -1;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

/** Whether the rest of the text is `+02`, `+0200` or `+02:00`, either sign, at most 15 hours. */
function isOffset(text: string, at: number): boolean {
  const sign = text.charCodeAt(at);
  const hours = two(text, at + 1);
  if ((sign !== 43 && sign !== dash) || hours < 0 || hours > 15) return false;
  const length = text.length - at;
  if (length === 3) return true;
  const minutes = two(text, text.length - 2);
  if (minutes < 0 || minutes > 59) return false;
  return length === 5 || (length === 6 && text.charCodeAt(at + 3) === colon);
}
