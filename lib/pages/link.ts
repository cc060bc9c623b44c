// Links to the next page: resolves them, and reads the Link header.
import type { HttpResponse } from '../core/index.js';
import { linkIn } from './hints.js';
import { PaginationError } from './pagination-error.js';
import { describeRequest } from './walk-key.js';

/**
 * The absolute address of a link, as it stands there where it is absolute already; `null` for none. An object with `href`,
 * `url`, `uri` or `link` is taken for that.
 *
 * @param where Where the link stands, for errors.
 * @throws PaginationError `ERR_PAGINATION_RESPONSE` for what is no link over HTTP.
 */
export function resolveLink(
  link: unknown,
  response: Pick<HttpResponse, 'url' | 'request'>,
  where: string,
): string | null {
  if (link === undefined || link === null || link === false || link === '') return null;
  if (typeof link === 'object') {
    const held = linkIn(link);
    if (held === null || (held !== undefined && typeof held !== 'object')) return resolveLink(held, response, where);
  }
  const text = typeof link === 'string' ? link.trim() : '';
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return text;
  const base = withoutUserInfo(response.url);
  const resolved = text !== '' && URL.canParse(text, base) ? new URL(text, base) : undefined;
  if (resolved?.protocol === 'http:' || resolved?.protocol === 'https:') return resolved.href;
  throw new PaginationError(
    'ERR_PAGINATION_RESPONSE',
    `${describeRequest(response.request)}: ${where} is ${(JSON.stringify(link) ?? String(link)).slice(0, 200)}, which is no link over HTTP. ` +
      'Name the place where the link to the next page stands; for a value that goes into a parameter, use a cursor.',
  );
}

/** The address without name and password: with them, nothing can be resolved against it. */
export function withoutUserInfo(url: string): string {
  return url.replace(/^(https?:\/\/)[^/?#@]*@/i, '$1');
}

/** The links of a Link header (RFC 8288) by their `rel`, in lower case. The first link of a rel counts. */
export function linksOf(header: string | undefined): Map<string, string> {
  const links = new Map<string, string>();
  let rest = header ?? '';
  for (;;) {
    const target = /^[\s,]*<([^>]*)>/.exec(rest);
    if (!target) return links;
    rest = rest.slice(target[0].length);
    for (;;) {
      const parameter = /^\s*;\s*([\w!#$&+.^`|~*-]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,;"]*)))?/.exec(rest);
      if (!parameter) break;
      rest = rest.slice(parameter[0].length);
      if (parameter[1]!.toLowerCase() !== 'rel') continue;
      const value = parameter[2]?.replace(/\\(.)/g, '$1') ?? parameter[3] ?? '';
      for (const rel of value.toLowerCase().split(/\s+/)) if (rel && !links.has(rel)) links.set(rel, target[1]!);
    }
    const comma = rest.indexOf(',');
    if (comma < 0) return links;
    rest = rest.slice(comma + 1);
  }
}
