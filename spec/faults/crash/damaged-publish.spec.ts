// A run that died after it had put its first table in its place, and whose stage was damaged then: the next one finishes it without asking the
// source, so that no row comes twice and none is lost. SLUICE_CRASHES=all tries every call and every damage; without it, a sample.
import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { tableFromIPC } from 'apache-arrow';
import { expect } from 'chai';
import { Observable } from 'rxjs';
import type { Receipt, Row, Rows } from '../../../lib/core/index.js';
import { restApi } from '../../../lib/rest-api/index.js';
import { dividedSink, run } from '../../../lib/table/index.js';
import { arrow, csv, duckdb, parquet } from '../../../sinks/index.js';
import { pagesOf, query } from '../../sinks/parquet-file.js';
import { CrashingDisk } from './crashing-disk.js';
import { PagedApi } from './paged-api.js';

const every = process.env['SLUICE_CRASHES'] === 'all';

/** Gives other rows in each load, and counts how often it was asked. */
class Source {
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

interface Case {
  readonly name: string;
  load(out: string, source: Source): Promise<Receipt | Receipt[] | unknown>;
  rows(out: string): Promise<unknown>;
  readonly stage: string;
  /** The rename with which the first rows of a load are seen; absent where it is no call of ours. */
  readonly placed?: string;
  /** What may be in the output folder afterwards. */
  readonly files: readonly string[];
}

const all = (file: string): Promise<unknown> => query(`SELECT * FROM read_parquet('${file}')`);
const checkpoint = { pages: 2 };
const contract = { schemaContract: { data_type: 'discard_row' }, columns: { part: { data_type: 'bigint' } } } as const;

const cases: readonly Case[] = [
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

/** Each damages a file in one way. */
const damages: Readonly<Record<string, (file: string) => Promise<void>>> = {
  ...Object.fromEntries(
    [0, 1, 2, 3, 4, 5].map((line) => [`a bit of line ${line} flipped`, (file: string) => flip(file, line)]),
  ),
  'cut to nothing': (file) => truncate(file, 0),
  'cut in half': async (file) => truncate(file, (await readFile(file)).length >> 1),
  removed: (file) => rm(file),
};

async function flip(file: string, line: number): Promise<void> {
  const content = await readFile(file);
  const lines = content.toString('latin1').split('\n');
  const start = lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0);
  const middle = start + ((lines[line]?.length ?? 0) >> 1);
  if (middle >= content.length) return;
  content[middle]! ^= 4;
  await writeFile(file, content);
}

describe('a run that died while it published, and whose stage is damaged', function () {
  this.timeout(every ? 1_200_000 : 120_000);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-damaged-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Stops the second load of a folder before a call. */
  const stopped = async (load: () => Promise<unknown>, out: string, at: number): Promise<CrashingDisk> => {
    const disk = new CrashingDisk(out, at);
    await disk.install();
    await Promise.race([load(), disk.crashed]).finally(() => disk.remove());
    return disk;
  };

  for (const { name, load, rows, stage, placed, files } of cases) {
    it(`is finished without asking its source: ${name}`, async () => {
      const base = join(folder, 'base');
      await load(base, new Source(1));
      const whole = join(folder, 'whole');
      await cp(base, whole, { recursive: true });
      const { trace } = await stopped(() => load(whole, new Source(2)), whole, Number.POSITIVE_INFINITY);
      const once = await rows(whole);
      const end = trace.findIndex((call) => call.startsWith('rm') && call.endsWith('journal.jsonl'));
      const begin = placed === undefined ? end - 2 : trace.indexOf(placed);
      expect(begin).to.be.within(1, end - 1);
      let tried = 0;
      for (let at = begin + 1; at <= end; at += 1) {
        const out = join(folder, `at-${at}`);
        await cp(base, out, { recursive: true });
        const image = join(folder, `image-${at}`);
        await (await stopped(() => load(out, new Source(2)), out, at)).image('killed', image);
        const staged = (await readdir(join(image, '.sluice', stage))).filter((file) => /\.jsonl$/.test(file));
        for (const file of staged) {
          for (const [kind, damage] of Object.entries(damages)) {
            tried += 1;
            if (!every && tried % 29 > 0) continue;
            const copy = join(folder, `copy-${tried}`);
            await cp(image, copy, { recursive: true });
            await damage(join(copy, '.sluice', stage, file));
            const source = new Source(3);
            await load(copy, source);
            const where = `${file} ${kind}, stopped before ${trace[at]} (${at})`;
            expect(await rows(copy), where).to.deep.equal(once);
            expect(source.asked, where).to.equal(0);
            expect((await readdir(copy)).filter((each) => each !== '.sluice').sort(), where).to.deep.equal(
              files.filter((each) => each !== '.sluice'),
            );
            await rm(copy, { recursive: true });
          }
        }
      }
    });
  }

  for (const loads of [0, 1]) {
    it(`begins anew, and leaves no file of before, when no manifest names them yet: directories after ${loads} loads`, async () => {
      const { load, stage, rows } = cases.find(({ name }) => name.includes('directories'))!;
      const base = join(folder, 'base');
      await mkdir(base);
      for (let done = 0; done < loads; done += 1) await load(base, new Source(1));
      const whole = join(folder, 'whole');
      await cp(base, whole, { recursive: true });
      const { trace } = await stopped(() => load(whole, new Source(2)), whole, Number.POSITIVE_INFINITY);
      const once = JSON.stringify(await rows(whole));
      const image = join(folder, 'image');
      const at = trace.indexOf('rename _manifest.json');
      await (await stopped(() => load(base, new Source(2)), base, at)).image('killed', image);
      for (const [kind, damage] of Object.entries(damages)) {
        const copy = join(folder, kind);
        await cp(image, copy, { recursive: true });
        await damage(join(copy, '.sluice', stage, 'journal.jsonl'));
        await load(copy, new Source(3));
        // Rows of the load that was cut short, or of the one after it: each once.
        const found = JSON.stringify(await rows(copy));
        expect(found.replaceAll('"read":"3"', '"read":"2"'), kind).to.equal(once);
      }
    });
  }

  it('goes on with its cursor after the rows that are published', async () => {
    const api = await PagedApi.start();
    try {
      const list = (rows: number): void =>
        api.list({ '/rows': Array.from({ length: rows }, (_, index) => ({ id: index, at: index })) });
      const load = (out: string): Promise<unknown> =>
        restApi({
          client: { base_url: api.url, paginator: { type: 'offset', limit: 5 }, retry: { initial_delay: 0.001 } },
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
        }).run({ out, checkpoint });
      const base = join(folder, 'base');
      list(10);
      await load(base);
      const whole = join(folder, 'whole');
      await cp(base, whole, { recursive: true });
      list(30);
      const { trace } = await stopped(() => load(whole), whole, Number.POSITIVE_INFINITY);
      const renamed = trace.indexOf('rename rows.parquet');
      const out = join(folder, 'out');
      await cp(base, out, { recursive: true });
      list(30);
      const image = join(folder, 'image');
      await (await stopped(() => load(out), out, renamed + 1)).image('killed', image);
      const journal = '.sluice/rows.parquet/journal.jsonl';
      for (const [kind, damage] of Object.entries(damages)) {
        const copy = join(folder, kind);
        await cp(image, copy, { recursive: true });
        await damage(join(copy, journal));
        // More has come meanwhile, which the load that is finished must not skip.
        list(45);
        await load(copy);
        expect(api.served, kind).to.equal(0);
        await load(copy);
        expect(await query(`SELECT id::INTEGER AS id FROM read_parquet('${copy}/rows.parquet')`), kind).to.deep.equal(
          Array.from({ length: 45 }, (_, id) => ({ id })),
        );
      }
    } finally {
      await api.stop();
    }
  });
});
