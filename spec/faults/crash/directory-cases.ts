// Loads into tables that are directories, which change all at once: by the rename of their manifest.
import { join } from 'node:path';
import { asapScheduler, map, type Observable, share, subscribeOn } from 'rxjs';
import type { Rows } from '../../../lib/core/index.js';
import { run } from '../../../lib/table/index.js';
import { type ParquetOptions, parquet } from '../../../sinks/index.js';
import { walk } from '../../sinks/killed-load.js';
import { directoryRows } from '../../table/directory/directory-rows.js';
import { type CrashCase, checkpoint, into, sortedLines } from './crash-case.js';

const columns = 'id::INTEGER AS id, page::INTEGER AS page, part';

/** Rows move from one partition to another, since their keys come again on later pages. */
const partitioned = map(
  (page: Rows): Rows => ({ ...page, rows: page.rows.map((row) => ({ ...row, part: `p${Number(row['page']) % 3}` })) }),
);

const rowsIn = async (out: string, table: string): Promise<string[]> =>
  sortedLines(await directoryRows(join(out, table), columns));

const one = (name: string, options: ParquetOptions): CrashCase => ({
  name,
  load: (out, pages, seen) => {
    const sink = parquet(join(out, 'things'), { ...options, checkpoint });
    return into((rows: Observable<Rows>) => rows.pipe(partitioned, sink), pages, seen);
  },
  tables: async (out) => [await rowsIn(out, 'things')],
  files: ['_manifest.json'],
  together: true,
});

const two: CrashCase = {
  name: 'two directories of one run',
  load: (out, pages) => {
    const source = walk(pages, () => undefined).pipe(
      partitioned,
      // Its first page comes when both tables listen.
      subscribeOn(asapScheduler),
      share(),
    );
    const merge = { writeDisposition: 'merge', primaryKey: 'id', partitionBy: 'part' } as const;
    return run([
      source.pipe(parquet(join(out, 'things'), { ...merge, checkpoint })),
      source.pipe(parquet(join(out, 'log'), { layout: 'directory', fileMaxItems: 40, checkpoint })),
    ]);
  },
  tables: async (out) => [await rowsIn(out, 'things'), await rowsIn(out, 'log')],
  files: ['_manifest.json'],
  together: true,
  counts: false,
};

const merge = { writeDisposition: 'merge', primaryKey: 'id' } as const;

export const directoryCases: readonly CrashCase[] = [
  one('append to a directory', { layout: 'directory', fileMaxItems: 40 }),
  one('append to partitions', { partitionBy: 'part' }),
  one('merge into a directory', { ...merge, layout: 'directory', fileMaxItems: 40 }),
  one('merge into partitions', { ...merge, partitionBy: 'part' }),
  one('replace partitions', { writeDisposition: 'replace', partitionBy: 'part' }),
  two,
  { ...two, name: 'two directories of one run that are new', before: 0 },
];
