// The plain files of a run, which come to their places one after the other. Before the first does, a note names them all: that is the moment. Of a run that
// died then, whoever opens one of its tables next puts the others in their places, whatever tables that run had besides.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { files, hasCode, syncFolder, writeDurably } from '../stage/index.js';
import type { Published } from './engine.js';
import { filePrint } from './file-print.js';
import { draftPath, tableName } from './layout.js';
import { withTablesLocked } from './table-locks.js';
import { writeError } from './write-error.js';

/** A file whose draft is whole and durable. */
export interface ComingFile {
  readonly path: string;
  /** The table that it is, and what came of it; absent for a file of dead letters. */
  readonly published?: { readonly table: string; readonly counts: Published };
  /** Set when it has no draft, since the file goes. */
  readonly goes?: true;
}

/** The files of a table, of its child tables, and of its dead letters, in the order in which they are placed. */
export interface ComingTable {
  /** Of the table: whoever has locked that may place all of them. */
  readonly path: string;
  readonly files: readonly ComingFile[];
}

/** What a note says. Paths are from the folder of the tables. */
interface Note {
  readonly tables: readonly { readonly path: string; readonly files: readonly NotedFile[] }[];
}

interface NotedFile {
  readonly path: string;
  /** Of the draft; of a file that goes, of itself. */
  readonly print: string;
  readonly goes?: true;
}

/** Puts a file in its place. Durable when it resolves. */
export async function placeFile({ path, goes }: Pick<ComingFile, 'path' | 'goes'>): Promise<void> {
  if (goes) await files.rm(path, { force: true });
  else await files.rename(draftPath(path), path);
  await syncFolder(dirname(path));
}

/**
 * Notes what is about to be placed; durable when it resolves, and from then on nothing of it may be discarded. Returns the function that removes the note;
 * `undefined` when nothing is noted, since it is one file or none.
 */
export async function noteComing(
  loadId: string,
  tables: readonly ComingTable[],
): Promise<(() => Promise<void>) | undefined> {
  const all = tables.flatMap((table) => table.files);
  if (all.length < 2) return undefined;
  const folders = new Set(tables.map(({ path }) => dirname(resolve(path))));
  const notes = [...folders].map((folder) => noteOf(folder, loadId));
  // Their names, too, must be there as long as the note is.
  for (const drafts of new Set(all.map(({ path }) => dirname(resolve(path))))) await syncFolder(drafts);
  for (const [at, folder] of [...folders].entries()) {
    const own = tables.filter(({ path }) => dirname(resolve(path)) === folder);
    const noted: Note['tables'] = await Promise.all(own.map((table) => notedTable(folder, table)));
    await writeDurably(notes[at]!, encode({ tables: noted }));
  }
  return async () => {
    for (const note of notes) await removeNote(note);
  };
}

async function notedTable(folder: string, table: ComingTable): Promise<Note['tables'][number]> {
  const noted = table.files.map(async ({ path, goes }): Promise<NotedFile> => {
    const print = await filePrint(goes ? path : draftPath(path));
    return { path: relative(folder, resolve(path)), print, ...(goes && { goes }) };
  });
  return { path: relative(folder, resolve(table.path)), files: await Promise.all(noted) };
}

export interface PlaceOptions {
  /** Loads that no other run has: what they were about to note is removed. @default none */
  readonly ours?: readonly string[];
  /** Is told of a note that is damaged, which is removed then. @default it stays */
  readonly report?: (message: string) => void;
}

/**
 * Places what a run that died has noted of a table and what belongs to it. The table must be locked.
 * @throws TableError `ERR_TABLE_WRITE`
 */
export async function placeComing(path: string, { ours = [], report }: PlaceOptions = {}): Promise<void> {
  const folder = dirname(resolve(path));
  try {
    for (const load of ours) await files.rm(`${noteOf(folder, load)}.draft`, { force: true });
    for (const { file, note } of await notesIn(folder)) {
      if (note === undefined) await dropDamaged(file, report);
      else await placeTable(path, note, file);
    }
  } catch (error) {
    throw writeError(tableName(path), path, error);
  }
}

