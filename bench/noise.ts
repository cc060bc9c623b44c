// How far a ratio that was measured several times can be trusted.
import { median } from './processes.js';

/** A ratio and how far it may be off: one standard error of its median, as a share of it. */
export interface Measured {
  readonly ratio: number;
  readonly error: number;
}

/** The median of ratios, with its error from how they scatter; robust against single turns that something disturbed. */
export function measured(ratios: readonly number[]): Measured {
  const logs = ratios.map(Math.log);
  const middle = median(logs);
  const scatter = 1.4826 * median(logs.map((each) => Math.abs(each - middle)));
  return { ratio: Math.exp(middle), error: (1.2533 * scatter) / Math.sqrt(ratios.length) };
}

/** What is not worth a word, however quiet the machine. */
const least = 0.05;

/** How far a ratio may be from the stored one, as a share of it, when each of these errors is in it: three of them together, and a little more. */
export function bandOf(...errors: readonly number[]): number {
  return least + 3 * Math.hypot(...errors);
}
