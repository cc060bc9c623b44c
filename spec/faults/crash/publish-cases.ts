// The loads of which the stage is damaged while they are published: one for each way to put tables in their places. One more is one more entry.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { tableFromIPC } from 'apache-arrow';
import { map, Observable } from 'rxjs';
import type { Row, Rows } from '../../../lib/core/index.js';
import { dividedSink, run } from '../../../lib/table/index.js';
import { arrow, csv, duckdb, parquet } from '../../../sinks/index.js';
import { pagesOf, query } from '../../sinks/parquet-file.js';

/** Gives other rows in each load, and counts how often it was asked. */
export class Source {
  asked = 0;

  constructor(readonly read: number) {}

  pages(): Observable<Rows> {
    return new Observable((subscriber) => {
      this.asked += 1;
      const { read } = this;
      const pages = [0, 1, 2].map((page) =>
        [0, 1, 2].map((index): Row => ({ id: page * 3 + index, read, part: index % 2, l: [{ a: index }] })),
      );
      // A page with a value that the contract leaves out, where there is one.
      pages[1]!.push({ id: 99, read, part: 'none', l: [] });
      for (const page of pagesOf(pages)) subscriber.next(page);
      subscriber.complete();
    });
  }
}

export interface PublishCase {
  readonly name: string;
  load(out: string, source: Source): Promise<unknown>;
  rows(out: string): Promise<unknown>;
  readonly stage: string;
  /** The rename with which the first rows of a load are seen; absent where it is no call of ours. */
  readonly placed?: string;
  /** What may be in the output folder afterwards. */
  readonly files: readonly string[];
}

const all = (file: string): Promise<unknown> => query(`SELECT * FROM read_parquet('${file}')`);
export const checkpoint = { pages: 2 };
const contract = { schemaContract: { data_type: 'discard_row' }, columns: { part: { data_type: 'bigint' } } } as const;

