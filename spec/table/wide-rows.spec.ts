// Rows of more than a megabyte: the memory that a publish takes is that of a few of them, whatever their number.
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { from, lastValueFrom, type OperatorFunction } from 'rxjs';
import type { Receipt, Rows } from '../../lib/core/index.js';
import { arrow, csv, duckdb, jsonl, type ParquetOptions, parquet } from '../../sinks/index.js';
import { readArrowTable } from '../contracts/read-table.js';
import { failureOf, pagesOf, query } from '../sinks/parquet-file.js';

type Options = Pick<ParquetOptions, 'writeDisposition' | 'primaryKey' | 'memoryLimit'>;
interface Document {
  readonly id: number;
  readonly folder: string;
  readonly body: string;
  readonly more: { readonly tags: readonly string[] };
}

const text = randomBytes(905_000).toString('base64');
/** A document of 1.2 MB, with another text in each version. */
const document = (id: number, version = 0): Document => ({
  id,
  folder: `f${id % 3}`,
  body: `${id}.${version}.${text.slice(id, id + 1_199_000)}`,
  more: { tags: [`${version}${text.slice(0, 200)}`] },
});
const documents = (from: number, to: number, version = 0): Document[] =>
  Array.from({ length: to - from }, (_, at) => document(from + at, version));
const digest = ({ id, body }: Pick<Document, 'id' | 'body'>): string =>
  `${id} ${createHash('md5').update(body).digest('hex')}`;

const tables: Readonly<
  Record<
    string,
    {
      readonly path: string;
      readonly memory: string;
      sink(path: string, options: Options): OperatorFunction<Rows<Document>, Receipt>;
      /** What it is to DuckDB, which reads it with all its memory. */
      readonly from?: (path: string) => string;
    }
  >
> = {
  'a Parquet file': { path: 't.parquet', memory: '72MB', sink: parquet, from: (path) => `read_parquet('${path}')` },
  'a directory': {
    path: 't',
    memory: '72MB',
    sink: (path, options) => parquet(path, { ...options, layout: 'directory' }),
    from: (path) => `read_parquet('${path}/*.parquet')`,
  },
  'a directory with partitions': {
    path: 't',
    memory: '72MB',
    sink: (path, options) => parquet(path, { ...options, partitionBy: ['folder'] }),
    from: (path) => `read_parquet('${path}/*/*.parquet')`,
  },
  'JSON lines': {
    path: 't.jsonl',
    memory: '112MB',
    sink: jsonl,
    from: (path) => `read_json('${path}', format = 'newline_delimited')`,
  },
  CSV: {
    path: 't.csv',
    memory: '160MB',
    sink: csv,
    from: (path) => `read_csv('${path}', header = true, quote = '"', max_line_size = 4000000)`,
  },
  Arrow: { path: 't.arrow', memory: '72MB', sink: arrow },
};

