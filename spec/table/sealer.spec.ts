// Segments that are typed while rows still come: the table is the same as without.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { concat, concatMap, from, NEVER, Observable, of, timer } from 'rxjs';
import { OptionError, type Receipt, type Row, type Rows } from '../../lib/core/index.js';
import { run } from '../../lib/table/index.js';
import { type ParquetOptions, parquet } from '../../sinks/index.js';
import { failureOf, pagesOf, query, readRows } from '../sinks/parquet-file.js';

const mixed = fc.oneof(
  fc.constant(null),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom('a', '2024-01-01', '2024-01-01T00:00:00Z', '🚀'),
  fc.record({ x: fc.integer() }),
  fc.array(fc.integer(), { maxLength: 2 }),
);
/** Columns whose types change in the middle of a load. */
const row = fc.record(
  { id: fc.integer({ min: 0, max: 60 }), name: fc.string({ maxLength: 20 }), mixed, late: mixed },
  { requiredKeys: ['id', 'name'] },
) as fc.Arbitrary<Row>;
const loads = fc.array(
  fc.record({
    writeDisposition: fc.constantFrom('append', 'merge', 'replace') as fc.Arbitrary<'append' | 'merge' | 'replace'>,
    pages: fc.array(fc.array(row, { maxLength: 6 }), { minLength: 3, maxLength: 8 }),
  }),
  { minLength: 1, maxLength: 3 },
);

const numRuns = Number(process.env['SEALER_RUNS'] ?? 8);

describe('a table whose log is sealed in the background', function () {
  this.timeout(20_000 + numRuns * 10_000);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-sealer-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** One commit for each page, and a segment for each commit; the pages come slowly enough for seals in between. */
  const slowly = (pages: readonly Rows[], wait: number): Observable<Rows> =>
    from(pages).pipe(concatMap((page) => concat(of(page), timer(wait).pipe(concatMap(() => [])))));
  const load = (file: string, source: Observable<Rows>, options: ParquetOptions, segmentBytes = 1): Promise<Receipt> =>
    run(source.pipe(parquet(file, { ...options, checkpoint: { pages: 1 } })), { segmentBytes });

  it('holds the rows that it holds without, in the same order, whatever the disposition and the types', async () => {
    let number = 0;
    await fc.assert(
      fc.asyncProperty(loads, fc.constantFrom(0, 12), async (runs, wait) => {
        number += 1;
        const [sealed, plain] = [join(folder, `${number}.sealed.parquet`), join(folder, `${number}.plain.parquet`)];
        for (const { writeDisposition, pages } of runs) {
          const options = { primaryKey: 'id', writeDisposition };
          const receipts = [
            await load(sealed, slowly(pagesOf(pages), wait), options),
            await load(plain, from(pagesOf(pages)), options, 1e9),
          ].map(({ inserted, updated, unchanged, duplicates, total, schema }) => ({
            counts: { inserted, updated, unchanged, duplicates, total },
            schema,
          }));
          expect(receipts[0]).to.deep.equal(receipts[1]);
          if (receipts[0]!.schema.length > 0) expect(await readRows(sealed)).to.deep.equal(await readRows(plain));
        }
      }),
      { numRuns },
    );
  });

  it('copies what was sealed into the published file: one row group for each segment', async () => {
    const file = join(folder, 'table.parquet');
    const pages = pagesOf([1, 2, 3, 4].map((id) => [{ id, name: 'x'.repeat(100) }]));
    await load(file, slowly(pages, 250), { primaryKey: 'id', writeDisposition: 'merge' });
    expect(await readRows(file, 'id')).to.deep.equal([{ id: '1' }, { id: '2' }, { id: '3' }, { id: '4' }]);
    const groups = await query(`SELECT count(DISTINCT row_group_id) AS n FROM parquet_metadata('${file}')`);
    expect(Number(groups[0]!['n'])).to.be.above(1);
  });

  it('leaves nothing of it behind, be it published, or stopped in the middle of a seal', async () => {
    const file = join(folder, 'table.parquet');
    const pages = pagesOf(
      Array.from({ length: 6 }, (_, page) => Array.from({ length: 500 }, (_, at) => ({ id: page * 500 + at }))),
    );
    const boom = new Error('boom');
    const failing = concat(slowly(pages.slice(0, 5), 3), new Observable<Rows>((subscriber) => subscriber.error(boom)));
    expect(await failureOf(load(file, failing, { primaryKey: 'id', writeDisposition: 'merge' }))).to.equal(boom);
    const [stage] = await readdir(join(folder, '.sluice'));
    const left = await readdir(join(folder, '.sluice', stage!));
    expect(left.filter((name) => name !== 'journal.jsonl' && !/^t-table\.\d+\.jsonl$/.test(name))).to.deep.equal([]);
    const receipt = await load(file, slowly(pages, 0), { primaryKey: 'id', writeDisposition: 'merge' });
    expect(receipt.total).to.equal(3000);
    expect(await readdir(folder)).to.deep.equal(['table.parquet']);
  });

  it('ends at once when it is stopped while a segment is being sealed', async () => {
    const controller = new AbortController();
    const pages = pagesOf([[{ id: 1 }], [{ id: 2 }], [{ id: 3 }]], 'walk').map((page) => ({
      ...page,
      position: { ...page.position, next: page.position.page + 1 },
    }));
    const chain = concat(from(pages), NEVER).pipe(parquet(join(folder, 'table.parquet'), { checkpoint: { pages: 1 } }));
    const running = failureOf(run(chain, { segmentBytes: 1, signal: controller.signal }));
    setTimeout(() => controller.abort(), 60);
    expect((await running).code).to.equal('ERR_ABORTED');
  });

  it('says which size of segments is wrong', async () => {
    expect(() => run([], { segmentBytes: 0 }))
      .to.throw(OptionError)
      .with.property('message')
      .that.includes('segmentBytes');
  });
});
