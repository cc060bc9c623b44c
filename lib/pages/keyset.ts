// Pages by a key of the last record: "what comes after this one".
import { jsonPath, markConfined, OptionError } from '../core/index.js';
import { checkPath } from './check-options.js';
import { storable } from './cursor.js';
import { PaginationError } from './pagination-error.js';
import type { Paginator } from './paginator.js';
import { isEmpty, saysEnd } from './read-body.js';
import { place } from './set-request.js';
import { describeRequest } from './walk-key.js';

export interface KeysetOptions {
  /** Where a record has its key, as a JSONPath from the record. @default "id" */
  readonly keyPath?: string;
  /** The query parameter that the key of the last record goes to: `since`, `starting_after`, `since_id`. */
  readonly keyParam?: string;
  /** Where in the body it goes, instead: names with dots between. */
  readonly keyBodyPath?: string;
  /** Where a page says whether there are more. When given, a page with records must have it. */
  readonly hasMorePath?: string;
  /** Where a page says whether it is the last. When given, a page with records must have it. */
  readonly isLastPath?: string;
}

/**
 * Asks for what comes after the last record of the page before. Ends at the first page without records, or when the page
 * says that there are no more. Rows inserted or deleted while it walks move nothing.
 *
 * @throws OptionError `ERR_INVALID_OPTION`
 * @example pages(api, '/users', keyset({ keyParam: 'since' }))
 */
export function keyset(options: KeysetOptions): Paginator {
  const { keyPath = 'id', keyParam, keyBodyPath, hasMorePath, isLastPath } = options;
  checkPath('keyPath', keyPath);
  checkPath('hasMorePath', hasMorePath);
  checkPath('isLastPath', isLastPath);
  if (keyParam === undefined && keyBodyPath === undefined)
    throw new OptionError('keyParam', 'or keyBodyPath is needed: where does the API take the last key?');
  const path = jsonPath(keyPath, 'keyPath');
  const setKey = place({ names: ['keyParam', 'keyBodyPath'], param: keyParam, bodyPath: keyBodyPath, byDefault: '' });
  return markConfined({
    name: 'keyset',
    initial: () => '',
    request: (base, state) => (state === '' ? base : setKey(base, state)),
    next: (response, _, { records }) => {
      if (isEmpty(response, records)) return null;
      if (saysEnd({ hasMorePath, isLastPath }, response)) return null;
      const key = storable(path.first(records?.at(-1)));
      if (key !== null && key !== '') return key;
      throw new PaginationError(
        'ERR_PAGINATION_RESPONSE',
        `${describeRequest(response.request)}: keyPath is "${keyPath}", but the last record of the page has nothing there. ` +
          'Name the field that the API orders its records by.',
      );
    },
  });
}
