// An operator that splits pages and emits the parts whenever they are ready: wherever the run is cut, no part is lost, and none comes twice.
import { cpSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { delay, from, lastValueFrom, mergeMap, type OperatorFunction, of, pipe } from 'rxjs';
import type { Row, Rows } from '../../lib/core/index.js';
import { splitPage } from '../../lib/index.js';
import { filterRows } from '../../operators/index.js';
import { parquet } from '../../sinks/index.js';
import { rowsOfPage, walk } from '../sinks/killed-load.js';
import { failureOf, readRows } from '../sinks/parquet-file.js';

const pages = 8;

describe('a page that an operator splits', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-split-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Each row is a part that comes when it likes, among those of other pages. */
  const rowByRow: OperatorFunction<Rows, Rows> = pipe(
    mergeMap((page) =>
      from(
        splitPage(
          page,
          page.rows.map((row) => [row]),
        ),
      ),
    ),
    mergeMap((part) =>
      of(part).pipe(delay((Number(part.rows[0]?.['page']) * 5 + Number(part.rows[0]?.['index']) * 3) % 11)),
    ),
  );
  const expected = Array.from({ length: pages }, (_, page) => rowsOfPage(page).map(({ index }) => `${page}/${index}`));
  /** The rows by their pages: those may come out of order, the rows in each must not. */
  const rowsIn = async (out: string): Promise<string[][]> => {
    const rows = (await readRows(join(out, 'table.parquet'), 'page, index')).map(
      ({ page, index }) => `${page}/${index}`,
    );
    return Array.from({ length: pages }, (_, page) => rows.filter((row) => row.startsWith(`${page}/`)));
  };
  const sink = (out: string) => parquet(join(out, 'table.parquet'), { checkpoint: { pages: 1 } });

  it('is in with all of its parts or none at every commit', async () => {
    const out = join(folder, 'out');
    let images = 0;
    await new Promise<void>((resolve, reject) => {
      walk(pages, () => undefined)
        .pipe(rowByRow, sink(out))
        .subscribe({
          next: ({ published }) => {
            if (published) return;
            // What a process leaves that is killed here.
            cpSync(out, join(folder, `image ${images}`), { recursive: true });
            images += 1;
          },
          error: reject,
          complete: resolve,
        });
    });
    expect(await rowsIn(out)).to.deep.equal(expected);
    expect(images).to.be.above(3);
    for (let index = 0; index < images; index += 1) {
      const image = join(folder, `image ${index}`);
      await rm(join(image, '.sluice/table.parquet/lock'));
      await lastValueFrom(walk(pages, () => undefined).pipe(rowByRow, sink(image)));
      expect(await rowsIn(image), `killed after commit ${index + 1}`).to.deep.equal(expected);
    }
  });

  it('is asked for again when the run ends before all of its parts came', async () => {
    const late: OperatorFunction<Rows, Rows> = mergeMap((page) => {
      const [first, second] = splitPage(page, [page.rows.slice(0, 3), page.rows.slice(3)]) as [Rows, Rows];
      return page.position.page === 2 ? of(first) : of(first, second);
    });
    const out = join(folder, 'out');
    const failure = await failureOf(walk(pages, () => undefined).pipe(late, sink(out)));
    expect(failure).to.include({ code: 'ERR_TABLE_ROWS' });
    expect(failure.message).to.match(/page 2 .* all of its parts/);
    const asked: number[] = [];
    await lastValueFrom(walk(pages, (page) => asked.push(page)).pipe(sink(out)));
    expect(asked[0]).to.equal(2);
    expect(await rowsIn(out)).to.deep.equal(expected);
  });

  it('may have more parts than pages may be on their way, and parts without rows', async () => {
    const out = join(folder, 'out');
    const parts: OperatorFunction<Rows, Rows> = mergeMap((page) => {
      const lists = page.rows.flatMap((row): Row[][] => [[], [row], ...Array(5).fill([])]);
      return from(splitPage(page, lists)).pipe(mergeMap((part, at) => of(part).pipe(delay(at % 3))));
    });
    const receipt = await lastValueFrom(
      walk(pages, () => undefined).pipe(
        parts,
        filterRows((row) => row['index'] !== 0),
        parquet(join(out, 'table.parquet'), { highWaterMark: { pages: 2 } }),
      ),
    );
    expect(receipt.rows).to.equal(pages * 6);
    expect(await rowsIn(out)).to.deep.equal(expected.map((rows) => rows.slice(1)));
  });

  it('takes the later one of a part that comes twice', async () => {
    const out = join(folder, 'out');
    const twice: OperatorFunction<Rows, Rows> = mergeMap((page) => {
      const [first, second] = splitPage(page, [page.rows.slice(0, 3), page.rows.slice(3)]) as [Rows, Rows];
      return from([{ ...first, rows: [] }, first, second]).pipe(delay(1));
    });
    await lastValueFrom(walk(pages, () => undefined).pipe(twice, sink(out)));
    expect(await rowsIn(out)).to.deep.equal(expected);
  });
});
