// `pick`: keeps only the columns named.
import { map, type OperatorFunction } from 'rxjs';
import { keepsConfined, type Rows } from '../lib/core/index.js';

/**
 * Keeps only these columns, in this order. Only names at the top of a row; a row without one of them stays without it.
 *
 * @example pick('id', 'name')
 */
export function pick<T extends object, const K extends keyof T>(
  ...names: readonly K[]
): OperatorFunction<Rows<T>, Rows<Pick<T, K>>> {
  const one = (row: T) =>
    Object.fromEntries(names.filter((name) => Object.hasOwn(row, name)).map((name) => [name, row[name]]));
  return keepsConfined(map((page) => ({ ...page, rows: page.rows.map(one) as Pick<T, K>[] })));
}
