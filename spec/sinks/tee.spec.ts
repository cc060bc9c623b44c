// Several sinks in one pass: one subscription to the source, one run, the pace of the slowest, one receipt.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  concat,
  concatMap,
  defer,
  from,
  lastValueFrom,
  map,
  NEVER,
  Observable,
  type OperatorFunction,
  of,
  take,
  throwError,
  toArray,
} from 'rxjs';
import { currentFlow, type Receipt, type Rows } from '../../lib/core/index.js';
import { run } from '../../lib/table/index.js';
import { arrow, duckdb, jsonl, parquet, tee } from '../../sinks/index.js';
import { walk } from './killed-load.js';
import { failureOf, load, pagesOf, readRows } from './parquet-file.js';

describe('tee', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-tee-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const file = (name: string): string => join(folder, name);
  const ids = (...list: number[]): Rows[] => pagesOf(list.map((id) => [{ id }]));

  it('gives all pages to all sinks, and subscribes to the source once', async () => {
    let subscriptions = 0;
    const source = defer(() => {
      subscriptions += 1;
      return from(ids(1, 2, 3));
    });
    const sinks = [
      parquet(file('a.parquet'), { primaryKey: 'id', writeDisposition: 'merge' }),
      jsonl(file('b.jsonl')),
      arrow(file('c.arrow')),
      duckdb(file('a.duckdb'), { table: 'd' }),
    ];
    const receipt = await lastValueFrom(source.pipe(tee(...sinks)));
    expect(subscriptions).to.equal(1);
    expect(receipt).to.include({ table: 'a', published: true, rows: 3 });
    expect(receipt.receipts?.map(({ total }) => total)).to.deep.equal([3, 3, 3, 3]);
    expect(new Set(receipt.receipts?.map(({ loadId }) => loadId))).to.have.lengthOf(1);
    expect(receipt.files).to.deep.equal(['a.parquet', 'b.jsonl', 'c.arrow', 'a.duckdb'].map(file));
    expect(receipt.bytes).to.equal(receipt.receipts?.reduce((sum, { bytes }) => sum + bytes, 0));
  });

  it('passes on the receipts of commits, and says once that all is published', async () => {
    const sinks = [
      parquet(file('a.parquet'), { checkpoint: { pages: 1 } }),
      jsonl(file('b.jsonl'), { checkpoint: { pages: 1 } }),
    ];
    const slow = from(ids(1, 2, 3)).pipe(
      concatMap((rows) => new Promise<Rows>((resolve) => setTimeout(() => resolve(rows), 5))),
    );
    const receipts = await lastValueFrom(slow.pipe(tee(...sinks), toArray()));
    expect(receipts.filter(({ published }) => published)).to.have.lengthOf(1);
    expect(new Set(receipts.slice(0, -1).map(({ table }) => table))).to.deep.equal(new Set(['a', 'b']));
  });

  it('starts anew for each subscription, and takes its place in a run', async () => {
    const chain = from(ids(1)).pipe(tee(parquet(file('a.parquet')), parquet(file('b.parquet'))));
    await lastValueFrom(chain);
    const [receipt, other] = await run([chain, from(pagesOf([[{ id: 9 }]], 'other')).pipe(parquet(file('c.parquet')))]);
    expect(receipt?.receipts?.map(({ total }) => total)).to.deep.equal([2, 2]);
    expect(other?.loadId).to.equal(receipt?.loadId);
  });

  it('publishes nothing when the source fails, or a sink does, and goes on from there with all', async () => {
    const sinks = (b: OperatorFunction<Rows, Receipt>) => tee(parquet(file('a.parquet')), b);
    const cut = concat(
      from(ids(1, 2, 3)).pipe(take(2)),
      throwError(() => new Error('cut')),
    );
    expect(await failureOf(cut.pipe(sinks(jsonl(file('b.jsonl')))))).to.have.property('message', 'cut');
    expect(await readdir(folder)).to.deep.equal(['.sluice']);
    const resumed = defer(() => {
      const saved = currentFlow()!.saved('walk')!;
      return from(ids(1, 2, 3).slice(saved.page + 1));
    });
    const receipt = await lastValueFrom(resumed.pipe(sinks(jsonl(file('b.jsonl')))));
    expect(receipt.receipts?.map(({ rows }) => rows)).to.deep.equal([3, 3]);

    const failing: OperatorFunction<Rows, Receipt> = (source) =>
      source.pipe(
        map(() => {
          throw new Error('no room');
        }),
      );
    expect(await failureOf(from(ids(4)).pipe(sinks(failing)))).to.have.property('message', 'no room');
    expect(await readRows(file('a.parquet'))).to.have.lengthOf(3);
  });

  it('begins at the first page when one of its tables is new to a run that was cut short', async () => {
    const cut = concat(
      from(ids(1, 2, 3)).pipe(take(2)),
      throwError(() => new Error('cut')),
    );
    const stage = { stage: file('stage') };
    await failureOf(run(cut.pipe(parquet(file('a.parquet'))), stage));
    const again = defer(() => {
      const saved = currentFlow()!.saved('walk');
      return from(ids(1, 2, 3).slice(saved === undefined ? 0 : saved.page + 1));
    });
    const receipt = await run(again.pipe(tee(parquet(file('a.parquet')), parquet(file('b.parquet')))), stage);
    expect(receipt.receipts?.map(({ total }) => total)).to.deep.equal([3, 3]);
  });

  it('is as slow as its slowest sink', async () => {
    let fetched = 0;
    let held = 0;
    const holding: OperatorFunction<Rows, Receipt> = (source) =>
      new Observable((subscriber) =>
        source.subscribe({
          next: ({ bytes }) => {
            held += 1;
            currentFlow()?.pressure.add(1, bytes);
          },
          error: (error) => subscriber.error(error),
          complete: () => subscriber.complete(),
        }),
      );
    const pages = walk(200, () => {
      fetched += 1;
    });
    const subscription = pages.pipe(tee(parquet(file('a.parquet')), holding)).subscribe();
    await new Promise((resolve) => setTimeout(resolve, 300));
    subscription.unsubscribe();
    expect(held).to.be.greaterThan(0);
    expect(fetched).to.be.at.most(20);
  });

  it('stops everything when it is unsubscribed from', async () => {
    let stopped = false;
    let begin: () => void;
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const endless = new Observable<Rows>((subscriber) => {
      begin();
      const inner = concat(of(ids(1)[0]!), NEVER).subscribe(subscriber);
      return () => {
        stopped = true;
        inner.unsubscribe();
      };
    });
    const subscription = endless.pipe(tee(parquet(file('a.parquet')), parquet(file('b.parquet')))).subscribe();
    await begun;
    await new Promise((resolve) => setTimeout(resolve, 20));
    subscription.unsubscribe();
    expect(stopped).to.equal(true);
    expect(await load(file('b.parquet'), [[{ id: 1 }]])).to.include({ total: 1 });
  });

  it('refuses tables of one name, and paths that are the same, and says what to do', async () => {
    const both = (...sinks: OperatorFunction<Rows, Receipt>[]) => failureOf(from(ids(1)).pipe(tee(...sinks)));
    const names = await both(parquet(file('a.parquet')), jsonl(file('a.jsonl')));
    expect(names).to.include({ code: 'ERR_INVALID_OPTION' });
    expect(names.message).to.include("table: 'a_2'");
    const paths = await both(parquet(file('a.parquet')), parquet(file('a.parquet'), { table: 'b' }));
    expect(paths).to.include({ code: 'ERR_INVALID_OPTION' });
    expect(await readdir(folder)).to.deep.equal([]);
    const chain = from(ids(1)).pipe(tee(parquet(file('a.parquet')), jsonl(file('a.jsonl'), { table: 'a_2' })));
    expect((await lastValueFrom(chain)).receipts?.map(({ table }) => table)).to.deep.equal(['a', 'a_2']);
  });

  it('needs a sink', () => {
    expect(() => tee())
      .to.throw()
      .with.property('code', 'ERR_INVALID_OPTION');
  });
});
