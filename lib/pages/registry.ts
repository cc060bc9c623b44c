// All paginators by name, those of this package and those that a program adds: what a configuration can choose from.
import { markConfined, OptionError } from '../core/index.js';
import { auto } from './auto.js';
import { builtIn, type PaginatorKind, type RawOptions } from './built-in.js';
import type { Paginator } from './paginator.js';

const kinds = new Map<string, PaginatorKind>([
  ...Object.entries(builtIn),
  ['json_response', builtIn['json_link'] as PaginatorKind],
  ['auto', { options: [], make: () => auto() }],
]);

for (const kind of kinds.values()) markConfined(kind);

/** The paginators by name. `json_response` is an older name of `json_link`. */
export const paginators: ReadonlyMap<string, PaginatorKind> = kinds;

/**
 * Makes a paginator of your own usable by name in a configuration: `{ "type": "by_day", … }`.
 *
 * @throws OptionError `ERR_INVALID_OPTION` when the name is taken.
 * @example registerPaginator('by_day', { options: ['start'], make: ({ start }) => byDay(String(start)) })
 */
export function registerPaginator(name: string, kind: PaginatorKind): void {
  if (kinds.has(name)) throw new OptionError('name', `there is a paginator "${name}" already`);
  kinds.set(name, kind);
}

/**
 * Makes a paginator by its name.
 *
 * @throws OptionError `ERR_INVALID_OPTION` for a name or an option that is not known, or an option that is not usable.
 */
export function makePaginator(name: string, options: RawOptions = {}): Paginator {
  const kind = kinds.get(name);
  if (!kind) throw new OptionError('type', `"${name}" is no paginator; there are ${[...kinds.keys()].join(', ')}`);
  for (const option of Object.keys(options))
    if (!kind.options.includes(option))
      throw new OptionError(option, `is no option of ${name}; it takes ${kind.options.join(', ') || 'none'}`);
  for (const option of kind.required ?? [])
    if (options[option] === undefined) throw new OptionError(option, `is needed by ${name}`);
  return kind.make(options);
}
