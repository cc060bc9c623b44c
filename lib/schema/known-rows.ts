// Looks through records as they stand in a body, and tells whether any of them brings something that a shape has not seen. Of pages that bring
// nothing new, which are nearly all, no value need be made: their text goes into the log as it is.
import type { RowScanner, Scanned } from '../core/index.js';
import {
  closeBrace,
  closeBracket,
  comma,
  falseWord,
  isOneLine,
  JsonText,
  left,
  nullWord,
  openBrace,
  openBracket,
  quote,
  trueWord,
} from './json-text.js';
import { KnownKey, KnownKeys } from './known-keys.js';
import { deepestLevel } from './observe.js';
import { kinds, type Seen } from './seen.js';
import type { Shape } from './shape.js';
import { temporalKindAt } from './temporal.js';

const { null: nothing, bool, int, double, text, list, struct, json } = kinds;

export interface KnownRowsOptions {
  /** The columns in which each record must have a value. @default none */
  readonly required?: readonly string[];
  /** Whether columns may be texts or JSON in the table although other values were seen in them. @default false */
  readonly mayBeText?: boolean;
}

/**
 * Scans lists of records for a shape, which it never changes. It takes a record for known only when `Shape.observe` would note nothing of it, and
 * find nothing special in it; and a text for JSON only when `JSON.parse` would. It may say of a known record that it is not known.
 *
 * Where a value is kept as a text or as JSON, it must be spelled as `JSON.stringify` spells what `JSON.parse` makes of it, but for spaces and
 * escapes: `1.0` is known only where all are numbers that a double holds.
 */
export class KnownRows extends JsonText implements RowScanner {
  readonly #shape: Shape;
  readonly #keys: KnownKeys;
  /** How many keys each record must have a value for. */
  readonly #required: number;
  /** Of objects that stand in lists. */
  readonly #itemKeys = new WeakMap<Seen, KnownKeys>();
  #owners = 0;
  /** Of the object that was scanned last: how many of its keys every one had before it, and how many are required. */
  #everywhere = 0;
  #given = 0;
  #bounds = new Uint32Array(512);
  /** In how many objects that are kept as JSON it is. */
  #inJson: number;
  readonly #outside: number;

