// `filterRows`: keeps some rows.
import { types } from 'node:util';
import { map, type OperatorFunction } from 'rxjs';
import { OptionError, type Rows } from '../lib/core/index.js';

/**
 * Keeps the rows for which `keep` gives something truthy. A page that loses all its rows goes on empty: its position counts.
 *
 * @param keep Gets the row and its index in its page. What it throws ends the chain; so does a promise (`ERR_INVALID_OPTION`).
 * @example filterRows((project) => project.status !== 'archived')
 */
export function filterRows<T, S extends T>(
  keep: (row: T, index: number) => row is S,
): OperatorFunction<Rows<T>, Rows<S>>;
export function filterRows<T>(keep: (row: T, index: number) => unknown): OperatorFunction<Rows<T>, Rows<T>>;
export function filterRows<T>(keep: (row: T, index: number) => unknown): OperatorFunction<Rows<T>, Rows<T>> {
  return map((page) => ({ ...page, rows: page.rows.filter((row, index) => isKept(keep(row, index))) }));
}

function isKept(answer: unknown): boolean {
  // A promise would keep every row, whatever it resolves to.
  if (types.isPromise(answer))
    throw new OptionError('filterRows', 'gives a promise; it needs a function that is not async');
  return Boolean(answer);
}
