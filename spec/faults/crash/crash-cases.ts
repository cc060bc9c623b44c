// The loads that are stopped at each file system call: one for each way to write a table. One more is one more entry.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { tableFromIPC } from 'apache-arrow';
import { asapScheduler, defer, lastValueFrom, map, type OperatorFunction, observeOn, range, tap } from 'rxjs';
import type { Receipt, Rows } from '../../../lib/core/index.js';
import { type RestApiConfig, restApi } from '../../../lib/rest-api/index.js';
import { run } from '../../../lib/table/index.js';
import { filterRows } from '../../../operators/index.js';
import { arrow, csv, duckdb, jsonl, type ParquetOptions, parquet } from '../../../sinks/index.js';
import { rowsOfPage, walk } from '../../sinks/killed-load.js';
import { query } from '../../sinks/parquet-file.js';
import type { Crash } from './crashing-disk.js';
import type { PagedApi } from './paged-api.js';

/** Pages of a load that is stopped; the one before it has fewer. */
export const pageCount = 9;
const checkpoint = { pages: 2 };

/** How often a load subscribed to its source, what it asked for, and what it was told to be durable, in pages. Of loads of one walk. */
export interface Seen {
  subscribed: number;
  fetched: number;
  committed: number;
}

export interface CrashCase {
  readonly name: string;
  /** Loads so many pages into the folder. */
  load(out: string, pages: number, seen?: Seen): Promise<unknown>;
  /** The rows of what was published, in their order. */
  rows(out: string): Promise<unknown>;
  /** What may be in the output folder afterwards. */
  readonly files: readonly string[];
  /** Whether a load that is done twice leaves other rows than one that is done once. */
  readonly adds: boolean;
  /** Whether `seen` is filled in. @default true */
  readonly counts?: false;
  /** The crashes that are tried. @default all */
  readonly crashes?: readonly Crash[];
}

const columns = 'id::INTEGER AS id, page::INTEGER AS page, index::INTEGER AS index, text';
const select = (source: string, more = ''): Promise<unknown> => query(`SELECT ${columns}${more} FROM ${source}`);

const into = async (sink: OperatorFunction<Rows, Receipt>, pages: number, seen: Seen | undefined): Promise<unknown> => {
  const fetched = (): void => {
    if (seen !== undefined) seen.fetched += 1;
  };
  const committed = ({ positions, published }: Receipt): void => {
    if (seen !== undefined && !published) seen.committed = 1 + (positions[0]?.page ?? -1);
  };
  const source = defer(() => {
    if (seen !== undefined) seen.subscribed += 1;
    return walk(pages, fetched);
  });
  return await lastValueFrom(source.pipe(sink, tap(committed)));
};

