// A log of wide rows in files of a few rows each: the engine reads as many rows at once as it finds in one file.
import { createReadStream } from 'node:fs';
import { type FileHandle, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { AbortedError } from '../core/index.js';
import { files } from '../stage/index.js';
import type { Publication } from './engine.js';
import { hasFinalTypes } from './loaded-rows.js';
import { wideBytes } from './row-groups.js';
import { writeAll } from './splice/beginning.js';

type Log = Pick<Publication, 'segments' | 'parts' | 'schema' | 'scratch' | 'signal'>;

/** The log with its large segments cut into files of the scratch folder, but for those that are typed already. */
export async function sliced<L extends Log>(log: L): Promise<L> {
  const { scratch, signal, parts, schema } = log;
  await files.mkdir(scratch, { recursive: true });
  const segments: string[] = [];
  for (const segment of log.segments) {
    const { size } = await stat(segment);
    const part = parts?.get(segment);
    const isTyped = part !== undefined && hasFinalTypes(part, schema);
    if (isTyped || size < 1.5 * wideBytes) segments.push(segment);
    else segments.push(...(await slicesOf(segment, scratch, signal)));
  }
  return { ...log, segments };
}

/** Removes what was cut for this log. */
export async function removeSlices(log: Log, cut: Log): Promise<void> {
  const own = new Set(log.segments);
  for (const file of cut.segments) if (!own.has(file)) await files.rm(file, { force: true });
}

/** Files of whole lines: each ends with the line in which it reaches its size. */
export async function slicesOf(segment: string, folder: string, signal?: AbortSignal): Promise<string[]> {
  const slices: string[] = [];
  let target: FileHandle | undefined;
  let written = 0;
  try {
    for await (const chunk of bytesOf(segment)) {
      if (signal?.aborted) throw new AbortedError();
      for (let start = 0; start < chunk.length; ) {
        if (target === undefined) {
          slices.push(join(folder, `${basename(segment)}.${slices.length}`));
          target = await files.open(slices.at(-1)!, 'w');
          written = 0;
        }
        const room = wideBytes - written;
        const lineEnd = room > 0 ? 0 : chunk.indexOf(lineFeed, start) + 1;
        const end = room > 0 ? Math.min(start + room, chunk.length) : lineEnd || chunk.length;
        await writeAll(target, chunk.subarray(start, end), written);
        written += end - start;
        start = end;
        if (lineEnd === 0) continue;
        await target.close();
        target = undefined;
      }
    }
  } finally {
    await target?.close();
  }
  return slices;
}

function bytesOf(path: string): AsyncIterable<Buffer> {
  const bytes = createReadStream(path, { highWaterMark: 1024 * 1024 });
  if (!path.endsWith('.gz')) return bytes as AsyncIterable<Buffer>;
  const unpacked = createGunzip();
  bytes.on('error', (error) => unpacked.destroy(error));
  return bytes.pipe(unpacked) as AsyncIterable<Buffer>;
}

const lineFeed = 0x0a;
