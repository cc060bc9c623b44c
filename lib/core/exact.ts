// A number of a JSON text that no JavaScript number holds: kept as the digits that were sent.

const brand = Symbol.for('sluice.exact-number');

/**
 * A decimal with more digits than a double holds, or beyond its range, as the server wrote it: `0.12345678901234567890`, `1e400`.
 * Integers beyond 2^53 are a `bigint` instead.
 */
export class ExactNumber {
  readonly [brand] = true;
  /** The number as JSON writes it. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** The nearest double, for arithmetic. */
  valueOf(): number {
    return Number(this.text);
  }

  toString(): string {
    return this.text;
  }

  /** `JSON.stringify` knows no other numbers than doubles; so the digits become a text rather than change. */
  toJSON(): string {
    return this.text;
  }
}

/** Whether a value is an `ExactNumber`, also one that another copy of this package made. */
export function isExactNumber(value: unknown): value is ExactNumber {
  return typeof value === 'object' && value !== null && brand in value;
}