const table = (name: string, options: ParquetOptions, { adds = false, more = '' } = {}): CrashCase => ({
  name,
  load: (out, pages, seen) => into(parquet(join(out, 'table.parquet'), { ...options, checkpoint }), pages, seen),
  rows: (out) => select(`read_parquet('${join(out, 'table.parquet')}')`, more),
  files: ['table.parquet'],
  adds,
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
  rows: async (out) => {
    const file = `read_parquet('${join(out, 'table.parquet')}')`;
    return [
      await query(`SELECT count(*)::INTEGER AS rows, count(DISTINCT id)::INTEGER AS ids FROM ${file}`),
      await query(`SELECT ${columns} FROM ${file} WHERE text <> 'old'`),
    ];
  },
};

const arrowTable: CrashCase = {
  ...table('merge into an Arrow file', {}),
  load: (out, pages, seen) =>
    into(arrow(join(out, 'table.arrow'), { writeDisposition: 'merge', primaryKey: 'id', checkpoint }), pages, seen),
  rows: async (out) =>
    tableFromIPC(await readFile(join(out, 'table.arrow')))
      .toArray()
      .map(String),
  files: ['table.arrow'],
};

/** DuckDB makes its own writes durable, past the disk that stands in for it: only what the library does around them is tried. */
const databaseTables: CrashCase = {
  name: 'two tables of one database',
  load: (out, pages) => {
    const file = join(out, 'tables.duckdb');
    return run([
      walk(pages, () => undefined).pipe(duckdb(file, { table: 'a', checkpoint })),
      walk(pages, () => undefined).pipe(
        duckdb(file, { table: 'b', checkpoint, writeDisposition: 'merge', primaryKey: 'id' }),
      ),
    ]);
  },
  rows: async (out) => {
    const instance = await DuckDBInstance.create(join(out, 'tables.duckdb'), { access_mode: 'READ_ONLY' });
    try {
      const connection = await instance.connect();
      const all = ['a', 'b'].map((name) => connection.runAndReadAll(`SELECT ${columns} FROM ${name}`));
      return (await Promise.all(all)).map((rows) => rows.getRowObjectsJson());
    } finally {
      instance.closeSync();
    }
  },
  files: ['tables.duckdb'],
  adds: true,
  counts: false,
  crashes: ['killed'],
};

const merge = (strategy: 'upsert' | 'insert-only' | 'scd2'): NonNullable<ParquetOptions['writeDisposition']> => ({
  disposition: 'merge',
  strategy,
});

/** A source with a cursor. What the API lists grows with the pages that are asked for. */
function incremental(api: () => PagedApi): CrashCase {
  const load = async (out: string, pages: number): Promise<unknown> => {
    const rows = Array.from({ length: pages * 5 }, (_, index) => ({ id: index, at: index }));
    api().list({ '/rows': rows });
    const config: RestApiConfig = {
      client: { base_url: api().url, paginator: { type: 'offset', limit: 5 }, retry: { initial_delay: 0.001 } },
      resources: [
        {
          name: 'rows',
          write_disposition: 'append',
          endpoint: {
            path: 'rows',
            data_selector: 'data',
            incremental: { cursor_path: 'at', start_param: 'since' },
          },
        },
      ],
    };
    return await restApi(config).run({ out, checkpoint });
  };
  return {
    name: 'an append with the state of its cursor',
    load,
    rows: (out) => query(`SELECT id::INTEGER AS id FROM read_parquet('${join(out, 'rows.parquet')}')`),
    files: ['.sluice', '.sluice/state', '.sluice/state/rows.json', 'rows.parquet'],
    adds: false,
    counts: false,
  };
}

/** Pages without rows: then a commit has positions alone, and no segment. */
const emptyAtFirst: CrashCase = {
  ...table('an append whose first pages are empty', {}, { adds: true }),
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
  ...table('an append of a source that always begins with its first page', {}, { adds: true }),
  load: async (out, pages) => {
    const source = range(0, pages).pipe(
      map((page): Rows => ({ rows: rowsOfPage(page), position: { walk: 'walk', page, next: page + 1 }, bytes: 500 })),
      observeOn(asapScheduler),
    );
    return await lastValueFrom(source.pipe(parquet(join(out, 'table.parquet'), { checkpoint })));
  },
  counts: false,
};

export const crashCases = (api: () => PagedApi): readonly CrashCase[] => [
  table('append', {}, { adds: true }),
  table('merge', { writeDisposition: 'merge', primaryKey: 'id' }),
  table('replace', { writeDisposition: 'replace', primaryKey: 'id' }),
  table('upsert', { writeDisposition: merge('upsert'), primaryKey: 'id' }),
  table('insert-only', { writeDisposition: merge('insert-only'), primaryKey: 'id' }),
  table('scd2', { writeDisposition: merge('scd2') }, { more: ', _dlt_valid_to IS NULL AS current' }),
  table('soft deletion', { writeDisposition: 'merge', primaryKey: 'id', deleteMissing: 'soft' }),
  {
    name: 'several tables of one run, as text',
    load: (out, pages) =>
      run([
        walk(pages, () => undefined).pipe(csv(join(out, 'a.csv'), { checkpoint })),
        walk(pages, () => undefined).pipe(
          jsonl(join(out, 'b.jsonl'), { checkpoint, writeDisposition: 'merge', primaryKey: 'id' }),
        ),
      ]),
    rows: async (out) => [
      await select(`read_csv('${join(out, 'a.csv')}')`),
      await select(`read_json('${join(out, 'b.jsonl')}')`),
    ],
    files: ['.sluice', '.sluice/a.csv.table.json', '.sluice/b.jsonl.table.json', 'a.csv', 'b.jsonl'],
    adds: true,
    counts: false,
  },
  incremental(api),
  emptyAtFirst,
  fromTheStart,
  intoRowGroups,
  arrowTable,
  databaseTables,
];
