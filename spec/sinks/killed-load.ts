// A program that a spec starts and that kills itself at a page: `node killed-load.ts <file> <disposition> <pages> <kill at page> <checkpoint pages>`.
// Its pages ask the flow where to go on, as `pages()` does.
import { lastValueFrom, Observable } from 'rxjs';
import { currentFlow, type Row, type Rows } from '../../lib/core/index.js';
import { parquet } from '../../sinks/index.js';

/** Page `page` of the walk: keys repeat every 40 rows, so that later pages replace rows of earlier ones. */
export function rowsOfPage(page: number): Row[] {
  return Array.from({ length: 7 }, (_, index) => ({ id: (page * 7 + index) % 40, page, index, text: `ü${page}` }));
}

/** A walk that goes on from its saved position, asks below the high-water mark only, and tells which pages it fetched. */
export function walk(pages: number, fetched: (page: number) => void): Observable<Rows> {
  return new Observable((subscriber) => {
    const flow = currentFlow()!;
    const saved = flow.saved('walk');
    let page = saved === undefined ? 0 : saved.page + 1;
    if (saved?.next === null) page = pages;
    const step = (): void => {
      if (subscriber.closed) return;
      if (page === pages) {
        subscriber.complete();
        return;
      }
      if (!flow.pressure.allows()) {
        flow.pressure.onRoom(() => setImmediate(step));
        return;
      }
      fetched(page);
      const position = { walk: 'walk', page, next: page === pages - 1 ? null : page + 1 };
      subscriber.next({ rows: rowsOfPage(page), position, bytes: 500 });
      page += 1;
      setImmediate(step);
    };
    step();
  });
}

const [, program, file, disposition, pages, killAt, checkpoint] = process.argv;
if (program?.includes('killed-load') && file !== undefined) {
  let fetched = 0;
  const source = walk(Number(pages), (page) => {
    fetched += 1;
    if (page === Number(killAt)) process.kill(process.pid, 'SIGKILL');
  });
  const options = {
    primaryKey: 'id',
    writeDisposition: disposition as 'append' | 'merge' | 'replace',
    checkpoint: { pages: Number(checkpoint) },
  };
  const receipt = await lastValueFrom(source.pipe(parquet(file, options)));
  process.stdout.write(JSON.stringify({ fetched, receipt }));
}
