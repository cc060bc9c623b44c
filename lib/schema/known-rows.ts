// Looks through records as they stand in a body, and tells whether any of them brings something that a shape has not seen. Of pages that bring
// nothing new, which are nearly all, no value need be made: their text goes into the log as it is.
import type { RowScanner, Scanned } from '../core/index.js';
import { deepestLevel } from './observe.js';
import { kinds, type Seen } from './seen.js';
import type { Shape } from './shape.js';
import { temporalKindAt } from './temporal.js';

/** What is nested deeper is left to the parser. */
const deepest = 200;
/** A double holds every number of so many digits. */
const mostDigits = 15;
/** In place of a position: the text is left to the parser. */
const left = -1;

const { null: nothing, bool, int, double, text, list, struct, json } = kinds;

/** A key, and what was seen of its values. */
class Place {
  /** The key as JSON writes it, with its quotes and the colon. */
  readonly key: Buffer;
  /** The same, four bytes at a time; the last four may overlap those before them. */
  readonly words: Int32Array;
  readonly seen: Seen;
  /** What each record must have. */
  readonly isKey: boolean;
  /** An object lists such keys first, wherever they stand. */
  readonly isIndex: boolean;
  /** The object in which it stood last: a key can be given twice. */
  owner = 0;
  /** The key that came behind it the last time: mostly it is the same. */
  next: Place | undefined;
  #fields: Fields | undefined;

  constructor(key: string, seen: Seen, isKey = false) {
    this.key = Buffer.from(`${JSON.stringify(key)}:`);
    this.words = wordsOf(this.key);
    this.seen = seen;
    this.isKey = isKey;
    this.isIndex = /^\d+$/.test(key);
  }

  /** Of the objects that stand there. */
  get fields(): Fields {
    const { seen } = this;
    this.#fields ??= new Fields((key) => {
      const field = seen.fields?.get(key);
      return field && new Place(key, field);
    });
    return this.#fields;
  }
}

/** The keys of objects that stand at one place. */
class Fields {
  /** The key that came first the last time. */
  first: Place | undefined;
  readonly #places = new Map<string, Place>();
  readonly #open: (key: string) => Place | undefined;

  /** @param open The place of a key that was seen. */
  constructor(open: (key: string) => Place | undefined) {
    this.#open = open;
  }

  get(key: string): Place | undefined {
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const place = this.#open(key);
    if (place !== undefined) this.#places.set(key, place);
    return place;
  }
}

/**
 * Scans lists of records for a shape, which it never changes. It takes a record for known only when `Shape.observe` would note nothing of it, and
 * find nothing special in it; and a text for JSON only when `JSON.parse` would. It may say of a known record that it is not known.
 */
export class KnownRows implements RowScanner {
  readonly #shape: Shape;
  readonly #row: Fields;
  readonly #keys: number;
  #body: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #lastWord = 0;
  /** Where the next backslash is, or the end. */
  #backslash = 0;
  #owners = 0;
  #isCanonical = true;
  /** Of the record that was scanned last: how many of its columns no record was without, and how many are keys. */
  #required = 0;
  #given = 0;
  #bounds = new Uint32Array(512);
  readonly #items = new WeakMap<Seen, Place>();

