// The Parquet sink on real files: every disposition, keys, values, new and widened columns, and what cannot be written.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { concat, EMPTY, from, lastValueFrom, NEVER, of, take, throwError, toArray } from 'rxjs';
import { readTableInfo } from '../../lib/table/index.js';
import { parquet } from '../../sinks/index.js';
import { failureOf, load, pagesOf, query, readRows } from './parquet-file.js';

const byId = { primaryKey: 'id', writeDisposition: 'merge' } as const;

describe('the parquet sink', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-parquet-'));
    file = join(folder, 'table.parquet');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  describe('dispositions', () => {
    it('appends by default, after the rows that are there', async () => {
      await load(file, [[{ id: 1 }], [{ id: 2 }]]);
      const receipt = await load(file, [[{ id: 2 }, { id: 0 }]]);
      expect(await readRows(file)).to.deep.equal([{ id: '1' }, { id: '2' }, { id: '2' }, { id: '0' }]);
      expect(receipt).to.include({ rows: 2, inserted: 2, updated: 0, unchanged: 0, duplicates: 0, total: 4 });
    });

    it('replaces all rows, and columns that are no more', async () => {
      await load(file, [[{ id: 1, old: 'x' }]]);
      const receipt = await load(file, [[{ id: 7 }]], { writeDisposition: 'replace' });
      expect(await readRows(file)).to.deep.equal([{ id: '7' }]);
      expect(receipt).to.include({ rows: 1, inserted: 1, total: 1 });
    });

    it('keeps the last row of each key when it replaces with a key', async () => {
      const rows = [
        { id: 1, a: 1 },
        { id: 2, a: 2 },
        { id: 1, a: 3 },
      ];
      const receipt = await load(file, [rows], { writeDisposition: 'replace', primaryKey: 'id' });
      expect(await readRows(file)).to.deep.equal([
        { id: '2', a: '2' },
        { id: '1', a: '3' },
      ]);
      expect(receipt).to.include({ rows: 3, inserted: 2, duplicates: 1, total: 2 });
    });

    it('replaces with no rows: the table is empty and keeps its columns', async () => {
      await load(file, [[{ id: 1, a: 'x' }]]);
      const receipt = await load(file, [[]], { writeDisposition: 'replace' });
      expect(receipt).to.include({ rows: 0, total: 0 });
      expect((await readTableInfo(file))!.schema.columns.map(({ name }) => name)).to.deep.equal(['id', 'a']);
    });

    it('merges on a key: unchanged rows stay in place, changed and new ones come last', async () => {
      await load(
        file,
        [
          [
            { id: 1, a: 'x' },
            { id: 2, a: 'y' },
            { id: 3, a: 'z' },
          ],
        ],
        byId,
      );
      const receipt = await load(
        file,
        [
          [
            { id: 2, a: 'Y' },
            { id: 3, a: 'z' },
          ],
          [{ id: 4, a: 'n' }],
        ],
        byId,
      );
      expect(await readRows(file)).to.deep.equal([
        { id: '1', a: 'x' },
        { id: '3', a: 'z' },
        { id: '2', a: 'Y' },
        { id: '4', a: 'n' },
      ]);
      expect(receipt).to.include({ rows: 3, inserted: 1, updated: 1, unchanged: 1, duplicates: 0, total: 4 });
    });

    it('lets the last row with a key win within one run', async () => {
      const pages = [
        [
          { id: 1, a: 1 },
          { id: 2, a: 1 },
        ],
        [{ id: 1, a: 2 }],
        [{ id: 1, a: 3 }],
      ];
      expect(await load(file, pages, byId)).to.include({ rows: 4, inserted: 2, duplicates: 2, total: 2 });
      expect(await readRows(file)).to.deep.equal([
        { id: '2', a: '1' },
        { id: '1', a: '3' },
      ]);
      expect(await load(file, pages, byId)).to.include({
        unchanged: 2,
        duplicates: 2,
        inserted: 0,
        updated: 0,
        total: 2,
      });
    });

    it('does not touch the file when nothing changed', async () => {
      await load(file, [[{ id: 1, a: null }]], byId);
      const before = await readFile(file);
      const receipt = await load(file, [[{ id: 1, a: null }]], byId);
      expect(receipt).to.deep.include({ unchanged: 1, total: 1, bytes: before.length, files: [file] });
      expect((await readFile(file)).equals(before)).to.equal(true);
    });

    it('merges on a compound key', async () => {
      const options = { primaryKey: ['org', 'id'], writeDisposition: 'merge' } as const;
      await load(
        file,
        [
          [
            { org: 'a', id: 1, v: 1 },
            { org: 'b', id: 1, v: 1 },
          ],
        ],
        options,
      );
      const receipt = await load(
        file,
        [
          [
            { org: 'b', id: 1, v: 2 },
            { org: 'b', id: 2, v: 2 },
          ],
        ],
        options,
      );
      expect(receipt).to.include({ inserted: 1, updated: 1, total: 3 });
      expect(await readRows(file)).to.deep.equal([
        { org: 'a', id: '1', v: '1' },
        { org: 'b', id: '1', v: '2' },
        { org: 'b', id: '2', v: '2' },
      ]);
    });

    it('makes one row of a key that a table without keys had twice', async () => {
      await load(file, [[{ id: 1 }, { id: 1 }, { id: 2 }]]);
      expect(await load(file, [[{ id: 1 }]], byId)).to.include({ updated: 1, unchanged: 0, total: 2 });
      expect(await readRows(file)).to.deep.equal([{ id: '2' }, { id: '1' }]);
    });

    it('writes no file when no rows came and none is there', async () => {
      const receipt = await load(file, [[], []], byId);
      expect(receipt).to.deep.include({ published: true, rows: 0, total: 0, files: [], bytes: 0, schema: [] });
      expect(await readdir(folder)).to.deep.equal([]);
    });
  });

  describe('values', () => {
    it('brings text, NULL, nested values, times and integers of 64 bits and beyond back exactly', async () => {
      const rows = [
        { id: 1, text: 'ünï 🚀 \u0000 "q" \\ \n', n: null, owner: { id: 7, tags: ['a', null] }, big: 2n ** 63n - 1n },
        { id: 2, text: '', n: 1.5, owner: null, big: -1, at: '2024-02-29T12:00:00.123456+02:00', huge: 2n ** 100n },
      ];
      await load(file, [rows], byId);
      expect(await readRows(file, '* REPLACE (huge::VARCHAR AS huge)')).to.deep.equal([
        {
          id: '1',
          text: rows[0]!.text,
          n: null,
          owner: { id: '7', tags: ['a', null] },
          big: '9223372036854775807',
          at: null,
          huge: null,
        },
        {
          id: '2',
          text: '',
          n: 1.5,
          owner: null,
          big: '-1',
          at: '2024-02-29 10:00:00.123456+00',
          huge: String(2n ** 100n),
        },
      ]);
    });

    it('stores types and nullability in the file', async () => {
      const receipt = await load(
        file,
        [
          [
            { id: 1, name: 'x', tags: [1] },
            { id: 2, name: null, tags: [] },
          ],
        ],
        byId,
      );
      expect(receipt.schema).to.deep.equal([
        { name: 'id', type: 'BIGINT', nullable: false },
        { name: 'name', type: 'VARCHAR', nullable: true },
        { name: 'tags', type: 'BIGINT[]', nullable: false },
      ]);
      const info = (await readTableInfo(file))!;
      expect(info.rows).to.equal(2);
      expect(info.metadata).to.deep.include({ table: 'table', loadId: receipt.loadId, primaryKey: ['id'] });
    });
  });

  describe('columns that change', () => {
    it('adds new columns: NULL in the older rows', async () => {
      await load(file, [[{ id: 1 }]], byId);
      const receipt = await load(file, [[{ id: 2, extra: { deep: true } }]], byId);
      expect(await readRows(file)).to.deep.equal([
        { id: '1', extra: null },
        { id: '2', extra: { deep: true } },
      ]);
      expect(receipt.schemaChanges).to.deep.equal([{ column: 'extra', change: 'added', to: 'STRUCT(deep BOOLEAN)' }]);
    });

    it('widens a column of the published file, for each disposition that keeps rows', async () => {
      for (const writeDisposition of ['append', 'merge'] as const) {
        const path = join(folder, `${writeDisposition}.parquet`);
        const options = { primaryKey: 'id', writeDisposition };
        await load(path, [[{ id: 1, v: 1, s: { a: 1 } }]], options);
        await load(path, [[{ id: 2, v: 2.5, s: { a: 1, b: 'x' } }]], options);
        expect((await load(path, [[{ id: 3, v: 'x' }]], options)).schemaChanges[0]).to.deep.include({ to: 'VARCHAR' });
        expect(await readRows(path)).to.deep.equal([
          { id: '1', v: '1', s: { a: '1', b: null } },
          { id: '2', v: '2.5', s: { a: '1', b: 'x' } },
          { id: '3', v: 'x', s: null },
        ]);
      }
    });

    it('gives rows that no longer have a column NULL there', async () => {
      await load(file, [[{ id: 1, a: 1, b: 1 }]], byId);
      expect(await load(file, [[{ id: 1, b: 1 }]], byId)).to.include({ updated: 1 });
      expect(await readRows(file)).to.deep.equal([{ id: '1', a: null, b: '1' }]);
    });
  });

  describe('files that something else wrote', () => {
    it('merges into a file of DuckDB', async () => {
      await query(
        `COPY (SELECT i::INTEGER AS id, 'n' || i AS name, i::DECIMAL(6,2) AS price FROM range(3) t(i)) TO '${file}'`,
      );
      const receipt = await load(
        file,
        [
          [
            { id: 1, name: 'changed', price: 2.5 },
            { id: 2, name: 'n2', price: 2 },
          ],
        ],
        byId,
      );
      expect(receipt).to.include({ updated: 1, unchanged: 1, total: 3 });
      expect(await readRows(file, 'id, name, price::VARCHAR AS price')).to.deep.equal([
        { id: '0', name: 'n0', price: '0.00' },
        { id: '2', name: 'n2', price: '2.00' },
        { id: '1', name: 'changed', price: '2.50' },
      ]);
    });

    it('leaves a file that cannot be read alone and names it, before it asks for a page', async () => {
      await writeFile(file, 'this is not Parquet, but it is longer than a footer');
      let subscribed = false;
      const source = new (await import('rxjs')).Observable<never>(() => {
        subscribed = true;
      });
      const error = await failureOf(source.pipe(parquet(file, byId)));
      expect(error).to.include({ name: 'TableError', code: 'ERR_TABLE_CORRUPT' });
      expect(error.message).to.include(file);
      expect(subscribed).to.equal(false);
      expect(await readFile(file, 'utf8')).to.match(/^this is not Parquet/);
    });
  });

  describe('what cannot be written', () => {
    it('refuses to merge without a key, at once', () => {
      expect(() => parquet(file, { writeDisposition: 'merge' }))
        .to.throw()
        .with.property('code', 'ERR_TABLE_NO_KEY');
    });

    it('names the row that is without its key, and publishes nothing', async () => {
      const error = await failureOf(load(file, [[{ id: 1 }], [{ id: 2 }, { name: 'no id' }]], byId));
      expect(error).to.include({ code: 'ERR_ROW_WITHOUT_KEY' });
      expect(error.message).to.match(/row 1 of page 1.*no id/);
      expect(await readdir(folder)).not.to.include('table.parquet');
    });

    it('says so when the path is a folder', async () => {
      await mkdir(file);
      expect(await failureOf(load(file, [[{ id: 1 }]]))).to.include({ code: 'ERR_TABLE_PATH' });
    });

    it('says so when the folder cannot be made', async () => {
      await writeFile(join(folder, 'file'), '');
      const error = await failureOf(load(join(folder, 'file', 'x.parquet'), [[{ id: 1 }]]));
      expect(error).to.include({ code: 'ERR_STAGE_IO' });
      expect(error.message).to.include('Choose another output folder');
    });
  });

  describe('as an operator', () => {
    it('publishes what came when the source completes: empty, one, many', async () => {
      expect(await lastValueFrom(EMPTY.pipe(parquet(file)))).to.include({ published: true, rows: 0 });
      expect(await lastValueFrom(of(...pagesOf([[{ id: 1 }]])).pipe(parquet(file)))).to.include({ rows: 1 });
    });

    it('emits a receipt for each commit, and the one of the published table last', async () => {
      const pages = pagesOf([...Array(10).keys()].map((id) => [{ id }]));
      const receipts = await lastValueFrom(from(pages).pipe(parquet(file, { checkpoint: { pages: 3 } }), toArray()));
      expect(receipts.at(-1)).to.include({ published: true, rows: 10, total: 10 });
      expect(receipts.slice(0, -1).every(({ published }) => !published)).to.equal(true);
      expect(receipts.at(-2)!.rows).to.equal(10);
      expect(receipts.at(-1)!.positions).to.deep.equal([{ walk: 'walk', page: 9, next: null }]);
    });

    it('passes an error of its source on as it is, and publishes nothing', async () => {
      const boom = new Error('boom');
      const source = concat(
        of(...pagesOf([[{ id: 1 }]])),
        throwError(() => boom),
      );
      expect(await failureOf(source.pipe(parquet(file)))).to.equal(boom);
      expect(await readdir(folder)).to.deep.equal(['.sluice']);
    });

    it('publishes nothing when it is unsubscribed from early, and goes on from there', async () => {
      const pages = pagesOf([[{ id: 1 }], [{ id: 2 }], [{ id: 3 }]]);
      const source = concat(from(pages.slice(0, 2)), NEVER);
      await lastValueFrom(source.pipe(parquet(file, { checkpoint: { pages: 1 } }), take(1)));
      expect(await readdir(folder)).to.deep.equal(['.sluice']);
      expect(await lastValueFrom(from(pages).pipe(parquet(file)))).to.include({ rows: 3, total: 3 });
      expect(await readdir(folder)).to.deep.equal(['table.parquet']);
    });

    it('starts fresh with each subscription', async () => {
      const chain = from(pagesOf([[{ id: 1 }]])).pipe(parquet(file));
      expect(await lastValueFrom(chain)).to.include({ rows: 1, total: 1 });
      expect(await lastValueFrom(chain)).to.include({ rows: 1, total: 2 });
    });

    it('takes paths and names with characters that mean something to others', async () => {
      const odd = join(folder, "year=2024/it's [x] *?", 'ta"b.parquet');
      await load(odd, [[{ 'a "b"': 1, "it's": 2, 'year=': 'ü' }]], { primaryKey: 'a "b"', writeDisposition: 'merge' });
      await load(odd, [[{ 'a "b"': 2, "it's": 2, 'year=': 'ü' }]], { primaryKey: 'a "b"', writeDisposition: 'merge' });
      expect(await readRows(odd)).to.deep.equal([
        { 'a "b"': '1', "it's": '2', 'year=': 'ü' },
        { 'a "b"': '2', "it's": '2', 'year=': 'ü' },
      ]);
    });
  });
});
