// Several tables in one run: one stage, published together at the end, resumed together.
import { cpSync, existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  asapScheduler,
  concat,
  concatMap,
  defer,
  delay,
  from,
  map,
  NEVER,
  Observable,
  type OperatorFunction,
  of,
  share,
  subscribeOn,
  take,
  tap,
  throwError,
} from 'rxjs';
import { currentFlow, type Progress, type Receipt, type Rows } from '../../lib/core/index.js';
import { DuckDbEngine, readTableInfo, run, tableSink, tableTarget } from '../../lib/table/index.js';
import { parquet } from '../../sinks/index.js';
import { walk } from '../sinks/killed-load.js';
import { failureOf, pagesOf, readRows } from '../sinks/parquet-file.js';

describe('a run of several tables', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-run-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const file = (name: string): string => join(folder, `${name}.parquet`);
  const ids = (...list: number[]): Rows[] => pagesOf(list.map((id) => [{ id }]));
  const tables = async (): Promise<string[]> => (await readdir(folder)).filter((name) => name !== '.sluice').sort();

  it('resolves with the last receipt of each chain, under one load id', async () => {
    const receipts = await run([
      from(ids(1, 2)).pipe(parquet(file('a'))),
      from(pagesOf([[{ id: 1 }]], 'other')).pipe(parquet(file('b'))),
    ]);
    expect(receipts.map(({ table, published, total }) => ({ table, published, total }))).to.deep.equal([
      { table: 'a', published: true, total: 2 },
      { table: 'b', published: true, total: 1 },
    ]);
    expect(receipts[0]!.loadId).to.equal(receipts[1]!.loadId);
    expect(await readdir(folder)).to.deep.equal(['a.parquet', 'b.parquet']);
  });

  it('takes one chain as well, and none', async () => {
    expect(await run(from(ids(1)).pipe(parquet(file('a'))))).to.include({ table: 'a', total: 1 });
    expect(await run([])).to.deep.equal([]);
  });

  it('publishes no table before all sources have completed', async () => {
    let seen: string[] | undefined;
    const slow = concat(
      of(ids(1)[0]!),
      new Observable<Rows>((subscriber) => {
        const timer = setTimeout(async () => {
          seen = await tables();
          subscriber.complete();
        }, 100);
        return () => clearTimeout(timer);
      }),
    );
    await run([from(ids(1)).pipe(parquet(file('a'))), slow.pipe(parquet(file('b')))]);
    expect(seen).to.deep.equal([]);
    expect(await tables()).to.deep.equal(['a.parquet', 'b.parquet']);
  });

  it('stops all when one fails, publishes none, and goes on from there', async () => {
    const boom = new Error('boom');
    const failing = concat(
      from(ids(1, 2)).pipe(take(1)),
      throwError(() => boom),
    );
    const endless = concat(from(pagesOf([[{ id: 7 }]], 'other')), NEVER);
    const chains = (one: Observable<Rows>, other: Observable<Rows>) => [
      one.pipe(parquet(file('a'))),
      other.pipe(parquet(file('b'))),
    ];
    expect(await failureOf(run(chains(failing, endless)))).to.equal(boom);
    expect(await tables()).to.deep.equal([]);
    const receipts = await run(chains(from(ids(1, 2)), from(pagesOf([[{ id: 7 }], [{ id: 8 }]], 'other'))));
    expect(receipts.map(({ rows, total }) => ({ rows, total }))).to.deep.equal([
      { rows: 2, total: 2 },
      { rows: 2, total: 2 },
    ]);
  });

  it('publishes the tables of a walk that feeds two sinks, and resumes it from the page that both have', async () => {
    const saved: unknown[] = [];
    const source = (pages: Rows[]): Observable<Rows> =>
      new Observable<Rows>((subscriber) => {
        saved.push(currentFlow()?.saved('walk'));
        return from(pages).subscribe(subscriber);
      });
    const chains = (pages: Observable<Rows>): Observable<Receipt>[] => {
      const shared = pages.pipe(share());
      const odd = (page: Rows): Rows => ({ ...page, rows: page.rows.filter(({ id }) => Number(id) % 2 === 1) });
      return [shared.pipe(parquet(file('all'))), shared.pipe(map(odd), parquet(file('odd')))];
    };
    const pages = ids(1, 2, 3);
    await failureOf(
      run(
        chains(
          concat(
            source(pages.slice(0, 2)),
            throwError(() => new Error('boom')),
          ),
        ),
      ),
    );
    const receipts = await run(chains(source(pages)));
    expect(receipts.map(({ total }) => total)).to.deep.equal([3, 2]);
    expect(await readRows(file('all'))).to.deep.equal([{ id: '1' }, { id: '2' }, { id: '3' }]);
    expect(await readRows(file('odd'))).to.deep.equal([{ id: '1' }, { id: '3' }]);
  });

  describe('of sources with one walk', () => {
    /** Pages that come one after the other, the first not at once. */
    const later = (): Observable<Rows> => from(ids(1, 2, 3)).pipe(concatMap((rows) => of(rows).pipe(delay(30))));
    /** A table that takes long to be looked at. */
    const slowToOpen = (path: string): OperatorFunction<Rows, Receipt> =>
      tableSink({
        target: {
          ...tableTarget(path, {}, []),
          format: 'parquet',
          engine: new DuckDbEngine(),
          inspect: async (file) => {
            await new Promise((resolve) => setTimeout(resolve, 45));
            return await readTableInfo(file);
          },
        },
      });

    it('lets no table miss what comes when the first subscribes', async () => {
      const shared = later().pipe(share());
      const receipts = await run([shared.pipe(parquet(file('a'))), shared.pipe(slowToOpen(file('b')))]);
      expect(receipts.map(({ rows }) => rows)).to.deep.equal([3, 3]);
    });

    it('goes on with the first page as long as one of the tables has none, wherever it is killed', async () => {
      const load = (out: string, committed: () => void = () => undefined): Promise<Receipt[]> => {
        const shared = walk(4, () => undefined).pipe(subscribeOn(asapScheduler), share());
        const checkpoint = { pages: 1 };
        const table = (name: string) =>
          shared.pipe(parquet(join(out, `${name}.parquet`), { checkpoint }), tap(committed));
        return run([table('a'), table('b')]);
      };
      const out = join(folder, 'out');
      let images = 0;
      await load(out, () => {
        // What a process leaves that is killed here.
        cpSync(out, join(folder, `image ${images}`), { recursive: true });
        images += 1;
      });
      expect(images).to.be.greaterThan(3);
      for (let index = 0; index < images; index += 1) {
        const image = join(folder, `image ${index}`);
        if (!existsSync(join(image, '.sluice'))) continue;
        const left = await readdir(image, { recursive: true });
        for (const path of left) if (path.endsWith('/lock')) await rm(join(image, path));
        await load(image);
        for (const name of ['a', 'b'])
          expect(await readRows(join(image, `${name}.parquet`)), `${name} of ${index}`).to.have.length(28);
      }
    });

    it('begins a walk for a table to which nothing came, however far another table is in its own', async () => {
      const walk = (): Observable<Rows> =>
        defer(() => {
          const saved = currentFlow()!.saved('walk');
          return from(ids(1, 2, 3).slice(saved === undefined ? 0 : saved.page + 1));
        });
      const receipts = await run([walk().pipe(parquet(file('a'))), walk().pipe(parquet(file('b')))]);
      expect(receipts.map(({ rows }) => rows)).to.deep.equal([3, 3]);
    });
  });

  it('tells of its progress, with totals over all tables', async () => {
    const events: Progress[] = [];
    let rows = 0;
    const onProgress = (event: Progress, counts: { rows: number }): void => {
      events.push(event);
      rows = counts.rows;
    };
    await run([from(ids(1, 2)).pipe(parquet(file('a'))), from(ids(3)).pipe(parquet(file('b')))], { onProgress });
    expect(rows).to.equal(3);
    const published = events.flatMap((event) => (event.type === 'publish' ? [`${event.table} ${event.step}`] : []));
    expect(published).to.deep.equal(['a started', 'b started', 'a finished', 'b finished']);
  });

  it('publishes none when the engine cannot write one of them', async () => {
    const chains = (compression: 'zstd' | 'snappy') => [
      from(ids(1)).pipe(parquet(file('a'))),
      from(ids(2)).pipe(parquet(file('b'), { engine: 'parquetjs', compression })),
    ];
    expect(await failureOf(run(chains('zstd')))).to.include({ code: 'ERR_TABLE_TYPE' });
    expect(await tables()).to.deep.equal([]);
    const receipts = await run(chains('snappy'));
    expect(receipts.map(({ total }) => total)).to.deep.equal([1, 1]);
  });

  it('lets a chain publish one table after another', async () => {
    const chain = concat(from(ids(1)).pipe(parquet(file('a'))), from(ids(2)).pipe(parquet(file('b'))));
    expect(await run(chain)).to.include({ table: 'b', published: true });
    expect(await tables()).to.deep.equal(['a.parquet', 'b.parquet']);
  });

  it('refuses a table that another run is writing', async () => {
    const other = NEVER.pipe(parquet(file('b'))).subscribe({ error: () => undefined });
    await new Promise((resolve) => setTimeout(resolve, 45));
    const chains = [from(ids(1)).pipe(parquet(file('a'))), from(ids(2)).pipe(parquet(file('b')))];
    expect(await failureOf(run(chains))).to.include({ code: 'ERR_STAGE_LOCKED' });
    other.unsubscribe();
    expect(await run(chains)).to.have.length(2);
    expect(await readdir(folder)).to.deep.equal(['a.parquet', 'b.parquet']);
  });

  it('ends with an error when a chain has no sink', async () => {
    expect(await failureOf(run(from([]) as Observable<Receipt>))).to.include({ code: 'ERR_INVALID_OPTION' });
  });
});
