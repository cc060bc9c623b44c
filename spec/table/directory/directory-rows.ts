// Reads a table that is a directory back as its readers do: by the files that the manifest names, with the columns that their folders tell.
import { basename, dirname, join } from 'node:path';
import { readManifest } from '../../../lib/table/directory/manifest.js';
import { query } from '../../sinks/parquet-file.js';

/** The paths of the current files, relative to the output folder. */
export async function currentFiles(path: string): Promise<string[]> {
  const files = (await readManifest(dirname(path)))?.tables[basename(path)]?.files ?? [];
  return files.map((file) => file.path).sort();
}

/** The rows of the current files. */
export async function directoryRows(path: string, sql = '*'): Promise<Record<string, unknown>[]> {
  const list = (await currentFiles(path)).map((file) => `'${join(dirname(path), file).replaceAll("'", "''")}'`);
  if (list.length === 0) return [];
  return await query(
    `SELECT ${sql} FROM read_parquet([${list.join(', ')}], hive_partitioning=true, hive_types_autocast=false)`,
  );
}
