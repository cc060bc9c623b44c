// What APIs send beside plain columns, as it is found in the file by DuckDB.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Row } from '../../lib/core/index.js';
import { failureOf, load, readRows } from './parquet-file.js';

describe('odd columns', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-odd-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function found(rows: readonly Row[]) {
    const file = join(folder, 't.parquet');
    const { schema } = await load(file, [rows]);
    return { types: Object.fromEntries(schema.map(({ name, type }) => [name, type])), rows: await readRows(file) };
  }

  it('that hold nothing but NULL, empty objects or empty lists are there', async () => {
    const { types, rows } = await found([
      { id: 1, n: null, o: {}, l: [] },
      { id: 2, o: {}, l: [] },
    ]);
    expect(types).to.deep.equal({ id: 'BIGINT', n: 'VARCHAR', o: 'JSON', l: 'VARCHAR[]' });
    expect(rows[0]).to.deep.equal({ id: '1', n: null, o: '{}', l: [] });
  });

  it('of mixed lists keep every item', async () => {
    const { types, rows } = await found([{ m: [1, 'a', true], o: [{ a: 1 }, 5], l: [[1], ['x']] }]);
    expect(types).to.deep.equal({ m: 'VARCHAR[]', o: 'JSON[]', l: 'VARCHAR[][]' });
    expect(rows).to.deep.equal([{ m: ['1', 'a', 'true'], o: ['{"a":1}', '5'], l: [['1'], ['x']] }]);
  });

  it('have the names of their keys: empty, with dots, alike but for their case, with NUL', async () => {
    const { rows } = await found([{ '': 1, 'a.b': 2, ID: 3, id: 4, 'x\0': 5, 'ü"\'': 6 }]);
    expect(rows).to.deep.equal([{ _empty: '1', 'a.b': '2', ID: '3', id_2: '4', 'x\uFFFD': '5', 'ü"\'': '6' }]);
  });

  it('within objects whose keys no struct can have are JSON', async () => {
    const { types, rows } = await found([{ e: { '': 1, y: 2 }, c: { a: 1, A: 2 } }]);
    expect(types).to.deep.equal({ e: 'JSON', c: 'JSON' });
    expect(rows).to.deep.equal([{ e: '{"":1,"y":2}', c: '{"a":1,"A":2}' }]);
  });

  it('come in the order in which their keys came first', async () => {
    const { rows } = await found([
      { b: 1, a: 2 },
      { c: 3, a: 1, b: 2 },
    ]);
    expect(rows.map((row) => Object.keys(row))).to.deep.equal([
      ['b', 'a', 'c'],
      ['b', 'a', 'c'],
    ]);
  });

  it('widen, and lose no digit: bigint to double, to decimal, to text', async () => {
    const { types, rows } = await found([
      { a: 1, b: 1, c: 2 ** 53, d: 2n ** 63n, e: 1 },
      { a: 1.5, b: 2n ** 53n + 1n, c: 0.5, d: -1, e: 2n ** 200n },
      { a: 2, b: 0.5, c: 1, d: 0, e: 'x' },
    ]);
    expect(types).to.deep.equal({ a: 'DOUBLE', b: 'DECIMAL(38,1)', c: 'DOUBLE', d: 'DECIMAL(38,0)', e: 'VARCHAR' });
    expect(rows.map(({ b }) => b)).to.deep.equal(['1.0', '9007199254740993.0', '0.5']);
    expect(rows.map(({ d }) => d)).to.deep.equal(['9223372036854775808', '-1', '0']);
    expect(rows.map(({ e }) => e)).to.deep.equal(['1', String(2n ** 200n), 'x']);
  });

  it('that are called as the engine calls places of rows are an error that says so', async () => {
    for (const name of ['file_row_number', 'FILE_ROW_NUMBER', '__sluice_row']) {
      const error = await failureOf(load(join(folder, `${name}.parquet`), [[{ id: 1, [name]: 2 }]]));
      expect(error).to.include({ code: 'ERR_TABLE_COLUMN' });
      expect(error.message).to.include(`rename({ "${name}": 'row' })`);
    }
  });

  it('may be 2,000', async function () {
    this.timeout(120_000);
    const cell = (n: number, i: number) => [n * i, `text ${n}`, i % 7 === 0 ? null : { a: n }][i % 3];
    const row = (n: number): Row =>
      Object.fromEntries([['id', n], ...Array.from({ length: 2000 }, (_, i) => [`column_${i}`, cell(n, i)])]);
    const file = join(folder, 'wide.parquet');
    const merge = { primaryKey: 'id', writeDisposition: 'merge' } as const;
    await load(file, [Array.from({ length: 60 }, (_, n) => row(n))], merge);
    const receipt = await load(file, [[row(1), { ...row(2), column_0: 77 }]], merge);
    expect(receipt).to.include({ total: 60, updated: 1, unchanged: 1 });
    expect(receipt.schema).to.have.length(2001);
    const sum = await readRows(file, 'sum(column_0)::INTEGER AS zero, max(column_1999) AS last');
    expect(sum).to.deep.equal([{ zero: 77, last: 'text 9' }]);
  });
});
