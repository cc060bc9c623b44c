// Emptying a stage's folder: what a finished run leaves is removed, what is damaged is kept aside.
import { copyFile, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { hasCode, makeFolder, syncFolder } from './durable.js';
import { files } from './file-system.js';
import { journalFile } from './journal.js';
import { isLoadFile, loadFile } from './load-file.js';

/** Removes everything in a stage's folder but its lock, and what says which load it is. */
export async function removeLeftovers(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => !isLock(name) && name !== loadFile);
  // Together: to remove a large file takes the system a while.
  await removeAll(
    folder,
    names.filter((name) => !isLoadFile(name)),
  );
  // What says that the load has come to its end goes last: without it the rest would be taken for one that has lost its journal.
  await removeAll(folder, names.filter(isLoadFile));
}

/** Waits for all of them, also where one fails: the next run may have files of the same names. */
async function removeAll(folder: string, names: readonly string[]): Promise<void> {
  const removals = names.map((name) => files.rm(join(folder, name), { recursive: true, force: true }));
  const failed = (await Promise.allSettled(removals)).find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** Removes the stage's folder, and `.sluice` above it, where nothing else is in them. */
export async function removeEmpty(folder: string): Promise<void> {
  try {
    await files.rmdir(folder);
    if (basename(dirname(folder)) === '.sluice') await files.rmdir(dirname(folder));
  } catch {
    // Another run has begun there, or another table is staged beside it.
  }
}

/**
 * Moves a damaged stage to `<folder>.damaged`, for a person to look at; an older one makes room. What says which load it is stays: of the journal there is
 * a copy then. Returns that path.
 */
export async function setAside(folder: string): Promise<string> {
  const aside = `${folder}.damaged`;
  await files.rm(aside, { recursive: true, force: true });
  await makeFolder(aside);
  for (const name of await readdir(folder)) {
    if (name === journalFile) await copyOrMove(join(folder, name), join(aside, name));
    else if (!isLock(name) && name !== loadFile) await files.rename(join(folder, name), join(aside, name));
  }
  await syncFolder(folder);
  return aside;
}

/** One that cannot be read tells nothing that must stay. */
async function copyOrMove(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to);
  } catch (error) {
    if (!hasCode(error, 'EIO')) throw error;
    await files.rename(from, to);
  }
}

/** The lock, and what taking it leaves for a moment. */
export function isLock(name: string): boolean {
  return name === 'lock' || name.startsWith('lock.');
}
