// What the first response of a walk tells about its pages, and what it was read from.
import type { HttpResponse, Json, Request } from '../core/index.js';
import { type Hint, hintsOf, plain } from './hints.js';

/** Options as the registry takes them. */
export type DetectedOptions = { readonly [option: string]: Json };

/** What the first response tells. `why` is for people. */
export type Detection =
  /** It names its paginator. */
  | { readonly kind: 'found'; readonly by: string; readonly options: DetectedOptions; readonly why: string }
  /** It is the only page, as far as can be seen. `isSure`: whatever else the page says. */
  | { readonly kind: 'single'; readonly why: string; readonly isSure?: boolean }
  /** Pages have numbers, and nothing says which number the first has. `pages`: how many there are, where no later page says it. */
  | { readonly kind: 'base'; readonly options: DetectedOptions; readonly why: string; readonly pages?: number }
  /** There is a cursor, and nothing says which parameter takes it. The likeliest first, of which `likely` are named by the API. */
  | {
      readonly kind: 'cursor';
      readonly path: string;
      readonly places: readonly DetectedOptions[];
      readonly likely: number;
      /** What says that there are no more, as options. */
      readonly end: DetectedOptions;
      readonly why: string;
    }
  /** There are more pages, or may be, and nothing says how to ask for them. */
  | { readonly kind: 'unknown'; readonly why: string };

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

/** A value that the caller set in the request, and where. */
export interface Given {
  /** A parameter, or a path of names with dots between. */
  readonly place: string;
  readonly where: 'query' | 'body';
  /** The last of its names without signs, in lower case. */
  readonly name: string;
  readonly value: unknown;
}

/** What the caller set in the query, beside the URL or in it, and in the body of a search. */
export function givenIn({ url, params, body }: Request): Given[] {
  const query = new URLSearchParams(/\?([^#]*)/.exec(url)?.[1] ?? '');
  const set = Object.entries({ ...Object.fromEntries(query), ...params });
  const inQuery = set.map(([place, value]): Given => ({ place, where: 'query', name: plain(place), value }));
  if (body?.kind !== 'json') return inQuery;
  const inBody = hintsOf(body.value)
    .filter(({ path }) => !path.startsWith('$'))
    .map(({ path, name, value }): Given => ({ place: path, where: 'body', name, value }));
  return [...inQuery, ...inBody];
}

/** The option that puts a value where the caller has one. `option` is the start of its name: `offset` for `offsetParam` or `offsetBodyPath`. */
export function placedAs(option: string, { place, where }: Pick<Given, 'place' | 'where'>): DetectedOptions {
  return { [where === 'body' ? `${option}BodyPath` : `${option}Param`]: place };
}

/**
 * The option that puts a value into the request under a name: where the caller has set that name, else into the body of a search that is
 * a POST with JSON, else into the query.
 */
export function placed(base: Request, option: string, name: string): DetectedOptions {
  const given = givenIn(base).find(({ place }) => place === name);
  return placedAs(option, given ?? { place: name, where: base.body?.kind === 'json' ? 'body' : 'query' });
}
