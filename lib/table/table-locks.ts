// Keeps other runs from the tables of a run: by the locks of their stages, and, within this process, by waiting for runs that are ending.
import { lockFolder } from '../stage/index.js';
import { stageFolder } from './layout.js';

/** Folders of stages of this process that are being closed after an early end: whoever takes one next waits for that. */
const closing = new Map<string, Promise<void>>();

/** Resolves when no run of this process is leaving the folder, or when whoever waits is over: it leaves the folder then, too, and would wait for itself. */
export async function whenClosed(folder: string, isNeeded: () => boolean): Promise<void> {
  for (let other = closing.get(folder); other !== undefined && isNeeded(); other = closing.get(folder)) await other;
}

/** Notes that a run is leaving folders until `end`, which never fails. */
export function closeUntil(folders: readonly string[], end: Promise<void>): void {
  for (const folder of folders) {
    // One that waited for others may be over before they are.
    const done = Promise.all([closing.get(folder), end]).then(() => {
      if (closing.get(folder) === done) closing.delete(folder);
    });
    closing.set(folder, done);
  }
}

/**
 * Does work on what belongs to tables while no run writes them.
 * @throws StageError `ERR_STAGE_LOCKED` when one does; the message names it. `ERR_STAGE_IO`
 */
export async function withTablesLocked<T>(paths: readonly string[], work: () => Promise<T>): Promise<T> {
  return await withFoldersLocked(
    paths.map((path) => stageFolder([path])),
    work,
  );
}

/**
 * Does work while folders are locked, which hold nothing but their locks and are gone afterwards.
 * @param signal Ends the work early: within this process, whoever wants one of the folders from then on waits for that end.
 * @throws StageError `ERR_STAGE_LOCKED` when one is locked already; the message names the owner. `ERR_STAGE_IO`
 */
export async function withFoldersLocked<T>(
  folders: readonly string[],
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const locks = new TableLocks();
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const leave = (): void => closeUntil(folders, ended);
  try {
    for (const folder of folders) await locks.take(folder, () => true);
    if (signal?.aborted) leave();
    signal?.addEventListener('abort', leave);
    return await work();
  } finally {
    signal?.removeEventListener('abort', leave);
    await locks.release();
    end();
  }
}

/** The locks of a run's tables whose own stage is another: no run of theirs may write meanwhile. */
export class TableLocks {
  readonly #unlock: (() => Promise<void>)[] = [];
  #locking: Promise<void> = Promise.resolve();

  /** Takes a lock, one after the other, unless it is needed no more when its turn comes. */
  take(folder: string, isNeeded: () => boolean): Promise<void> {
    this.#locking = this.#locking.then(async () => {
      if (!isNeeded()) return;
      await whenClosed(folder, isNeeded);
      if (!isNeeded()) return;
      this.#unlock.push(await lockFolder(folder));
    });
    return this.#locking;
  }

  /** Gives all back. Never fails. */
  async release(): Promise<void> {
    await this.#locking.catch(() => undefined);
    for (const unlock of this.#unlock.splice(0)) await unlock().catch(() => undefined);
  }
}
