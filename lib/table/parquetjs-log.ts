// Reads the log line by line, without losing a digit.
import { createReadStream } from 'node:fs';
import { parse } from 'lossless-json';

/** The lines of the segments, in order, parsed. Long integers are `bigint`. */
export async function* readLogLines(segments: readonly string[]): AsyncGenerator<object[]> {
  for (const segment of segments) {
    // Lines end with a line feed and nothing else: a text may hold other characters that readline would split at.
    let rest: Buffer = Buffer.alloc(0);
    for await (const read of createReadStream(segment, { highWaterMark: 1024 * 1024 })) {
      const chunk: Buffer = rest.length === 0 ? (read as Buffer) : Buffer.concat([rest, read as Buffer]);
      const end = chunk.lastIndexOf(0x0a) + 1;
      rest = chunk.subarray(end);
      if (end > 0)
        yield chunk
          .toString('utf8', 0, end - 1)
          .split('\n')
          .map(parseLine);
    }
    if (rest.length > 0) yield [parseLine(rest.toString())];
  }
}

function parseLine(line: string): object {
  return parseExact(line) as object;
}

/** Parses JSON; integers beyond 2^53 become `bigint`. Other numbers of the log are doubles that were written in full. */
export function parseExact(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  return parse(text, null, { parseNumber, onDuplicateKey: ({ newValue }) => newValue });
}

function parseNumber(text: string): number | bigint {
  const number = Number(text);
  return /^-?\d+$/.test(text) && !Number.isSafeInteger(number) ? BigInt(text) : number;
}
