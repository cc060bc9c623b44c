// Pages by the Link header.
import { checkName } from './check-options.js';
import { linksOf, resolveLink } from './link.js';
import type { Paginator } from './paginator.js';
import { withLink } from './set-request.js';

export interface HeaderLinkOptions {
  /** The `rel` of the link to the next page. @default "next" */
  readonly linksNextKey?: string;
}

/**
 * Follows the link to the next page that stands in the header `Link`. The link's own parameters replace those of the first
 * request; method, headers and body stay. Ends when there is no such link.
 *
 * @throws OptionError `ERR_INVALID_OPTION`
 * @example pages(api, '/repos/rxjs/issues', headerLink())
 */
export function headerLink(options: HeaderLinkOptions = {}): Paginator<string> {
  const { linksNextKey = 'next' } = options;
  checkName('linksNextKey', linksNextKey);
  const rel = linksNextKey.toLowerCase();
  return {
    name: 'header_link',
    initial: () => '',
    request: (base, link) => (link === '' ? base : withLink(base, link)),
    next: (response) =>
      resolveLink(linksOf(response.headers['link']).get(rel), response, `the Link header's rel="${linksNextKey}"`),
  };
}
