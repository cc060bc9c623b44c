// What must be known of a load that may be published in part, in a second place beside the journal: so that no one damage hides it.
import { join } from 'node:path';
import { hasCode, writeDurably } from './durable.js';
import { files } from './file-system.js';
import { decodeRecord, encodeRecord, journalFile, journalVersion, type StartRecord } from './journal.js';
import { readIfThere } from './read-file.js';

export const loadFile = 'load.jsonl';
/** Its name when the load is published, and its stage is being removed. */
const doneFile = 'load.done';

/** Whether a file of a stage says which load it is. */
export function isLoadFile(name: string): boolean {
  return name === loadFile || name === doneFile;
}

/** Whether a load has come to its end, and its stage is being removed. */
export async function isClosed(folder: string): Promise<boolean> {
  return (await readIfThere(join(folder, doneFile))) !== 'gone';
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

/** What is left of a load that is whole in neither place. */
export interface LoadLeft {
  /** What it was called, as far as that can be read. */
  readonly start?: StartRecord;
  /** Whether that is sure: two places say the same. */
  readonly isSure: boolean;
}

/**
 * What is left of a load of which all rows had come; `undefined` when no file says that they had.
 * @param hasJournal Without a journal, what has come to its end is none.
 */
export async function readLoadLeft(folder: string, hasJournal: boolean): Promise<LoadLeft | undefined> {
  const names = [loadFile, ...(hasJournal ? [doneFile, journalFile] : [])];
  const texts = await Promise.all(names.map((name) => readIfThere(join(folder, name))));
  if (texts.slice(0, 2).every((text) => text === 'gone')) return undefined;
  const found = texts.flatMap((text) => (typeof text === 'string' ? [] : (nameIn(text) ?? [])));
  const [start] = found;
  if (start === undefined) return { isSure: false };
  const agree = (what: 'loadId' | 'version') => found.length > 1 && found.every((each) => each[what] === start[what]);
  const version = agree('version') ? start.version : journalVersion;
  return { start: { ...start, version }, isSure: agree('loadId') };
}

/** Of a line whose checksum does not fit the name of the load may be as it was. The name says when it began, to the second. */
function nameIn(content: Buffer): StartRecord | undefined {
  const text = content.toString('latin1');
  const [loadId] = /\b\d{8}T\d{6}Z-[\da-f]{8}\b/.exec(text) ?? [];
  if (loadId === undefined) return undefined;
  const [, version = journalVersion] = /"version":(\d+)/.exec(text) ?? [];
  const startedAt = loadId.replace(/^(....)(..)(..T..)(..)(..)Z.*$/, '$1-$2-$3:$4:$5.000Z');
  return { type: 'start', version: Number(version), loadId, startedAt };
}

async function read(file: string): Promise<StartRecord | undefined> {
  const content = await readIfThere(file);
  if (typeof content === 'string') return undefined;
  const record = decodeRecord(content.subarray(0, content.indexOf(0x0a)));
  return record?.type === 'start' ? record : undefined;
}
