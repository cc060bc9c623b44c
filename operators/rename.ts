// `rename`: other names for columns.
import { map, type OperatorFunction } from 'rxjs';
import { keepsConfined, OptionError, type Rows } from '../lib/core/index.js';

/** `T` with the names in `N` replaced. */
export type Renamed<T, N> = { [K in keyof T as K extends keyof N ? (N[K] extends string ? N[K] : K) : K]: T[K] };

/**
 * Gives columns other names; their order stays. Only names at the top of a row. A column that has the new name already is
 * replaced.
 *
 * @param names New names by old names.
 * @throws OptionError `ERR_INVALID_OPTION` when two columns would get the same name.
 * @example rename({ createdAt: 'created_at' })
 */
export function rename<T extends object, const N extends { readonly [K in keyof T]?: string }>(
  names: N,
): OperatorFunction<Rows<T>, Rows<Renamed<T, N>>> {
  const renamed = new Map<string, string>(Object.entries(names) as [string, string][]);
  const targets = new Set(renamed.values());
  if (targets.size < renamed.size) throw new OptionError('rename', 'two columns would get the same name');
  const one = (row: T) => {
    const entries = Object.entries(row).filter(([name]) => renamed.has(name) || !targets.has(name));
    const kept = Object.entries(row).filter(([name]) => !renamed.has(name) && targets.has(name));
    return Object.fromEntries([
      ...kept,
      ...entries.map(([name, value]) => [renamed.get(name) ?? name, value] as const),
    ]);
  };
  return keepsConfined(map((page) => ({ ...page, rows: page.rows.map(one) as Renamed<T, N>[] })));
}
