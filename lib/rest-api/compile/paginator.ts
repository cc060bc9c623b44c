// Makes the paginator of what a configuration says of it: dlt's names and options become those of lib/pages.
import { type OffsetOptions, offset, type Paginator, singlePage } from '../../pages/index.js';
import type { PaginatorConfig } from '../config/paginator-schema.js';

type PaginatorObject = Exclude<PaginatorConfig, string>;
export type PaginatorType = NonNullable<PaginatorObject['type']>;

/** A paginator as it is written in TypeScript: for whoever wants to see or to copy what a configuration means. */
export interface PaginatorCall {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

const makers: Partial<Record<PaginatorType, { readonly name: string; make(options: never): unknown }>> = {
  offset: { name: 'offset', make: (options: OffsetOptions) => offset(options) },
  single_page: { name: 'singlePage', make: singlePage },
};

/** The types that can be used. */
export const supportedPaginators = Object.keys(makers) as readonly PaginatorType[];

export function paginatorCall(config: PaginatorObject): PaginatorCall {
  const { type = 'auto', ...options } = config;
  return { name: makers[type]?.name ?? type, options: camelCase(options) };
}

export function compilePaginator(config: PaginatorObject): Paginator {
  const maker = makers[config.type ?? 'auto'];
  if (maker === undefined) throw new RangeError(`no paginator ${config.type}`);
  return maker.make(paginatorCall(config).options as never) as Paginator;
}

/** `total_path` -> `totalPath`. A null means the same as nothing, but for `total_path`, where it means "do not look". */
function camelCase(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options)
      .filter(([key, value]) => value !== undefined && (value !== null || key === 'total_path'))
      .map(([key, value]) => [key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()), value]),
  );
}