  /** @param keys The columns in which each record must have a value. */
  constructor(shape: Shape, keys: readonly string[]) {
    this.#shape = shape;
    this.#keys = keys.length;
    this.#row = new Fields((key) => {
      const column = shape.columnOfKey(key);
      return (
        column &&
        new Place(
          key,
          column.seen,
          keys.some((name) => shape.column(name) === column),
        )
      );
    });
  }

  scan(body: Buffer, start: number): Scanned | undefined {
    this.#body = body;
    this.#view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    this.#lastWord = body.byteLength - 4;
    this.#findBackslash(start);
    this.#isCanonical = true;
    const required = this.#requiredColumns();
    let count = 0;
    let at = this.#behindSpaces(start + 1);
    if (body[at] === closeBracket) return this.#scanned(count, start, at + 1);
    for (;;) {
      if (body[at] !== openBrace) return undefined;
      const end = this.#object(this.#row, at, 0);
      if (end < 0 || this.#required !== required || this.#given !== this.#keys) return undefined;
      if (2 * count === this.#bounds.length) this.#grow();
      this.#bounds[2 * count] = at;
      this.#bounds[2 * count + 1] = end;
      count += 1;
      at = this.#behindSpaces(end);
      if (body[at] === closeBracket) return this.#scanned(count, start, at + 1);
      if (body[at] !== comma) return undefined;
      at = this.#behindSpaces(at + 1);
    }
  }

  #scanned(count: number, start: number, end: number): Scanned | undefined {
    if (hasControl(this.#body, start, end)) return undefined;
    return { count, bounds: this.#bounds.slice(0, 2 * count), end, isCanonical: this.#isCanonical };
  }

  #grow(): void {
    const larger = new Uint32Array(2 * this.#bounds.length);
    larger.set(this.#bounds);
    this.#bounds = larger;
  }

  #requiredColumns(): number {
    let count = 0;
    for (const { seen } of this.#shape.columns) if ((seen.flags & nothing) === 0) count += 1;
    return count;
  }

  /** The position behind the object that begins at `at`. */
  #object(fields: Fields, at: number, depth: number): number {
    const body = this.#body;
    const owner = ++this.#owners;
    let required = 0;
    let given = 0;
    let expected = fields.first;
    let before: Place | undefined;
    at = this.#behindSpaces(at + 1);
    if (body[at] !== closeBrace) {
      for (;;) {
        let place = expected;
        if (place === undefined || !this.#isKeyAt(place, at)) {
          place = this.#placeAt(fields, at);
          if (place === undefined) return left;
          if (before === undefined) fields.first = place;
          else before.next = place;
        }
        if (place.owner === owner) return left;
        place.owner = owner;
        if (place.isIndex) this.#isCanonical = false;
        at = this.#behindSpaces(at + place.key.length);
        const { seen } = place;
        if (place.isKey) {
          if (body[at] === 110) return left;
          given += 1;
        }
        if ((seen.flags & nothing) === 0) required += 1;
        at = this.#value(seen, place, at, depth);
        if (at < 0) return left;
        at = this.#behindSpaces(at);
        if (body[at] === closeBrace) break;
        if (body[at] !== comma) return left;
        at = this.#behindSpaces(at + 1);
        before = place;
        expected = place.next;
      }
    }
    this.#required = required;
    this.#given = given;
    return at + 1;
  }

  /** Whether a key and its colon stand there. */
  #isKeyAt({ key, words }: Place, at: number): boolean {
    const last = at + key.length - 4;
    if (last < at || last > this.#lastWord) return this.#isAt(key, at);
    const view = this.#view;
    for (let index = 0; at < last; index += 1, at += 4) if (view.getInt32(at, true) !== words[index]) return false;
    return view.getInt32(last, true) === words[words.length - 1];
  }

  #isAt(word: Buffer, at: number): boolean {
    const body = this.#body;
    for (let index = 0; index < word.length; index += 1) if (body[at + index] !== word[index]) return false;
    return true;
  }

  /** The place of another key than was expected. */
  #placeAt(fields: Fields, at: number): Place | undefined {
    if (this.#body[at] !== quote) return undefined;
    const end = this.#string(at);
    if (end < 0) return undefined;
    const key = this.#body.toString('utf8', at + 1, end - 1);
    const place = fields.get(key);
    // A key may be written in several ways: only the usual one is known.
    return place !== undefined && this.#isAt(place.key, at) ? place : undefined;
  }

  /** The position behind a value, of which nothing is new. `place`: where it stands, unless in a list. */
  #value(seen: Seen, place: Place | undefined, at: number, depth: number): number {
    const { flags } = seen;
    switch (this.#body[at]) {
      case quote: {
        const end = this.#string(at);
        return end < 0 || (flags & (text | json)) !== 0 || this.#isTime(flags, at + 1, end - 1) ? end : left;
      }
      case 110:
        return (flags & nothing) !== 0 ? this.#word(nullWord, at) : left;
      case 116:
        return (flags & (bool | json)) !== 0 ? this.#word(trueWord, at) : left;
      case 102:
        return (flags & (bool | json)) !== 0 ? this.#word(falseWord, at) : left;
      case openBrace:
        if ((flags & json) !== 0) return this.#any(at, depth);
        if ((flags & struct) === 0 || depth >= deepestLevel) return left;
        return this.#object((place ?? this.#itemPlace(seen)).fields, at, depth + 1);
      case openBracket:
        if ((flags & json) !== 0) return this.#any(at, depth);
        return (flags & list) !== 0 && depth < deepestLevel ? this.#list(seen, at, depth) : left;
      default:
        return this.#number(seen, at);
    }
  }

  #list({ item }: Seen, at: number, depth: number): number {
    const body = this.#body;
    at = this.#behindSpaces(at + 1);
    if (body[at] === closeBracket) return at + 1;
    if (item === undefined) return left;
    for (;;) {
      at = this.#value(item, undefined, at, depth + 1);
      if (at < 0) return left;
      at = this.#behindSpaces(at);
      if (body[at] === closeBracket) return at + 1;
      if (body[at] !== comma) return left;
      at = this.#behindSpaces(at + 1);
    }
  }

  #itemPlace(item: Seen): Place {
    let place = this.#items.get(item);
    if (place === undefined) {
      place = new Place('', item);
      this.#items.set(item, place);
    }
    return place;
  }

  /** Whether a text that no column of texts holds is a time of a kind that was seen. */
  #isTime(flags: number, start: number, end: number): boolean {
    const kind = temporalKindAt(this.#body, start, end);
    return kind !== undefined && (flags & kinds[kind]) !== 0;
  }

  #word(word: Buffer, at: number): number {
    return this.#isAt(word, at) ? at + word.length : left;
  }

  /** The position behind a text. What is too small a sign for one is looked for at the end, in all of them at once. */
  #string(at: number): number {
    const end = this.#body.indexOf(quote, at + 1);
    if (end < 0) return left;
    return end < this.#backslash ? end + 1 : this.#escapedString(at);
  }

  #escapedString(at: number): number {
    const body = this.#body;
    const { length } = body;
    for (at += 1; at < length; at += 1) {
      const byte = body[at]!;
      if (byte === quote) {
        this.#findBackslash(at);
        return at + 1;
      }
      if (byte !== backslash) continue;
      at = this.#escape(at + 1);
      if (at < 0) return left;
    }
    return left;
  }

  #findBackslash(from: number): void {
    const at = this.#body.indexOf(backslash, from);
    this.#backslash = at < 0 ? this.#body.length : at;
  }

  /** The last byte of an escape, of which the one behind the backslash is at `at`. */
  #escape(at: number): number {
    const body = this.#body;
    switch (body[at]) {
      case quote:
      case backslash:
      case 98:
      case 102:
      case 110:
      case 114:
      case 116:
        return at;
      case 47:
        this.#isCanonical = false;
        return at;
      case 117:
        // Half of a pair of surrogates, or a whole one.
        if (((body[at + 1] ?? 0) | 32) === 100) return left;
        for (let index = 1; index <= 4; index += 1) if (!isHexDigit(body[at + index])) return left;
        this.#isCanonical = false;
        return at + 4;
      default:
        return left;
    }
  }

  #number(seen: Seen, start: number): number {
    const body = this.#body;
    let at = start;
    const isNegative = body[at] === minus;
    if (isNegative) at += 1;
    const whole = at;
    while (isDigit(body[at])) at += 1;
    const digits = at - whole;
    if (digits === 0 || (digits > 1 && body[whole] === zero)) return left;
    let scale = 0;
    let behind = 0;
    if (body[at] === point) {
      const fraction = at + 1;
      for (at = fraction; isDigit(body[at]); at += 1) if (body[at] !== zero) scale = at + 1 - fraction;
      behind = at - fraction;
      if (behind === 0) return left;
    }
    const isZero = body[whole] === zero && scale === 0;
    // No integer has the sign of a zero; and of exponents the value must be known.
    if ((isZero && isNegative) || (body[at]! | 32) === 101) return left;
    if (behind !== scale || (scale > 6 && body[whole] === zero)) this.#isCanonical = false;
    if (digits + behind > mostDigits && !this.#isShortest(start, at)) return left;
    const { flags } = seen;
    if ((flags & json) !== 0) return at;
    if ((flags & (scale === 0 ? int : double)) === 0 || scale > seen.scale) return left;
    return (body[whole] === zero ? 0 : digits) <= seen.digits ? at : left;
  }

  /** Whether a number of many digits is the text of the double that it stands for, behind a point. */
  #isShortest(start: number, end: number): boolean {
    const text = this.#body.toString('latin1', start, end);
    return text.includes('.') && String(Number(text)) === text;
  }

  /** The position behind a value whose kind does not matter, since its column holds JSON. */
  #any(at: number, depth: number): number {
    const body = this.#body;
    const first = body[at];
    if (first === quote) return this.#string(at);
    if (first === 110) return this.#word(nullWord, at);
    if (first === 116) return this.#word(trueWord, at);
    if (first === 102) return this.#word(falseWord, at);
    if (first !== openBrace && first !== openBracket) return this.#number(anything, at);
    if (depth > deepest) return left;
    // The order of such keys, and keys given twice, are not looked at.
    this.#isCanonical &&= first === openBracket;
    const close = first + 2;
    at = this.#behindSpaces(at + 1);
    if (body[at] === close) return at + 1;
    for (;;) {
      if (first === openBrace) {
        if (body[at] !== quote) return left;
        at = this.#string(at);
        if (at < 0) return left;
        at = this.#behindSpaces(at);
        if (body[at] !== colon) return left;
        at = this.#behindSpaces(at + 1);
      }
      at = this.#any(at, depth + 1);
      if (at < 0) return left;
      at = this.#behindSpaces(at);
      if (body[at] === close) return at + 1;
      if (body[at] !== comma) return left;
      at = this.#behindSpaces(at + 1);
    }
  }

  #behindSpaces(at: number): number {
    const body = this.#body;
    if (body[at] !== space) return at;
    this.#isCanonical = false;
    while (body[at] === space) at += 1;
    return at;
  }
}

