// What the Arrow sink does beside the contract suite: batches, foreign files, options.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Int16, Table, tableFromIPC, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow';
import { expect } from 'chai';
import { lastValueFrom } from 'rxjs';
import type { Row } from '../../lib/core/index.js';
import { metadataKey } from '../../lib/schema/index.js';
import { rowsOf } from '../../lib/testing/index.js';
import { type ArrowOptions, arrow } from '../../sinks/index.js';
import { failureOf } from './parquet-file.js';

describe('the arrow sink', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-arrow-'));
    file = join(folder, 'table.arrow');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const load = (rows: readonly Row[], options?: ArrowOptions) => lastValueFrom(rowsOf(rows).pipe(arrow(file, options)));
  const table = async () => tableFromIPC(await readFile(file));

  it('writes a file that apache-arrow reads, with the types of the columns', async () => {
    const receipt = await load([{ id: 1, name: 'Ada', at: '2024-01-01T00:00:00.5Z', tags: ['x'], owner: { id: 2 } }]);
    const read = await table();
    expect(
      read.schema.fields.map(({ name, type, nullable }) => `${name}: ${type}${nullable ? '' : ', never NULL'}`),
    ).to.deep.equal([
      'id: Int64, never NULL',
      'name: Utf8, never NULL',
      'at: Timestamp<MICROSECOND, UTC>, never NULL',
      'tags: List<Utf8>, never NULL',
      'owner: Struct<{id:Int64}>, never NULL',
    ]);
    expect(JSON.parse(read.schema.metadata.get(metadataKey)!)).to.include({ table: 'table', loadId: receipt.loadId });
    expect(receipt).to.deep.include({ files: [file], bytes: (await readFile(file)).length, total: 1 });
  });

  it('cuts the rows into batches of the given size', async () => {
    await load(
      Array.from({ length: 25 }, (_, id) => ({ id })),
      { batchRows: 10 },
    );
    expect((await table()).batches.map((batch) => batch.numRows)).to.deep.equal([10, 10, 5]);
  });

  it('adds to a file that another program wrote, with its columns', async () => {
    const foreign = new Table({
      id: vectorFromArray([1, null], new Int16()),
      name: vectorFromArray(['a', null], new Utf8()),
    });
    await writeFile(file, tableToIPC(foreign, 'file'));
    const receipt = await load([{ id: 2, more: true }]);
    expect(receipt).to.include({ inserted: 1, total: 3 });
    const rows = (await table()).toArray().map((row) => String(row));
    expect(rows).to.deep.equal([
      '{"id": 1, "name": "a", "more": null}',
      '{"id": null, "name": null, "more": null}',
      '{"id": 2, "name": null, "more": true}',
    ]);
  });

  it('refuses a file that is none, and leaves it as it is', async () => {
    await writeFile(file, 'id\n1\n');
    const error = await failureOf(load([{ id: 2 }]));
    expect(error.code).to.equal('ERR_TABLE_CORRUPT');
    expect(error.message).to.contain(file);
    expect(await readFile(file, 'utf8')).to.equal('id\n1\n');
  });

  it('leaves nothing beside the file but its own folder', async () => {
    await load([{ id: 1 }]);
    expect((await readdir(folder)).filter((name) => name !== '.sluice')).to.deep.equal(['table.arrow']);
  });

  it('refuses options that make no sense at once', () => {
    expect(() => arrow(''))
      .to.throw()
      .with.property('code', 'ERR_INVALID_OPTION');
    for (const batchRows of [0, -1, 1.5, Number.NaN]) {
      expect(() => arrow(file, { batchRows }))
        .to.throw()
        .with.property('option', 'batchRows');
    }
    expect(() => arrow(file, { writeDisposition: 'merge' }))
      .to.throw()
      .with.property('code', 'ERR_TABLE_NO_KEY');
  });
});
