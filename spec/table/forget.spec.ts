// A walk whose stored position the server refuses begins from its first page, and its rows are in the table once.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { concat, from, lastValueFrom, merge, Observable, throwError } from 'rxjs';
import { currentFlow, type Rows } from '../../lib/core/index.js';
import { parquet } from '../../sinks/index.js';
import { failureOf, pagesOf, readRows } from '../sinks/parquet-file.js';

describe('a walk that is forgotten', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-forget-'));
    file = join(folder, 'table.parquet');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const cutShort = (pages: readonly Rows[]) =>
    failureOf(
      concat(
        from(pages),
        throwError(() => new Error('boom')),
      ).pipe(parquet(file)),
    );
  /** A walk that cannot go on from where it was, and begins again. */
  const again = <T>(pages: readonly Rows<T>[], walk = 'walk') =>
    new Observable<Rows<T>>((subscriber) => {
      expect(currentFlow()!.saved(walk)).to.include({ walk });
      currentFlow()!.forget!(walk);
      return from(pages).subscribe(subscriber);
    });
  const ids = async () => (await readRows(file)).map(({ id }) => Number(id));

  it('is read anew where it is the only one, although its rows are on other pages now', async () => {
    await cutShort(pagesOf([[{ id: 1 }, { id: 2 }], [{ id: 3 }], [{ id: 4 }]]).slice(0, 2));
    const shifted = pagesOf([[{ id: 0 }, { id: 1 }], [{ id: 2 }, { id: 3 }], [{ id: 4 }]]);
    const receipt = await lastValueFrom(again(shifted).pipe(parquet(file)));
    expect(receipt).to.include({ rows: 5, total: 5 });
    expect(await ids()).to.deep.equal([0, 1, 2, 3, 4]);
  });

  it('is gone on with from its new position when it is cut short once more', async () => {
    const pages = pagesOf([[{ id: 1 }], [{ id: 2 }], [{ id: 3 }]]);
    await cutShort(pages.slice(0, 2));
    await failureOf(
      concat(
        again(pages.slice(0, 1)),
        throwError(() => new Error('boom')),
      ).pipe(parquet(file)),
    );
    const rest = new Observable<Rows>((subscriber) => {
      expect(currentFlow()!.saved('walk')).to.deep.equal(pages[0]!.position);
      return from(pages.slice(1)).subscribe(subscriber);
    });
    await lastValueFrom(rest.pipe(parquet(file)));
    expect(await ids()).to.deep.equal([1, 2, 3]);
  });

  it('leaves the rows of other walks in the table, and takes no page of its own twice', async () => {
    const [one, other] = [
      pagesOf([[{ id: 1 }], [{ id: 2 }], [{ id: 3 }]], 'one'),
      pagesOf([[{ id: 10 }], [{ id: 11 }]], 'other'),
    ];
    await cutShort([...one.slice(0, 2), other[0]!]);
    const rest = merge(again(one, 'one'), from(other.slice(1)));
    await lastValueFrom(rest.pipe(parquet(file)));
    expect((await ids()).sort((a, b) => a - b)).to.deep.equal([1, 2, 3, 10, 11]);
  });
});
