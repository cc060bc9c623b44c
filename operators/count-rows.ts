// `countRows`: tells how many rows have passed.
import { defer, type MonoTypeOperatorFunction, tap } from 'rxjs';
import type { Rows } from '../lib/core/index.js';

/** What has passed since the subscription. */
export interface RowCount {
  readonly pages: number;
  readonly rows: number;
}

/**
 * Calls `report` after each page with the number of pages and rows so far, empty pages counted. Counts anew for each
 * subscription.
 *
 * @param report What it throws ends the chain.
 * @example countRows(({ rows }) => console.log(rows))
 */
export function countRows<T>(report: (count: RowCount) => void): MonoTypeOperatorFunction<Rows<T>> {
  return (source) =>
    defer(() => {
      let count: RowCount = { pages: 0, rows: 0 };
      return source.pipe(
        tap((page) => {
          count = { pages: count.pages + 1, rows: count.rows + page.rows.length };
          report(count);
        }),
      );
    });
}
