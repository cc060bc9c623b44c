// `mapRows`: every row becomes another.
import { map, type OperatorFunction } from 'rxjs';
import type { Rows } from '../lib/core/index.js';

/**
 * Makes each row into another one. Pages and their positions stay as they are, empty pages too.
 *
 * @param project Gets the row and its index in its page. What it throws ends the chain.
 * @example mapRows((project) => ({ ...project, cost: Number(project.cost) }))
 */
export function mapRows<T, R>(project: (row: T, index: number) => R): OperatorFunction<Rows<T>, Rows<R>> {
  return map((page) => ({ ...page, rows: page.rows.map((row, index) => project(row, index)) }));
}
