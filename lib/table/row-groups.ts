// How many rows a row group gets: what a thread holds in memory while it writes, and what a reader takes in at once.
import { stat } from 'node:fs/promises';
import type { Publication } from './engine.js';
import { countLines } from './row-count.js';
import { type Footer, readFooter } from './splice/footer.js';
import { NotSpliceable } from './splice/not-spliceable.js';

export interface RowGroups {
  /** Rows of a full row group of the published file. */
  readonly rows: number;
  /** Rows of a full row group of a file that is only read again soon. */
  readonly quickRows: number;
  /** Whether as many rows as DuckDB works with at once would be too large: they are passed on a few at a time then, by one thread. */
  readonly isWide: boolean;
}

/** DuckDB works in vectors of so many rows. */
export const vectorRows = 2048;
/** Bytes of log that one row group takes in. */
const rowGroupBytes = 16 * 1024 * 1024;
/** Rows of so many bytes on average are wide: a vector of them takes 64 MiB. */
const wideRow = 32 * 1024;
/** Bytes of wide rows that are passed on at a time, and that a row group has. */
export const wideBytes = 4 * 1024 * 1024;
/** One row group for a segment of usual rows. */
const usualRows = 60 * vectorRows;

export interface RowGroupOptions {
  /** Rows of a full row group of the published file, whose row groups may be copied. @default it has none */
  readonly publishedRows?: number;
  /** Bytes of a published row. @default as the size of what is published says */
  readonly publishedBytes?: number;
  /** Whether all rows count as wide, and as large as the largest of them: for another attempt, when memory was too little. @default false */
  readonly careful?: boolean;
}

/**
 * How the rows of a publication are grouped. Where the published file has groups of about the usual size, as many as they have: the engine
 * writes rows fastest in the pieces that it reads them in.
 */
export async function rowGroups(
  publication: Pick<Publication, 'layout' | 'segments' | 'rows' | 'longestLine'> & {
    readonly previous?: { readonly rows: number; readonly bytes: number };
  },
  { publishedRows = 0, publishedBytes, careful = false }: RowGroupOptions = {},
): Promise<RowGroups> {
  const { layout, segments, rows, longestLine, previous } = publication;
  const sizes = await Promise.all(segments.map(async (file) => (await stat(file)).size));
  const log = sizes.reduce((sum, size) => sum + size, 0);
  const line = rows === 0 ? 0 : log / rows;
  const published = publishedBytes ?? (previous === undefined ? 0 : previous.bytes / Math.max(previous.rows, 1));
  const row = Math.max(published, careful ? longestLine : line);
  // What is one usual row group in all is held at once.
  const isLarge = log + (previous?.rows ?? 0) * published > rowGroupBytes;
  if ((row >= wideRow && isLarge) || careful) {
    const quickRows = Math.max(Math.floor(wideBytes / Math.max(row, 1)), 1);
    return { rows: layout?.rowGroupRows ?? quickRows, quickRows, isWide: true };
  }
  const usual = rows === 0 ? usualRows : vectorRows * vectorsOf(line);
  const isFound =
    rows > 0 && publishedRows % vectorRows === 0 && publishedRows >= usual / 2 && publishedRows <= usual * 2;
  const each = layout?.rowGroupRows ?? (isFound ? publishedRows : usual);
  return { rows: each, quickRows: each, isWide: false };
}

function vectorsOf(line: number): number {
  return Math.min(Math.max(Math.floor(rowGroupBytes / Math.max(line, 1) / vectorRows), 1), usualRows / vectorRows);
}

/** Bytes of a row before they are compressed: on average, or where they are largest. 0 when the footer does not tell. */
export function rowBytes({ groups, rows }: Pick<Footer, 'groups' | 'rows'>, which: 'average' | 'largest'): number {
  if (which === 'average') return groups.reduce((sum, { size }) => sum + size, 0) / Math.max(rows, 1);
  return groups.reduce((most, group) => Math.max(most, group.size / Math.max(group.rows, 1)), 0);
}

/** The same of the largest rows of several Parquet files. */
export async function largestRowBytes(paths: readonly string[]): Promise<number> {
  let most = 0;
  for (const path of paths) {
    const footer = await readFooter(path).catch((error: unknown) => {
      if (error instanceof NotSpliceable) return undefined;
      throw error;
    });
    if (footer !== undefined) most = Math.max(most, rowBytes(footer, 'largest'));
  }
  return most;
}

/** The rows of a sealed segment are in one row group, unless they are wide. */
export async function sealedGroups(log: Pick<Publication, 'layout' | 'segments' | 'longestLine'>): Promise<RowGroups> {
  const rows = mayBeWide(log) ? await countLines(log.segments) : 0;
  const groups = await rowGroups({ ...log, rows });
  return groups.isWide ? groups : { ...groups, rows: log.layout?.rowGroupRows ?? usualRows };
}

/** Whether any row is wide. */
export function mayBeWide({ longestLine }: Pick<Publication, 'longestLine'>): boolean {
  return longestLine >= wideRow;
}
