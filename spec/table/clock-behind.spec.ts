// A clock that went backwards between two loads: no version of a row ends before it begins.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { from, lastValueFrom } from 'rxjs';
import type { Row } from '../../lib/core/index.js';
import { csv, duckdb, parquet } from '../../sinks/index.js';
import { pagesOf, query } from '../sinks/parquet-file.js';

describe('a clock that is behind the last load of a table', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-clock-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const scd2 = (boundaryTimestamp?: string) => ({
    primaryKey: 'id',
    writeDisposition: {
      disposition: 'merge' as const,
      strategy: 'scd2' as const,
      ...(boundaryTimestamp !== undefined && { boundaryTimestamp }),
    },
  });
  type Options = ReturnType<typeof scd2>;
  const sinks = {
    parquet: (options: Options) => parquet(join(folder, 't.parquet'), options),
    'a folder': (options: Options) => parquet(join(folder, 't'), { ...options, fileMaxItems: 100 }),
    csv: (options: Options) => csv(join(folder, 't.csv'), options),
    duckdb: (options: Options) => duckdb(join(folder, 't.duckdb'), { ...options, table: 't' }),
  };
  const tables = {
    parquet: () => `read_parquet('${folder}/t.parquet')`,
    'a folder': () => `read_parquet('${folder}/t/**/*.parquet')`,
    csv: () => `read_csv('${folder}/t.csv')`,
    duckdb: () => 't',
  };

  for (const format of ['parquet', 'a folder', 'csv', 'duckdb'] as const) {
    it(`begins the next versions after the last ones: ${format}`, async () => {
      const load = (rows: readonly Row[], boundary?: string) =>
        lastValueFrom(from(pagesOf([rows])).pipe(sinks[format](scd2(boundary))));
      await load(
        [
          { id: 1, name: 'a' },
          { id: 2, name: 'b' },
        ],
        '2190-01-01T00:00:00.250Z',
      );
      await load([
        { id: 1, name: 'x' },
        { id: 2, name: 'b' },
      ]);
      await load([
        { id: 1, name: 'y' },
        { id: 2, name: 'b' },
      ]);
      const attach = format === 'duckdb' ? `ATTACH '${folder}/t.duckdb' AS db (READ_ONLY); USE db; ` : '';
      const text = (column: string) => `strftime(${column}::TIMESTAMP, '%Y-%m-%d %H:%M:%S.%g') AS ${column}`;
      const rows = await query(
        `${attach}SELECT name, ${text('_dlt_valid_from')}, ${text('_dlt_valid_to')} FROM ${tables[format]()} ORDER BY ALL`,
      );
      const at = (milliseconds: number) => `2190-01-01 00:00:00.${milliseconds}`;
      expect(rows).to.deep.equal([
        { name: 'a', _dlt_valid_from: at(250), _dlt_valid_to: at(251) },
        { name: 'b', _dlt_valid_from: at(250), _dlt_valid_to: null },
        { name: 'x', _dlt_valid_from: at(251), _dlt_valid_to: at(252) },
        { name: 'y', _dlt_valid_from: at(252), _dlt_valid_to: null },
      ]);
    });
  }

  it('makes no receipt negative, nor one earlier than the one before, when it goes backwards while rows come', async () => {
    const { now } = Date;
    let hours = 0;
    Date.now = () => {
      hours += 1;
      return now() - hours * 3_600_000;
    };
    try {
      const receipts: number[] = [];
      await new Promise<void>((resolve, reject) => {
        from(pagesOf([[{ id: 1 }], [{ id: 2 }], [{ id: 3 }]]))
          .pipe(parquet(join(folder, 't.parquet'), { checkpoint: { pages: 1 } }))
          .subscribe({ next: ({ seconds }) => receipts.push(seconds), error: reject, complete: resolve });
      });
      expect(receipts.length).to.be.above(1);
      expect(receipts).to.deep.equal([...receipts].sort((one, other) => one - other));
      expect(receipts[0]).to.be.at.least(0);
    } finally {
      Date.now = now;
    }
  });
});
