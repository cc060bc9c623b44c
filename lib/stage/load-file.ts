// What must be known of a load that may be published in part, in a second place beside the journal: so that no one damage hides it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode, writeDurably } from './durable.js';
import { files } from './file-system.js';
import { decodeRecord, encodeRecord, type StartRecord } from './journal.js';

export const loadFile = 'load.jsonl';
/** Its name when the load is published, and its stage is being removed. */
const doneFile = 'load.done';

/** Whether a file of a stage says which load it is. */
export function isLoadFile(name: string): boolean {
  return name === loadFile || name === doneFile;
}

/** Durable when it resolves. */
export async function writeLoad(folder: string, load: StartRecord): Promise<void> {
  await writeDurably(join(folder, loadFile), encodeRecord(load));
}

/** Which load a stage belongs to that has a journal; `undefined` when that is not known. */
export async function readLoad(folder: string): Promise<StartRecord | undefined> {
  return (await readOpenLoad(folder)) ?? (await read(join(folder, doneFile)));
}

/** The load of a stage that has lost its journal; `undefined` when the load has come to its end, and the journal was removed. */
export async function readOpenLoad(folder: string): Promise<StartRecord | undefined> {
  return await read(join(folder, loadFile));
}

/** Notes that the load has come to its end, so that its journal can be removed. */
export async function closeLoad(folder: string): Promise<void> {
  await files.rename(join(folder, loadFile), join(folder, doneFile)).catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT')) throw error;
  });
}

async function read(file: string): Promise<StartRecord | undefined> {
  try {
    const content = await readFile(file);
    const record = decodeRecord(content.subarray(0, content.indexOf(0x0a)));
    return record?.type === 'start' ? record : undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
