// Pages by a link in a header.
import { markConfined } from '../core/index.js';
import { checkName } from './check-options.js';
import { linksOf, resolveLink } from './link.js';
import { overlooked } from './overlooked.js';
import type { Paginator } from './paginator.js';
import { withLink } from './set-request.js';

export interface HeaderLinkOptions {
  /** The `rel` of the link to the next page, where the header names links so. @default "next" */
  readonly linksNextKey?: string;
  /** The response header, in any case. A value without `<…>` is the address of the next page itself. @default "Link" */
  readonly header?: string;
}

/**
 * Follows the link to the next page that stands in a response header. The link's own parameters replace those of the first
 * request; method, headers and body stay. Ends when there is no such link.
 *
 * @throws OptionError `ERR_INVALID_OPTION`
 * @example pages(api, '/repos/rxjs/issues', headerLink())
 * @example pages(api, '/buckets/main/collections/ships/records', headerLink({ header: 'Next-Page' }))
 */
export function headerLink(options: HeaderLinkOptions = {}): Paginator<string> {
  const { linksNextKey = 'next', header = 'Link' } = options;
  checkName('linksNextKey', linksNextKey);
  checkName('header', header);
  const rel = linksNextKey.toLowerCase();
  const name = header.toLowerCase();
  return markConfined({
    name: 'header_link',
    initial: () => '',
    request: (base, link) => (link === '' ? base : withLink(base, link)),
    next: (response) => {
      const value = response.headers[name]?.trim() ?? '';
      return /^[\s,]*</.test(value)
        ? resolveLink(linksOf(value).get(rel), response, `the header ${header}'s rel="${linksNextKey}"`)
        : resolveLink(value, response, `the header ${header}`);
    },
    explain: (response, _, facts) => {
      const value = response.headers[name];
      if (value === undefined) return overlooked(response, facts, `header ${header}`);
      const names = linksOf(value);
      return names.size === 0 || names.has(rel)
        ? undefined
        : overlooked(response, facts, `link rel="${linksNextKey}" in the header ${header}`);
    },
  });
}
