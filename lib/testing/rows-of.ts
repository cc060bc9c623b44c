// A source of rows for tests, without pages, client and server.
import { from, map, type Observable } from 'rxjs';
import type { Row, Rows } from '../core/index.js';

/**
 * Emits each list of rows as the rows of one page, the last page without a next one, and completes. Cold.
 *
 * @example rowsOf([{ id: 1 }], [{ id: 2 }]).pipe(parquet('out/things.parquet'))
 */
export function rowsOf<T = Row>(...pages: readonly (readonly T[])[]): Observable<Rows<T>> {
  return from(pages).pipe(
    map((rows, page) => ({
      rows,
      position: { walk: 'rowsOf', page, next: page + 1 < pages.length ? page + 1 : null },
      bytes: rows.length,
    })),
  );
}
