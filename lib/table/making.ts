// How a run makes the rows of its tables, and what it can go on with of a run before it.
import type { Meter, WriteDisposition } from '../core/index.js';
import type { Staged, TableLog } from '../stage/index.js';
import { refreshedBy } from './stored-rules.js';

export interface Making {
  /** What the stage knows the rows by. */
  readonly table: string;
  /** Stands for how the rows are made: those that were staged under another one are dropped. @default nothing is dropped */
  readonly fingerprint?: string | undefined;
  /** Whether the rows come in the place of all that is published. @default false */
  readonly refreshes?: boolean | undefined;
}

/**
 * Why a run cannot go on with anything of what is staged; `undefined` when it can. What is left then is looked at table by table: where rows still
 * come by `dropUnfit`, and where none do, all are published as what they are.
 */
export function unfitness(members: readonly Making[], { tables, complete, isBegun }: Staged): string | undefined {
  const wasRefresh = ({ table }: Making): boolean => refreshedBy(tables.get(table)?.rules);
  if (members.every(({ refreshes }) => refreshes) && !members.every(wasRefresh))
    return 'this one is a full refresh, which needs nothing of it.';
  // Some tables may have the load already, and the others must have it then.
  if (isBegun || !members.some(({ table }) => complete.has(table))) return undefined;
  const changed = members.find(
    (member) => isOther(member, tables.get(member.table)) || (member.refreshes && !wasRefresh(member)),
  );
  if (changed === undefined) return undefined;
  return `all its rows had come, and those of "${changed.table}" are made in another way now, or go on from another place. All is read anew.`;
}

function isOther({ fingerprint }: Making, staged: { readonly fingerprint?: string | undefined } | undefined): boolean {
  const before = staged?.fingerprint;
  return fingerprint !== undefined && before !== undefined && before !== fingerprint;
}

export interface Found extends Making {
  /** How many rows an earlier run has staged. */
  readonly rows: number;
  /** The load that was published by another run since they began to be staged. @default none was */
  readonly overtakenBy?: string | undefined;
  readonly disposition?: WriteDisposition;
  readonly meter: Meter;
}

/**
 * Drops what an earlier run has staged, when its rows were made in another way, or were those of a full refresh and are not any more, or when they would
 * come over newer ones. Rows that are appended are those of another run, and stay: where they could come twice, they are made in another way.
 */
export function dropUnfit(log: TableLog, found: Found): void {
  const { fingerprint, refreshes = false, table, rows, overtakenBy, disposition, meter } = found;
  const note = (message: string): void => meter.report({ type: 'note', message });
  const wasRefresh = refreshedBy(log.making.rules);
  const isOther = log.making.rules !== undefined && wasRefresh !== refreshes;
  if (isOther) log.reset();
  const isChanged = fingerprint !== undefined && log.made(fingerprint);
  if (isOther) {
    const [was, is] = wasRefresh ? ['a', 'none'] : ['no', 'one'];
    note(
      `The run that was cut short was ${was} full refresh of "${table}", and this is ${is}: its ${rows} rows are dropped, and the table begins anew.`,
    );
  } else if (isChanged) {
    note(
      `The rows of "${table}" are made in another way than in the run that was cut short: its ${rows} rows do not fit ` +
        'any more, and the table begins anew.',
    );
  } else if (overtakenBy !== undefined && rows > 0 && disposition !== 'append') {
    log.reset();
    note(
      `The run ${overtakenBy} has published in "${table}" since the one that was cut short began: its ${rows} rows are dropped, and the table begins anew.`,
    );
  }
}
