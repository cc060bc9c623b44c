// How the rows of a directory are grouped, by what its manifest says of their size.
import { join } from 'node:path';
import type { Publication } from '../engine.js';
import { largestRowBytes, type RowGroups, rowGroups } from '../row-groups.js';
import type { ManifestFile } from './manifest.js';

/** Where it is to be `careful`, the files are looked into. */
export async function directoryGroups(
  publication: Omit<Publication, 'destination' | 'previous'>,
  { files, folder }: { readonly files: readonly ManifestFile[]; readonly folder: string } = { files: [], folder: '' },
  careful = false,
): Promise<RowGroups> {
  if (careful) {
    const publishedBytes = await largestRowBytes(files.map(({ path }) => join(folder, path)));
    return await rowGroups(publication, { publishedBytes, careful });
  }
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return await rowGroups({ ...publication, previous: { rows, bytes } });
}
