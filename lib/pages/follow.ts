// Pages by a function of the caller.
import type { HttpResponse, Json, Request } from '../core/index.js';
import { storable } from './cursor.js';
import { resolveLink } from './link.js';
import type { Paginator } from './paginator.js';
import { withLink } from './set-request.js';

/**
 * What the next request has that the first has not. A URL replaces the URL and its parameters, and may be relative to the
 * page; parameters and headers are added; a body replaces the body.
 */
export type NextRequest = Partial<Pick<Request, 'url' | 'method' | 'params' | 'headers' | 'body'>>;

/** Says what follows a page: a link, the next request, or nothing. */
export type Follow = (response: HttpResponse) => string | NextRequest | null | undefined | false;

type Changes = { readonly [key: string]: Json };

/**
 * Asks a function of yours what comes after each page. What it gives is stored with the page, so that a walk can go on from
 * there: it must be plain data.
 *
 * @example pages(api, '/log', follow(({ body }) => body.more && { params: { before: body.oldest } }))
 */
export function follow(next: Follow): Paginator<Changes> {
  return {
    name: 'follow',
    initial: () => ({}),
    request: (base, changes) => {
      const { url, params, headers, ...rest } = changes as NextRequest;
      const from = url === undefined ? base : withLink(base, url);
      return { ...from, ...rest, params: { ...from.params, ...params }, headers: { ...from.headers, ...headers } };
    },
    next: (response) => {
      const given = next(response);
      if (!given) return null;
      const changes: NextRequest = typeof given === 'string' ? { url: given } : given;
      const url = changes.url === undefined ? undefined : resolveLink(changes.url, response, 'what the function gave');
      return storable({ ...changes, ...(url && { url }) }) as Changes;
    },
  };
}
