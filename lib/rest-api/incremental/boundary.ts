// Tells rows that a run reads from those that the run before has read already: the ones that have its furthest value.
import { createHash } from 'node:crypto';
import { isDeepStrictEqual as isDeepEqual } from 'node:util';
import { isExactNumber, type Row } from '../../core/index.js';
import type { CursorState } from './cursor-plan.js';

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

/** What is remembered of rows. */
export type KnownRows = Pick<CursorState, 'seen' | 'by' | 'rows'>;

/** What the run before and this one remember, or two walks of this one, at most `mostKnown` of each kind. It goes by the columns of `other`. */
export function unionOf(one: KnownRows, other: KnownRows): KnownRows {
  const rows = union(wholeRows(one), wholeRows(other));
  if (other.by === undefined) return { seen: rows };
  return { seen: union(seenBy(one, other.by), other.seen), by: other.by, rows };
}

/** Older versions did not say what they went by. */
function seenBy({ seen, by }: KnownRows, key: readonly string[]): readonly string[] {
  return by === undefined || isDeepEqual(by, key) ? seen : [];
}

function wholeRows({ seen, by, rows = [] }: KnownRows): readonly string[] {
  return by === undefined ? seen : rows;
}

function union(one: readonly string[], other: readonly string[]): readonly string[] {
  if (one.length === 0) return other;
  return [...new Set([...one, ...other])].slice(0, mostKnown);
}

export interface BoundaryOptions {
  /** The columns that tell rows apart; empty: the whole row. */
  readonly key: readonly string[];
  readonly salt: string;
}

/** The rows that have the furthest value so far. */
export class Boundary {
  readonly #options: BoundaryOptions;
  readonly #seen: Set<string>;
  readonly #rows: Set<string>;
  /** Not digested yet: most rows are overtaken by the next one. */
  readonly #waiting: Row[] = [];

  constructor(options: BoundaryOptions, known: KnownRows = { seen: [] }) {
    this.#options = options;
    const { key } = options;
    this.#seen = new Set(key.length === 0 ? wholeRows(known) : seenBy(known, key));
    this.#rows = new Set(wholeRows(known));
  }

  /** A row has the furthest value. @returns whether more is remembered than before */
  add(row: Row): boolean {
    if (this.#seen.size + this.#waiting.length >= mostKnown) return false;
    this.#waiting.push(row);
    return true;
  }

  clear(): void {
    if (this.#seen.size > 0) this.#seen.clear();
    if (this.#rows.size > 0) this.#rows.clear();
    if (this.#waiting.length > 0) this.#waiting.length = 0;
  }

  has(row: Row): boolean {
    const { key, salt } = this.#options;
    if (this.#seen.size > 0 && this.#seen.has(rowDigest(row, key, salt))) return true;
    return key.length > 0 && this.#rows.size > 0 && this.#rows.has(rowDigest(row, [], salt));
  }

  /** Rows may be changed by whoever gets them: what is to be remembered is taken before that. */
  settle(): void {
    const { key, salt } = this.#options;
    for (const row of this.#waiting) {
      this.#seen.add(rowDigest(row, key, salt));
      if (key.length > 0) this.#rows.add(rowDigest(row, [], salt));
    }
    this.#waiting.length = 0;
  }

  get known(): KnownRows {
    const { key } = this.#options;
    const seen = [...this.#seen];
    return key.length === 0 ? { seen } : { seen, by: key, rows: [...this.#rows] };
  }
}
