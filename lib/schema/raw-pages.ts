// Pages whose records go into the log as they stand in their body: those that are only cut, and those of which no value is made.
import { type RawLines, type RawRows, rawLines } from '../core/index.js';
import { KnownRows } from './known-rows.js';
import type { Shape } from './shape.js';
import type { ValuePaths } from './value-path.js';

export interface RawPagesOptions {
  readonly keys: readonly { readonly paths: ValuePaths }[];
  /** Whether columns may be texts or JSON in the table although other values were seen in them. */
  readonly mayBeText: boolean;
}

export class RawPages {
  readonly #shape: Shape;
  readonly #keys: RawPagesOptions['keys'];
  readonly #mayBeText: boolean;
  /** What is offered to those who read bodies. */
  #offered: KnownRows | undefined;
  /** What tells whether records that were seen may stay as they are spelled. */
  #spelled: KnownRows | undefined;

  constructor(shape: Shape, { keys, mayBeText }: RawPagesOptions) {
    this.#shape = shape;
    this.#keys = keys;
    this.#mayBeText = mayBeText;
  }

  /** Whether nothing is new in the records of a page, and no value has been made of them. */
  isKnown({ unread }: RawRows): boolean {
    return unread !== undefined && unread.by === this.#offered;
  }

  /** The lines of a page of which the shape has seen every row; `undefined` where they have to be written. */
  cut(raw: RawRows, rows: readonly unknown[]): RawLines | undefined {
    this.#spelled ??= new KnownRows(this.#shape, { mayBeText: this.#mayBeText });
    const lines = rawLines(raw, rows, this.#spelled);
    if (lines !== undefined) this.#offer(raw);
    return lines;
  }

  /** Of the pages of a walk whose records go into the log as they stand, those that bring nothing new need not be read. */
  #offer({ reading, path }: RawRows): void {
    const columns = this.#keys.map(({ paths: [first = []] }) => first);
    if (reading === undefined || columns.some((names) => names.length !== 1)) return;
    this.#offered ??= new KnownRows(this.#shape, { required: columns.flat(), mayBeText: this.#mayBeText });
    reading.offer(path, this.#offered);
  }
}
