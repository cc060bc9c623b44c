// Pages by a link in the body.
import { jsonPath, markConfined } from '../core/index.js';
import { checkPath } from './check-options.js';
import { resolveLink } from './link.js';
import { overlooked } from './overlooked.js';
import type { Paginator } from './paginator.js';
import { withLink } from './set-request.js';

export interface JsonLinkOptions {
  /** Where the link to the next page stands, as a JSONPath. @default "next" */
  readonly nextUrlPath?: string;
  /**
   * Where a page has the address that its links stand below, as Confluence has it at `_links.base`: before a link that begins with `/` it
   * is put whole. @default links are relative to the page
   */
  readonly baseUrlPath?: string;
}

/**
 * Follows the link to the next page that stands in the body: absolute, or relative to the page. The link's own parameters
 * replace those of the first request; method, headers and body stay. Ends when the link is missing, `null` or empty.
 *
 * @throws OptionError `ERR_INVALID_OPTION`
 * @example pages(api, '/users', jsonLink({ nextUrlPath: '@odata.nextLink' }))
 */
export function jsonLink(options: JsonLinkOptions = {}): Paginator<string> {
  const { nextUrlPath = 'next', baseUrlPath } = options;
  checkPath('nextUrlPath', nextUrlPath);
  checkPath('baseUrlPath', baseUrlPath);
  const path = jsonPath(nextUrlPath, 'nextUrlPath');
  return markConfined({
    name: 'json_link',
    initial: () => '',
    request: (base, link) => (link === '' ? base : withLink(base, link)),
    next: (response) => {
      const link = path.first(response.body);
      const below = baseUrlPath === undefined ? undefined : jsonPath(baseUrlPath).first(response.body);
      const whole = typeof link === 'string' && link.startsWith('/') && typeof below === 'string' && below !== '';
      return resolveLink(
        whole ? `${below.replace(/\/+$/, '')}${link}` : link,
        response,
        `the link at "${nextUrlPath}"`,
      );
    },
    explain: (response, _, facts) =>
      path.first(response.body) === undefined ? overlooked(response, facts, `link at "${nextUrlPath}"`) : undefined,
  });
}
