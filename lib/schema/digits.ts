// How many digits a number has before and behind its point: what decides whether it fits a decimal.

/** The most digits that a decimal holds. More than that counts as one more. */
export const mostDigits = 38;
export const tooManyDigits = mostDigits + 1;

const powers = Array.from({ length: tooManyDigits + 1 }, (_, exponent) => Number(`1e${exponent}`));

/** `10 ** exponent`, the nearest double. */
export function powerOfTen(exponent: number): number {
  return powers[exponent]!;
}

/** Digits before the point of a number given by its size: 0 for 0.5, 1 for 5, 39 for everything that fits no decimal. */
export function integerDigits(size: number): number {
  let digits = 0;
  while (digits < tooManyDigits && size >= powers[digits]!) digits += 1;
  // NaN is smaller than nothing and larger than nothing: it fits no decimal.
  return Number.isFinite(size) ? digits : tooManyDigits;
}

/** From this size on, a double has at most so many digits behind its point: it has no more than 17 in all. */
const sizes = Array.from({ length: tooManyDigits + 1 }, (_, scale) => Number(`1e${16 - scale}`));

/**
 * Whether the shortest text of a double surely has at most `scale` digits behind its point. A cheap test that says no too often,
 * and never yes wrongly.
 */
export function hasScale(size: number, scale: number): boolean {
  if (size >= sizes[scale]!) return true;
  for (let power = Math.min(scale, 22); power > 0; power -= 1) {
    const shifted = size * powers[power]!;
    // Both are exact, and one rounding apart: the double nearest to that decimal is this one.
    if (shifted < Number.MAX_SAFE_INTEGER) return Math.round(shifted) / powers[power]! === size;
  }
  return false;
}

/** Digits before and behind the point of a number as JSON writes it, zeros at its ends left out; 39 for more than 38. */
export function digitsOf(text: string): { readonly digits: number; readonly scale: number } {
  const match = /^[-+]?0*(\d*)\.?(\d*?)0*(?:[eE]([-+]?\d+))?$/.exec(text);
  if (!match) return { digits: tooManyDigits, scale: tooManyDigits };
  const [, whole = '', fraction = '', exponent = '0'] = match;
  const significant = `${whole}${fraction}`.replace(/0+$/, '');
  if (significant === '') return { digits: 0, scale: 0 };
  const leading = /^0*/.exec(significant)![0].length;
  const point = whole.length + Number(exponent);
  return {
    digits: Math.min(tooManyDigits, Math.max(0, point - (point > 0 ? Math.min(leading, point) : 0))),
    scale: Math.min(tooManyDigits, Math.max(0, significant.length - point)),
  };
}
