// Where in a configuration's text its keys and values stand.
import { type Path, pathText } from '../check/problem.js';

/** Offsets into a text by path: of a key, or of an entry of a list. */
export class Places {
  readonly #offsets = new Map<string, number>();
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  set(path: Path, offset: number): void {
    this.#offsets.set(pathText(path), offset);
  }

  /** Line and column, from 1, of what is at `path`; of its nearest owner when it is not there. */
  find(path: Path): { readonly line: number; readonly column: number } | undefined {
    for (let length = path.length; length >= 0; length -= 1) {
      const offset = this.#offsets.get(pathText(path.slice(0, length)));
      if (offset !== undefined) return lineAndColumn(this.#text, offset);
    }
    return undefined;
  }
}

/** The line and column, from 1, of an offset. */
export function lineAndColumn(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - before.lastIndexOf('\n') };
}
