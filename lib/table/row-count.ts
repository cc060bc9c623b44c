// Whether a publish has read all rows that were logged: whatever the reason, a table that lacks some must not be published.
import { createReadStream } from 'node:fs';
import type { Publication } from './engine.js';
import { TableError } from './table-error.js';

/**
 * Compares the rows that were read from the log with those that were logged.
 * @throws TableError `ERR_TABLE_ROWS` when they are not the same
 */
export function checkRead({ table, rows }: Pick<Publication, 'table' | 'rows'>, read: number): void {
  if (read === rows) return;
  const message =
    `${rows} rows were logged and ${read} were read back. Nothing of it is published, and the rows are kept in the stage. ` +
    'Run again: they are read anew. When it comes again, a file of the stage was changed or is damaged: move the folder of the ' +
    'stage away, and the run starts from the beginning.';
  throw new TableError('ERR_TABLE_ROWS', table, message);
}

/**
 * Compares the rows that a file has got with those that were to go there.
 * @throws TableError `ERR_TABLE_ROWS` when they are not the same
 */
export function checkWritten({ table }: Pick<Publication, 'table'>, rows: number, written: number): void {
  if (written === rows) return;
  const message = `${rows} rows were to be written and ${written} were. Nothing of it is published, and the rows are kept in the stage. Run again.`;
  throw new TableError('ERR_TABLE_ROWS', table, message);
}

/** How many lines files have. */
export async function countLines(paths: readonly string[]): Promise<number> {
  let lines = 0;
  for (const path of paths) {
    for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
      lines += linesIn(chunk);
    }
  }
  return lines;
}

/** How many lines end in these bytes. */
export function linesIn(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) lines += 1;
  return lines;
}

const lineFeed = 0x0a;
