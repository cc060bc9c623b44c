// What a user says about columns, through the Parquet sink: declared types, contracts, names; also across runs and resumes.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { concat, from, lastValueFrom, throwError } from 'rxjs';
import type { Row } from '../../lib/core/index.js';
import { readTableInfo } from '../../lib/table/index.js';
import { parquet } from '../../sinks/index.js';
import { failureOf, load, pagesOf, readRows } from './parquet-file.js';

describe('the columns of the parquet sink', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-columns-'));
    file = join(folder, 'table.parquet');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const types = async (): Promise<Record<string, string>> =>
    Object.fromEntries((await readTableInfo(file))!.schema.columns.map(({ name, type }) => [name, type.kind]));

  it('takes the key from the declared columns', async () => {
    const options = { columns: { id: { primary_key: true } }, writeDisposition: 'merge' } as const;
    await load(file, [[{ id: 1, a: 1 }]], options);
    expect(await load(file, [[{ id: 1, a: 2 }]], options)).to.include({ updated: 1, total: 1 });
  });

  it('keeps a declared type, also in later runs that do not declare it', async () => {
    await load(file, [[{ id: 1, code: 7 }]], { columns: { code: { data_type: 'text' }, none: { data_type: 'date' } } });
    await load(file, [[{ id: 2, code: '8' }]]);
    expect(await types()).to.deep.equal({ id: 'bigint', code: 'text', none: 'date' });
    expect(await readRows(file)).to.deep.equal([
      { id: '1', code: '7', none: null },
      { id: '2', code: '8', none: null },
    ]);
  });

  it('counts what the contract leaves out, across a resume', async () => {
    await load(file, [[{ id: 1, a: 1 }]]);
    const options = { schemaContract: { columns: 'discard_row', data_type: 'discard_value' } } as const;
    const pages = pagesOf<Row>([
      [{ id: 2, a: 'no number' }],
      [{ id: 3, b: 'new' }],
      [
        { id: 4, b: 'new' },
        { id: 5, a: 2 },
      ],
    ]);
    const failing = concat(
      from(pages.slice(0, 2)),
      throwError(() => new Error('boom')),
    );
    await failureOf(failing.pipe(parquet(file, options)));
    const receipt = await lastValueFrom(from(pages).pipe(parquet(file, options)));
    expect(receipt).to.deep.include({ rows: 2, total: 3, discarded: { rows: 2, values: 1 } });
    expect(await readRows(file)).to.deep.equal([
      { id: '1', a: '1' },
      { id: '2', a: null },
      { id: '5', a: '2' },
    ]);
  });

  it('refuses what a frozen contract forbids, and publishes nothing', async () => {
    await load(file, [[{ id: 1 }]]);
    for (const writeDisposition of ['append', 'replace'] as const) {
      const options = { schemaContract: 'freeze', writeDisposition } as const;
      expect(await failureOf(load(file, [[{ id: 2, b: 1 }]], options))).to.include({ code: 'ERR_SCHEMA_CONTRACT' });
      expect(await readRows(file)).to.deep.equal([{ id: '1' }]);
      expect(await readdir(folder)).to.deep.equal(['table.parquet']);
    }
  });

  it('names columns as asked, the key among them', async () => {
    const options = { naming: 'snake_case', primaryKey: 'project_id', writeDisposition: 'merge' } as const;
    await load(file, [[{ ProjectId: 1, createdBy: 'x' }]], options);
    expect(await load(file, [[{ ProjectId: 1, createdBy: 'y' }]], options)).to.include({ updated: 1 });
    expect(await readRows(file)).to.deep.equal([{ project_id: '1', created_by: 'y' }]);
  });

  it('reads a table of one column, whatever its type', async () => {
    for (const value of [1, 'x', { a: 1 }, [1, 2], null, true]) {
      const path = join(folder, `${JSON.stringify(value).replace(/\W/g, '')}.parquet`);
      await load(path, [[{ only: value }], [{ only: value }]]);
      expect(await readRows(path, 'count(*)::INTEGER AS rows')).to.deep.equal([{ rows: 2 }]);
    }
  });

  it('refuses options that it does not know', () => {
    expect(() => parquet(file, { writeDisposition: 'upsert' as 'merge' })).to.throw(/append, replace, merge/);
    expect(() => parquet(file, { columns: { a: { data_type: 'strng' as 'text' } } })).to.throw(/text/);
    expect(() => parquet(file, { memoryLimit: 'much' })).to.throw(/512MB/);
    expect(() => parquet(file, { checkpoint: { pages: 0 } })).to.throw(/checkpoint\.pages/);
    expect(() => parquet('')).to.throw(/path/);
  });

  it('writes the same rows with the engine that needs no binary', async () => {
    const options = { engine: 'parquetjs', primaryKey: 'id', writeDisposition: 'merge' } as const;
    await load(
      file,
      [
        [
          { id: 1, a: 'x' },
          { id: 2, a: 'y' },
        ],
      ],
      options,
    );
    expect(await load(file, [[{ id: 2, a: 'z' }]], options)).to.include({ updated: 1, total: 2 });
    expect(await readRows(file)).to.deep.equal([
      { id: '1', a: 'x' },
      { id: '2', a: 'z' },
    ]);
  });
});
