// The forms that an Arrow file can have: a file or a stream, and columns with dictionaries.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataType, type Table, tableFromIPC } from 'apache-arrow';
import { expect } from 'chai';
import { from, lastValueFrom, toArray } from 'rxjs';
import type { Receipt, Row } from '../../lib/core/index.js';
import { type ArrowOptions, arrow, toArrow } from '../../sinks/index.js';
import { failureOf, pagesOf } from './parquet-file.js';

describe('an Arrow file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-ipc-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const load = (name: string, rows: readonly Row[], options: ArrowOptions = {}): Promise<Receipt> =>
    lastValueFrom(from(pagesOf([rows])).pipe(arrow(join(folder, name), options)));
  const read = async (name: string): Promise<Table> => tableFromIPC(await readFile(join(folder, name)));
  const rowsOf = (table: Table): unknown[] => table.toArray().map((row) => ({ ...row.toJSON() }));

  it('is a stream when its name ends so, or it is said, and is added to as one', async () => {
    await load('things.arrows', [{ id: 1, a: 'x' }]);
    expect((await readFile(join(folder, 'things.arrows'))).subarray(0, 4).toString('hex')).to.equal('ffffffff');
    expect(await load('things.arrows', [{ id: 2, a: 'y' }])).to.include({ total: 2 });
    expect(rowsOf(await read('things.arrows'))).to.deep.equal([
      { id: 1n, a: 'x' },
      { id: 2n, a: 'y' },
    ]);
    await load('other.bin', [{ id: 1 }], { ipc: 'stream' });
    expect((await readFile(join(folder, 'other.bin'))).subarray(0, 4).toString('hex')).to.equal('ffffffff');
    await load('things.arrow', [{ id: 1 }]);
    expect((await readFile(join(folder, 'things.arrow'))).subarray(0, 6).toString()).to.equal('ARROW1');
  });

  for (const name of ['things.arrow', 'things.arrows']) {
    it(`stores the texts of a column once, over all batches: ${name}`, async () => {
      const colours = ['rot', 'grün', '', '\uFEFFmark', '🎨', null];
      const rows = Array.from({ length: 100 }, (_, id) => ({ id, colour: colours[id % 6]!, note: `n${id}` }));
      const options = {
        dictionary: ['colour'],
        batchRows: 7,
        primaryKey: 'id',
        writeDisposition: 'merge',
      } as const;
      await load(name, rows, options);
      await load(name, [{ id: 3, colour: 'neu', note: 'n3' }], options);
      const table = await read(name);
      const field = table.schema.fields.find((each) => each.name === 'colour')!;
      expect(DataType.isDictionary(field.type)).to.equal(true);
      expect(table.batches.length).to.be.greaterThan(10);
      expect(table.getChild('colour')!.data[0]!.dictionary!.length).to.equal(6);
      const expected = rows
        .map((row) => (row.id === 3 ? { ...row, colour: 'neu' } : row))
        .map((row) => ({ ...row, id: BigInt(row.id) }));
      // apache-arrow drops a mark at the start of a text when it reads.
      const plain = (list: readonly { id: bigint; colour: string | null }[]) =>
        list
          .map((row) => ({ ...row, colour: row.colour?.replace('\uFEFF', '') ?? null }))
          .sort((one, other) => Number(one.id - other.id));
      expect(plain(rowsOf(table) as never)).to.deep.equal(plain(expected));
    });
  }

  it('has dictionaries for texts alone', async () => {
    const error = await failureOf(load('things.arrow', [{ id: 1 }], { dictionary: ['id'] }));
    expect(error).to.include({ code: 'ERR_TABLE_TYPE' });
    expect(error.message).to.include('column id');
  });

  it('may have a column of NULL alone with a dictionary', async () => {
    await load('things.arrow', [{ id: 1, a: null }], { dictionary: ['a'] });
    expect(rowsOf(await read('things.arrow'))).to.deep.equal([{ id: 1n, a: null }]);
  });

  it('can be refused by its options', () => {
    expect(() => arrow('x.arrow', { ipc: 'feather' as never }))
      .to.throw()
      .with.property('code', 'ERR_INVALID_OPTION');
  });

  it('gives its batches with dictionaries to a program as well', async () => {
    const source = from(
      pagesOf([
        [
          { id: 1, a: 'x' },
          { id: 2, a: 'x' },
        ],
      ]),
    );
    const [batch] = await lastValueFrom(source.pipe(toArrow({ dictionary: ['a'] }), toArray()));
    expect(DataType.isDictionary(batch!.schema.fields[1]!.type)).to.equal(true);
    expect(batch!.getChild('a')!.toJSON()).to.deep.equal(['x', 'x']);
  });
});
