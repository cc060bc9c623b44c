// Tells a file's content from any other without reading all of it.
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { hasCode } from '../stage/index.js';

const sampleBytes = 64 * 1024;

/** The size of a file and a hash of its start and end; empty when there is none. */
export async function filePrint(file: string): Promise<string> {
  // One that cannot be opened is not gone: what is to be done with it must not be forgotten.
  const handle = await open(file, 'r').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (handle === undefined) return '';
  try {
    const { size } = await handle.stat();
    const hash = createHash('sha256');
    for (const start of new Set([0, Math.max(0, size - sampleBytes)])) {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(sampleBytes), 0, sampleBytes, start);
      hash.update(buffer.subarray(0, bytesRead));
    }
    return `${size}-${hash.digest('hex')}`;
  } finally {
    await handle.close();
  }
}
