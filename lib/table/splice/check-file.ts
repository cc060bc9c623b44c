// The look at a spliced file before it is published: three readers must agree with what it should be.
import { asyncBufferFromFile, parquetMetadataAsync } from 'hyparquet';
import { files } from '../../stage/index.js';
import type { Database } from '../duckdb.js';
import { literal } from '../sql-text.js';
import { type Footer, readAt, readFooter } from './footer.js';
import { NotSpliceable } from './not-spliceable.js';
import { Cursor } from './thrift.js';

export interface Expected {
  readonly rows: number;
  readonly groups: number;
}

/**
 * Reads a spliced file's footer with our own reader, with hyparquet and with DuckDB, and the headers of pages where the footer says they are.
 * @throws NotSpliceable when one of them finds something else than it should; errors of DuckDB
 */
export async function checkFile(file: string, expected: Expected, database: Database): Promise<void> {
  const footer = await readFooter(file);
  mustBe('our reader', { rows: footer.rows, groups: footer.groups.length }, expected);
  checkOrder(footer);
  await checkPages(footer);
  const other = await parquetMetadataAsync(await asyncBufferFromFile(file), { geoparquet: false });
  mustBe('hyparquet', { rows: Number(other.num_rows), groups: other.row_groups.length }, expected);
  const path = literal(file.replace(/[*?[]/g, '[$&]'));
  const [rows = -1, groups = -1] = await database.numbers(
    `SELECT num_rows, num_row_groups FROM parquet_file_metadata(${path})`,
  );
  mustBe('DuckDB', { rows, groups }, expected);
}

function mustBe(reader: string, found: Expected, expected: Expected): void {
  if (found.rows === expected.rows && found.groups === expected.groups) return;
  const text = ({ rows, groups }: Expected) => `${rows} rows in ${groups} row groups`;
  throw new NotSpliceable(`${reader} found ${text(found)} in the spliced file, not ${text(expected)}`);
}

function checkOrder({ groups }: Footer): void {
  let end = 4;
  for (const group of groups) {
    if (group.start < end) throw new NotSpliceable('row groups of the spliced file overlap');
    end = group.end;
  }
  if (groups.some(({ attachments }) => attachments.some(({ offset }) => offset < end))) {
    throw new NotSpliceable('an index of the spliced file is among its pages');
  }
}

/** A page header is at most this long; what is longer has statistics in it, and its first fields are enough. */
const headerBytes = 64;
const compressedSize = 3;

/** Where the first and the last column of each group start there must be the header of a page that fits. */
async function checkPages({ file, groups }: Footer): Promise<void> {
  const handle = await files.open(file, 'r');
  try {
    for (const { chunks } of groups) {
      for (const { start, length } of [chunks[0]!, chunks.at(-1)!]) {
        const bytes = await readAt(handle, start, Math.min(headerBytes, length));
        if (sizeOfPage(bytes) > length) throw new NotSpliceable('there is no page where the spliced file says');
      }
    }
  } finally {
    await handle.close();
  }
}

/** Size in bytes of the page that a header is about. */
function sizeOfPage(header: Uint8Array): number {
  const cursor = new Cursor(header);
  // The first three fields are the type, the size, and the size as compressed.
  for (let id = 1; id <= compressedSize; id += 1) {
    if (cursor.byte() !== 0x15) return Number.POSITIVE_INFINITY;
    const value = cursor.integer();
    if (id === compressedSize && value >= 0) return value;
  }
  return Number.POSITIVE_INFINITY;
}
