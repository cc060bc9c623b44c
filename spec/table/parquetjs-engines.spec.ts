// The two engines are one to their users: each goes on with what the other published, with the same rows and counts.
import { expect } from 'chai';
import fc from 'fast-check';
import { ExactNumber } from '../../lib/core/index.js';
import { DuckDbEngine } from '../../lib/table/duckdb-engine.js';
import { ParquetjsEngine } from '../../lib/table/parquetjs-engine.js';
import { type Load, query, Workbench } from './parquetjs-publication.js';

const duckdb = new DuckDbEngine();
const parquetjs = new ParquetjsEngine();
const merge = { disposition: 'merge', primaryKey: ['id'] } as const;

const rich = [
  {
    id: 1,
    big: 9007199254740993n,
    money: new ExactNumber('12345678901234567.25'),
    text: 'é🙂',
    at: '2024-01-01T00:00:00.000001Z',
    day: '0001-01-01',
    time: '10:00:00.5',
    json: { a: [1, null] },
    mixed: [1, { b: 'x' }],
    list: [[1], []],
    struct: { a: { b: null } },
    bytes: new Uint8Array([1, 0]),
    bool: true,
  },
  {
    id: 2,
    big: -1,
    money: 0.1,
    text: '',
    at: '9999-12-31T23:59:59.999999Z',
    day: '9999-12-31',
    time: '00:00:00',
    json: null,
    mixed: 'x',
    list: null,
    struct: null,
    bytes: null,
    bool: null,
  },
];

describe('the parquetjs engine and the DuckDB engine', () => {
  for (const [first, second] of [
    [duckdb, parquetjs],
    [parquetjs, duckdb],
  ] as const) {
    for (const compression of first === duckdb
      ? ['zstd', 'snappy', 'gzip', 'brotli', 'lz4_raw', 'uncompressed']
      : ['snappy', 'gzip']) {
      it(`${second.name} sees no difference in what ${first.name} wrote with ${compression}`, async () => {
        await using(async (bench) => {
          await bench.publish(first, { ...merge, rows: rich, compression });
          const published = await bench.publish(second, { ...merge, rows: rich });
          expect(published).to.include({
            inserted: 0,
            updated: 0,
            unchanged: 2,
            duplicates: 0,
            total: 2,
            written: false,
          });
        });
      });
    }
  }

  it('parquetjs reads the dictionaries and the row groups of many rows that duckdb wrote', async () => {
    await using(async (bench) => {
      const rows = Array.from({ length: 20_000 }, (_, id) => ({
        id,
        kind: `kind ${id % 7}`,
        n: id % 11,
        at: '2024-01-01T00:00:00Z',
        tags: id % 3 ? ['a', `${id % 5}`] : null,
      }));
      await bench.publish(duckdb, { ...merge, rows, rowGroupRows: 2048 });
      const changed = rows.filter(({ id }) => id % 100 === 0).map((row) => ({ ...row, kind: 'changed' }));
      const published = await bench.publish(parquetjs, { ...merge, rows: [...changed, rows[1]!] });
      expect(published).to.include({ inserted: 0, updated: 200, unchanged: 1, total: 20_000 });
      const sum = (kind: string) => rows.filter(({ id }) => (id % 100 === 0) === (kind === 'changed')).length;
      expect(
        await query(bench.file, "SELECT kind = 'changed' AS c, count(*) n FROM $file GROUP BY 1 ORDER BY 1"),
      ).to.deep.equal([
        { c: false, n: String(sum('same')) },
        { c: true, n: String(sum('changed')) },
      ]);
    });
  });

  it('publish the same rows and counts, whatever the loads', async function () {
    // A database is opened for each publish.
    const numRuns = 12;
    this.timeout(20_000 + numRuns * 10_000);
    const value = fc.oneof(
      fc.constant(null),
      fc.boolean(),
      fc.integer(),
      fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
      // Without exponents, which the engines write differently where a number becomes text: 1e+21 and 1e21.
      fc.integer().map((value) => value / 128),
      fc.string({ unit: 'grapheme' }),
      fc
        .date({ min: new Date('0001-01-02'), max: new Date('9999-12-30'), noInvalidDate: true })
        .map((date) => date.toISOString()),
      fc.array(fc.oneof(fc.integer(), fc.constant(null)), { maxLength: 3 }),
      fc.record({ x: fc.oneof(fc.integer(), fc.constant(null)) }, { requiredKeys: [] }),
    );
    // Each table keeps to few kinds for a column, so that not everything ends up as JSON.
    const row = fc.record(
      { id: fc.integer({ min: 0, max: 5 }), a: fc.integer(), b: value, c: fc.option(fc.double({ noNaN: true })) },
      { requiredKeys: ['id'] },
    );
    const load = fc.record({
      rows: fc.array(row, { minLength: 1, maxLength: 8 }),
      disposition: fc.constantFrom('append', 'merge', 'replace'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(load, { minLength: 1, maxLength: 3 }), async (loads) => {
        await using(async (one) =>
          using(async (other) => {
            for (const each of loads) {
              const next: Load = { ...each, primaryKey: each.disposition === 'append' ? [] : ['id'] } as Load;
              expect(await one.publish(parquetjs, next)).to.deep.equal(await other.publish(duckdb, next));
              const rows = 'SELECT t::VARCHAR AS row FROM (SELECT * FROM $file) t';
              expect(await query(one.file, rows)).to.deep.equal(await query(other.file, rows));
            }
          }),
        );
      }),
      { numRuns },
    );
  });
});

async function using(work: (bench: Workbench) => Promise<void>): Promise<void> {
  const bench = await Workbench.open();
  try {
    await work(bench);
  } finally {
    await bench.close();
  }
}