async function placeTable(path: string, note: Note, file: string): Promise<void> {
  const folder = dirname(resolve(path));
  const own = note.tables.filter((table) => resolve(folder, table.path) === resolve(path));
  if (own.length === 0) return;
  for (const table of own) await placeNoted(folder, table.files);
  if (!(await hasComing(folder, note))) await removeNote(file);
}

async function dropDamaged(file: string, report: PlaceOptions['report']): Promise<void> {
  if (report === undefined) return;
  await removeNote(file);
  report(
    `${file}, which named the files that a run was about to put in their places together, is damaged and was removed. Run all that it loaded again: until then ` +
      'a table and its child tables may be of different runs.',
  );
}

/**
 * Places all that runs that died have noted in a folder, but for tables that another run writes now: that one does so, and what cannot be placed is
 * said when its table is opened.
 */
export async function placeAllComing(folder: string): Promise<void> {
  const notes = await notesIn(resolve(folder)).catch(() => []);
  for (const { note } of notes) {
    for (const { path } of note?.tables ?? []) {
      const table = resolve(folder, path);
      await withTablesLocked([table], () => placeComing(table)).catch(() => undefined);
    }
  }
}

const ending = '.placing.json';

function noteOf(folder: string, loadId: string): string {
  return join(folder, '.sluice', `${loadId}${ending}`);
}

/** The notes in a folder; one that is damaged is `undefined`. */
async function notesIn(folder: string): Promise<{ readonly file: string; readonly note: Note | undefined }[]> {
  const names = await readdir(join(folder, '.sluice')).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  });
  const found: { file: string; note: Note | undefined }[] = [];
  for (const name of names.filter((each) => each.endsWith(ending)).sort()) {
    const file = join(folder, '.sluice', name);
    const note = await readNote(file);
    if (note !== 'gone') found.push({ file, note });
  }
  return found;
}

/** `gone` when another run has removed it meanwhile; `undefined` when it is damaged. */
async function readNote(file: string): Promise<Note | 'gone' | undefined> {
  try {
    return decode(await readFile(file, 'utf8'));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 'gone';
    if (hasCode(error, 'EIO')) return undefined;
    throw error;
  }
}

async function placeNoted(folder: string, noted: readonly NotedFile[]): Promise<void> {
  for (const { path, goes } of await comingOf(folder, noted))
    await placeFile({ path: resolve(folder, path), ...(goes && { goes }) });
}

async function hasComing(folder: string, { tables }: Note): Promise<boolean> {
  for (const table of tables) if ((await comingOf(folder, table.files)).length > 0) return true;
  return false;
}

/** The files of a table that were not placed yet; none when one of them is neither drafted nor placed, since they come together. */
async function comingOf(folder: string, noted: readonly NotedFile[]): Promise<readonly NotedFile[]> {
  const coming: NotedFile[] = [];
  for (const file of noted) {
    const path = resolve(folder, file.path);
    if ((await filePrint(file.goes ? path : draftPath(path))) === file.print) coming.push(file);
    else if (!file.goes && (await filePrint(path)) !== file.print) return [];
  }
  return coming;
}

/** Durable, since a later run may have the same drafts. */
async function removeNote(note: string): Promise<void> {
  await files.rm(note, { force: true });
  await syncFolder(dirname(note));
}

function encode(note: Note): string {
  return JSON.stringify({ ...note, checksum: checksumOf(note) });
}

function decode(text: string): Note | undefined {
  try {
    const { tables, checksum } = JSON.parse(text) as Note & { readonly checksum: string };
    return checksum === checksumOf({ tables }) ? { tables } : undefined;
  } catch {
    return undefined;
  }
}

function checksumOf({ tables }: Note): string {
  return createHash('sha256').update(JSON.stringify(tables)).digest('hex').slice(0, 16);
}
