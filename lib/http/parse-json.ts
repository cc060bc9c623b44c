// JSON without loss: JSON.parse where its doubles keep every digit, a lossless parser for the few bodies where they do not.
import { parse } from 'lossless-json';
import { ExactNumber } from '../core/index.js';

/**
 * Parses JSON and keeps every digit: integers beyond 2^53 become a `bigint`, decimals that a double does not hold an
 * `ExactNumber`, every other number a number. Of a key given twice in an object the last value wins.
 * @throws SyntaxError when the text is not JSON.
 */
export function parseJson(text: string): unknown {
  return mayHoldLongNumber(text) ? parseLossless(text) : JSON.parse(text);
}

/** The value of a text of which nothing is lost in JSON.parse; `undefined` where something might be, or where it is not JSON. */
export function parsePlain(text: string): unknown {
  try {
    return mayHoldLongNumber(text) ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What `parseJson` does with a text that may hold a long number. @throws SyntaxError */
export function parseLossless(text: string): unknown {
  try {
    return parse(text, null, { parseNumber: exactNumber, onDuplicateKey: ({ newValue }) => newValue });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SyntaxError('nested too deeply', { cause: error });
  }
}

/** A double holds every number of at most 15 digits, so a number that it changes is at least this long, or has a large exponent. */
const longNumber = 16;
const largeExponent = /\d[eE][+-]?\d{3}/;

/**
 * Whether the text may hold a number that a double changes. Looks at one character in 16, so it costs next to nothing.
 * It may answer yes wrongly (a number inside a text), which costs time, and never answers no wrongly.
 */
export function mayHoldLongNumber(text: string): boolean {
  for (let at = longNumber - 1; at < text.length; at += longNumber) {
    const code = text.charCodeAt(at);
    // Sixteen digits in a row, with or without a point, cannot be stepped over; signs and exponents need no look.
    if (code > 57 || code < 46 || code === 47) continue;
    let start = at;
    while (start > 0 && isNumeric(text.charCodeAt(start - 1))) start -= 1;
    let end = at + 1;
    while (end < text.length && isNumeric(text.charCodeAt(end))) end += 1;
    // What stands directly after a quote is a text of digits, such as a card number or an id.
    if (end - start >= longNumber && text.charCodeAt(start - 1) !== 34 && !isHeld(text.slice(start, end))) return true;
    at = end - 1;
  }
  return largeExponent.test(text);
}

/** Digits, the point, the signs and the exponent's letter. */
function isNumeric(code: number): boolean {
  return (code >= 48 && code <= 57) || code === 46 || code === 45 || code === 43 || code === 101 || code === 69;
}

/** Whether a double holds the number. Anything that is no number counts as held. */
function isHeld(text: string): boolean {
  const value = Number(text);
  if (isInteger(text)) return Number.isSafeInteger(value);
  if (Number.isNaN(value) || String(value) === text) return true;
  return Number.isFinite(value) && canonical(text) === canonical(String(value));
}

function isInteger(text: string): boolean {
  return /^-?\d+$/.test(text);
}

function exactNumber(text: string): number | bigint | ExactNumber {
  if (isHeld(text)) return Number(text);
  return isInteger(text) ? BigInt(text) : new ExactNumber(text);
}

/** The digits and the power of ten, so that `1.50`, `15e-1` and `1.5` are the same. */
function canonical(text: string): string {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}
