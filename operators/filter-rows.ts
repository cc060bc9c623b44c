// `filterRows`: keeps some rows.
import { map, type OperatorFunction } from 'rxjs';
import type { Rows } from '../lib/core/index.js';

/**
 * Keeps the rows for which `keep` gives something truthy. A page that loses all its rows goes on empty: its position counts.
 *
 * @param keep Gets the row and its index in its page. What it throws ends the chain.
 * @example filterRows((project) => project.status !== 'archived')
 */
export function filterRows<T, S extends T>(
  keep: (row: T, index: number) => row is S,
): OperatorFunction<Rows<T>, Rows<S>>;
export function filterRows<T>(keep: (row: T, index: number) => unknown): OperatorFunction<Rows<T>, Rows<T>>;
export function filterRows<T>(keep: (row: T, index: number) => unknown): OperatorFunction<Rows<T>, Rows<T>> {
  return map((page) => ({ ...page, rows: page.rows.filter((row, index) => keep(row, index)) }));
}
