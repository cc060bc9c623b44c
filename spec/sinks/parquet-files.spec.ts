// The Parquet sink on real files: what something else wrote, what cannot be written, and how it behaves as an operator.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { concat, EMPTY, from, lastValueFrom, NEVER, of, take, throwError, toArray } from 'rxjs';
import { parquet } from '../../sinks/index.js';
import { failureOf, load, pagesOf, query, readRows } from './parquet-file.js';

const byId = { primaryKey: 'id', writeDisposition: 'merge' } as const;

describe('the parquet sink among others', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-parquet-'));
    file = join(folder, 'table.parquet');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

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
