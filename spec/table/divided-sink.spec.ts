// The receipt of a source whose rows are divided among tables: the sum of theirs, in which a file that several share counts once.
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { from, lastValueFrom, type OperatorFunction } from 'rxjs';
import type { Receipt, Row, Rows } from '../../lib/core/index.js';
import { dividedSink } from '../../lib/table/index.js';
import { duckdb, jsonl } from '../../sinks/index.js';
import { pagesOf } from '../sinks/parquet-file.js';

describe('the receipt of rows that are divided among tables', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-divided-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const load = (sinkOf: (table: string) => OperatorFunction<Rows, Receipt>) =>
    lastValueFrom(
      from(pagesOf([['a', 'b', 'a', 'c'].map((kind, id) => ({ id, kind }))])).pipe(
        dividedSink<Row>({
          name: 'events',
          path: join(folder, 'events'),
          tables: [],
          divide: ({ rows }) =>
            new Map(['a', 'b', 'c'].map((kind) => [kind, rows.filter((row) => row['kind'] === kind)])),
          sinkOf,
          remembered: () => null,
          recall: () => undefined,
          forget: () => undefined,
        }),
      ),
    );

  it('names the file of a database once, and counts its size once', async () => {
    const file = join(folder, 'all.duckdb');
    const receipt = await load((table) => duckdb(file, { table }));
    expect(receipt).to.include({ rows: 4, total: 4, bytes: (await stat(file)).size });
    expect(receipt.files).to.deep.equal([file]);
    expect(receipt.receipts).to.have.length(3);
  });

  it('names all files of tables that have their own, and sums their sizes', async () => {
    const receipt = await load((table) => jsonl(join(folder, `${table}.jsonl`)));
    const files = ['a', 'b', 'c'].map((table) => join(folder, `${table}.jsonl`));
    expect(receipt.files).to.have.members(files);
    const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
    expect(receipt.bytes).to.equal(sizes.reduce((sum, size) => sum + size, 0));
  });
});
