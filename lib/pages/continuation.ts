// Pages by an object whose keys all go into the next request, as MediaWiki has it.
import { type Json, jsonPath, markConfined } from '../core/index.js';
import { checkName, checkPath } from './check-options.js';
import { storable } from './cursor.js';
import { PaginationError } from './pagination-error.js';
import type { Paginator } from './paginator.js';
import { withBodyValue, withParam } from './set-request.js';
import { describeRequest } from './walk-key.js';

export interface ContinuationOptions {
  /** Where a page has the object, as a JSONPath. @default "continue" */
  readonly continuationPath?: string;
  /** Where in the body its keys go, instead of into the query: names with dots between. */
  readonly bodyPath?: string;
}

type Continuation = { readonly [key: string]: Json };

/**
 * Adds all keys of an object of the page to the first request. Ends when the object is missing, `null` or empty.
 *
 * @throws OptionError `ERR_INVALID_OPTION`
 * @example pages(wiki, { url: '/w/api.php', params: { action: 'query', list: 'allpages', format: 'json' } }, continuation())
 */
export function continuation(options: ContinuationOptions = {}): Paginator<Continuation> {
  const { continuationPath = 'continue', bodyPath } = options;
  checkPath('continuationPath', continuationPath);
  checkName('bodyPath', bodyPath);
  const path = jsonPath(continuationPath, 'continuationPath');
  return markConfined({
    name: 'continuation',
    initial: () => ({}),
    request: (base, state) =>
      Object.entries(state).reduce(
        (request, [name, value]) =>
          bodyPath === undefined
            ? withParam(request, name, typeof value === 'object' && value !== null ? JSON.stringify(value) : value)
            : withBodyValue(request, `${bodyPath}.${name}`, value),
        base,
      ),
    next: (response) => {
      const found = storable(path.first(response.body));
      if (found === null || found === '' || found === false) return null;
      if (typeof found !== 'object' || Array.isArray(found))
        throw new PaginationError(
          'ERR_PAGINATION_RESPONSE',
          `${describeRequest(response.request)}: at "${continuationPath}" there is ${JSON.stringify(found).slice(0, 100)} and no object. For a single value, use a cursor.`,
        );
      return Object.keys(found).length === 0 ? null : (found as Continuation);
    },
  });
}
