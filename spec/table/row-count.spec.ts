// Rows that were logged and cannot be read back: nothing is published, whatever publishes it, and the error says how many are missing.
import { mkdtemp, readdir, readFile, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'chai';
import {
  concat,
  concatMap,
  defer,
  EMPTY,
  from,
  lastValueFrom,
  type OperatorFunction,
  of,
  throwError,
  timer,
} from 'rxjs';
import type { Receipt, Row, Rows, WriteDisposition } from '../../lib/core/index.js';
import { crc32 } from '../../lib/stage/checksum.js';
import { type JournalRecord, readJournal, rewriteJournal } from '../../lib/stage/journal.js';
import { run } from '../../lib/table/index.js';
import { arrow, csv, duckdb, jsonl, parquet } from '../../sinks/index.js';
import { failureOf, pagesOf, readRows } from '../sinks/parquet-file.js';

interface Options {
  readonly table: string;
  readonly primaryKey: string;
  readonly writeDisposition: WriteDisposition;
  readonly nesting?: 'tables';
}
type Sink = (folder: string, options: Options) => OperatorFunction<Rows, Receipt>;

const sinks: Readonly<Record<string, Sink>> = {
  parquet: (folder, options) => parquet(join(folder, 'things.parquet'), options),
  parquetjs: (folder, options) => parquet(join(folder, 'things.parquet'), { ...options, engine: 'parquetjs' }),
  directory: (folder, options) => parquet(join(folder, 'things'), { ...options, fileMaxItems: 2 }),
  'directory with partitions': (folder, options) =>
    parquet(join(folder, 'things'), { ...options, partitionBy: 'part' }),
  duckdb: (folder, options) => duckdb(join(folder, 'shop.duckdb'), options),
  arrow: (folder, options) => arrow(join(folder, 'things.arrow'), options),
  csv: (folder, options) => csv(join(folder, 'things.csv'), options),
  jsonl: (folder, options) => jsonl(join(folder, 'things.jsonl.gz'), options),
};
const dispositions = ['append', 'merge', 'replace'] as const;
const row = (id: number): Row => ({ id, part: id % 2 === 0 ? 'even' : 'odd' });

describe('a publish that reads fewer rows than were logged', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-row-count-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const cut = new Error('cut');
  /** Logs rows, and stops before they are published. */
  const log = async (sink: OperatorFunction<Rows, Receipt>, rows: readonly Row[]): Promise<void> => {
    const source = concat(
      from(pagesOf([rows, []])),
      throwError(() => cut),
    );
    expect(await failureOf(source.pipe(sink))).to.equal(cut);
  };
  const stageOf = async (): Promise<string> => {
    const [name] = (await readdir(join(folder, '.sluice'), { withFileTypes: true })).filter((each) =>
      each.isDirectory(),
    );
    return join(folder, '.sluice', name!.name);
  };

  /** Takes the last rows out of a table's log, and makes the journal fit the file. */
  const loseRows = async (table: string, count: number): Promise<void> => {
    const stage = await stageOf();
    const { records } = (await readJournal(stage))!;
    const [file = ''] = records.flatMap((each) =>
      each.type === 'commit' ? (each.tables[table]?.segments.map((segment) => segment.file) ?? []) : [],
    );
    const lines = (await readFile(join(stage, file), 'utf8')).trimEnd().split('\n');
    const kept = Buffer.from(lines.slice(0, -count).join('\n') + (lines.length > count ? '\n' : ''));
    await truncate(join(stage, file), kept.length);
    const mark = { file, bytes: kept.length, crc: crc32(kept) };
    const damaged = records.map((each): JournalRecord => {
      const of = each.type === 'commit' ? each.tables[table] : undefined;
      if (each.type !== 'commit' || of === undefined || of.segments.length === 0) return each;
      return { ...each, tables: { ...each.tables, [table]: { ...of, segments: [mark] } } };
    });
    await rewriteJournal(stage, damaged);
  };

  const tablesOf = async (file: string): Promise<Record<string, string>> => {
    const instance = await DuckDBInstance.create(file);
    try {
      const connection = await instance.connect();
      const names = (await connection.runAndReadAll('SELECT table_name FROM duckdb_tables()')).getRows().map(String);
      const all: Record<string, string> = {};
      for (const name of names) {
        const rows = await connection.runAndReadAll(`SELECT * FROM "${name}" ORDER BY ALL`);
        all[name] = JSON.stringify(rows.getRowsJson());
      }
      return all;
    } finally {
      instance.closeSync();
    }
  };

  /** Everything that readers see, by its path. */
  const published = async (): Promise<Record<string, string>> => {
    const all: Record<string, string> = {};
    for (const name of await readdir(folder, { recursive: true })) {
      if (name.startsWith('.sluice') || !(await stat(join(folder, name))).isFile()) continue;
      if (name.endsWith('.duckdb')) Object.assign(all, await tablesOf(join(folder, name)));
      else all[name] = (await readFile(join(folder, name))).toString('base64');
    }
    return all;
  };

  const fails = async (chain: OperatorFunction<Rows, Receipt>, table: string, says: string): Promise<void> => {
    const before = await published();
    const error = await failureOf(EMPTY.pipe(chain));
    expect([error.code, error.message]).to.deep.equal(['ERR_TABLE_ROWS', error.message]);
    expect(error.message).to.include(table).and.to.include(says).and.to.include('kept in the stage');
    expect(await published()).to.deep.equal(before);
    expect(await readdir(await stageOf())).to.include('journal.jsonl');
  };

  for (const [name, sink] of Object.entries(sinks)) {
    it(`is an error of ${name}, and readers see the table as it was`, async () => {
      for (const [number, writeDisposition] of dispositions.entries()) {
        const options = { table: 'things', primaryKey: 'id', writeDisposition };
        const first = [1, 2, 3].map((at) => row(10 * number + at));
        await lastValueFrom(from(pagesOf([first])).pipe(sink(folder, options)));
        await log(sink(folder, options), [row(10 * number + 3), row(10 * number + 4), row(10 * number + 5)]);
        await loseRows('things', 1);
        await fails(sink(folder, options), 'things', '3 rows were logged and 2 were read');
        await rm(join(folder, '.sluice', (await stageOf()).split('/').at(-1)!), { recursive: true });
      }
    }).timeout(60_000);

    it(`is an error of ${name} for a table that is new, also when nothing of the log is left`, async () => {
      for (const writeDisposition of dispositions) {
        const options = { table: 'things', primaryKey: 'id', writeDisposition };
        await log(sink(folder, options), [row(1), row(2)]);
        await loseRows('things', 2);
        await fails(sink(folder, options), 'things', '2 rows were logged and 0 were read');
        await rm(await stageOf(), { recursive: true });
      }
    }).timeout(60_000);

    it(`is an error of ${name} for a child table, and for all of its family`, async () => {
      const order = (id: number, ...skus: string[]): Row => ({ id, lines: skus.map((sku) => ({ sku })) });
      // With a key that comes twice only a part of the child rows counts.
      const loads = { all: [order(1, 'a', 'b'), order(2, 'c')], some: [order(1, 'a'), order(1, 'b'), order(2, 'c')] };
      for (const rows of Object.values(loads)) {
        for (const writeDisposition of dispositions) {
          const options = { table: 'things', primaryKey: 'id', writeDisposition, nesting: 'tables' } as const;
          const flat = name.includes('partitions') ? rows.map((each) => ({ ...each, part: 'x' })) : rows;
          await log(sink(folder, options), flat);
          await loseRows('things__lines', 1);
          await fails(sink(folder, options), 'things__lines', '3 rows were logged and 2 were read');
          await rm(await stageOf(), { recursive: true });
        }
      }
    }).timeout(90_000);
  }

  it('is an error for dead letters', async () => {
    const file = join(folder, 'things.parquet');
    const options = { schemaContract: { data_type: 'discard_row' }, deadLetters: true, primaryKey: 'id' } as const;
    await lastValueFrom(from(pagesOf([[{ id: 1, n: 1 }]])).pipe(parquet(file, options)));
    await log(parquet(file, options), [
      { id: 2, n: 2 },
      { id: 3, n: 'x' },
      { id: 4, n: 'y' },
    ]);
    await loseRows('things (dead letters)', 1);
    await fails(parquet(file, options), 'things (dead letters)', '2 rows were logged and 1 were read');
  });

  it('is an error when a sealed part lacks rows, and the next run reads them from the log', async () => {
    for (const writeDisposition of dispositions) {
      const file = join(folder, `${writeDisposition}.parquet`);
      const sink = () => parquet(file, { primaryKey: 'id', writeDisposition, checkpoint: { pages: 1 } });
      const pages = pagesOf([[row(1), row(2)], [row(3)], [row(4)]]);
      const source = concat(
        from(pages).pipe(concatMap((page) => concat(of(page), timer(20).pipe(concatMap(() => EMPTY))))),
        defer(() => from(cutPart()).pipe(concatMap(() => EMPTY))),
      );
      const error = await failureOf(run(source.pipe(sink()), { segmentBytes: 1 }));
      expect(error.code).to.equal('ERR_TABLE_ROWS');
      expect(error.message).to.include('4 rows were logged and 3 were read');
      expect((await readdir(folder)).filter((name) => name.endsWith('.parquet'))).to.not.include(
        `${writeDisposition}.parquet`,
      );
      expect((await readdir(await stageOf())).filter((name) => name.endsWith('.parquet'))).to.deep.equal([]);
      const receipt = await run(EMPTY.pipe(sink()), { segmentBytes: 1 });
      expect(receipt).to.include({ rows: 4, inserted: 4, duplicates: 0, total: 4 });
      expect((await readRows(file, 'id::INTEGER AS id')).map(({ id }) => id)).to.deep.equal([1, 2, 3, 4]);
    }
  }).timeout(60_000);

  /** Waits until the first segment is sealed, and takes the last row out of that. */
  const cutPart = async (): Promise<void> => {
    const stage = await stageOf();
    const isSealed = async () =>
      (await readdir(stage)).filter((name) => /000002\.jsonl\.parquet$/.test(name)).length > 0;
    while (!(await isSealed())) await new Promise((resolve) => setTimeout(resolve, 20));
    const [name = ''] = (await readdir(stage)).filter((each) => /000001\.jsonl\.parquet$/.test(each));
    const part = join(stage, name);
    const instance = await DuckDBInstance.create();
    try {
      const connection = await instance.connect();
      await connection.run(`CREATE TABLE rows AS SELECT * FROM read_parquet('${part}') LIMIT 1`);
      await connection.run(`COPY rows TO '${part}' (FORMAT parquet)`);
    } finally {
      instance.closeSync();
    }
  };
});
