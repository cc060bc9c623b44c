// What is particular to tables in directories: the manifest, files that stay, names of folders, and what is refused.
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { concatMap, delay, from, of } from 'rxjs';
import type { Row, Rows } from '../../../lib/core/index.js';
import { readManifest } from '../../../lib/table/directory/manifest.js';
import { run } from '../../../lib/table/index.js';
import { type ParquetOptions, parquet } from '../../../sinks/index.js';
import { failureOf, load, pagesOf, query } from '../../sinks/parquet-file.js';
import { currentFiles, directoryRows } from './directory-rows.js';

describe('a table in a directory', function () {
  this.timeout(120_000);
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-directory-'));
    path = join(folder, 'things');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const merge: ParquetOptions = { primaryKey: 'id', writeDisposition: 'merge' };

  it('is one because of its path, its layout, or another option', async () => {
    await load(`${path}/`, [[{ id: 1 }]]);
    expect(await load(path, [[{ id: 2 }]], { layout: 'directory' })).to.include({ table: 'things', total: 2 });
    expect(await load(path, [[{ id: 3 }]], { fileMaxItems: 10 })).to.include({ total: 3 });
    expect(await currentFiles(path)).to.have.lengthOf(3);
    expect(await load(join(folder, 'v1.2'), [[{ id: 1 }]], { layout: 'directory' })).to.include({ table: 'v1.2' });
  });

  it('keeps the files that a merge does not change, to the byte, and names the load in each', async () => {
    const options = { ...merge, partitionBy: 'part' };
    await load(
      path,
      [
        [
          { id: 1, part: 'a' },
          { id: 2, part: 'b' },
        ],
      ],
      options,
    );
    const before = await currentFiles(path);
    const { mtimeMs, ino } = await stat(join(folder, before[0]!));
    const receipt = await load(
      path,
      [
        [
          { id: 2, part: 'b' },
          { id: 3, part: 'b' },
        ],
      ],
      options,
    );
    const after = await currentFiles(path);
    expect(after).to.include(before[0]);
    expect(after.filter((file) => file.includes(receipt.loadId))).to.have.lengthOf(1);
    expect(await stat(join(folder, before[0]!))).to.include({ mtimeMs, ino });
    const [row] = await query(
      `SELECT value::VARCHAR AS value FROM parquet_kv_metadata('${join(folder, after[1]!)}') WHERE key = 'sluice'`,
    );
    expect(String(row?.['value'])).to.include('loadId');
  });

  it('gathers small files of a folder that a merge adds to, so that they stay few', async () => {
    for (let id = 0; id < 20; id += 1) await load(path, [[{ id }]], { ...merge, layout: 'directory' });
    expect(await directoryRows(path)).to.have.lengthOf(20);
    expect((await currentFiles(path)).length).to.be.at.most(9);
  });

  it('leaves no file of a child table behind that is made again after its table did without it', async () => {
    const rows = (id: number): Row[] => [{ id, l: [{ a: id }] }];
    await load(path, [rows(1)], { layout: 'directory', nesting: 'tables' });
    await load(path, [rows(2)], { layout: 'directory', nesting: 'json' });
    await load(path, [rows(3)], { layout: 'directory', nesting: 'tables' });
    expect(await directoryRows(`${path}__l`, 'a::INTEGER AS a')).to.deep.equal([{ a: 3 }]);
    expect(await readdir(`${path}__l`)).to.deep.equal((await currentFiles(`${path}__l`)).map((each) => basename(each)));
  });

  it('cuts files by their size', async () => {
    const rows = Array.from({ length: 4000 }, (_, id) => ({ id, text: Math.random().toString(36) }));
    await load(path, [rows], { fileMaxBytes: 20_000, compression: 'none' });
    const { files } = (await readManifest(folder))!.tables['things']!;
    expect(files.length).to.be.greaterThan(2);
    for (const { bytes } of files) expect(bytes).to.be.at.most(24_000);
    expect(await directoryRows(path)).to.have.lengthOf(4000);
  });

  it('keeps the order of rows: first those of small files, then those that stay, then those that come', async () => {
    const rows = (from: number, to: number): Row[] =>
      Array.from({ length: to - from }, (_, n) => ({ id: from + n, v: 0 }));
    const layouts: ParquetOptions[] = [
      { layout: 'directory' },
      { fileMaxItems: 150_000 },
      { partitionBy: 'part', columns: { part: { data_type: 'text' } } },
    ];
    for (const [index, layout] of layouts.entries()) {
      const table = join(folder, `order${index}`);
      // Nine small files, which are gathered before the many rows that come; one of their rows leaves.
      for (let file = 0; file < 9; file += 1) {
        await load(table, [rows(file * 100, file * 100 + 100)], { ...layout, writeDisposition: 'append' });
      }
      await load(table, [[{ id: 5, v: 1 }], rows(1000, 100_000)], { ...merge, ...layout });
      const files = (await readManifest(folder))!.tables[basename(table)]!.files;
      const back = await query(
        `SELECT id::INTEGER AS id FROM (SELECT id, lag(id) OVER () AS before FROM read_parquet('${join(folder, files.at(-1)!.path)}')) WHERE id < before`,
      );
      // 100 to 899 of the files that were gathered, 0 to 99 of the one that has changed, and then what came.
      expect(back, JSON.stringify(layout)).to.deep.equal([{ id: 0 }, { id: 5 }]);
      expect(files.at(-1)!.rows).to.equal(99_900);
    }
  });

  it('cuts files by the time at which their rows came, be they appended or merged', async () => {
    const pages = pagesOf([
      [
        { id: 1, part: 'a' },
        { id: 2, part: 'b' },
      ],
      [
        { id: 3, part: 'a' },
        { id: 1, part: 'b' },
      ],
    ]);
    const late = (rows: readonly Rows[]) =>
      from(rows).pipe(concatMap((page, at) => of(page).pipe(delay(at === 0 ? 0 : 1100))));
    const idsOfFiles = async (name: string): Promise<unknown[]> => {
      const { files } = (await readManifest(folder))!.tables[name]!;
      return await Promise.all(
        files.map(async (file) =>
          (await query(`SELECT id::INTEGER AS id FROM '${join(folder, file.path)}'`)).map(({ id }) => id),
        ),
      );
    };
    const appended = parquet(join(folder, 'appended'), { fileMaxSeconds: 1 });
    expect(await run(late(pages).pipe(appended))).to.include({ total: 4 });
    expect(await idsOfFiles('appended')).to.deep.equal([
      [1, 2],
      [3, 1],
    ]);
    const merged = parquet(join(folder, 'merged'), { ...merge, fileMaxSeconds: 1 });
    expect(await run(late(pages).pipe(merged))).to.include({ inserted: 3, duplicates: 1, total: 3 });
    expect(await idsOfFiles('merged')).to.deep.equal([[2], [3, 1]]);
    const again = pagesOf([[{ id: 2, part: 'c' }], [{ id: 4, part: 'd' }]], 'again');
    expect(await run(late(again).pipe(merged))).to.include({ inserted: 1, updated: 1, total: 4 });
    expect(await idsOfFiles('merged')).to.deep.equal([[3, 1], [2], [4]]);
    const divided = parquet(join(folder, 'divided'), {
      fileMaxSeconds: 1,
      partitionBy: 'part',
      metadataColumns: { sourcePage: true },
    });
    expect(await run(late(pages).pipe(divided))).to.include({ total: 4 });
    expect(await idsOfFiles('divided')).to.deep.equal([[1], [2], [3], [1]]);
  });

  it('takes local timestamps back, and columns of any name', async () => {
    const options: ParquetOptions = { ...merge, timestamps: 'local', partitionBy: { column: 'at', transform: 'hour' } };
    const row = {
      id: 1,
      at: '2024-02-29T23:30:00Z',
      file: 'f',
      number: 1,
      start: 2,
      part: 3,
      rows: 4,
      p0: 5,
      filename: 'x',
      file_index: 7,
    };
    await load(path, [[row]], options);
    const receipt = await load(path, [[{ ...row, at: '2024-03-01T00:30:00Z' }, row, { ...row, id: 2 }]], options);
    expect(receipt).to.include({ inserted: 1, unchanged: 1, total: 2 });
    expect((await currentFiles(path)).every((file) => file.includes('at_hour=2024-02-29T23/'))).to.equal(true);
  });

  it('writes the tables of a run into one manifest, and leaves those of other runs there', async () => {
    const chain = (name: string) =>
      from(pagesOf([[{ id: 1 }]], name)).pipe(parquet(join(folder, name), { layout: 'directory' }));
    await run(chain('other'));
    const [receipt] = await run([chain('a'), chain('b')]);
    const manifest = (await readManifest(folder))!;
    expect(Object.keys(manifest.tables)).to.deep.equal(['other', 'a', 'b']);
    expect(manifest.load_id).to.equal(receipt!.loadId);
    expect([manifest.tables['a']!.load_id, manifest.tables['b']!.load_id]).to.deep.equal([
      receipt!.loadId,
      receipt!.loadId,
    ]);
    await Promise.all(['c', 'd', 'e', 'f'].map((name) => run(chain(name))));
    expect(Object.keys((await readManifest(folder))!.tables)).to.have.members(['other', 'a', 'b', 'c', 'd', 'e', 'f']);
  });

  describe('is left alone, with an error that says what to do, when', () => {
    const refused = async (
      code: string,
      text: string,
      rows: readonly Row[] = [{ id: 9, part: 'a' }],
      options = {},
    ): Promise<void> => {
      const error = await failureOf(load(path, [rows], { layout: 'directory', ...options }));
      expect(error).to.include({ code });
      expect(error.message).to.include(text);
    };

    it('the folder holds files of something else', async () => {
      await mkdir(path);
      await writeFile(join(path, 'mine.parquet'), 'x');
      await refused('ERR_TABLE_PATH', 'mine.parquet');
      expect(await readFile(join(path, 'mine.parquet'), 'utf8')).to.equal('x');
    });

    it('the folder holds files of a load that no manifest names and nothing else tells of', async () => {
      await mkdir(path);
      await writeFile(join(path, '20260101T000000Z-0123abcd.0.parquet'), 'x');
      await refused('ERR_TABLE_PATH', 'The load 20260101T000000Z-0123abcd of Sluice wrote that one');
    });

    it('the path is a file', async () => {
      await writeFile(path, 'x');
      await refused('ERR_TABLE_PATH', 'is a file');
    });

    it('a file is gone, was changed, or the manifest is damaged or newer', async () => {
      await load(path, [[{ id: 1 }]], { layout: 'directory' });
      const file = join(folder, (await currentFiles(path))[0]!);
      await rename(file, `${file}.away`);
      await refused('ERR_TABLE_CORRUPT', 'is not there');
      await writeFile(file, 'short');
      await refused('ERR_TABLE_CORRUPT', 'has 5 bytes');
      await rename(`${file}.away`, file);
      const manifest = join(folder, '_manifest.json');
      const text = await readFile(manifest, 'utf8');
      await writeFile(manifest, text.slice(0, 50));
      await refused('ERR_TABLE_CORRUPT', 'damaged');
      await writeFile(manifest, text.replace('"version":1', '"version":2'));
      await refused('ERR_TABLE_CORRUPT', 'update Sluice');
      await writeFile(manifest, text);
      expect(await load(path, [[{ id: 2 }]], { layout: 'directory' })).to.include({ total: 2 });
    });

    it('a column cannot be a partition', async () => {
      await refused('ERR_TABLE_TYPE', 'no such column', undefined, { partitionBy: 'missing' });
      await rm(join(folder, '.sluice'), { recursive: true });
      await refused('ERR_TABLE_TYPE', 'has no month', undefined, {
        partitionBy: { column: 'part', transform: 'month' },
      });
      await rm(join(folder, '.sluice'), { recursive: true });
      await refused('ERR_TABLE_TYPE', 'texts, numbers', [{ id: 1, part: [1] }], { partitionBy: 'part' });
      await rm(join(folder, '.sluice'), { recursive: true });
      await refused('ERR_TABLE_TYPE', 'all of its columns', [{ id: 1 }], { partitionBy: 'id' });
      await rm(join(folder, '.sluice'), { recursive: true });
      await refused('ERR_TABLE_VALUE', 'too long', [{ id: 1, part: 'x'.repeat(300) }], { partitionBy: 'part' });
      await rm(join(folder, '.sluice'), { recursive: true });
      const twice = { partitionBy: { column: 'at', transform: 'day' } };
      await refused('ERR_TABLE_TYPE', 'Rename', [{ at: '2024-01-01T00:00:00Z', at_day: 1 }], twice);
    });

    it('options contradict each other', () => {
      for (const options of [
        { layout: 'file', partitionBy: 'a' },
        { layout: 'file', fileMaxItems: 1 },
        { layout: 'folder' },
        { fileMaxItems: 0 },
        { fileMaxBytes: 1.5 },
        { fileMaxSeconds: 0 },
        { partitionBy: [''] },
        { partitionBy: ['a', 'A'] },
        { partitionBy: { column: 'a', transform: 'week' } },
        { layout: 'directory', engine: 'parquetjs' },
      ]) {
        expect(() => parquet(path, options as ParquetOptions), JSON.stringify(options))
          .to.throw()
          .with.property('code', 'ERR_INVALID_OPTION');
      }
      expect(() => parquet(join(folder, '_hidden/')))
        .to.throw()
        .with.property('code', 'ERR_INVALID_OPTION');
    });
  });
});
