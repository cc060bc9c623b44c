// A text that a reader of configurations cannot read.

/** The message says why, in words about the place at `line` and `column`, both from 1. */
export class SyntaxFault extends Error {
  readonly line: number;
  readonly column: number;

  constructor(reason: string, place: { readonly line: number; readonly column: number }) {
    super(reason);
    this.line = place.line;
    this.column = place.column;
  }
}