  constructor(shape: Shape, { required = [], mayBeText = false }: KnownRowsOptions = {}) {
    super();
    this.#shape = shape;
    this.#required = required.length;
    this.#outside = mayBeText ? 1 : 0;
    this.#inJson = this.#outside;
    this.#keys = new KnownKeys((key) => {
      const column = shape.columnOfKey(key);
      const isRequired = required.some((name) => shape.column(name) === column);
      return column && new KnownKey(key, column.seen, isRequired);
    });
  }

  scan(body: Buffer, start: number): Scanned | undefined {
    this.begin(body, start);
    this.#inJson = this.#outside;
    const everywhere = this.#columnsOfAll();
    let count = 0;
    let at = this.behindSpaces(start + 1);
    if (body[at] === closeBracket) return this.#scanned(count, start, at + 1);
    for (;;) {
      if (body[at] !== openBrace) return undefined;
      const end = this.#object(this.#keys, at, 0);
      if (end < 0 || this.#everywhere !== everywhere || this.#given !== this.#required) return undefined;
      if (2 * count === this.#bounds.length) this.#grow();
      this.#bounds[2 * count] = at;
      this.#bounds[2 * count + 1] = end;
      count += 1;
      at = this.behindSpaces(end);
      if (body[at] === closeBracket) return this.#scanned(count, start, at + 1);
      if (body[at] !== comma) return undefined;
      at = this.behindSpaces(at + 1);
    }
  }

  #scanned(count: number, start: number, end: number): Scanned | undefined {
    if (!isOneLine(this.body, start, end)) return undefined;
    return { count, bounds: this.#bounds.slice(0, 2 * count), end, isCanonical: this.isCanonical };
  }

  #grow(): void {
    const larger = new Uint32Array(2 * this.#bounds.length);
    larger.set(this.#bounds);
    this.#bounds = larger;
  }

  /** How many columns no record was without. */
  #columnsOfAll(): number {
    let count = 0;
    for (const { seen } of this.#shape.columns) if ((seen.flags & nothing) === 0) count += 1;
    return count;
  }

  #object(keys: KnownKeys, at: number, depth: number): number {
    const { body } = this;
    this.#owners += 1;
    const owner = this.#owners;
    let everywhere = 0;
    let given = 0;
    let expected = keys.first;
    let before: KnownKey | undefined;
    at = this.behindSpaces(at + 1);
    if (body[at] !== closeBrace) {
      for (;;) {
        let key = expected;
        if (key === undefined || !this.areAt(key.text, key.words, at)) {
          key = this.#keyAt(keys, at);
          if (key === undefined) return left;
          if (before === undefined) keys.first = key;
          else before.next = key;
        }
        if (key.owner === owner) return left;
        key.owner = owner;
        if (key.isIndex) {
          if (depth > 0 && this.#inJson > 0) return left;
          this.isCanonical = false;
        }
        at = this.behindSpaces(at + key.text.length);
        const { seen } = key;
        if (key.isRequired) {
          if (body[at] === nullWord[0]) return left;
          given += 1;
        }
        if ((seen.flags & nothing) === 0) everywhere += 1;
        at = this.#value(seen, key, at, depth);
        if (at < 0) return left;
        at = this.behindSpaces(at);
        if (body[at] === closeBrace) break;
        if (body[at] !== comma) return left;
        at = this.behindSpaces(at + 1);
        before = key;
        expected = key.next;
      }
    }
    this.#everywhere = everywhere;
    this.#given = given;
    return at + 1;
  }

  /** Another key than was expected. One may be written in several ways: only the usual one is known. */
  #keyAt(keys: KnownKeys, at: number): KnownKey | undefined {
    if (this.body[at] !== quote) return undefined;
    const end = this.string(at);
    if (end < 0) return undefined;
    const key = keys.get(this.body.toString('utf8', at + 1, end - 1));
    return key !== undefined && this.isAt(key.text, at) ? key : undefined;
  }

  /** A value of which nothing is new. `key`: what it stands behind, unless in a list. */
  #value(seen: Seen, key: KnownKey | undefined, at: number, depth: number): number {
    const { flags } = seen;
    switch (this.body[at]) {
      case quote: {
        const end = this.string(at);
        return end < 0 || (flags & (text | json)) !== 0 || this.#isTime(flags, at + 1, end - 1) ? end : left;
      }
      case 0x6e: // n
        return (flags & nothing) !== 0 ? this.word(nullWord, at) : left;
      case 0x74: // t
        return (flags & (bool | json)) !== 0 ? this.word(trueWord, at) : left;
      case 0x66: // f
        return (flags & (bool | json)) !== 0 ? this.word(falseWord, at) : left;
      case openBrace:
        if ((flags & json) !== 0) return this.any(at, depth);
        if ((flags & struct) === 0 || depth >= deepestLevel) return left;
        return this.#struct(key === undefined ? this.#keysOfItems(seen) : key.keys, at, depth + 1);
      case openBracket:
        if ((flags & json) !== 0) return this.any(at, depth);
        return (flags & list) !== 0 && depth < deepestLevel ? this.#list(seen, at, depth) : left;
      default:
        return this.#number(seen, at);
    }
  }

  #struct(keys: KnownKeys, at: number, depth: number): number {
    if (keys.areFields) return this.#object(keys, at, depth);
    this.#inJson += 1;
    const end = this.#object(keys, at, depth);
    this.#inJson -= 1;
    return end;
  }

  #list({ item }: Seen, at: number, depth: number): number {
    const { body } = this;
    at = this.behindSpaces(at + 1);
    if (body[at] === closeBracket) return at + 1;
    if (item === undefined) return left;
    for (;;) {
      at = this.#value(item, undefined, at, depth + 1);
      if (at < 0) return left;
      at = this.behindSpaces(at);
      if (body[at] === closeBracket) return at + 1;
      if (body[at] !== comma) return left;
      at = this.behindSpaces(at + 1);
    }
  }

  #keysOfItems(item: Seen): KnownKeys {
    let keys = this.#itemKeys.get(item);
    if (keys === undefined) {
      keys = KnownKeys.of(item);
      this.#itemKeys.set(item, keys);
    }
    return keys;
  }

  /** Whether a text that no column of texts holds is a time of a kind that was seen. */
  #isTime(flags: number, start: number, end: number): boolean {
    const kind = temporalKindAt(this.body, start, end);
    return kind !== undefined && (flags & kinds[kind]) !== 0;
  }

  #number(seen: Seen, at: number): number {
    const end = this.number(at);
    if (end < 0) return left;
    if (this.isSpelled && (this.#inJson > 0 || (seen.flags & ~(int | double | nothing)) !== 0)) return left;
    if ((seen.flags & json) !== 0) return end;
    const isKnown = (seen.flags & (this.scale === 0 ? int : double)) !== 0;
    return isKnown && this.digits <= seen.digits && this.scale <= seen.scale ? end : left;
  }
}
