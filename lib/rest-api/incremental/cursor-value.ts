// The values that an incremental cursor goes by: numbers, and texts, which are mostly dates and times.
import { isExactNumber } from '../../core/index.js';

/** As it stands in a row and as a state file holds it. Numbers that no double holds are their digits, marked as such. */
export type CursorValue = string | number | { readonly number: string };

/** The cursor value that a row's value is; `undefined` for none: null, nothing, or what cannot be ordered. */
export function cursorValue(value: unknown): CursorValue | undefined {
  if (typeof value === 'string' || (typeof value === 'number' && !Number.isNaN(value))) return value;
  if (typeof value === 'bigint') return { number: String(value) };
  return isExactNumber(value) ? { number: value.text } : undefined;
}

/** As a request takes it. */
export function plainValue(value: CursorValue): string | number {
  return typeof value === 'object' ? value.number : value;
}

/**
 * What a person wrote, as a cursor value: a number where the values are numbers, else a text. When nothing is known of them, digits
 * alone are a number.
 */
export function cursorLike(given: string | number, like: CursorValue | undefined): CursorValue {
  if (typeof given === 'number' || typeof like === 'string' || !/^-?\d+(\.\d+)?$/.test(given)) return given;
  return Number.isSafeInteger(Number(given)) || /\./.test(given) ? Number(given) : { number: given };
}
