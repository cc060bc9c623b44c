// What the first response of a walk tells about its pages, and what it was read from.
import type { HttpResponse, Json, Request } from '../core/index.js';
import type { Hint } from './hints.js';

/** Options as the registry takes them. */
export type DetectedOptions = { readonly [option: string]: Json };

/** What the first response tells. `why` is for people. */
export type Detection =
  /** It names its paginator. */
  | { readonly kind: 'found'; readonly by: string; readonly options: DetectedOptions; readonly why: string }
  /** It is the only page, as far as can be seen. */
  | { readonly kind: 'single'; readonly why: string }
  /** Pages have numbers, and nothing says which number the first has. */
  | { readonly kind: 'base'; readonly options: DetectedOptions; readonly why: string }
  /** There is a cursor, and nothing says which parameter takes it. The likeliest first. */
  | {
      readonly kind: 'cursor';
      readonly path: string;
      readonly places: readonly DetectedOptions[];
      readonly why: string;
    }
  /** There are more pages, or may be, and nothing says how to ask for them. */
  | { readonly kind: 'unknown'; readonly why: string };

/**
 * The options that put a value into the request under a name: into the body of a search that is a POST with JSON, else into
 * the query. `option` is the start of their names: `offset` for `offsetParam` or `offsetBodyPath`.
 */
export function placed(base: Request, option: string, name: string): DetectedOptions {
  return { [base.body?.kind === 'json' ? `${option}BodyPath` : `${option}Param`]: name };
}

/** What the caller set in the query, beside the URL or in it, or in the body of a search. */
export function givenNames({ url, params, body }: Request): Readonly<Record<string, unknown>> {
  const query = new URLSearchParams(/\?([^#]*)/.exec(url)?.[1] ?? '');
  const set = { ...Object.fromEntries(query), ...params };
  if (body?.kind !== 'json') return set;
  const { value } = body;
  return typeof value === 'object' && value !== null ? { ...set, ...value } : set;
}

/** What the rules look at. */
export interface Evidence {
  readonly response: HttpResponse;
  readonly base: Request;
  readonly hints: readonly Hint[];
  /** How many records the page has. */
  readonly count: number | undefined;
}

export function found(by: string, options: DetectedOptions, why: string): Detection {
  return { kind: 'found', by, options, why };
}
