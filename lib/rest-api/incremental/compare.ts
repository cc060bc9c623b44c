// Which of two cursor values is further on. It is asked for each row, so what can be told from the texts alone is.
import { type CursorValue, plainValue } from './cursor-value.js';
import { compareTimes } from './dates.js';

/**
 * Above 0 when `a` is greater: numbers by their value, and so are texts that both are numbers (`"10"` and `"9"`), or both are times, however these
 * are written (`10:00:00Z` and `10:00:00.5Z`); other texts as texts. `undefined` when one is a number and the other a text.
 */
export function compare(a: CursorValue, b: CursorValue): number | undefined {
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b);
  if (typeof a === 'string' || typeof b === 'string') return undefined;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return compareDigits(String(plainValue(a)), String(plainValue(b)));
}

/** Without zeros before it: with them, texts are of one length, and in order as they are. */
const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

function compareTexts(a: string, b: string): number {
  const order = a < b ? -1 : a > b ? 1 : 0;
  if (order === 0 || isWrittenAlike(a, b)) return order;
  if (number.test(a) && number.test(b)) return compareDigits(a, b);
  return compareTimes(a, b) ?? order;
}

/** Whether two texts, if they are times, have their digits in the same places, and the same zone. */
function isWrittenAlike(a: string, b: string): boolean {
  const { length } = a;
  if (length !== b.length || length < 16) return false;
  // `2024-01-31T10:00:00Z`, or with an offset.
  const isUtc = a.charCodeAt(length - 1) === 0x5a && b.charCodeAt(length - 1) === 0x5a;
  const isAlike = isUtc || a.slice(-6) === b.slice(-6);
  return isAlike && a.charCodeAt(4) === 0x2d && b.charCodeAt(4) === 0x2d && a.charCodeAt(10) === b.charCodeAt(10);
}

function compareDigits(a: string, b: string): number {
  if (a.length === b.length && /^\d+$/.test(a) && /^\d+$/.test(b)) return a < b ? -1 : a > b ? 1 : 0;
  if (/^-?\d+$/.test(a) && /^-?\d+$/.test(b)) return Number(BigInt(a) - BigInt(b));
  return Number(a) - Number(b);
}
