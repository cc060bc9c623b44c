// Loads into tables that are one file each.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { asapScheduler, lastValueFrom, map, observeOn, range } from 'rxjs';
import type { Rows } from '../../../lib/core/index.js';
import { run } from '../../../lib/table/index.js';
import { filterRows } from '../../../operators/index.js';
import { type ArrowOptions, arrow, csv, jsonl, type ParquetOptions, parquet } from '../../../sinks/index.js';
import { rowsOfPage, walk } from '../../sinks/killed-load.js';
import { query } from '../../sinks/parquet-file.js';
import { type CrashCase, checkpoint, into, pageCount, rowsOf } from './crash-case.js';

const table = (name: string, options: ParquetOptions, more = ''): CrashCase => ({
  name,
  load: (out, pages, seen) => into(parquet(join(out, 'table.parquet'), { ...options, checkpoint }), pages, seen),
  tables: async (out) => [await rowsOf('read_parquet', join(out, 'table.parquet'), more)],
  files: ['table.parquet'],
});

const merge = (strategy: 'upsert' | 'insert-only' | 'scd2'): NonNullable<ParquetOptions['writeDisposition']> => ({
  disposition: 'merge',
  strategy,
});

/** Rows into the middle of a table of several row groups: those that do not change are copied. */
const intoRowGroups: CrashCase = {
  ...table('merge into a file of which row groups are copied', {}),
  load: async (out, pages, seen) => {
    const isFirst = pages < pageCount;
    const sink = parquet(join(out, 'table.parquet'), {
      writeDisposition: 'merge',
      primaryKey: 'id',
      rowGroupRows: 2048,
      checkpoint,
    });
    const many = map(({ rows: _, ...page }: Rows): Rows => {
      const first = page.position.page * 3000;
      return { ...page, rows: Array.from({ length: 3000 }, (_, index) => ({ id: first + index, text: 'old' })) };
    });
    return await into((rows) => (isFirst ? rows.pipe(many, sink) : rows.pipe(sink)), pages, seen);
  },
  tables: async (out) => {
    const file = `read_parquet('${join(out, 'table.parquet')}')`;
    const counts = `SELECT count(*)::INTEGER AS rows, count(DISTINCT id)::INTEGER AS ids FROM ${file}`;
    // A table of the first load alone has no column "page".
    const changed = `SELECT COLUMNS(* EXCLUDE id)::VARCHAR, id::INTEGER AS id FROM ${file} WHERE text <> 'old'`;
    return [[await query(counts), await query(changed)]];
  },
};

const arrowTable = (name: string, options: ArrowOptions): CrashCase => ({
  name,
  load: (out, pages, seen) => into(arrow(join(out, 'table.arrow'), { ...options, checkpoint }), pages, seen),
  tables: async (out) => {
    const file = join(out, 'table.arrow');
    return [
      existsSync(file)
        ? tableFromIPC(await readFile(file))
            .toArray()
            .map(String)
        : [],
    ];
  },
  files: ['table.arrow'],
});

/** Pages without rows: then a commit has positions alone, and no segment. */
const emptyAtFirst: CrashCase = {
  ...table('an append whose first pages are empty', {}),
  load: (out, pages, seen) => {
    const sink = parquet(join(out, 'table.parquet'), { checkpoint });
    return into(
      (rows) =>
        rows.pipe(
          filterRows((row) => Number(row['page']) > 5 || pages < 5),
          sink,
        ),
      pages,
      seen,
    );
  },
};

/** A source that knows no place to go on from, and brings all of its pages again. */
const fromTheStart: CrashCase = {
  ...table('an append of a source that always begins with its first page', {}),
  load: async (out, pages) => {
    const source = range(0, pages).pipe(
      map((page): Rows => ({ rows: rowsOfPage(page), position: { walk: 'walk', page, next: page + 1 }, bytes: 500 })),
      observeOn(asapScheduler),
    );
    return await lastValueFrom(source.pipe(parquet(join(out, 'table.parquet'), { checkpoint })));
  },
  counts: false,
};

const texts: CrashCase = {
  name: 'several tables of one run, as text',
  load: (out, pages) =>
    run([
      walk(pages, () => undefined).pipe(csv(join(out, 'a.csv'), { checkpoint })),
      walk(pages, () => undefined).pipe(
        jsonl(join(out, 'b.jsonl'), { checkpoint, writeDisposition: 'merge', primaryKey: 'id' }),
      ),
      walk(pages, () => undefined).pipe(csv(join(out, 'c.csv.gz'), { checkpoint, writeDisposition: 'replace' })),
      walk(pages, () => undefined).pipe(jsonl(join(out, 'd.jsonl.zst'), { checkpoint })),
    ]),
  tables: async (out) => [
    await rowsOf('read_csv', join(out, 'a.csv')),
    await rowsOf('read_json', join(out, 'b.jsonl')),
    await rowsOf('read_csv', join(out, 'c.csv.gz')),
    await rowsOf('read_json', join(out, 'd.jsonl.zst')),
  ],
  files: [
    '.sluice',
    ...['a.csv', 'b.jsonl', 'c.csv.gz', 'd.jsonl.zst'].map((name) => `.sluice/${name}.table.json`),
    ...['a.csv', 'b.jsonl', 'c.csv.gz', 'd.jsonl.zst'],
  ],
  counts: false,
};

export const fileCases: readonly CrashCase[] = [
  table('append', {}),
  table('merge', { writeDisposition: 'merge', primaryKey: 'id' }),
  table('replace', { writeDisposition: 'replace', primaryKey: 'id' }),
  table('upsert', { writeDisposition: merge('upsert'), primaryKey: 'id' }),
  table('insert-only', { writeDisposition: merge('insert-only'), primaryKey: 'id' }),
  table('scd2', { writeDisposition: merge('scd2') }, ', _dlt_valid_to IS NULL AS current'),
  table('soft deletion', { writeDisposition: 'merge', primaryKey: 'id', deleteMissing: 'soft' }),
  table('a merge without DuckDB', { writeDisposition: 'merge', primaryKey: 'id', engine: 'parquetjs' }),
  { ...table('a merge into a new table', { writeDisposition: 'merge', primaryKey: 'id' }), before: 0 },
  emptyAtFirst,
  fromTheStart,
  intoRowGroups,
  arrowTable('append to an Arrow file', {}),
  arrowTable('merge into an Arrow file', { writeDisposition: 'merge', primaryKey: 'id' }),
  arrowTable('replace an Arrow file', { writeDisposition: 'replace' }),
  texts,
];
