// Reads a JSON text together with the places of its keys.
import type { Path } from '../check/problem.js';
import { lineAndColumn, Places } from './places.js';
import { SyntaxFault } from './syntax-fault.js';

/**
 * Parses `text` and notes where each key stands. Node's own parser gives the values; this one only looks for places, and for
 * what is wrong.
 *
 * @throws SyntaxFault for text that is not JSON, and for a key that an object has twice
 */
export function readJson(text: string): { readonly value: unknown; readonly places: Places } {
  const source = text.startsWith('\uFEFF') ? ` ${text.slice(1)}` : text;
  const scanner = new Scanner(source);
  scanner.document();
  return { value: JSON.parse(source), places: scanner.places };
}

class Scanner {
  readonly places: Places;
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.places = new Places(text);
  }

  document(): void {
    this.#space();
    this.places.set([], this.#at);
    this.#value([]);
    this.#space();
    if (this.#at < this.#text.length) this.#fail('there is more after the end');
  }

  #value(path: Path): void {
    const char = this.#text[this.#at];
    if (char === '{') this.#object(path);
    else if (char === '[') this.#list(path);
    else if (char === '"') this.#string();
    else this.#literal();
  }

  #object(path: Path): void {
    const seen = new Set<string>();
    this.#entries('}', () => {
      const start = this.#at;
      if (this.#text[start] !== '"') this.#fail('a key in double quotes belongs here');
      const key = this.#string();
      if (seen.has(key)) this.#fail(`the key ${JSON.stringify(key)} is there twice`, start);
      seen.add(key);
      this.#space();
      if (this.#text[this.#at] !== ':') this.#fail('a ":" belongs here');
      this.#at += 1;
      this.#space();
      this.places.set([...path, key], start);
      this.#value([...path, key]);
    });
  }

  #list(path: Path): void {
    let index = 0;
    this.#entries(']', () => {
      this.places.set([...path, index], this.#at);
      this.#value([...path, index]);
      index += 1;
    });
  }

  /** The entries between an opening bracket and `end`, with commas between them. */
  #entries(end: string, entry: () => void): void {
    const open = this.#at;
    this.#at += 1;
    this.#space();
    if (this.#text[this.#at] === end) {
      this.#at += 1;
      return;
    }
    for (;;) {
      entry();
      this.#space();
      const char = this.#text[this.#at];
      if (char === end) break;
      if (char === undefined) this.#fail(`the "${this.#text[open]}" that opens here is not closed`, open);
      if (char !== ',') this.#fail(`a "," or "${end}" belongs here`);
      this.#at += 1;
      this.#space();
      if (this.#text[this.#at] === end) this.#fail(`there is a "," before the "${end}"`);
    }
    this.#at += 1;
  }

  #string(): string {
    const start = this.#at;
    const match = this.#match(/"(?:[^"\\]|\\.)*"/sy);
    if (match === undefined) this.#fail('the text that starts here has no end');
    try {
      return JSON.parse(match) as string;
    } catch {
      return this.#fail('the text that starts here holds a line break or a backslash that JSON does not allow', start);
    }
  }

  #literal(): void {
    if (this.#match(/(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.])/y) === undefined) {
      this.#fail(this.#at >= this.#text.length ? 'the text ends too early' : 'a value belongs here');
    }
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #space(): void {
    this.#match(/[ \t\n\r]*/y);
  }

  #fail(reason: string, at = this.#at): never {
    throw new SyntaxFault(reason, lineAndColumn(this.#text, at));
  }
}
