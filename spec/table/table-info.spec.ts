// What a published file says of its table: our own files and those of others.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readTableInfo, tableInfoReader } from '../../lib/table/index.js';
import { failureOf, load, query } from '../sinks/parquet-file.js';

describe('readTableInfo', () => {
  let folder: string;
  let file: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-info-'));
    file = join(folder, 'table.parquet');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('tells columns, key, rows and size of a file of ours', async () => {
    const receipt = await load(
      file,
      [
        [
          { id: 1, at: '2024-01-01' },
          { id: 2, at: null },
        ],
      ],
      { primaryKey: 'id' },
    );
    const info = (await readTableInfo(file))!;
    expect(info).to.include({ file, rows: 2, bytes: receipt.bytes });
    expect(info.schema.columns).to.deep.equal([
      { name: 'id', type: { kind: 'bigint' }, nullable: false },
      { name: 'at', type: { kind: 'date' }, nullable: true },
    ]);
    expect(info.metadata).to.include({ table: 'table', loadId: receipt.loadId });
    expect(info.metadata!.primaryKey).to.deep.equal(['id']);
  });

  it('tells the columns of a foreign file, every type as the one that holds its values', async () => {
    const foreign = join(folder, 'foreign.parquet');
    await query(
      `COPY (SELECT 1::TINYINT AS a, 2::UBIGINT AS b, 1.5::DECIMAL(6,2) AS c, 'x' AS d, DATE '2024-01-01' AS e,
         TIMESTAMP '2024-01-01' AS f, [{'x y': 1, 'l': [true]}] AS g, '\\x01'::BLOB AS h, uuid() AS i, MAP {'k': 1} AS j,
         TIME '10:00:00' AS k, 1::FLOAT AS l) TO '${foreign}'`,
    );
    const { schema, metadata, rows } = (await readTableInfo(foreign))!;
    expect([metadata, rows]).to.deep.equal([undefined, 1]);
    expect(Object.fromEntries(schema.columns.map(({ name, type }) => [name, type]))).to.deep.equal({
      a: { kind: 'bigint' },
      b: { kind: 'decimal', precision: 38, scale: 0 },
      c: { kind: 'decimal', precision: 6, scale: 2 },
      d: { kind: 'text' },
      e: { kind: 'date' },
      f: { kind: 'timestamp' },
      g: {
        kind: 'list',
        item: {
          kind: 'struct',
          fields: [
            { name: 'x y', type: { kind: 'bigint' } },
            { name: 'l', type: { kind: 'list', item: { kind: 'bool' } } },
          ],
        },
      },
      h: { kind: 'binary' },
      i: { kind: 'text' },
      j: { kind: 'json' },
      k: { kind: 'time' },
      l: { kind: 'double' },
    });
  });

  it('is undefined where there is no file, and an error where there is none to read', async () => {
    expect(await readTableInfo(join(folder, 'none.parquet'))).to.equal(undefined);
    await mkdir(join(folder, 'folder.parquet'));
    expect(await failureOf(readTableInfo(join(folder, 'folder.parquet')))).to.include({ code: 'ERR_TABLE_PATH' });
    for (const content of ['', 'PAR1', 'no Parquet, however long it may be: PAR1']) {
      const broken = join(folder, 'broken.parquet');
      await writeFile(broken, content);
      const error = await failureOf(readTableInfo(broken));
      expect(error).to.include({ code: 'ERR_TABLE_CORRUPT' });
      expect(error.message).to.include(broken);
    }
  });
});

describe('tableInfoReader', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-reader-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('says what readTableInfo says, before and after the file is another one, and when it is gone', async () => {
    const read = tableInfoReader();
    const [ours, foreign] = ['ours.parquet', 'foreign.parquet'].map((name) => join(folder, name));
    for (const value of [1, 'text', 2.5]) {
      await load(ours!, [[{ id: 1, value }]], { writeDisposition: 'replace' });
      await query(`COPY (SELECT ${JSON.stringify(value).replaceAll('"', "'")} AS value) TO '${foreign}'`);
      for (const file of [ours!, foreign!, ours!, foreign!]) {
        const [found, expected] = [(await read(file))!, (await readTableInfo(file))!];
        expect({ ...found, shape: found.shape.toJSON() }).to.deep.equal({
          ...expected,
          shape: expected.shape.toJSON(),
          ...(found.metadata && { metadata: found.metadata }),
        });
      }
    }
    await rm(ours!);
    expect(await read(ours!)).to.equal(undefined);
  });

  it('gives each caller a shape of its own', async () => {
    const file = join(folder, 'shapes.parquet');
    await load(file, [[{ id: 1 }]]);
    const read = tableInfoReader();
    const [first, second] = [(await read(file))!, (await read(file))!];
    first.shape.observe({ id: 'text', more: 1 });
    expect(second.shape.toJSON()).to.deep.equal((await readTableInfo(file))!.shape.toJSON());
  });
});
