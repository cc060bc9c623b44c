// The look at a table before it is published: what it sees, for every way of publishing, and that it can stop it.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { from, lastValueFrom, type OperatorFunction } from 'rxjs';
import type { Receipt, Row, Rows } from '../../lib/core/index.js';
import { type Audit, arrow, csv, duckdb, parquet, toArrow } from '../../sinks/index.js';
import { failureOf, pagesOf } from '../sinks/parquet-file.js';

type Options = { readonly primaryKey: string; readonly writeDisposition: 'merge'; readonly audit: Audit };
const sinks: Readonly<Record<string, (folder: string, options: Options) => OperatorFunction<Rows, Receipt>>> = {
  parquet: (folder, options) => parquet(join(folder, 'things.parquet'), options),
  arrow: (folder, options) => arrow(join(folder, 'things.arrow'), options),
  csv: (folder, options) => csv(join(folder, 'things.csv'), options),
  directory: (folder, options) => parquet(join(folder, 'things'), { ...options, partitionBy: 'part' }),
  duckdb: (folder, options) => duckdb(join(folder, 'shop.duckdb'), { ...options, table: 'things' }),
};

describe('an audit', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-audit-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  for (const [name, sink] of Object.entries(sinks)) {
    describe(`of ${name}`, () => {
      const load = (rows: readonly Row[], audit: Audit): Promise<Receipt> => {
        const options = { primaryKey: 'id', writeDisposition: 'merge', audit } as const;
        return lastValueFrom(from(pagesOf([rows])).pipe(sink(folder, options)));
      };

      it('sees the whole table as it will be, and what the receipt will say', async () => {
        const seen: unknown[] = [];
        const audit: Audit = async ({ table, query, counts, columns, connection }) => {
          const { inserted, updated, total } = counts;
          const rows = await query(`SELECT id::INTEGER AS id, part FROM ${table} ORDER BY id`);
          const other = await connection.runAndReadAll('SELECT count(*)::INTEGER FROM things');
          seen.push({
            rows,
            inserted,
            updated,
            total,
            columns: columns.map((column) => column.name),
            other: other.getRows(),
          });
        };
        await load(
          [
            { id: 1, part: 'a' },
            { id: 2, part: 'b' },
          ],
          audit,
        );
        await load(
          [
            { id: 2, part: 'a' },
            { id: 3, part: null },
          ],
          audit,
        );
        expect(seen[1]).to.deep.equal({
          rows: [
            { id: 1, part: 'a' },
            { id: 2, part: 'a' },
            { id: 3, part: null },
          ],
          inserted: 1,
          updated: 1,
          total: 3,
          columns: ['id', 'part'],
          other: [[3]],
        });
      });

      it('stops the publish by what it throws, and the rows wait for the next run', async () => {
        await load([{ id: 1, part: 'a' }], () => undefined);
        const before = await readdir(folder);
        const cause = new Error('too few');
        const error = await failureOf(
          load([{ id: 2, part: 'a' }], () => {
            throw cause;
          }),
        );
        expect(error).to.include({ code: 'ERR_TABLE_AUDIT', cause });
        expect(error.message).to.include('too few');
        expect((await readdir(folder)).filter((each) => each !== '.sluice')).to.deep.equal(
          before.filter((each) => each !== '.sluice'),
        );
        let totals: number[] = [];
        const receipt = await load([{ id: 99, part: 'never read' }], ({ counts }) => {
          totals = [...totals, counts.total];
        });
        expect(receipt).to.include({ rows: 1, inserted: 1, total: 2 });
        expect(totals).to.deep.equal([2]);
      });
    });
  }

  it('looks at the rows of toArrow, too', async () => {
    const error = await failureOf(
      from(pagesOf([[{ id: 1 }]])).pipe(
        toArrow({
          audit: async ({ query }) => {
            if ((await query('SELECT id FROM rows'))[0]?.['id'] === 1n) throw new Error('seen');
          },
        }),
      ),
    );
    expect(error).to.include({ code: 'ERR_TABLE_AUDIT' });
  });

  it('is refused where DuckDB does not publish', () => {
    const options = { engine: 'parquetjs', audit: () => undefined } as const;
    expect(() => parquet('x.parquet', options))
      .to.throw()
      .with.property('code', 'ERR_INVALID_OPTION');
  });
});