const quote = 0x22;
const backslash = 0x5c;
const space = 0x20;
const comma = 0x2c;
const colon = 0x3a;
const point = 0x2e;
const minus = 0x2d;
const zero = 0x30;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const nullWord = Buffer.from('null');
const trueWord = Buffer.from('true');
const falseWord = Buffer.from('false');

const anything = { flags: json } as Seen;

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57;
}

function wordsOf(key: Buffer): Int32Array {
  const words = new Int32Array(Math.ceil(key.length / 4));
  for (let index = 0; index < words.length && key.length >= 4; index += 1)
    words[index] = key.readInt32LE(Math.min(4 * index, key.length - 4));
  return words;
}

/** Whether there is a byte below the space: of four at a time it is seen in one go. */
function hasControl(body: Buffer, start: number, end: number): boolean {
  const aligned = start + (-(body.byteOffset + start) & 3);
  if (aligned + 4 > end) return hasControlByte(body, start, end);
  const words = new Int32Array(body.buffer, body.byteOffset + aligned, (end - aligned) >> 2);
  let found = 0;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index]!;
    found |= (word - 0x20202020) & ~word;
  }
  const behind = aligned + 4 * words.length;
  return (found & 0x80808080) !== 0 || hasControlByte(body, start, aligned) || hasControlByte(body, behind, end);
}

function hasControlByte(body: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (body[at]! < space) return true;
  return false;
}

function isHexDigit(byte: number | undefined): boolean {
  return isDigit(byte) || (byte !== undefined && (byte | 32) >= 97 && (byte | 32) <= 102);
}
