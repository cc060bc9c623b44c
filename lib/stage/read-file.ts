// Reading a small file of a stage that may be gone, or on a part of the disk that cannot be read.
import { readFile } from 'node:fs/promises';
import { hasCode } from './durable.js';

/** A failure that passes is tried again so often. */
const attempts = 3;

/** What a file holds; `gone` when there is none, and `unreadable` when the disk does not give it. Other failures are thrown. */
export async function readIfThere(file: string): Promise<Buffer | 'gone' | 'unreadable'> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await readFile(file);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return 'gone';
      if (!hasCode(error, 'EIO')) throw error;
      if (attempt === attempts) return 'unreadable';
    }
  }
}
