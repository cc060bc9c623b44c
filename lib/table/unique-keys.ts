// A log whose objects hold no key twice. Rows that went into the log as they stood in their body may hold one, which the engine
// refuses; JSON.parse takes the last value of it, and so does this.
import { createReadStream, createWriteStream } from 'node:fs';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parse, stringify } from 'lossless-json';
import type { Publication } from './engine.js';
import { TableError } from './table-error.js';

/** What the engine reads of a publish. */
type Log = Pick<Publication, 'segments' | 'scratch'>;

/** Does the work, and once more with a log written anew when a row in the log holds a key twice. */
export async function orWithUniqueKeys<L extends Log, T>(log: L, work: (log: L) => Promise<T>): Promise<T> {
  try {
    return await work(log);
  } catch (error) {
    if (!(error instanceof TableError && error.code === 'ERR_ENGINE_DUPLICATE_KEY')) throw error;
    return await work({ ...log, segments: await withUniqueKeys(log.segments, log.scratch) });
  }
}

/** Writes the segments anew into a folder, every digit kept, and gives their new paths. Slow: for the few logs that need it. */
export async function withUniqueKeys(segments: readonly string[], folder: string): Promise<string[]> {
  const written: string[] = [];
  for (const segment of segments) {
    const file = join(folder, `unique.${basename(segment)}`);
    await pipeline(Readable.from(uniqueLines(segment)), createWriteStream(file));
    written.push(file);
  }
  return written;
}

async function* uniqueLines(segment: string): AsyncGenerator<string> {
  for await (const line of linesOf(segment)) {
    yield `${stringify(parse(line, null, { onDuplicateKey: ({ newValue }) => newValue }))}\n`;
  }
}

/** Only a line feed ends a line: Node's readline would end one at U+2028 as well, which may stand in a text. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let begun: Buffer[] = [];
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      yield Buffer.concat([...begun, chunk.subarray(start, end)]).toString();
      begun = [];
      start = end + 1;
    }
    begun.push(chunk.subarray(start));
  }
}

const lineFeed = 0x0a;
