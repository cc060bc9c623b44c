// The rows of the preview are those of the file, digit by digit.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { lastValueFrom } from 'rxjs';
import { firstRows } from '../../lib/cli/first-rows.js';
import { ExactNumber } from '../../lib/core/exact.js';
import { rowsOf } from '../../lib/testing/index.js';
import { parquet } from '../../sinks/index.js';

describe('the first rows of a table', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-first-rows-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('have all digits of decimals and of integers beyond 64 bits, and days without a time', async () => {
    const file = join(folder, 't.parquet');
    const rows = [
      { id: 1, exact: new ExactNumber('0.12345678901234567890'), big: 18446744073709551615n, day: '2024-02-29' },
      { id: 2, exact: -0.5, big: -1, day: null, inner: { id: 7 } },
    ];
    await lastValueFrom(rowsOf(rows).pipe(parquet(file)));
    expect(await firstRows(file, 5)).to.deep.equal([
      { id: 1n, exact: '0.1234567890123456789', big: '18446744073709551615', day: '2024-02-29', inner: null },
      { id: 2n, exact: '-0.5', big: '-1', day: null, inner: { id: 7n } },
    ]);
  });
});