describe('rows of more than a megabyte', function () {
  this.timeout(120_000);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-wide-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const pages = (rows: readonly Document[]): Rows<Document>[] =>
    pagesOf([rows.slice(0, 30), ...documentsOf(rows.slice(30))]);
  const documentsOf = (rows: readonly Document[]): Document[][] =>
    Array.from({ length: Math.ceil(rows.length / 9) }, (_, at) => rows.slice(at * 9, at * 9 + 9));

  for (const [name, { path, memory, sink, from: source }] of Object.entries(tables)) {
    it(`are added to ${name}, and merged into it, in the memory of a few of them`, async () => {
      const file = join(folder, path);
      const load = (rows: readonly Document[], options: Options): Promise<Receipt> =>
        lastValueFrom(from(pages(rows)).pipe(sink(file, { memoryLimit: memory, ...options })));
      const digests = async (): Promise<string[]> => {
        if (source === undefined) return ((await readArrowTable(file)) as unknown as Document[]).map(digest);
        const rows = await query(`SELECT id || ' ' || md5(body) AS digest FROM ${source(file)}`);
        return rows.map((row) => String(row['digest']));
      };
      await load(documents(0, 20), {});
      expect(await load(documents(20, 100), {})).to.include({ inserted: 80, total: 100 });
      const merge = { writeDisposition: 'merge', primaryKey: 'id' } as const;
      const receipt = await load([...documents(0, 30), ...documents(30, 50, 1), ...documents(100, 120)], merge);
      expect(receipt).to.include({ inserted: 20, updated: 20, unchanged: 30, total: 120 });
      const rows = [...documents(0, 30), ...documents(50, 100), ...documents(30, 50, 1), ...documents(100, 120)];
      const [found, expected] = [await digests(), rows.map(digest)];
      if (path === 't') expect(found).to.have.members(expected);
      else expect(found).to.deep.equal(expected);
    });
  }

  it('are published, few of them among many small ones, in small pieces when memory was too little', async () => {
    const file = join(folder, 't.parquet');
    const short = Array.from({ length: 60_000 }, (_, id) => ({ ...document(id + 1000), body: `short ${id}` }));
    const rows = [...short.slice(0, 30_000), ...documents(0, 90), ...short.slice(30_000)];
    const sink = parquet<Document>(file, { memoryLimit: '72MB' });
    expect(await lastValueFrom(from(pages(rows)).pipe(sink))).to.include({ inserted: rows.length });
    const found = await query(`SELECT id || ' ' || md5(body) AS digest FROM read_parquet('${file}')`);
    expect(found.map((each) => each['digest'])).to.deep.equal(rows.map(digest));
  });

  it('are told apart by all of their values where versions are kept', async () => {
    const file = join(folder, 't.parquet');
    const load = (rows: readonly Document[]): Promise<Receipt> =>
      lastValueFrom(
        from(pages(rows)).pipe(
          parquet(file, { writeDisposition: { disposition: 'merge', strategy: 'scd2' }, memoryLimit: '72MB' }),
        ),
      );
    await load(documents(0, 60));
    const receipt = await load([...documents(0, 30), ...documents(30, 60, 1), document(0)]);
    expect(receipt).to.include({ inserted: 30, retired: 30, unchanged: 30, duplicates: 1, total: 90 });
  });

  it('leave the row groups of a file in which they are small, also when a load of small rows comes', async () => {
    const file = join(folder, 't.parquet');
    const load = (rows: readonly object[]): Promise<Receipt> =>
      lastValueFrom(from(pagesOf([rows])).pipe(parquet(file, { memoryLimit: '72MB' })));
    await load(documents(0, 70));
    await load([{ id: 70, folder: 'f0', body: 'short', more: { tags: [] } }]);
    const [most] = await query(`SELECT max(row_group_bytes)::INT AS bytes FROM parquet_metadata('${file}')`);
    expect(most!['bytes']).to.be.below(8e6);
  });

  it('say what they take when a table of a database cannot hold them, and come in with more memory', async () => {
    const file = join(folder, 't.duckdb');
    const load = (memoryLimit: string): Promise<Receipt> =>
      lastValueFrom(from(pages(documents(0, 100))).pipe(duckdb(file, { table: 't', memoryLimit })));
    const error = await failureOf(load('100MB'));
    expect(error).to.include({ code: 'ERR_ENGINE_MEMORY' });
    expect(error.message).to.match(/takes in 2048 rows at a time, which are up to 1\d\d MB of this load/);
    expect(await load('600MB')).to.include({ inserted: 100, total: 100 });
    expect(await readdir(folder)).to.deep.equal(['t.duckdb']);
  });

  it('are named by their size when memory is too little even for one', async () => {
    const row = { id: 1, body: text.repeat(10) };
    const sink = parquet(join(folder, 't.parquet'), { memoryLimit: '24MB' });
    const error = await failureOf(from(pagesOf([[row]])).pipe(sink));
    expect(error).to.include({ code: 'ERR_ENGINE_MEMORY' });
    expect(error.message).to.match(/the largest row has 12\.1 MB as JSON\)\. Raise the option memoryLimit/);
  });
});
