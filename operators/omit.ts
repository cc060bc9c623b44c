// `omit`: leaves columns out.
import { map, type OperatorFunction } from 'rxjs';
import { keepsConfined, type Rows } from '../lib/core/index.js';

/**
 * Leaves columns out. Only names at the top of a row; a name that no row has does no harm.
 *
 * @example omit('avatar', 'links')
 */
export function omit<T extends object, const K extends keyof T>(
  ...names: readonly K[]
): OperatorFunction<Rows<T>, Rows<Omit<T, K>>> {
  const left = new Set<PropertyKey>(names);
  const one = (row: T) => Object.fromEntries(Object.entries(row).filter(([name]) => !left.has(name)));
  return keepsConfined(map((page) => ({ ...page, rows: page.rows.map(one) as Omit<T, K>[] })));
}
