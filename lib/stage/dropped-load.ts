// A load that is staged and does not fit the run that finds it: it is dropped whole, and nothing tells of it any more.
import { join } from 'node:path';
import type { Meter } from '../core/index.js';
import { syncFolder } from './durable.js';
import { files } from './file-system.js';
import { journalFile } from './journal.js';
import { closeLoad } from './load-file.js';
import type { Recovered } from './recovery.js';
import type { RecoveredTable } from './table-log.js';

/** What an earlier run has staged. */
export interface Staged {
  readonly tables: ReadonlyMap<string, Pick<RecoveredTable, 'fingerprint' | 'rules'>>;
  /** The tables whose sources have completed. */
  readonly complete: ReadonlySet<string>;
  /** Whether tables of the load may be in their places. */
  readonly isBegun: boolean;
}

export interface DropOptions {
  readonly meter?: Meter;
  /** Whether this run cannot go on with what an earlier one has staged: then why, for a note, and it begins anew. @default it can */
  readonly unfit?: (staged: Staged) => string | undefined;
}

/** Drops what was staged in a folder, when it does not fit. Returns which load that was. */
export async function dropUnfit(
  folder: string,
  { start: { loadId }, staged }: Recovered,
  { meter, unfit }: DropOptions,
): Promise<string | undefined> {
  const why = unfit?.(staged);
  if (why === undefined) return undefined;
  meter?.report({ type: 'note', message: `What the run ${loadId} had staged is dropped: ${why}` });
  await removeLoad(folder);
  await syncFolder(folder);
  return loadId;
}

/** Removes what says which load a stage is of: without that the rest is known to be left over. */
export async function removeLoad(folder: string): Promise<void> {
  await closeLoad(folder);
  await files.rm(join(folder, journalFile), { force: true });
}
