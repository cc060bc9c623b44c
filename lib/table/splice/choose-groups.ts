// Decides which row groups of the published file are copied and which are rebuilt: those that lose rows, and small neighbours, so that the
// file never falls apart into small groups; and when all of it is better written anew.

export interface Groups {
  /** Rows in each row group of the published file. */
  readonly rows: readonly number[];
  /** How many of them leave, by row group. */
  readonly leaving: readonly number[];
  /** Rows that come after all others. */
  readonly coming: number;
  /** Rows of a full row group. */
  readonly full: number;
}

/** Row groups from `from` to before `to` that are all copied, or all rebuilt. */
export interface Run {
  readonly from: number;
  readonly to: number;
  readonly rebuilt: boolean;
  /** How many of their rows leave. */
  readonly leaving: number;
  /** How many stay. */
  readonly staying: number;
}

/** Where a larger part of the rows would be rebuilt, all are. */
const mostOfThem = 0.75;

/**
 * The row groups in order, by what becomes of them; `undefined` when the file is to be written anew. A run that is rebuilt at the end takes the coming
 * rows in. Afterwards no two neighbours have fewer rows together than half a full group.
 */
export function chooseGroups({ rows, leaving, coming, full }: Groups): readonly Run[] | undefined {
  const rebuilt = leaving.map((count) => count > 0);
  const staying = rows.map((count, index) => count - leaving[index]!);
  const size = usualSize(rows, full);
  const stack: Unit[] = [];
  const push = (unit: Unit): void => {
    let top = unit;
    for (let below = stack.at(-1); below !== undefined && belongTogether(below, top, size); below = stack.at(-1)) {
      top = { from: below.from, to: top.to, rows: below.rows + top.rows, rebuilt: true };
      stack.pop();
    }
    stack.push(top);
  };
  staying.forEach((count, index) => {
    // A group of which nothing stays is just left out.
    if (count > 0) push({ from: index, to: index + 1, rows: count, rebuilt: rebuilt[index]! });
  });
  if (coming > 0) push({ from: rows.length, to: rows.length, rows: coming, rebuilt: true });
  for (const unit of stack) if (unit.rebuilt) rebuilt.fill(true, unit.from, unit.to);
  const anew = staying.reduce((sum, count, index) => (rebuilt[index] ? sum + count : sum), 0);
  const total = staying.reduce((sum, count) => sum + count, 0);
  return anew > total * mostOfThem ? undefined : runsOf(rebuilt, staying, leaving);
}

/** Row groups that stand together, as one. */
interface Unit {
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  readonly rebuilt: boolean;
}

function belongTogether(one: Unit, other: Unit, size: number): boolean {
  return (one.rebuilt && other.rebuilt) || rest(one, size) + rest(other, size) <= size / 2;
}

/** Rows of the last group that a unit makes, a whole one at most: one that is copied stays as large as it is. */
function rest({ rows, rebuilt }: Unit, size: number): number {
  return rows % size === 0 || (!rebuilt && rows > size) ? size : rows % size;
}

/**
 * The size that groups are measured by. The size of a full one depends on the rows of the load; that the rows of this load are shorter than
 * those before is no reason to write all of the table again.
 */
function usualSize(rows: readonly number[], full: number): number {
  const largest = rows.reduce((max, count) => Math.max(max, count), 0);
  return largest >= full / 4 ? Math.min(largest, full) : full;
}

function runsOf(rebuilt: readonly boolean[], staying: readonly number[], leaving: readonly number[]): Run[] {
  const runs: Run[] = [];
  rebuilt.forEach((anew, index) => {
    const last = runs.at(-1);
    const [leave, stay] = [leaving[index]!, staying[index]!];
    if (last?.rebuilt !== anew) {
      runs.push({ from: index, to: index + 1, rebuilt: anew, leaving: leave, staying: stay });
    } else {
      const sums = { leaving: last.leaving + leave, staying: last.staying + stay };
      runs[runs.length - 1] = { ...last, to: index + 1, ...sums };
    }
  });
  return runs;
}
