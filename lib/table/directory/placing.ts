// The drafts of a directory: new files that are not in their folders yet, and, from when they are moved there, a note that lists them. Whoever
// opens the table next clears up by it after a run that died, whatever tables that run had beside this one.
import { access, readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { files, hasCode, syncFolder, writeDurably } from '../../stage/index.js';
import type { Target } from '../publish-task.js';
import { lockManifest, type ManifestTable, readManifest } from './manifest.js';

/** What a publish is about to change. Paths are from the manifest's folder. */
export interface Placing {
  /** Files that come. They count when the manifest names them. */
  readonly added: readonly string[];
  /** Files that they replace. They count as long as the manifest names them. */
  readonly removed: readonly string[];
}

const noteName = 'placing.json';

/** The folder for the drafts of a table; those of its child tables are in it. */
export function draftsOf({ path, directory }: Pick<Target, 'path' | 'directory'>): string {
  return directory?.drafts ?? join(dirname(resolve(path)), '.sluice', `${basename(path)}.drafts`);
}

/** Notes what is about to be placed. Durable when it resolves. */
export async function notePlacing(drafts: string, placing: Placing): Promise<void> {
  await writeDurably(join(drafts, noteName), JSON.stringify(placing));
}

/** Notes that what was placed is published, and what it replaced is gone. */
export async function notePlaced(drafts: string): Promise<void> {
  await files.rm(join(drafts, noteName), { force: true });
}

/** Removes drafts that were not placed, and their folder unless something else is in it. What cannot be removed now is removed by the next run. */
export async function removeDrafts(drafts: string): Promise<void> {
  try {
    const names = await readdir(drafts);
    for (const name of names.filter((each) => /^\d+$/.test(each))) await files.rm(join(drafts, name), { force: true });
    await files.rmdir(drafts);
    // Of a child table: the folder of its table's drafts.
    await files.rmdir(dirname(drafts));
  } catch {
    // It must not hide what went wrong.
  }
}

/**
 * Clears up after a run that died while it published this table or its child tables, whatever tables it had besides: what it had placed is
 * removed where the manifest does not name it, and so is what that has replaced. The table must be locked.
 * @throws TableError `ERR_TABLE_CORRUPT` when the manifest cannot be read
 */
export async function clearAbandoned(target: Pick<Target, 'path' | 'directory'>): Promise<void> {
  if (target.directory === undefined) return;
  const drafts = draftsOf(target);
  const notes = await notesIn(drafts, basename(target.path));
  if (notes.size > 0) {
    const folder = dirname(resolve(target.path));
    const tables = (await readManifest(folder))?.tables ?? {};
    if (await isUnnamed(folder, notes, tables)) return;
    for (const [table, { added, removed }] of notes) {
      const named = new Set(tables[table]?.files.map(({ path }) => path));
      const left = [...added, ...removed].filter((path) => !named.has(path));
      await removeFiles(join(folder, table), left, tables[table] !== undefined);
    }
    // A run that died while it held this lock has left it.
    await (await lockManifest(folder))();
  }
  await files.rm(drafts, { recursive: true, force: true });
}

/** Whether a table was published, and no manifest names it any more: what is there of it is left alone until that is restored, and the notes with it. */
async function isUnnamed(
  folder: string,
  notes: ReadonlyMap<string, Placing>,
  tables: Readonly<Record<string, ManifestTable>>,
): Promise<boolean> {
  for (const [table, { removed }] of notes) {
    if (tables[table] !== undefined) continue;
    for (const path of removed) if (await isThere(join(folder, path))) return true;
  }
  return false;
}

/** What is noted of a table and of its child tables, by the names of their folders. */
async function notesIn(drafts: string, table: string): Promise<Map<string, Placing>> {
  const notes = new Map<string, Placing>();
  const own = await readNote(drafts);
  if (own !== undefined) notes.set(table, own);
  const entries = await readdir(drafts, { withFileTypes: true }).catch(() => []);
  for (const child of entries.filter((entry) => entry.isDirectory())) {
    const note = await readNote(join(drafts, child.name));
    if (note !== undefined) notes.set(child.name, note);
  }
  return notes;
}

async function readNote(drafts: string): Promise<Placing | undefined> {
  try {
    return JSON.parse(await readFile(join(drafts, noteName), 'utf8')) as Placing;
  } catch (error) {
    if (error instanceof SyntaxError || hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/**
 * Removes files of a table's folder, by their paths from the folder above it; then the folders of partitions that are empty, and, of a table that
 * is not published, its own.
 */
export async function removeFiles(table: string, paths: readonly string[], isPublished: boolean): Promise<void> {
  const own = resolve(table);
  const isInside = (path: string): boolean => path.startsWith(own + sep);
  const all = paths.map((path) => join(dirname(own), path)).filter(isInside);
  for (const file of all) await files.rm(file, { force: true });
  for (const folder of new Set(all.map((file) => dirname(file)))) {
    let at = folder;
    for (; isInside(at) || (at === own && !isPublished); at = dirname(at)) {
      try {
        await files.rmdir(at);
      } catch (error) {
        if (!hasCode(error, 'ENOENT')) break;
      }
    }
    // What is gone stays gone.
    if (await isThere(at)) await syncFolder(at);
  }
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
