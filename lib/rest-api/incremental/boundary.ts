// Tells rows that a run reads from those that the run before has read already: the ones that have its furthest value.
import { createHash } from 'node:crypto';
import { isExactNumber, type Row } from '../../core/index.js';

/** Of so many rows with the furthest value it is remembered that they were read. Those beyond come again in the next run. */
export const mostKnown = 10_000;

/** Stands for a row: for the values of its key, or for all of it. */
export function rowDigest(row: Row, key: readonly string[], salt: string): string {
  const what = key.length === 0 ? row : key.map((name) => row[name]);
  const text = JSON.stringify(what, (_, item) =>
    typeof item === 'bigint' || isExactNumber(item) ? String(item) : item,
  );
  return createHash('sha256').update(salt).update(text).digest('base64url').slice(0, 16);
}

/** Both together, at most `mostKnown` of them. */
export function unionOf(one: readonly string[], other: readonly string[]): readonly string[] {
  if (one.length === 0) return other;
  return [...new Set([...one, ...other])].slice(0, mostKnown);
}
