// What the manifest says of a table that is a directory: columns, files, metadata.
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { decodeMetadata, metadataKey } from '../../schema/index.js';
import { TableError } from '../table-error.js';
import type { TableInfo } from '../table-info.js';
import { type ManifestFile, type ManifestTable, manifestName, readManifest } from './manifest.js';

export interface DirectoryInfo extends TableInfo {
  readonly files: readonly string[];
  readonly entry: ManifestTable;
}

/**
 * Reads what the manifest beside a directory says of its table, and makes sure that its files are there. Files of the load `own` may be
 * there without a manifest: what a run leaves that dies before its first manifest.
 * @returns `undefined` when there is no such table
 * @throws TableError `ERR_TABLE_PATH` when something else is there, `ERR_TABLE_CORRUPT`; SchemaError `ERR_SCHEMA_METADATA`
 */
export async function readDirectoryInfo(path: string, own?: string): Promise<DirectoryInfo | undefined> {
  const found = await contentOf(path);
  const entry = (await readManifest(dirname(resolve(path))))?.tables[basename(path)];
  if (entry === undefined) {
    const foreign = found.filter((name) => own === undefined || !basename(name).startsWith(`${own}.`));
    if (foreign.length > 0) throw withoutManifest(path, foreign[0]!);
    return undefined;
  }
  await checkFiles(path, entry.files);
  const text = entry.metadata[metadataKey];
  if (text === undefined) throw corrupt(path, `the manifest says nothing of the columns of ${basename(path)}`);
  const metadata = decodeMetadata(text);
  return {
    file: path,
    files: entry.files.map((file) => join(dirname(path), file.path)),
    bytes: entry.files.reduce((sum, { bytes }) => sum + bytes, 0),
    rows: entry.rows,
    schema: { columns: metadata.columns },
    shape: metadata.shape,
    metadata,
    entry,
  };
}

/** The files in a directory whose names readers do not leave out. */
async function contentOf(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile() && !/^[._]/.test(entry.name)).map(({ name }) => name);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return [];
    if ((error as { code?: unknown }).code !== 'ENOTDIR') throw error;
    const message = `${path} is a file. For a table in a directory give the path of a folder, such as out/projects/.`;
    throw new TableError('ERR_TABLE_PATH', basename(path), message);
  }
}

const statsAtOnce = 64;

async function checkFiles(path: string, files: readonly ManifestFile[]): Promise<void> {
  for (let at = 0; at < files.length; at += statsAtOnce) {
    const some = files.slice(at, at + statsAtOnce);
    await Promise.all(
      some.map(async (file) => {
        const size = await stat(join(dirname(path), file.path)).then(
          (found) => found.size,
          () => undefined,
        );
        if (size === undefined) throw corrupt(path, `${file.path}, which the manifest names, is not there`);
        if (size !== file.bytes)
          throw corrupt(path, `${file.path} has ${size} bytes, and not ${file.bytes} as published`);
      }),
    );
  }
}

function withoutManifest(path: string, file: string): TableError {
  const load = /^(\d{8}T\d{6}Z-[0-9a-f]{8})\.\d+\.parquet$/.exec(file)?.[1];
  const origin =
    load === undefined
      ? ''
      : ` The load ${load} of Sluice wrote that one. If the manifest was lost, restore it. If the load was cut short, and .sluice was removed or left behind since, remove the load's files.`;
  const message = `the folder ${path} holds files, such as ${file}, and the file ${manifestName} beside it names no such table. They are left as they are: give another path, or move them away.${origin}`;
  return new TableError('ERR_TABLE_PATH', basename(path), message);
}

function corrupt(path: string, reason: string): TableError {
  const message = `${reason}. The table ${path} is left as it is: restore it from a backup, or move it away together with its entry in ${manifestName} to start anew.`;
  return new TableError('ERR_TABLE_CORRUPT', basename(path), message);
}
