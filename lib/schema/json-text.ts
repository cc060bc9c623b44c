// A text of JSON in one line, looked through byte by byte: where its parts end, and whether JSON.parse would take it.

/** In place of a position: what stands there is left to the parser. */
export const left = -1;

export const quote = 0x22;
export const comma = 0x2c;
export const colon = 0x3a;
export const openBrace = 0x7b;
export const closeBrace = 0x7d;
export const openBracket = 0x5b;
export const closeBracket = 0x5d;
const backslash = 0x5c;
const space = 0x20;
const point = 0x2e;
const minus = 0x2d;
const zero = 0x30;

export const nullWord = Buffer.from('null');
export const trueWord = Buffer.from('true');
export const falseWord = Buffer.from('false');

/** What is nested deeper is left to the parser. */
const deepest = 200;
/** A double holds every number of so many digits. */
const mostDigits = 15;

/**
 * Each method takes the position of the first byte of something, and gives the one behind it; or `left` where that is no JSON, stands in several
 * lines, or is one of the few things that only a parser knows: a number that a double may not hold, or half of a pair of surrogates. Control
 * signs in texts are to be looked for by `isOneLine`, in all of them at once.
 */
export class JsonText {
  protected body: Buffer = Buffer.alloc(0);
  /** Whether `JSON.stringify` would write all that was looked through as it stands. */
  protected isCanonical = true;
  /** Of the last number: how many digits it has before its point, zero for `0.5`, and how many behind it, zeros at the end left out. */
  protected digits = 0;
  protected scale = 0;
  /** Whether `JSON.stringify` would write the last number with other signs: `1` for `1.0`. */
  protected isSpelled = false;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #lastWord = 0;
  /** Where the next backslash is, or the end. */
  #backslash = 0;

  protected begin(body: Buffer, start: number): void {
    this.body = body;
    this.isCanonical = true;
    this.#view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    this.#lastWord = body.byteLength - 4;
    this.#findBackslash(start);
  }

  protected behindSpaces(at: number): number {
    const { body } = this;
    if (body[at] !== space) return at;
    this.isCanonical = false;
    while (body[at] === space) at += 1;
    return at;
  }

  protected isAt(word: Buffer, at: number): boolean {
    const { body } = this;
    for (let index = 0; index < word.length; index += 1) if (body[at + index] !== word[index]) return false;
    return true;
  }

