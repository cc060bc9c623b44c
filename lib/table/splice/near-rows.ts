// Narrows the published rows to those of the row groups that matter, so that only these are read.
import type { PreviousRows } from '../decision.js';
import type { Database } from '../duckdb.js';
import * as sql from '../merge-sql.js';
import { countBits } from './bits.js';
import { readFooter } from './footer.js';
import { NotSpliceable } from './not-spliceable.js';

/**
 * The published rows without those row groups of which no row is in a set of places, given as a query of a BIT. All rows when most groups have one, and
 * for a file whose footer is not understood.
 */
export async function nearRows(database: Database, previous: PreviousRows, places: string): Promise<string> {
  const starts = await groupStarts(previous.file);
  // Of so few groups nothing is saved. The rows of a directory are those of many files.
  if (starts.length < 5 || starts.at(-1) !== previous.rows) return previous.relation;
  const bits = await database.bits(places);
  const near = starts.slice(1).map((end, group) => countBits(bits, starts[group]!, end) > 0);
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
