import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { tableFromIPC } from 'apache-arrow';
import { expect } from 'chai';
import { concat, EMPTY, from, lastValueFrom, type Observable, of, throwError } from 'rxjs';
import type { Receipt, Row, Rows } from '../../lib/core/index.js';
import { run } from '../../lib/index.js';
import { arrow, csv, duckdb, jsonl, type ParquetOptions, parquet } from '../../sinks/index.js';
import { failureOf, load, pagesOf, query, readRows } from './parquet-file.js';

const merge = { nesting: 'tables', writeDisposition: 'merge', primaryKey: 'id' } as const;

describe('child tables of a sink', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-children-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const at = (name: string) => join(folder, name);
  const rows = [
    { id: 1, lines: [{ sku: 'a', tags: ['x', 'y'] }, { sku: 'b' }], note: { by: 'Ada' } },
    { id: 2, lines: [{ sku: 'c' }] },
  ];

  it('have receipts of their own on that of the table', async () => {
    await load(at('orders.parquet'), [rows], merge);
    const receipt = await load(at('orders.parquet'), [[{ id: 1, lines: [{ sku: 'z' }] }]], merge);
    expect(receipt).to.include({ table: 'orders', rows: 1, updated: 1, total: 2 });
    expect(
      receipt.children?.map(({ table, rows, updated, deleted, total }) => ({ table, rows, updated, deleted, total })),
    ).to.deep.equal([
      { table: 'orders__lines', rows: 1, updated: 1, deleted: 1, total: 2 },
      { table: 'orders__lines__tags', rows: 0, updated: 0, deleted: 2, total: 0 },
    ]);
    expect(receipt.children?.[0]).to.include({ published: true });
    expect(receipt.children?.[0]?.files).to.deep.equal([at('orders__lines.parquet')]);
    expect(receipt.children?.[0]?.schema[0]).to.deep.equal({ name: 'sku', type: 'VARCHAR', nullable: false });
  });

  it('are left alone by a load that changes nothing', async () => {
    await load(at('orders.parquet'), [rows], merge);
    const receipt = await load(at('orders.parquet'), [rows], merge);
    expect(receipt).to.include({ unchanged: 2, updated: 0 });
    expect(receipt.children?.map(({ unchanged, updated, inserted }) => [unchanged, updated, inserted])).to.deep.equal([
      [3, 0, 0],
      [2, 0, 0],
    ]);
  });

  it('come when a row that is there already gets its first list', async () => {
    await load(at('orders.parquet'), [[{ id: 1 }]], merge);
    await load(at('orders.parquet'), [[{ id: 1, tags: ['x'] }]], merge);
    const receipt = await load(at('orders.parquet'), [[{ id: 1 }]], merge);
    expect(receipt.children?.map(({ table, deleted, total }) => [table, deleted, total])).to.deep.equal([
      ['orders__tags', 1, 0],
    ]);
  });

  const formats = {
    'orders.csv.gz': (file: string) => csv(file, merge),
    'orders.jsonl': (file: string) => jsonl(file, merge),
    'orders.arrow': (file: string) => arrow(file, merge),
  } as const;
  for (const [name, sink] of Object.entries(formats)) {
    it(`are files of the same format: ${name}`, async () => {
      const write = (some: readonly Row[]) => lastValueFrom(from(pagesOf([some])).pipe(sink(at(name))));
      await write(rows);
      const receipt = await write([{ id: 2 }, { id: 3, lines: [{ sku: 'd', tags: [] }] }]);
      const lines = name.replace('orders', 'orders__lines');
      expect(receipt.children?.[0]?.files).to.deep.equal([at(lines)]);
      const file = at(lines);
      const found = name.endsWith('.arrow')
        ? tableFromIPC(await readFile(file)).toArray()
        : await query(`SELECT sku FROM '${file}'`);
      expect(found.map(({ sku }) => sku)).to.deep.equal(['a', 'b', 'd']);
    });
  }

  it('are directories where the table is one, without its partitions', async () => {
    const options: ParquetOptions = { ...merge, partitionBy: 'country', metadataColumns: { loadId: true } };
    const some = rows.map((row, index) => ({ ...row, country: ['DE', 'FR'][index] }));
    await load(at('orders'), [some], options);
    const receipt = await load(at('orders'), [[{ id: 1, country: 'FR', lines: [{ sku: 'z' }] }]], options);
    expect(receipt.children?.map(({ total }) => total)).to.deep.equal([2, 0]);
    const [file] = receipt.children?.[0]?.files ?? [];
    expect(file?.startsWith(at('orders__lines/'))).to.equal(true);
    const skus = await Promise.all((receipt.children?.[0]?.files ?? []).map((each) => readRows(each, 'sku')));
    expect(
      skus
        .flat()
        .map((row) => row['sku'])
        .sort(),
    ).to.deep.equal(['c', 'z']);
  });

  it('are tables of the same database', async () => {
    const file = at('shop.duckdb');
    const write = (some: readonly Row[]) =>
      lastValueFrom(from(pagesOf([some])).pipe(duckdb(file, { ...merge, table: 'orders' })));
    await write(rows);
    const receipt = await write([{ id: 1, lines: [{ sku: 'z' }] }]);
    expect(receipt.children?.map(({ table, total, deleted }) => [table, total, deleted])).to.deep.equal([
      ['orders__lines', 2, 1],
      ['orders__lines__tags', 0, 2],
    ]);
    const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' });
    const connection = await instance.connect();
    const found = await connection.runAndReadAll('SELECT sku FROM orders__lines ORDER BY sku');
    expect(found.getRowsJson()).to.deep.equal([['c'], ['z']]);
    instance.closeSync();
  });

  it('keep names that file systems refuse out of their files', async () => {
    const receipt = await load(at('t.parquet'), [[{ id: 1, '../x': [1], [`long${'g'.repeat(300)}`]: [1] }]], merge);
    expect(receipt.children?.map(({ table }) => table)[0]).to.equal('t__../x');
    const found = (await readdir(folder)).filter((name) => name !== '.sluice').sort();
    expect(found).to.have.length(3);
    expect(found).to.include('t__..%2fx.parquet');
    expect(found.every((name) => name.length < 220)).to.equal(true);
  });

  it('do not overwrite what does not belong to them', async () => {
    await load(at('orders__lines.parquet'), [[{ foreign: 1 }]], { table: 'foreign' });
    const failure = await failureOf(load(at('orders.parquet'), [rows], merge));
    expect(failure).to.include({ code: 'ERR_TABLE_PATH' });
    expect(failure.message).to.include('orders__lines.parquet');
    expect(await readRows(at('orders__lines.parquet'))).to.deep.equal([{ foreign: '1' }]);
  });

  it('start anew when their table was removed', async () => {
    await load(at('orders.parquet'), [rows], merge);
    await rm(at('orders.parquet'));
    await load(at('orders.parquet'), [[{ id: 7, lines: [{ sku: 'n' }] }]], merge);
    expect((await readRows(at('orders__lines.parquet'))).map((row) => row['sku'])).to.deep.equal(['n']);
  });

  it('are made again in a database where their table did without them, and where it was dropped', async () => {
    const file = at('shop.duckdb');
    const loadWith = (id: number, nesting: 'tables' | 'json') =>
      lastValueFrom(from(pagesOf([[{ id, l: [{ a: id }] }]])).pipe(duckdb(file, { table: 'orders', nesting })));
    const database = async (sql: string) => {
      const instance = await DuckDBInstance.create(file);
      try {
        return (await (await instance.connect()).runAndReadAll(sql)).getRowObjectsJson();
      } finally {
        instance.closeSync();
      }
    };
    const child = 'SELECT a::INTEGER AS a FROM orders__l';
    await loadWith(1, 'tables');
    await loadWith(2, 'json');
    await loadWith(3, 'tables');
    expect(await database(child)).to.deep.equal([{ a: 3 }]);
    await database('DROP TABLE orders');
    await database('DROP TABLE orders__l');
    await loadWith(4, 'tables');
    expect(await database(child)).to.deep.equal([{ a: 4 }]);
    expect(await database('SELECT id::INTEGER AS id FROM orders')).to.deep.equal([{ id: 4 }]);
  });

  it('may not be called like another table of the run', async () => {
    const chains = [
      from(pagesOf([[{ id: 1, lines: [1] }]], 'one')).pipe(parquet(at('orders.parquet'), merge)),
      from(pagesOf([[{ id: 1 }]], 'two')).pipe(parquet(at('other.parquet'), { table: 'orders__lines' })),
    ];
    const failure = await failureOf(run(chains));
    expect(failure).to.include({ code: 'ERR_TABLE_PATH' });
    expect(failure.message).to.include('orders__lines');
  });

  it('are logged together with their table, or neither is: also when their name is taken', async () => {
    const options = { ...merge, table: 'orders' };
    const orders = parquet(at('orders.parquet'), options);
    const other = (table: string) => from(pagesOf([[{ id: 1 }]], 'two')).pipe(parquet(at('other.parquet'), { table }));
    const stage = at('stage');
    const page = from(pagesOf<Row>([[{ id: 1, lines: [1] }]], 'one'));
    const failure = await failureOf(run([other('orders__lines'), page.pipe(orders)], { stage }));
    expect(failure).to.include({ code: 'ERR_TABLE_PATH' });
    const [, receipt] = await run([other('other'), (EMPTY as Observable<Rows>).pipe(orders)], { stage });
    expect(receipt).to.include({ rows: 0, total: 0 });
  });

  it('go on with their table when a run was cut short', async () => {
    const pages = pagesOf<Row>([[rows[0]!], [rows[1]!]]);
    const cut = concat(
      of(pages[0]!),
      throwError(() => new Error('cut')),
    );
    await failureOf(cut.pipe(parquet(at('orders.parquet'), { ...merge, writeDisposition: 'append' })));
    const rest = from(pages) as Observable<Rows>;
    const receipt: Receipt = await lastValueFrom(
      rest.pipe(parquet(at('orders.parquet'), { ...merge, writeDisposition: 'append' })),
    );
    expect(receipt.total).to.equal(2);
    expect(receipt.children?.map(({ rows: count, total }) => [count, total])).to.deep.equal([
      [3, 3],
      [2, 2],
    ]);
    const joined = await readRows(at('orders.parquet'), 'id, _dlt_id');
    const parents = await readRows(at('orders__lines.parquet'), 'DISTINCT _dlt_parent_id AS id');
    expect(parents.map(({ id }) => id).sort()).to.deep.equal(joined.map((row) => row['_dlt_id']).sort());
  });

  it('follow what is said of them', async () => {
    const nestedHints = {
      lines: {
        columns: {
          sku: { data_type: 'text', description: 'what was bought' },
          qty: { data_type: 'decimal', scale: 2 },
        },
      },
    } as const;
    const { children } = await load(at('orders.parquet'), [rows], { ...merge, nestedHints });
    expect(children?.[0]?.schema.map(({ name, type }) => `${name} ${type}`).slice(0, 2)).to.deep.equal([
      'sku VARCHAR',
      'qty DECIMAL(38,2)',
    ]);
  });

  it('are not made of a table that no row came to', async () => {
    const receipt = await load(at('orders.parquet'), [[]], merge);
    expect([receipt.files, receipt.children]).to.deep.equal([[], undefined]);
    expect((await readdir(folder)).filter((name) => name.startsWith('orders'))).to.deep.equal([]);
  });
});
