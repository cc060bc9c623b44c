// Batches that a program asks for: at its pace, and nothing is left behind, however the iteration ends.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordBatch } from 'apache-arrow';
import { expect } from 'chai';
import { EMPTY, from, NEVER, type Observable, throwError } from 'rxjs';
import type { Rows } from '../../lib/core/index.js';
import { type ArrowBatchesOptions, arrowBatches } from '../../sinks/index.js';
import { failureOf, pagesOf } from './parquet-file.js';

describe('arrowBatches', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-batches-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const source = (rows: number): Observable<Rows> => from(pagesOf([Array.from({ length: rows }, (_, id) => ({ id }))]));
  const all = async (rows: Observable<Rows>, options: ArrowBatchesOptions = {}): Promise<RecordBatch[]> => {
    const batches: RecordBatch[] = [];
    for await (const batch of arrowBatches(rows, { temporaryFolder: folder, ...options })) batches.push(batch);
    return batches;
  };

  it('gives all rows in batches of one schema', async () => {
    const batches = await all(source(25), { batchRows: 10 });
    expect(batches.map(({ numRows }) => numRows)).to.deep.equal([10, 10, 5]);
    expect(batches.flatMap((batch) => [...batch.getChild('id')!]).map(Number)).to.deep.equal([...Array(25).keys()]);
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it('has no batches without rows', async () => {
    expect(await all(EMPTY)).to.deep.equal([]);
  });

  it('subscribes when the first batch is asked for, and cleans up when the loop is left', async () => {
    const batches = arrowBatches(source(25), { batchRows: 10, temporaryFolder: folder });
    expect(await readdir(folder)).to.deep.equal([]);
    for await (const batch of batches) {
      expect(batch.numRows).to.equal(10);
      expect(await readdir(folder)).to.have.lengthOf(1);
      break;
    }
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it('fails as the source does, and leaves nothing behind', async () => {
    const failure = new Error('the source failed');
    expect(await failureOf(all(throwError(() => failure)))).to.equal(failure);
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it('stops by its signal, before the source has completed and between batches', async () => {
    const early = new AbortController();
    setTimeout(() => early.abort(), 20);
    expect(await failureOf(all(NEVER, { signal: early.signal }))).to.include({ code: 'ERR_ABORTED' });
    const late = new AbortController();
    const batches = arrowBatches(source(25), { batchRows: 10, temporaryFolder: folder, signal: late.signal });
    await batches.next();
    late.abort();
    expect(await failureOf(batches.next().then(() => undefined))).to.include({ code: 'ERR_ABORTED' });
    expect(await readdir(folder)).to.deep.equal([]);
  });
});
