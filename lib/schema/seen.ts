// What was seen of one column or of a part of it: the kinds of its values, and how many digits its numbers have.
import { mostDigits } from './digits.js';

/** The kinds of values, as bits. */
export const kinds = {
  null: 1 << 0,
  bool: 1 << 1,
  /** An integer that a double holds. */
  int: 1 << 2,
  /** An integer beyond 2^53 that 64 bits hold. */
  long: 1 << 3,
  /** An integer beyond 64 bits. */
  huge: 1 << 4,
  double: 1 << 5,
  /** A decimal that no double holds. */
  exact: 1 << 6,
  timestamp: 1 << 7,
  date: 1 << 8,
  time: 1 << 9,
  /** Any other text. */
  text: 1 << 10,
  binary: 1 << 11,
  list: 1 << 12,
  struct: 1 << 13,
  /** What only JSON holds: a list and an object in one column, too deep, too many keys. */
  json: 1 << 14,
} as const;

export type Kind = keyof typeof kinds;

export const temporalKinds = kinds.timestamp | kinds.date | kinds.time;
export const numberKinds = kinds.int | kinds.long | kinds.huge | kinds.double | kinds.exact;
const nestedKinds = kinds.list | kinds.struct;

/** Keys that an object may have, all its rows taken together, before it is a map with keys that are data: kept as JSON then. */
export const mostFields = 1000;

/** What was seen of the values at one place. Grows only: two of them are joined by `joinSeen`, in any order. */
export class Seen {
  flags = 0;
  /** The most digits before the point of any number. */
  digits = 0;
  /** The most digits behind the point of any number that is not an integer. */
  scale = 0;
  /** The items of its lists. */
  item: Seen | undefined;
  /** The values of its objects, by key, in the order in which the keys came. */
  fields: Map<string, Seen> | undefined;

  has(flags: number): boolean {
    return (this.flags & flags) !== 0;
  }

  /** Takes in kinds, and drops what no longer matters: so that one state has one form, whatever the order. */
  add(flags: number): void {
    this.flags |= flags;
    const nested = this.flags & nestedKinds;
    if (this.has(kinds.json) || (nested !== 0 && (this.flags & ~kinds.null) !== nested) || nested === nestedKinds) {
      this.flags = kinds.json | (this.flags & kinds.null);
      this.digits = 0;
      this.scale = 0;
      this.item = undefined;
      this.fields = undefined;
    } else if (this.has(kinds.text)) {
      this.flags &= ~temporalKinds;
    }
  }

  /** Takes in that a number has so many digits. Returns whether that is news. */
  addDigits(digits: number, scale: number): boolean {
    if (digits <= this.digits && scale <= this.scale) return false;
    this.digits = Math.max(this.digits, digits);
    this.scale = Math.max(this.scale, scale);
    return true;
  }

  /** What was seen of a key, made when it is new; `undefined` when that is one key too many. */
  field(key: string): Seen | undefined {
    this.fields ??= new Map();
    let seen = this.fields.get(key);
    if (seen === undefined && this.fields.size < mostFields) {
      seen = new Seen();
      this.fields.set(key, seen);
    }
    return seen;
  }
}

/** Takes everything that `from` saw into `to`. Returns whether that changed anything. */
export function joinSeen(to: Seen, from: Seen): boolean {
  const flags = to.flags;
  to.add(from.flags);
  let changed = to.flags !== flags;
  if (to.has(kinds.json)) return changed;
  changed = to.addDigits(from.digits, from.scale) || changed;
  if (from.item) {
    to.item ??= new Seen();
    changed = joinSeen(to.item, from.item) || changed;
  }
  for (const [key, field] of from.fields ?? []) {
    const size = to.fields?.size ?? 0;
    const target = to.field(key);
    if (target === undefined) {
      to.add(kinds.json);
      return true;
    }
    changed = joinSeen(target, field) || to.fields?.size !== size || changed;
  }
  return changed;
}

/** What was seen as plain JSON. */
export interface SeenJson {
  readonly seen: readonly Kind[];
  readonly digits?: number;
  readonly scale?: number;
  readonly item?: SeenJson;
  readonly fields?: readonly (readonly [key: string, seen: SeenJson])[];
}

const names = Object.keys(kinds) as Kind[];

export function seenToJson(seen: Seen): SeenJson {
  return {
    seen: names.filter((name) => seen.has(kinds[name])),
    ...(seen.digits > 0 && { digits: seen.digits }),
    ...(seen.scale > 0 && { scale: seen.scale }),
    ...(seen.item && { item: seenToJson(seen.item) }),
    ...(seen.fields && { fields: [...seen.fields].map(([key, field]) => [key, seenToJson(field)] as const) }),
  };
}

/** @throws TypeError when it is not what `seenToJson` gives. */
export function seenFromJson(json: unknown): Seen {
  const source = json as Partial<SeenJson> | null;
  if (typeof source !== 'object' || source === null || !Array.isArray(source.seen)) throw new TypeError('no kinds');
  const seen = new Seen();
  for (const name of source.seen) {
    if (!names.includes(name)) throw new TypeError(`${String(name)} is no kind of value`);
    seen.add(kinds[name as Kind]);
  }
  seen.digits = digitCount(source.digits);
  seen.scale = digitCount(source.scale);
  if (source.item !== undefined) seen.item = seenFromJson(source.item);
  if (source.fields !== undefined) {
    seen.fields = new Map(source.fields.map(([key, field]) => [String(key), seenFromJson(field)]));
  }
  return seen;
}

function digitCount(value: unknown): number {
  if (value === undefined) return 0;
  if (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= mostDigits + 1) return Number(value);
  throw new TypeError('digits are a count');
}