  /** The same, for a text that is given in words as well (`wordsOf`). */
  protected areAt(text: Buffer, words: Int32Array, at: number): boolean {
    const last = at + text.length - 4;
    if (last < at || last > this.#lastWord) return this.isAt(text, at);
    const view = this.#view;
    for (let index = 0; at < last; index += 1, at += 4) if (view.getInt32(at, true) !== words[index]) return false;
    return view.getInt32(last, true) === words[words.length - 1];
  }

  protected word(word: Buffer, at: number): number {
    return this.isAt(word, at) ? at + word.length : left;
  }

  protected string(at: number): number {
    const end = this.body.indexOf(quote, at + 1);
    if (end < 0) return left;
    return end < this.#backslash ? end + 1 : this.#escapedString(at);
  }

  protected number(start: number): number {
    const { body } = this;
    let at = start;
    const isNegative = body[at] === minus;
    if (isNegative) at += 1;
    const whole = at;
    while (isDigit(body[at])) at += 1;
    const digits = at - whole;
    const hasZero = body[whole] === zero;
    if (digits === 0 || (digits > 1 && hasZero)) return left;
    let scale = 0;
    let behind = 0;
    if (body[at] === point) {
      const fraction = at + 1;
      for (at = fraction; isDigit(body[at]); at += 1) if (body[at] !== zero) scale = at + 1 - fraction;
      behind = at - fraction;
      if (behind === 0) return left;
    }
    // No integer has the sign of a zero; and of exponents the value must be known.
    if ((isNegative && hasZero && scale === 0) || (body[at]! | 32) === 101) return left;
    // The smallest are written with an exponent.
    this.isSpelled = behind !== scale || (scale > 6 && hasZero);
    if (this.isSpelled) this.isCanonical = false;
    if (digits + behind > mostDigits && !this.#isShortest(start, at)) return left;
    this.digits = hasZero ? 0 : digits;
    this.scale = scale;
    return at;
  }

  /** A value of any kind, of which `JSON.stringify` would keep the numbers, the keys and their order. */
  protected any(at: number, depth: number): number {
    const { body } = this;
    const first = body[at];
    if (first === quote) return this.string(at);
    if (first === nullWord[0]) return this.word(nullWord, at);
    if (first === trueWord[0]) return this.word(trueWord, at);
    if (first === falseWord[0]) return this.word(falseWord, at);
    if (first !== openBrace && first !== openBracket) {
      const end = this.number(at);
      return this.isSpelled ? left : end;
    }
    if (depth > deepest) return left;
    const keys = first === openBrace ? new Set<string>() : undefined;
    const close = first + 2;
    at = this.behindSpaces(at + 1);
    if (body[at] === close) return at + 1;
    for (;;) {
      if (keys !== undefined) {
        if (body[at] !== quote) return left;
        const key = at + 1;
        at = this.string(at);
        if (at < 0 || !this.#isNewKey(keys, key, at - 1)) return left;
        at = this.behindSpaces(at);
        if (body[at] !== colon) return left;
        at = this.behindSpaces(at + 1);
      }
      at = this.any(at, depth + 1);
      if (at < 0) return left;
      at = this.behindSpaces(at);
      if (body[at] === close) return at + 1;
      if (body[at] !== comma) return left;
      at = this.behindSpaces(at + 1);
    }
  }

  /** Whether a key comes for the first time, in the way in which most write it, and has the place among the others that it has here. */
  #isNewKey(keys: Set<string>, start: number, end: number): boolean {
    const key = this.body.toString('latin1', start, end);
    if (key.includes('\\') || isIndex(key)) return false;
    const before = keys.size;
    return keys.add(key).size > before;
  }

  #escapedString(at: number): number {
    const { body } = this;
    for (at += 1; at < body.length; at += 1) {
      const byte = body[at];
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
    const at = this.body.indexOf(backslash, from);
    this.#backslash = at < 0 ? this.body.length : at;
  }

  /** The last byte of an escape, of which the one behind the backslash is at `at`. */
  #escape(at: number): number {
    const { body } = this;
    switch (body[at]) {
      case quote:
      case backslash:
      case 0x62: // b
      case 0x66: // f
      case 0x6e: // n
      case 0x72: // r
      case 0x74: // t
        return at;
      case 0x2f:
        this.isCanonical = false;
        return at;
      case 0x75: // u
        // Half of a pair of surrogates, or a whole one.
        if (((body[at + 1] ?? 0) | 32) === 100) return left;
        for (let index = 1; index <= 4; index += 1) if (!isHexDigit(body[at + index])) return left;
        this.isCanonical = false;
        return at + 4;
      default:
        return left;
    }
  }

  /** Whether a number of many digits is the text of the double that it stands for, and has a point. */
  #isShortest(start: number, end: number): boolean {
    const text = this.body.toString('latin1', start, end);
    return text.includes('.') && String(Number(text)) === text;
  }
}

/** Whether an object lists a key first, wherever it stands. May say so of others that consist of digits. */
export function isIndex(key: string): boolean {
  return /^\d+$/.test(key);
}

/** Whether there is no byte below the space: of four at a time it is seen in one go. */
export function isOneLine(body: Buffer, start: number, end: number): boolean {
  const aligned = start + (-(body.byteOffset + start) & 3);
  if (aligned + 4 > end) return !hasControl(body, start, end);
  const words = new Int32Array(body.buffer, body.byteOffset + aligned, (end - aligned) >> 2);
  let found = 0;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index]!;
    found |= (word - 0x20202020) & ~word;
  }
  if ((found & 0x80808080) !== 0) return false;
  return !hasControl(body, start, aligned) && !hasControl(body, aligned + 4 * words.length, end);
}

function hasControl(body: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (body[at]! < space) return true;
  return false;
}

/** A text four bytes at a time; the last four may overlap those before them. */
export function wordsOf(text: Buffer): Int32Array {
  const words = new Int32Array(Math.ceil(text.length / 4));
  for (let index = 0; index < words.length && text.length >= 4; index += 1)
    words[index] = text.readInt32LE(Math.min(4 * index, text.length - 4));
  return words;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57;
}

function isHexDigit(byte: number | undefined): boolean {
  return isDigit(byte) || (byte !== undefined && (byte | 32) >= 97 && (byte | 32) <= 102);
}
