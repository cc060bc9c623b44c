// The manifest of an output folder: one file that names the current files of all tables in it that are directories. It is replaced by one
// rename, so who reads it sees all tables of a run as they were before the run, or all as they are after it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFolder, StageError, writeDurably } from '../../stage/index.js';
import { TableError } from '../table-error.js';
import { version as writer } from '../version.js';
import type { PartitionTransform, PartitionValues } from './partition.js';

const manifestVersion = 1;

/** Its name in the output folder. Readers of directories leave names out that start with `_`. */
export const manifestName = '_manifest.json';

export interface ManifestFile {
  /** From the manifest's folder, with `/`. */
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
  /** The value of each field of `partition_by`; `null` for NULL. */
  readonly partition?: PartitionValues;
}

export interface ManifestTable {
  readonly format: string;
  /** The load that published it. */
  readonly load_id: string;
  readonly rows: number;
  readonly partition_by: readonly { readonly column: string; readonly transform: PartitionTransform }[];
  /** What each file says of the table, under the key `sluice`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly files: readonly ManifestFile[];
}

export interface Manifest {
  readonly version: number;
  readonly writer: string;
  /** The load that wrote it last. */
  readonly load_id: string;
  readonly published_at: string;
  /** By the name of the table's directory. */
  readonly tables: Readonly<Record<string, ManifestTable>>;
}

/**
 * The manifest of an output folder; `undefined` when there is none.
 * @throws TableError `ERR_TABLE_CORRUPT` when it is damaged, or was written by a newer Sluice.
 */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const file = join(folder, manifestName);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
    throw error;
  }
  const manifest = parse(text);
  const unreadable = (reason: string): TableError =>
    new TableError('ERR_TABLE_CORRUPT', file, `the manifest cannot be read: ${reason}. Restore it from a backup.`);
  if (typeof manifest?.version !== 'number' || typeof manifest.tables !== 'object' || manifest.tables === null) {
    throw unreadable('it is damaged');
  }
  if (manifest.version > manifestVersion) throw unreadable(`it has version ${manifest.version}; update Sluice`);
  return manifest;
}

function parse(text: string): Manifest | undefined {
  try {
    return JSON.parse(text) as Manifest;
  } catch {
    return undefined;
  }
}

/** A table as a manifest is to name it. */
export interface ManifestEntry {
  /** The manifest's folder. */
  readonly folder: string;
  readonly name: string;
  readonly table: ManifestTable;
}

/** Publishes tables: one rename for all of one folder. Other tables in the manifest stay as they are. */
export async function publishManifests(loadId: string, entries: readonly ManifestEntry[]): Promise<void> {
  const folders = new Set(entries.map(({ folder }) => folder));
  for (const folder of folders) {
    await publishManifest(
      folder,
      loadId,
      entries.filter((entry) => entry.folder === folder),
    );
  }
}

async function publishManifest(folder: string, loadId: string, entries: readonly ManifestEntry[]): Promise<void> {
  // Runs of other tables write to the same manifest.
  const unlock = await lockManifest(folder);
  try {
    const before = await readManifest(folder);
    const tables = { ...before?.tables, ...Object.fromEntries(entries.map(({ name, table }) => [name, table])) };
    const manifest: Manifest = {
      version: manifestVersion,
      writer: `sluice ${writer}`,
      load_id: loadId,
      published_at: new Date().toISOString(),
      tables,
    };
    await writeDurably(join(folder, manifestName), JSON.stringify(manifest));
  } finally {
    await unlock();
  }
}

/** Others hold it for as long as it takes to write one file. */
const patience = 60_000;

/** Keeps other runs from the manifest of a folder. Returns the function that lets them at it again, and leaves nothing behind. */
export async function lockManifest(folder: string): Promise<() => Promise<void>> {
  for (const until = performance.now() + patience; ; ) {
    try {
      return await lockFolder(join(folder, '.sluice', manifestName));
    } catch (error) {
      const isHeld = error instanceof StageError && error.code === 'ERR_STAGE_LOCKED';
      if (!isHeld || performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 30));
    }
  }
}
