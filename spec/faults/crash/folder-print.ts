// Tells whether two folders hold the same.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A line for each file and each folder: its path, and the checksum of what it holds. */
export async function folderPrint(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const lines = entries.map(async (entry) => {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const sum = entry.isFile()
      ? createHash('sha1')
          .update(await readFile(path))
          .digest('hex')
      : 'a folder';
    return `${path.slice(folder.length + 1)} ${sum}`;
  });
  return (await Promise.all(lines)).sort();
}
