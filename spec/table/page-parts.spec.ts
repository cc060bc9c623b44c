// An operator that makes several rows of one page: wherever the run is cut, no part of a page is lost, and none comes twice.
import { cpSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { concatMap, from, lastValueFrom, map, Observable, pipe, tap, toArray } from 'rxjs';
import type { Row, Rows } from '../../lib/core/index.js';
import { client } from '../../lib/http/index.js';
import { cursor, pages as pagesOf } from '../../lib/pages/index.js';
import { run } from '../../lib/table/index.js';
import { select } from '../../operators/index.js';
import { parquet } from '../../sinks/index.js';
import { json, serve } from '../http/server.js';
import { rowsOfPage, walk } from '../sinks/killed-load.js';
import { failureOf, readRows } from '../sinks/parquet-file.js';

const pages = 6;

describe('a page of which an operator makes several', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-parts-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** One part for each row, in one go. `text` makes rows larger. */
  const rowByRow = (text = '') =>
    pipe(concatMap(({ rows, ...page }: Rows) => from(rows.map((row) => ({ ...page, rows: [{ ...row, text }] })))));
  const expected = Array.from({ length: pages }, (_, page) => rowsOfPage(page).map(({ index }) => `${page}/${index}`));
  const rowsIn = async (out: string): Promise<string[]> =>
    (await readRows(join(out, 'table.parquet'), 'page, index')).map(({ page, index }) => `${page}/${index}`);

  it('is not in when a later one of them cannot be: the next run has all of its rows', async () => {
    const out = join(folder, 'out');
    const file = join(out, 'table.parquet');
    const source = (bad: boolean) =>
      walk(pages, () => undefined).pipe(
        rowByRow(),
        map((page) => ({
          ...page,
          rows: page.rows.map((row: Row) =>
            bad && row['page'] === 2 && row['index'] === 1 ? { ...row, more: true } : row,
          ),
        })),
      );
    await lastValueFrom(walk(1, () => undefined).pipe(rowByRow(), parquet(file)));
    const options = { schemaContract: { columns: 'freeze' }, writeDisposition: 'replace' } as const;
    expect(await failureOf(source(true).pipe(parquet(file, options)))).to.include({ code: 'ERR_SCHEMA_CONTRACT' });
    await lastValueFrom(source(false).pipe(parquet(file, options)));
    expect(await rowsIn(out)).to.deep.equal(expected.flat());
  });

  it('is in with all of them or none at every commit', async () => {
    const out = join(folder, 'out');
    let images = 0;
    const chain = walk(pages, () => undefined).pipe(
      rowByRow(),
      parquet(join(out, 'table.parquet'), { checkpoint: { pages: 1 } }),
    );
    await new Promise<void>((resolve, reject) => {
      chain.subscribe({
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
    expect(images).to.be.above(3);
    for (let index = 0; index < images; index += 1) {
      const image = join(folder, `image ${index}`);
      await rm(join(image, '.sluice/table.parquet/lock'));
      await lastValueFrom(walk(pages, () => undefined).pipe(rowByRow(), parquet(join(image, 'table.parquet'))));
      expect(await rowsIn(image), `killed after commit ${index + 1}`).to.deep.equal(expected.flat());
    }
  });

  it('counts as one page for a checkpoint', async () => {
    // A commit begins at half of it.
    const few = walk(3, () => undefined).pipe(
      rowByRow(),
      parquet(join(folder, 'table.parquet'), { checkpoint: { pages: 8 } }),
    );
    const receipts = await lastValueFrom(few.pipe(toArray()));
    // The one at the end, and the one that says that it is published.
    expect(receipts.map(({ rows, published }) => [rows, published])).to.deep.equal([
      [21, false],
      [21, true],
    ]);
  });

  it('is in with all of them or none when the run fails while the log has no room', async () => {
    const out = join(folder, 'out');
    const large = 'x'.repeat(3_000_000);
    const failing = new Observable<Rows>((subscriber) => {
      const source = walk(2, () => undefined).subscribe((page) => {
        subscriber.next(page);
        setImmediate(() => setImmediate(() => subscriber.error(new Error('boom'))));
      });
      return () => source.unsubscribe();
    });
    await failureOf(failing.pipe(rowByRow(large), parquet(join(out, 'table.parquet'))));
    await run(walk(pages, () => undefined).pipe(rowByRow(), parquet(join(out, 'table.parquet'))));
    expect(await rowsIn(out)).to.deep.equal(expected.flat());
  });

  it('is asked for again when the operator fails between two of them', async () => {
    const file = join(folder, 'table.parquet');
    const asked: number[] = [];
    const server = await serve((request, response) => {
      const page = Number(new URL(request.url ?? '/', 'http://localhost').searchParams.get('cursor') ?? 0);
      asked.push(page);
      json(response, { data: rowsOfPage(page), next: page + 1 < pages ? page + 1 : null });
    });
    const load = (check: (page: number, index: number) => void) =>
      run(
        pagesOf(client({ baseUrl: server.url }), '/rows', cursor({ cursorPath: 'next' })).pipe(
          select('data'),
          concatMap(({ rows, ...page }) =>
            from(rows as Row[]).pipe(
              tap((row) => check(Number(row['page']), Number(row['index']))),
              map((row) => ({ ...page, rows: [row] })),
            ),
          ),
          parquet(file),
        ),
      );
    try {
      const failed = load((page, index) => {
        if (page === 2 && index === 3) throw new Error('boom');
      });
      expect((await failureOf(failed)).message).to.equal('boom');
      asked.length = 0;
      await load(() => undefined);
      expect(asked[0]).to.equal(2);
      expect(await rowsIn(folder)).to.deep.equal(expected.flat());
    } finally {
      await server.close();
    }
  });
});
