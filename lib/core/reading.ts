// How the bodies of one walk are read: whole, or, once a sink knows what its records look like, without making values of them.
import { isUtf8 } from 'node:buffer';
import { jsonPath } from './json-path.js';
import type { RawBody, ReadingOffer } from './raw-body.js';
import type { RowScanner } from './row-scanner.js';
import { UnreadRows } from './unread-rows.js';

/** Makes the value of a text; `undefined` where it is not JSON, or has a number that a double does not hold. */
export type ParsePlain = (text: string) => unknown;

/** So many bodies may be looked at in vain, and one more for each so many others. */
const mostInVain = 8;
const othersForOne = 4;

export class Reading implements ReadingOffer {
  #scanner: RowScanner | undefined;
  #names: readonly string[] = [];
  #isStopped = false;
  /** How many more bodies may be looked at in vain, in parts. */
  #credit = mostInVain * othersForOne;

  offer(path: string, scanner: RowScanner): void {
    const { names } = jsonPath(path);
    if (names === undefined || (this.#scanner !== undefined && this.#scanner !== scanner)) this.stop();
    else if (!this.#isStopped) {
      this.#names = names;
      this.#scanner = scanner;
    }
  }

  /** Bodies are read whole from now on. */
  stop(): void {
    this.#isStopped = true;
    this.#scanner = undefined;
  }

  /** A body of which only what is around the records has been parsed; `undefined` where that is not enough. */
  read(bytes: Buffer, parse: ParsePlain): RawBody | undefined {
    const scanner = this.#scanner;
    if (scanner === undefined || !isUtf8(bytes)) return undefined;
    const search = new ListSearch(bytes, this.#names, (start) => {
      const scanned = scanner.scan(bytes, start);
      return scanned && { end: scanned.end, list: new UnreadRows(scanner, bytes, scanned, () => this.stop()) };
    });
    const found = search.run();
    const value = found && withList(parse(found.around), this.#names, found.list.list);
    if (found === undefined || value === undefined) {
      this.#credit -= othersForOne;
      if (this.#credit <= 0) this.stop();
      return undefined;
    }
    this.#credit = Math.min(this.#credit + 1, mostInVain * othersForOne);
    return { bytes, value, reading: this, unread: found.list };
  }
}

/** The value with the list in place of the empty one; `undefined` where there is none. */
function withList(value: unknown, names: readonly string[], list: readonly unknown[]): unknown {
  let outer: Record<string, unknown> | undefined;
  let inner = value;
  for (const name of names) {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner) || !Object.hasOwn(inner, name))
      return undefined;
    outer = inner as Record<string, unknown>;
    inner = outer[name];
  }
  if (!Array.isArray(inner) || inner.length > 0) return undefined;
  if (outer === undefined) return list;
  Object.defineProperty(outer, names.at(-1)!, { value: list, writable: true, enumerable: true, configurable: true });
  return value;
}

type Scan = (start: number) => { readonly end: number; readonly list: UnreadRows } | undefined;

interface Found {
  /** The body, with an empty list in place of the records. */
  readonly around: string;
  readonly list: UnreadRows;
}

/**
 * Looks for a list by the names that lead to it. It only tells where values begin and end: whether what is around the list is JSON is told by
 * parsing that.
 */
class ListSearch {
  readonly #body: Buffer;
  readonly #names: readonly string[];
  readonly #scan: Scan;
  #found: { readonly start: number; readonly end: number; readonly list: UnreadRows } | undefined;

  constructor(body: Buffer, names: readonly string[], scan: Scan) {
    this.#body = body;
    this.#names = names;
    this.#scan = scan;
  }

  run(): Found | undefined {
    const body = this.#body;
    const end = this.#value(this.#behindSpace(0), 0);
    const found = this.#found;
    if (end === undefined || found === undefined || this.#behindSpace(end) !== body.length) return undefined;
    const before = body.toString('utf8', 0, found.start);
    return { around: `${before}[]${body.toString('utf8', found.end)}`, list: found.list };
  }

  /** Behind the value that so many of the names lead to. */
  #value(at: number, depth: number): number | undefined {
    if (depth < this.#names.length) return this.#body[at] === openBrace ? this.#members(at, depth) : undefined;
    if (this.#body[at] !== openBracket || this.#found !== undefined) return undefined;
    const scanned = this.#scan(at);
    if (scanned === undefined) return undefined;
    this.#found = { start: at, ...scanned };
    return scanned.end;
  }

  #members(start: number, depth: number): number | undefined {
    const body = this.#body;
    const name = this.#names[depth];
    for (let at = this.#behindSpace(start + 1); body[at] === quote; ) {
      const end = this.#behindText(at);
      if (end === undefined) return undefined;
      const key = body.toString('utf8', at + 1, end - 1);
      // A name may be written in several ways.
      if (key.includes('\\')) return undefined;
      at = this.#behindSpace(end);
      if (body[at] !== colon) return undefined;
      at = this.#behindSpace(at + 1);
      const behind = key === name ? this.#value(at, depth + 1) : this.#skip(at);
      if (behind === undefined) return undefined;
      at = this.#behindSpace(behind);
      if (body[at] === closeBrace) return at + 1;
      if (body[at] !== comma) return undefined;
      at = this.#behindSpace(at + 1);
    }
    return undefined;
  }

  #skip(start: number): number | undefined {
    const body = this.#body;
    let open = 0;
    for (let at = start; at < body.length; ) {
      const byte = body[at]!;
      if (byte === quote) {
        const end = this.#behindText(at);
        if (end === undefined) return undefined;
        at = end;
        if (open === 0) return at;
      } else if (byte === openBrace || byte === openBracket) {
        open += 1;
        at += 1;
      } else if (byte === closeBrace || byte === closeBracket) {
        // The end of what it stands in: before that, a number or a word has ended.
        if (open === 0) return at;
        open -= 1;
        at += 1;
        if (open === 0) return at;
      } else if (open === 0 && (byte === comma || byte <= space)) {
        return at;
      } else {
        at += 1;
      }
    }
    return undefined;
  }

  #behindText(start: number): number | undefined {
    const body = this.#body;
    for (let at = start + 1; at < body.length; at += 1) {
      if (body[at] === backslash) at += 1;
      else if (body[at] === quote) return at + 1;
    }
    return undefined;
  }

  #behindSpace(at: number): number {
    const body = this.#body;
    while (at < body.length && isSpace(body[at]!)) at += 1;
    return at;
  }
}

const quote = 0x22;
const backslash = 0x5c;
const space = 0x20;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

function isSpace(byte: number): boolean {
  return byte === space || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
