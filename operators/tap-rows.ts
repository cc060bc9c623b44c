// `tapRows`: looks at rows as they pass.
import { type MonoTypeOperatorFunction, tap } from 'rxjs';
import type { Rows } from '../lib/core/index.js';

/**
 * Calls `look` for each row, in order, before its page goes on. The rows are the chain's own: do not change them.
 *
 * @param look Gets the row and its index in its page. What it throws ends the chain.
 * @example tapRows((project) => console.log(project.name))
 */
export function tapRows<T>(look: (row: T, index: number) => void): MonoTypeOperatorFunction<Rows<T>> {
  return tap((page) => {
    for (const [index, row] of page.rows.entries()) look(row, index);
  });
}
