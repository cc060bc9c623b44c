// The tests of the contract about the chain: receipts, failures, early ends, second subscriptions.
import assert from 'node:assert/strict';
import {
  concat,
  concatMap,
  defer,
  delay,
  firstValueFrom,
  lastValueFrom,
  NEVER,
  type Observable,
  of,
  take,
  throwError,
  toArray,
} from 'rxjs';
import type { Receipt, Row, Rows } from '../core/index.js';
import type { ContractOptions, TableSinkUnderTest, TestFramework } from './contract-type.js';
import { assertRows } from './contract-value.js';
import { rowsOf } from './rows-of.js';

type InFolder = (name: string, body: (folder: string) => Promise<void>) => void;

/** The tests, for a sink with a disposition that it knows. */
export function lifecycleTests(
  { describe }: TestFramework,
  it: InFolder,
  sink: TableSinkUnderTest,
  how: ContractOptions,
): void {
  const load = (folder: string, ...pages: readonly (readonly Row[])[]): Promise<Receipt> =>
    lastValueFrom(rowsOf(...pages).pipe(sink.make(folder, how)));
  /** As what the suite loads next leaves the table. */
  const after = (old: readonly Row[], rows: readonly Row[]) =>
    how.writeDisposition === 'replace' ? rows : [...old, ...rows];

  describe('receipts', () => {
    it('the last one says what was published, and the chain completes', async (folder) => {
      const receipts = await lastValueFrom(
        rowsOf([{ id: 1, a: 'x' }], [{ id: 2 }]).pipe(sink.make(folder, how), toArray()),
      );
      const last = receipts.at(-1)!;
      assert.equal(last.published, true);
      assert.deepEqual(
        receipts.slice(0, -1).filter(({ published }) => published),
        [],
      );
      assert.deepEqual(
        { rows: last.rows, inserted: last.inserted, total: last.total },
        { rows: 2, inserted: 2, total: 2 },
      );
      assert.deepEqual(
        last.schema.map(({ name, nullable }) => ({ name, nullable })),
        [
          { name: 'id', nullable: false },
          { name: 'a', nullable: true },
        ],
      );
      assert.ok(last.loadId.length > 0, 'a load has an id');
      assert.ok(last.seconds >= 0, 'a load takes time');
      assert.deepEqual(
        last.positions.map(({ page, next }) => ({ page, next })),
        [{ page: 1, next: null }],
      );
    });

    it('each load has an id of its own', async (folder) => {
      const [one, other] = [await load(folder, [{ id: 1 }]), await load(folder, [{ id: 2 }])];
      assert.notEqual(one.loadId, other.loadId);
    });
  });

  describe('the chain', () => {
    it('does nothing before it is subscribed to', async (folder) => {
      let subscribed = false;
      const source = defer(() => {
        subscribed = true;
        return rowsOf([{ id: 1 }]);
      });
      source.pipe(sink.make(folder, how));
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.equal(subscribed, false);
      assert.equal(await sink.read(folder), undefined);
    });

    it('completes with a receipt when the source is empty, and publishes no rows', async (folder) => {
      const receipt = await load(folder);
      assert.deepEqual(
        { published: receipt.published, rows: receipt.rows, total: receipt.total },
        { published: true, rows: 0, total: 0 },
      );
      assert.deepEqual((await sink.read(folder)) ?? [], []);
    });

    it('starts anew when it is subscribed to again', async (folder) => {
      const chain = rowsOf([{ id: 1 }]).pipe(sink.make(folder, how));
      await lastValueFrom(chain);
      const second = await lastValueFrom(chain);
      assert.equal(second.rows, 1);
      assertRows(await sink.read(folder), how.writeDisposition === 'append' ? [{ id: 1 }, { id: 1 }] : [{ id: 1 }]);
    });

    it('takes rows that come later, one page after the other', async (folder) => {
      const source = rowsOf([{ id: 1 }], [{ id: 2 }], [{ id: 3 }]).pipe(concatMap((rows) => of(rows).pipe(delay(2))));
      await lastValueFrom(source.pipe(sink.make(folder, how)));
      assertRows(await sink.read(folder), [{ id: 1 }, { id: 2 }, { id: 3 }]);
    });
  });

  describe('a run that does not come to its end', () => {
    const old = [{ id: 1 }];
    const cut = (rest: Observable<never>): Observable<Rows> =>
      concat(rowsOf([{ id: 2 }], [{ id: 3 }], [{ id: 4 }]).pipe(take(2)), rest);

    it('leaves the old table when the source fails, and passes the error on', async (folder) => {
      await load(folder, old);
      const failure = new Error('the source failed');
      const error = await failureOf(cut(throwError(() => failure)).pipe(sink.make(folder, how)));
      assert.equal(error, failure);
      assertRows(await sink.read(folder), old);
    });

    it('publishes nothing when there is no old table', async (folder) => {
      await failureOf(cut(throwError(() => new Error('the source failed'))).pipe(sink.make(folder, how)));
      assert.equal(await sink.read(folder), undefined);
    });

    it('leaves the old table when it is unsubscribed from', async (folder) => {
      await load(folder, old);
      const subscription = cut(NEVER).pipe(sink.make(folder, how)).subscribe();
      await new Promise((resolve) => setTimeout(resolve, 20));
      subscription.unsubscribe();
      assertRows(await sink.read(folder), old);
    });

    it('is followed by one that brings every row once', async (folder) => {
      await load(folder, old);
      await failureOf(cut(throwError(() => new Error('the source failed'))).pipe(sink.make(folder, how)));
      await load(folder, [{ id: 2 }], [{ id: 3 }], [{ id: 4 }]);
      const rows = [{ id: 2 }, { id: 3 }, { id: 4 }];
      assertRows(await sink.read(folder), after(old, rows));
    });
  });
}

/** What a chain fails with. */
export async function failureOf(chain: Observable<unknown>): Promise<unknown> {
  const nothing = Symbol('no error');
  const error = await firstValueFrom(chain.pipe(toArray())).then(
    () => nothing,
    (caught: unknown) => caught,
  );
  assert.notEqual(error, nothing, 'the chain should have failed');
  return error;
}
