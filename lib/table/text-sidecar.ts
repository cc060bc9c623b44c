// CSV and JSON lines have no place for metadata: what a Parquet file says in its footer is in a file beside them, in `.sluice/`.
import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { writeDurably } from '../stage/index.js';
import { placeOf } from './layout.js';

/** What is known of one published file. */
export interface TextDescription {
  /** Tells the file's content from any other: see `fingerprint`. */
  readonly fingerprint: string;
  readonly rows: number;
  /** No line of the file is longer than this, in bytes. */
  readonly longestLine: number;
  readonly metadata: Readonly<Record<string, string>>;
}

interface Sidecar {
  readonly version: 1;
  /** The file that is being put in place, and the one that was there: whichever a crash leaves is known. */
  readonly files: readonly TextDescription[];
}

/** Where a published file is described, or a draft that is to take its place. */
export function sidecarPath(path: string): string {
  const file = placeOf(path);
  return join(dirname(file), '.sluice', `${basename(file)}.table.json`);
}

/** What is known of a file; `undefined` when it was not written here, or was changed since. */
export async function describedText(file: string): Promise<TextDescription | undefined> {
  const content = await readFile(sidecarPath(file), 'utf8').catch(() => undefined);
  if (content === undefined) return undefined;
  const found = await fingerprint(file);
  const { files } = JSON.parse(content) as Sidecar;
  return files.find((each) => each.fingerprint === found);
}

/** Notes what is known of a file that is about to be put in the place of `file`. Durable when it resolves. */
export async function describeText(
  file: string,
  draft: string,
  description: Omit<TextDescription, 'fingerprint'>,
): Promise<void> {
  const previous = await describedText(file);
  const next = { fingerprint: await fingerprint(draft), ...description };
  const sidecar: Sidecar = { version: 1, files: previous === undefined ? [next] : [next, previous] };
  const path = sidecarPath(file);
  await writeDurably(path, JSON.stringify(sidecar));
}

const sampleBytes = 64 * 1024;

/** The size of a file and a hash of its start and end; empty when there is none. */
async function fingerprint(file: string): Promise<string> {
  const handle = await open(file, 'r').catch(() => undefined);
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
