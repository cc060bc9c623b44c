// Makes the paginator of what a configuration says of it: dlt's names and options become those of lib/pages.
import { makePaginator, type Paginator, paginators } from '../../pages/index.js';
import { isPaginator, type PaginatorConfig } from '../config/paginator-schema.js';
import { camelCase } from './camel-case.js';

/** A paginator as it is written in TypeScript: for whoever wants to see or to copy what a configuration means. */
export interface PaginatorCall {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

export function paginatorCall(config: PaginatorConfig): PaginatorCall {
  if (isPaginator(config)) return { name: config.name, options: {} };
  const { type, options } = named(config);
  const [name = ''] = Object.keys(camelCase({ [type]: '' }));
  return { name, options };
}

/** @throws OptionError `ERR_INVALID_OPTION` for options that the paginator refuses */
export function compilePaginator(config: PaginatorConfig): Paginator {
  if (isPaginator(config)) return config;
  const { type, options } = named(config);
  return makePaginator(type, options);
}

/** What knows whether the code of a paginator is the program's: it itself, or what makes it. */
export function paginatorCode(config: PaginatorConfig): unknown {
  return isPaginator(config) ? config : paginators.get(named(config).type);
}

function named(config: Exclude<PaginatorConfig, Paginator>): { type: string; options: Record<string, unknown> } {
  const { type = 'auto', ...options } = (typeof config === 'string' ? { type: config } : config) as { type?: string };
  // Only here a null says something: the total is not to be looked for.
  return { type, options: camelCase(options, ['total_path']) };
}
