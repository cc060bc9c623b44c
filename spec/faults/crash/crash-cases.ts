// The loads that are stopped at each file system call: one for each way to write a table. One more is one more entry.
import { join } from 'node:path';
import { asapScheduler, defer, lastValueFrom, map, type OperatorFunction, observeOn, range, tap } from 'rxjs';
import type { Receipt, Rows } from '../../../lib/core/index.js';
import { type RestApiConfig, restApi } from '../../../lib/rest-api/index.js';
import { run } from '../../../lib/table/index.js';
import { filterRows } from '../../../operators/index.js';
import { csv, jsonl, type ParquetOptions, parquet } from '../../../sinks/index.js';
import { rowsOfPage, walk } from '../../sinks/killed-load.js';
import { query } from '../../sinks/parquet-file.js';
import type { PagedApi } from './paged-api.js';

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
];
