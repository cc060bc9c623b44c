// `flatMapRows`: a row becomes any number of rows.
import { map, type OperatorFunction } from 'rxjs';
import type { Rows } from '../lib/core/index.js';

/**
 * Makes each row into none, one or many, in its place. All of them keep the position of their page.
 *
 * @param project Gets the row and its index in its page. What it throws ends the chain.
 * @example flatMapRows((order) => order.lines.map((line) => ({ order: order.id, ...line })))
 */
export function flatMapRows<T, R>(project: (row: T, index: number) => Iterable<R>): OperatorFunction<Rows<T>, Rows<R>> {
  return map((page) => {
    const rows: R[] = [];
    page.rows.forEach((row, index) => {
      for (const made of project(row, index)) rows.push(made);
    });
    return { ...page, rows };
  });
}
