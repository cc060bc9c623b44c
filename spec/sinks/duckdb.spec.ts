// What is particular to tables in a DuckDB database: one transaction for all of a run, the record of the load, files that others have open.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'chai';
import { from, lastValueFrom } from 'rxjs';
import type { Receipt, Row } from '../../lib/core/index.js';
import { files } from '../../lib/stage/index.js';
import { run } from '../../lib/table/index.js';
import { type DuckDbSinkOptions, duckdb, parquet } from '../../sinks/index.js';
import { failureOf, pagesOf } from './parquet-file.js';

describe('duckdb', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-duckdb-'));
    file = join(folder, 'shop.duckdb');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const load = (rows: readonly Row[], options: Partial<DuckDbSinkOptions> = {}): Promise<Receipt> =>
    lastValueFrom(from(pagesOf([rows])).pipe(duckdb(file, { table: 'things', ...options })));

  /** Runs statements on the file as another program does, and gives the rows of the last. */
  async function sql(...statements: string[]): Promise<Record<string, unknown>[]> {
    const instance = await DuckDBInstance.create(file);
    try {
      const connection = await instance.connect();
      let rows: Record<string, unknown>[] = [];
      for (const each of statements) {
        rows = (await connection.runAndReadAll(each)).getRowObjectsJson() as Record<string, unknown>[];
      }
      connection.closeSync();
      return rows;
    } finally {
      instance.closeSync();
    }
  }

  it('leaves no database without tables when the first load fails', async () => {
    const audit = (): never => {
      throw new Error('no');
    };
    expect(await failureOf(load([{ id: 1 }], { audit }))).to.include({ code: 'ERR_TABLE_AUDIT' });
    expect(await readdir(folder)).to.deep.equal(['.sluice']);
    await sql('CREATE SCHEMA mine');
    expect(await failureOf(load([{ id: 1 }], { audit }))).to.include({ code: 'ERR_TABLE_AUDIT' });
    expect((await readdir(folder)).sort()).to.deep.equal(['.sluice', 'shop.duckdb']);
    expect(await load([{ id: 1 }])).to.include({ total: 1 });
    expect(await readdir(folder)).to.deep.equal(['shop.duckdb']);
  });

  it('makes the database, and leaves nothing else behind', async () => {
    const receipt = await load([{ id: 1, at: '2024-02-29T08:00:00Z', list: [1, 2] }]);
    expect(receipt).to.deep.include({ table: 'things', published: true, inserted: 1, total: 1, files: [file] });
    expect(receipt.bytes).to.be.greaterThan(0);
    expect(await sql('DESCRIBE things')).to.have.lengthOf(3);
    expect(await readdir(folder)).to.deep.equal(['shop.duckdb']);
  });

  it('puts the table into a schema, with the descriptions of its columns', async () => {
    const columns = { id: { description: "as the API's\0own" } };
    await load([{ id: 1 }], { schema: 'raw', columns });
    await load([{ id: 2 }], { schema: 'raw', columns });
    expect(await sql('SELECT count(*)::INTEGER AS n FROM raw.things')).to.deep.equal([{ n: 2 }]);
    const comments = await sql("SELECT comment FROM duckdb_columns() WHERE schema_name = 'raw'");
    expect(comments).to.deep.equal([{ comment: "as the API's\ufffdown" }]);
  });

  it('changes only rows that change: views and what else is in the database stay', async () => {
    const merge = { primaryKey: 'id', writeDisposition: 'merge' } as const;
    await load(
      [
        { id: 1, n: 1 },
        { id: 2, n: 1 },
        { id: 3, n: 1 },
      ],
      merge,
    );
    await sql(
      'CREATE VIEW seen AS FROM things',
      'CREATE TABLE mine AS SELECT 1 AS x',
      'DELETE FROM things WHERE id = 1',
    );
    const receipt = await load(
      [
        { id: 2, n: 2.5 },
        { id: 4, n: 4 },
      ],
      merge,
    );
    expect(receipt).to.include({ inserted: 1, updated: 1, total: 3 });
    expect(await sql('SELECT id::INTEGER AS id, n FROM things ORDER BY id')).to.deep.equal([
      { id: 2, n: 2.5 },
      { id: 3, n: 1 },
      { id: 4, n: 4 },
    ]);
    expect(await sql('FROM mine')).to.deep.equal([{ x: 1 }]);
  });

  it('changes all tables of a run in one transaction, children among them, beside files', async () => {
    const chain = (table: string, rows: readonly Row[], more: Partial<DuckDbSinkOptions> = {}) =>
      from(pagesOf([rows], table)).pipe(duckdb(file, { table, ...more }));
    const orders = [{ id: 1, lines: [{ sku: 'a' }, { sku: 'b' }] }];
    const nested = { primaryKey: 'id', nesting: 'tables', writeDisposition: 'merge' } as const;
    await run([
      chain('orders', orders, nested),
      chain('people', [{ id: 7 }]),
      from(pagesOf([[{ id: 1 }]], 'file')).pipe(parquet(join(folder, 'file.parquet'))),
    ]);
    const names = await sql('SELECT table_name FROM duckdb_tables() ORDER BY 1');
    expect(names.map((row) => row['table_name'])).to.deep.equal([
      '_sluice_tables',
      'orders',
      'orders__lines',
      'people',
    ]);
    expect(await sql('SELECT count(DISTINCT load_id)::INTEGER AS loads FROM _sluice_tables')).to.deep.equal([
      { loads: 1 },
    ]);
    expect(await sql('SELECT sku FROM orders__lines ORDER BY sku')).to.deep.equal([{ sku: 'a' }, { sku: 'b' }]);

    // One that cannot be changed keeps all others as they are.
    await sql('CREATE INDEX held ON people (id)');
    const wider = run([chain('orders', [{ id: 2, lines: [] }], nested), chain('people', [{ id: 'text' }])]);
    expect(await failureOf(wider)).to.include({ code: 'ERR_TABLE_WRITE' });
    expect(await sql('SELECT count(*)::INTEGER AS n FROM orders')).to.deep.equal([{ n: 1 }]);
    await sql('DROP INDEX held');
    const receipts = await run([chain('orders', [{ id: 2, lines: [] }], nested), chain('people', [{ id: 'text' }])]);
    expect(receipts.map(({ total }) => total)).to.deep.equal([2, 2]);
  });

  describe('a run that dies after the transaction', () => {
    const { rm: removeFile } = files;
    afterEach(() => {
      files.rm = removeFile;
    });

    it('is not applied a second time, and says what it did', async () => {
      const stage = join(folder, '.sluice', 'things@shop.duckdb');
      const kept = join(folder, 'kept');
      // The stage as a process leaves it that dies before it is cleared.
      files.rm = async (path, more) => {
        if (String(path).endsWith('journal.jsonl')) await cp(stage, kept, { recursive: true });
        await removeFile(path, more);
      };
      const first = await load([{ id: 1 }, { id: 2 }]);
      files.rm = removeFile;
      await cp(kept, stage, { recursive: true });
      await rm(join(stage, 'lock'));
      const second = await load([{ id: 99 }]);
      expect(second).to.include({ loadId: first.loadId, inserted: 2, total: 2 });
      expect(await sql('SELECT count(*)::INTEGER AS n FROM things')).to.deep.equal([{ n: 2 }]);
    });
  });

  describe('refuses, and keeps the rows for the next run', () => {
    it('a database that another program has open, and names it', async () => {
      await load([{ id: 1 }]);
      const api = pathToFileURL(createRequire(import.meta.url).resolve('@duckdb/node-api')).href;
      const program = `
        const { DuckDBInstance } = (await import(${JSON.stringify(api)})).default;
        const instance = await DuckDBInstance.create(${JSON.stringify(file)});
        await instance.connect();
        process.stdout.write('open');
        setInterval(() => instance, 1000);`;
      const other = spawn(process.execPath, ['--input-type=module', '-e', program]);
      try {
        await once(other.stdout, 'data');
        const error = await failureOf(load([{ id: 2 }]));
        expect(error).to.include({ code: 'ERR_TABLE_LOCKED' });
        expect(error.message).to.include(`process ${other.pid}`).and.to.include('run again');
      } finally {
        other.kill('SIGKILL');
        await once(other, 'close');
      }
      expect(await load([{ id: 2 }])).to.include({ total: 2 });
    });

    it('a file that is no database', async () => {
      await writeFile(file, 'x'.repeat(20_000));
      expect(await failureOf(load([{ id: 1 }]))).to.include({ code: 'ERR_TABLE_CORRUPT' });
    });

    it('a table that something else made', async () => {
      await sql('CREATE TABLE things AS SELECT 1 AS id');
      const error = await failureOf(load([{ id: 1 }], { writeDisposition: 'replace' }));
      expect(error).to.include({ code: 'ERR_TABLE_PATH' });
      expect(error.message).to.include('another table name');
      expect(await sql('FROM things')).to.deep.equal([{ id: 1 }]);
    });

    it('names and paths that cannot be', () => {
      expect(() => duckdb(':memory:', { table: 'a' }))
        .to.throw()
        .with.property('code', 'ERR_INVALID_OPTION');
      expect(() => duckdb(file, { table: '' }))
        .to.throw()
        .with.property('code', 'ERR_INVALID_OPTION');
      expect(() => duckdb(file, { table: '_sluice_tables' }))
        .to.throw()
        .with.property('code', 'ERR_INVALID_OPTION');
    });
  });
});