export const publishCases: readonly PublishCase[] = [
  {
    name: 'append',
    load: (out, source) => run(source.pages().pipe(parquet(join(out, 't.parquet'), { checkpoint }))),
    rows: (out) => all(join(out, 't.parquet')),
    stage: 't.parquet',
    placed: 'rename t.parquet',
    files: ['t.parquet'],
  },
  {
    name: 'several plain files, one of them text',
    load: (out, source) =>
      run([
        source.pages().pipe(csv(join(out, 'a.csv'), { checkpoint })),
        source.pages().pipe(parquet(join(out, 'b.parquet'), { checkpoint })),
        source.pages().pipe(arrow(join(out, 'c.arrow'), { checkpoint })),
        source.pages().pipe(csv(join(out, 'd.csv.gz'), { checkpoint })),
      ]),
    rows: async (out) => [
      await readFile(join(out, 'a.csv'), 'utf8'),
      await all(join(out, 'b.parquet')),
      tableFromIPC(await readFile(join(out, 'c.arrow')))
        .toArray()
        .map(String),
      await query(`SELECT * FROM read_csv('${join(out, 'd.csv.gz')}')`),
    ],
    stage: 'a.csv+b.parquet+c.arrow+d.csv.gz',
    placed: 'rename a.csv',
    files: ['.sluice', 'a.csv', 'b.parquet', 'c.arrow', 'd.csv.gz'],
  },
  {
    name: 'child tables and dead letters',
    load: (out, source) =>
      run(
        source
          .pages()
          .pipe(parquet(join(out, 't.parquet'), { ...contract, nesting: 'tables', deadLetters: true, checkpoint })),
      ),
    rows: async (out) => [
      await query(
        `SELECT t.id, t.read, c.a FROM read_parquet('${out}/t.parquet') t FULL JOIN read_parquet('${out}/t__l.parquet') c ON c._dlt_parent_id = t._dlt_id ORDER BY ALL`,
      ),
      await readFile(join(out, 't.dead.jsonl'), 'utf8').then((text) => text.split('\n').length),
    ],
    stage: 't.parquet',
    placed: 'rename t__l.parquet',
    files: ['t.dead.jsonl', 't.parquet', 't__l.parquet'],
  },
  {
    name: 'one that has nothing to change, beside one that has: rows that are missing in a load would be deleted in it, and in its child table',
    load: (out, source) =>
      run([
        source.pages().pipe(parquet(join(out, 'a.parquet'), { checkpoint })),
        source.pages().pipe(
          map(({ raw: _, ...page }) => ({ ...page, rows: page.rows.map(({ id, l }) => ({ id, l })) })),
          parquet(join(out, 'b.parquet'), {
            writeDisposition: 'merge',
            primaryKey: 'id',
            deleteMissing: 'hard',
            nesting: 'tables',
            checkpoint,
          }),
        ),
      ]),
    rows: (out) => Promise.all(['a', 'b', 'b__l'].map((table) => all(join(out, `${table}.parquet`)))),
    stage: 'a.parquet+b.parquet',
    placed: 'rename a.parquet',
    files: ['a.parquet', 'b.parquet', 'b__l.parquet'],
  },
  {
    name: 'child tables that change while their table does not',
    load: (out, source) =>
      run(
        source.pages().pipe(
          map(({ raw: _, ...page }) => ({
            ...page,
            // A row that comes later is one that the table would take in, without those of its child table.
            rows: page.rows.map(({ id, read }) => ({
              id: read === 3 ? Number(id) + 100 : id,
              l: [{ a: read }],
            })),
          })),
          parquet(join(out, 't.parquet'), {
            writeDisposition: 'merge',
            primaryKey: 'id',
            nesting: 'tables',
            checkpoint,
          }),
        ),
      ),
    rows: (out) =>
      query(
        `SELECT t.id, c.a FROM read_parquet('${out}/t.parquet') t FULL JOIN read_parquet('${out}/t__l.parquet') c ON c._dlt_parent_id = t._dlt_id ORDER BY ALL`,
      ),
    stage: 't.parquet',
    placed: 'rename t__l.parquet',
    files: ['t.parquet', 't__l.parquet'],
  },
  {
    name: 'child tables that change while their table does not: directories',
    load: (out, source) =>
      run(
        source.pages().pipe(
          map(({ raw: _, ...page }) => ({
            ...page,
            // A row that comes later is one that the table would take in, without those of its child table.
            rows: page.rows.map(({ id, read }) => ({
              id: read === 3 ? Number(id) + 100 : id,
              l: [{ a: read }],
            })),
          })),
          parquet(join(out, 't/'), {
            writeDisposition: 'merge',
            primaryKey: 'id',
            nesting: 'tables',
            checkpoint,
          }),
        ),
      ),
    rows: (out) =>
      query(
        `SELECT t.id, c.a FROM read_parquet('${out}/t/*.parquet') t FULL JOIN read_parquet('${out}/t__l/*.parquet') c ON c._dlt_parent_id = t._dlt_id ORDER BY ALL`,
      ),
    stage: 't',
    placed: 'rename _manifest.json',
    files: ['_manifest.json', 't', 't__l'],
  },
  {
    name: 'tables that are found as their rows come',
    load: (out, source) =>
      run(
        source.pages().pipe(
          dividedSink<Row>(
            {
              name: 'd',
              path: join(out, 'd'),
              tables: [],
              divide: ({ rows }) =>
                new Map([0, 1, 'none'].map((part) => [`p${part}`, rows.filter((row) => row['part'] === part)])),
              sinkOf: (table) => parquet(join(out, `${table}.parquet`)),
              remembered: () => null,
              recall: () => undefined,
              forget: () => undefined,
            },
            { checkpoint },
          ),
        ),
      ),
    rows: (out) => Promise.all(['p0', 'p1', 'pnone'].map((table) => all(join(out, `${table}.parquet`)))),
    stage: 'd',
    placed: 'rename p0.parquet',
    files: ['p0.parquet', 'p1.parquet', 'pnone.parquet'],
  },
  {
    name: 'two directories, one of them merged',
    load: (out, source) =>
      run([
        source.pages().pipe(parquet(join(out, 'a/'), { layout: 'directory', checkpoint })),
        source.pages().pipe(
          parquet(join(out, 'b/'), {
            partitionBy: ['part'],
            primaryKey: 'id',
            writeDisposition: 'merge',
            checkpoint,
          }),
        ),
      ]),
    rows: async (out) => [
      await query(`SELECT id, read FROM read_parquet('${out}/a/**/*.parquet') ORDER BY ALL`),
      await query(`SELECT id, read FROM read_parquet('${out}/b/**/*.parquet') ORDER BY ALL`),
    ],
    stage: 'a+b',
    placed: 'rename _manifest.json',
    files: ['_manifest.json', 'a', 'b'],
  },
  {
    name: 'two tables of a DuckDB database',
    load: (out, source) =>
      run([
        source.pages().pipe(duckdb(join(out, 'd.duckdb'), { table: 'a', checkpoint })),
        source.pages().pipe(duckdb(join(out, 'd.duckdb'), { table: 'b', checkpoint })),
      ]),
    rows: async (out) => {
      const instance = await DuckDBInstance.create(join(out, 'd.duckdb'), { access_mode: 'READ_ONLY' });
      try {
        const connection = await instance.connect();
        const tables = ['a', 'b'].map((name) => connection.runAndReadAll(`SELECT * FROM ${name} ORDER BY ALL`));
        return (await Promise.all(tables)).map((rows) => rows.getRowObjectsJson());
      } finally {
        instance.closeSync();
      }
    },
    stage: 'a@d.duckdb+b@d.duckdb',
    files: ['d.duckdb'],
  },
];
