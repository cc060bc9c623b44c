// Looks at values and notes what they are. Runs for every value of every row: no allocation, no exception on the usual path.
import { isExactNumber } from '../core/index.js';
import { digitsOf, hasScale, integerDigits, powerOfTen } from './digits.js';
import { isPlainObject, plainValue } from './plain.js';
import { kinds, Seen } from './seen.js';
import { temporalKind } from './temporal.js';
import { refuseUnwritable } from './unwritable.js';

/** Levels of lists and objects that become types of their own. What lies deeper is kept as JSON. */
export const deepestLevel = 32;

/** What came up since the last `startRow`, for the caller to read. One row is observed at a time, so it is shared. */
export const findings = {
  /** Something new was seen. */
  news: false,
  /** The row holds a value that `JSON.stringify` would lose or refuse. */
  special: false,
};

const { null: nothing, bool, int, long, huge, double, exact, text, binary, list, struct, json } = kinds;

/**
 * Notes one value. `depth` counts the lists and objects around it.
 * @throws Unwritable for a value that would be lost
 */
export function observe(seen: Seen, value: unknown, depth: number): void {
  switch (typeof value) {
    case 'string':
      // Once a text is among them, what the others look like no longer matters.
      if ((seen.flags & (text | json)) === 0) note(seen, kindOfText(value));
      return;
    case 'number':
      observeNumber(seen, value);
      return;
    case 'boolean':
      note(seen, bool);
      return;
    case 'object':
      if (value === null) note(seen, nothing);
      else if (Array.isArray(value)) observeList(seen, value, depth);
      else if (isPlainObject(value)) observeObject(seen, value as Readonly<Record<string, unknown>>, depth);
      else observeSpecial(seen, value, depth);
      return;
    case 'bigint':
      findings.special = true;
      observeBigInt(seen, value);
      return;
    default:
      refuseUnwritable(value);
      // Undefined: `JSON.stringify` leaves it out, so the column is missing here.
      note(seen, nothing);
  }
}

function note(seen: Seen, flag: number): void {
  if ((seen.flags & flag) !== 0) return;
  const before = seen.flags;
  seen.add(flag);
  if (seen.flags !== before) findings.news = true;
}

function kindOfText(value: string): number {
  const kind = temporalKind(value);
  return kind === undefined ? text : kinds[kind];
}

function observeNumber(seen: Seen, value: number): void {
  if (Number.isSafeInteger(value)) {
    if (value === 0 && Object.is(value, -0)) {
      findings.special = true;
      // No integer has its sign.
      note(seen, double);
    } else {
      note(seen, int);
    }
  } else {
    note(seen, double);
  }
  const size = Math.abs(value);
  if ((seen.flags & json) !== 0) {
    if (size === Number.POSITIVE_INFINITY || Number.isNaN(size)) findings.special = true;
    return;
  }
  if (!(size < powerOfTen(seen.digits))) observeSize(seen, size);
  if (!Number.isInteger(value) && !hasScale(size, seen.scale)) noteDigits(seen, 0, digitsOf(String(size)).scale);
}

function observeSize(seen: Seen, size: number): void {
  if (!Number.isFinite(size)) findings.special = true;
  noteDigits(seen, integerDigits(size), 0);
}

function observeBigInt(seen: Seen, value: bigint): void {
  const inDouble = value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
  const in64Bits = BigInt.asIntN(64, value) === value;
  note(seen, inDouble ? int : in64Bits ? long : huge);
  if ((seen.flags & json) === 0) noteDigits(seen, digitsOf(String(value)).digits, 0);
}

function noteDigits(seen: Seen, digits: number, scale: number): void {
  if (seen.addDigits(digits, scale)) findings.news = true;
}

function observeList(seen: Seen, value: readonly unknown[], depth: number): void {
  note(seen, depth < deepestLevel ? list : json);
  if ((seen.flags & json) !== 0) {
    for (const item of value) scan(item);
    return;
  }
  if (value.length === 0) return;
  if (seen.item === undefined) {
    seen.item = new Seen();
    findings.news = true;
  }
  for (const item of value) observe(seen.item, item, depth + 1);
}

function observeObject(seen: Seen, value: Readonly<Record<string, unknown>>, depth: number): void {
  note(seen, depth < deepestLevel ? struct : json);
  for (const key in value) {
    // A key of an object with null as its prototype is its own, and so is every other that is not on Object.prototype.
    const inner = value[key];
    if ((seen.flags & json) !== 0) {
      scan(inner);
      continue;
    }
    const known = seen.fields?.get(key);
    const field = known ?? seen.field(key);
    if (field === undefined) {
      note(seen, json);
      scan(inner);
      continue;
    }
    if (known === undefined) findings.news = true;
    observe(field, inner, depth + 1);
  }
}

function observeSpecial(seen: Seen, value: object, depth: number): void {
  findings.special = true;
  if (value instanceof Uint8Array) {
    note(seen, binary);
  } else if (isExactNumber(value)) {
    note(seen, exact);
    const { digits, scale } = digitsOf(value.text);
    if ((seen.flags & json) === 0) noteDigits(seen, digits, scale);
  } else {
    observe(seen, plainValue(value), depth);
  }
}

/** Looks for special values in what is kept as JSON. @throws Unwritable */
function scan(value: unknown): void {
  if (typeof value === 'number') {
    if (!Number.isFinite(value) || Object.is(value, -0)) findings.special = true;
  } else if (typeof value === 'bigint') {
    findings.special = true;
  } else if (typeof value === 'object' && value !== null) {
    if (Array.isArray(value)) {
      for (const item of value) scan(item);
    } else if (isPlainObject(value)) {
      for (const key in value) scan((value as Readonly<Record<string, unknown>>)[key]);
    } else {
      findings.special = true;
      if (!(value instanceof Uint8Array || isExactNumber(value))) scan(plainValue(value));
    }
  } else {
    refuseUnwritable(value);
  }
}
