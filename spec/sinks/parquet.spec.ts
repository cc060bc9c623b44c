// The Parquet sink on real files: every disposition, keys, values, new and widened columns, and what cannot be written.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readTableInfo } from '../../lib/table/index.js';
import { load, readRows } from './parquet-file.js';

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

    it('stores JSON as plain text, which every reader takes for text, and goes on knowing that it is JSON', async () => {
      await load(
        file,
        [
          [
            { id: 1, any: { a: [1] } },
            { id: 2, any: 'text' },
          ],
        ],
        byId,
      );
      const receipt = await load(
        file,
        [
          [
            { id: 2, any: 'text' },
            { id: 3, any: [true] },
          ],
        ],
        byId,
      );
      expect(receipt).to.include({ inserted: 1, updated: 0, unchanged: 1 });
      expect(await readRows(file)).to.deep.equal([
        { id: '1', any: '{"a":[1]}' },
        { id: '2', any: '"text"' },
        { id: '3', any: '[true]' },
      ]);
      expect((await readRows(file, 'typeof("any") AS type'))[0]).to.deep.equal({ type: 'VARCHAR' });
      expect((await readTableInfo(file))?.schema.columns[1]?.type).to.deep.equal({ kind: 'json' });
    });
  });
});
