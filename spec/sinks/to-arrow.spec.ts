// toArrow: rows in, record batches out, and nothing left behind.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordBatch } from 'apache-arrow';
import { expect } from 'chai';
import { concat, firstValueFrom, from, lastValueFrom, NEVER, throwError, toArray } from 'rxjs';
import { rowsOf } from '../../lib/testing/index.js';
import { toArrow } from '../../sinks/index.js';

describe('toArrow', () => {
  let temporaryFolder: string;
  beforeEach(async () => {
    temporaryFolder = await mkdtemp(join(tmpdir(), 'sluice-spec-'));
  });
  afterEach(() => rm(temporaryFolder, { recursive: true }));

  const leftBehind = () => readdir(temporaryFolder);
  const batchesOf = (source: ReturnType<typeof rowsOf>, options = {}): Promise<RecordBatch[]> =>
    lastValueFrom(source.pipe(toArrow({ temporaryFolder, ...options }), toArray()));
  const rowsIn = (batches: RecordBatch[]) =>
    batches.flatMap((batch) => batch.toArray()).map((row) => JSON.parse(JSON.stringify(row.toJSON(), bigints)));
  const bigints = (_: string, value: unknown) => (typeof value === 'bigint' ? Number(value) : value);

  it('emits all rows in batches of one schema: that of the whole stream', async () => {
    const pages = [
      [
        { id: 1, x: 1 },
        { id: 2, x: null },
      ],
      [{ id: 3, x: 1.5, y: 'new' }],
    ];
    const batches = await batchesOf(rowsOf(...pages), { batchRows: 2 });
    expect(batches.map((batch) => batch.numRows)).to.deep.equal([2, 1]);
    expect(batches.map((batch) => batch.schema.fields.map(({ name, type }) => `${name} ${type}`))).to.deep.equal([
      ['id Int64', 'x Float64', 'y Utf8'],
      ['id Int64', 'x Float64', 'y Utf8'],
    ]);
    expect(rowsIn(batches)).to.deep.equal([
      { id: 1, x: 1, y: null },
      { id: 2, x: null, y: null },
      { id: 3, x: 1.5, y: 'new' },
    ]);
    expect(await leftBehind()).to.deep.equal([]);
  });

  it('keeps the last row of a key', async () => {
    const batches = await batchesOf(
      rowsOf([
        { id: 1, n: 1 },
        { id: 1, n: 2 },
      ]),
      { primaryKey: 'id' },
    );
    expect(rowsIn(batches)).to.deep.equal([{ id: 1, n: 2 }]);
  });

  it('emits nothing for no rows, and completes', async () => {
    expect(await batchesOf(rowsOf())).to.deep.equal([]);
    expect(await batchesOf(rowsOf([]))).to.deep.equal([]);
    expect(await leftBehind()).to.deep.equal([]);
  });

  it('passes the error of the source on, emits nothing, and leaves nothing behind', async () => {
    const failure = new Error('the source failed');
    const source = concat(
      rowsOf([{ id: 1 }]),
      throwError(() => failure),
    ).pipe(toArrow({ temporaryFolder }));
    const error = await firstValueFrom(source).catch((caught) => caught);
    expect(error).to.equal(failure);
    expect(await leftBehind()).to.deep.equal([]);
  });

  it('leaves nothing behind when it is unsubscribed from, before rows, among them, and while batches come', async () => {
    for (const source of [NEVER, concat(rowsOf([{ id: 1 }]), NEVER)]) {
      const subscription = from(source as typeof NEVER)
        .pipe(toArrow<unknown>({ temporaryFolder }))
        .subscribe();
      await new Promise((resolve) => setTimeout(resolve, 50));
      subscription.unsubscribe();
      await nothingLeft();
    }
    const many = Array.from({ length: 100 }, (_, id) => ({ id }));
    const first = await firstValueFrom(rowsOf(many).pipe(toArrow({ temporaryFolder, batchRows: 1 })));
    expect(first.numRows).to.equal(1);
    await nothingLeft();
  });

  it('starts anew for each subscription', async () => {
    const source = rowsOf([{ id: 1 }]).pipe(toArrow({ temporaryFolder }), toArray());
    const [one, other] = await Promise.all([lastValueFrom(source), lastValueFrom(source)]);
    expect([rowsIn(one), rowsIn(other)]).to.deep.equal([[{ id: 1 }], [{ id: 1 }]]);
  });

  it('makes no folder before it is subscribed to', async () => {
    rowsOf([{ id: 1 }]).pipe(toArrow({ temporaryFolder }));
    expect(await leftBehind()).to.deep.equal([]);
  });

  /** The folder is removed soon after the teardown, which cannot wait for it. */
  async function nothingLeft(): Promise<void> {
    for (let tries = 0; tries < 500 && (await leftBehind()).length > 0; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(await leftBehind()).to.deep.equal([]);
  }
});
