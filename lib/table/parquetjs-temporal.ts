// Dates, times and instants between the text that the log has and the counts that Parquet has, exact to the microsecond.

const dayMicros = 86_400_000_000;
const timePattern = String.raw`(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?`;
const time = new RegExp(`^${timePattern}$`);
const instant = new RegExp(
  String.raw`^(\d{4})-(\d\d)-(\d\d)(?:[T ]${timePattern})?\s?(?:Z|([+-])(\d\d)(?::?(\d\d))?)?$`,
);
const date = /^(\d{4})-(\d\d)-(\d\d)$/;

/** Days since 1970-01-01, or `undefined` when the text is no date. */
export function daysOf(text: string): number | undefined {
  const parts = date.exec(text);
  return parts ? days(Number(parts[1]), Number(parts[2]), Number(parts[3])) : undefined;
}

/** Microseconds since midnight, or `undefined` when the text is no time or is finer than that. */
export function timeOf(text: string): number | undefined {
  const parts = time.exec(text);
  return parts ? micros(parts[1], parts[2], parts[3], parts[4]) : undefined;
}

/** Microseconds since 1970-01-01 UTC, or `undefined` when the text is no instant or is finer than that. No offset means UTC. */
export function instantOf(text: string): number | bigint | undefined {
  const parts = instant.exec(text);
  if (!parts) return undefined;
  const [, year, month, day, hours = '00', minutes = '00', seconds, fraction, sign, offsetHours, offsetMinutes] = parts;
  const whole = days(Number(year), Number(month), Number(day));
  const rest = micros(hours, minutes, seconds, fraction);
  if (whole === undefined || rest === undefined) return undefined;
  const offset = (Number(offsetHours ?? 0) * 60 + Number(offsetMinutes ?? 0)) * 60_000_000 * (sign === '-' ? -1 : 1);
  const sum = whole * dayMicros + rest - offset;
  // Beyond 2^53, which is in the year 2255, a double no longer counts single microseconds.
  if (Number.isSafeInteger(sum)) return sum;
  return BigInt(whole) * BigInt(dayMicros) + BigInt(rest - offset);
}

/** `2024-02-29` */
export function dateText(count: number): string {
  const [year, month, day] = civil(count);
  return `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`;
}

/** `10:00:00`, `10:00:00.5` */
export function timeText(count: number): string {
  const seconds = Math.floor(count / 1_000_000);
  const fraction = count - seconds * 1_000_000;
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const tail = fraction === 0 ? '' : `.${padded(fraction, 6).replace(/0+$/, '')}`;
  return `${clock.map((part) => padded(part, 2)).join(':')}${tail}`;
}

/** `2024-02-29T10:00:00Z` */
export function instantText(count: number | bigint): string {
  const whole = Number(floorDivide(BigInt(count), BigInt(dayMicros)));
  const rest = Number(BigInt(count) - BigInt(whole) * BigInt(dayMicros));
  return `${dateText(whole)}T${timeText(rest)}Z`;
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value < 0n && quotient * by !== value ? quotient - 1n : quotient;
}

function padded(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

function micros(hours = '0', minutes = '0', seconds = '0', fraction = ''): number | undefined {
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  if (fraction.length > 6 && !/^\d{6}0*$/.test(fraction)) return undefined;
  const clock = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  return clock * 1_000_000 + Number(fraction.slice(0, 6).padEnd(6, '0'));
}

/** `undefined` when the calendar has no such day. */
function days(year: number, month: number, day: number): number | undefined {
  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, day);
  if (year === 0 || at.getUTCMonth() !== month - 1 || at.getUTCDate() !== day) return undefined;
  return at.getTime() / 86_400_000;
}

function civil(count: number): [year: number, month: number, day: number] {
  const at = new Date(count * 86_400_000);
  return [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate()];
}
