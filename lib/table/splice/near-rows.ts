// Narrows the published rows to those of the row groups in which a loaded key occurs: only these can leave, and only these need be compared.
import type { PreviousRows } from '../decision.js';
import type { Database } from '../duckdb.js';
import * as sql from '../merge-sql.js';
import * as sets from '../set-sql.js';
import { readFooter } from './footer.js';
import { NotSpliceable } from './not-spliceable.js';

export interface Load {
  /** A query that gives the loaded rows. */
  readonly relation: string;
  readonly rows: number;
  /** Which of them, as `l`, and which published rows, as `p`, belong together. */
  readonly on: string;
}

/**
 * The published rows without those row groups that have no partner of a loaded row. DuckDB reads the columns of the key for that, and skips the groups
 * whose bounds say enough. All rows when most groups have one.
 */
export async function nearRows(
  database: Database,
  previous: PreviousRows,
  { relation, rows, on }: Load,
): Promise<string> {
  // A load of so many rows meets most groups; and of few groups the comparison itself is as fast.
  if (on === 'true' || on === 'false' || rows > previous.rows / 4) return previous.relation;
  const starts = await groupStarts(previous.file);
  // The rows of a directory are those of many files.
  if (starts.length < 5 || starts.at(-1) !== previous.rows) return previous.relation;
  const found = await database.rows(sets.whereKeysAre(relation, previous.relation, on));
  const near = new Array<boolean>(starts.length - 1).fill(false);
  for (const [first, last] of found) near.fill(true, groupAt(starts, Number(first)), groupAt(starts, Number(last)) + 1);
  if (near.filter(Boolean).length > near.length / 2) return previous.relation;
  return sql.wherePlace(previous.relation, rangesOf(near, starts));
}

/** The place of the first row of each group, and the number of rows. None for a file whose footer is not understood. */
async function groupStarts(file: string): Promise<readonly number[]> {
  try {
    const { groups } = await readFooter(file);
    const starts = [0];
    for (const { rows } of groups) starts.push(starts.at(-1)! + rows);
    return starts;
  } catch (error) {
    if (error instanceof NotSpliceable) return [];
    throw error;
  }
}

function groupAt(starts: readonly number[], place: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= place) low = middle;
    else high = middle;
  }
  return low;
}

function rangesOf(near: readonly boolean[], starts: readonly number[]): [number, number][] {
  const ranges: [number, number][] = [];
  near.forEach((isNear, group) => {
    if (!isNear) return;
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === starts[group]) last[1] = starts[group + 1]!;
    else ranges.push([starts[group]!, starts[group + 1]!]);
  });
  return ranges;
}
