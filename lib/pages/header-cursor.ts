// Pages by a cursor in a response header.
import { markConfined } from '../core/index.js';
import { checkName } from './check-options.js';
import { overlooked } from './overlooked.js';
import type { Paginator } from './paginator.js';
import { place } from './set-request.js';

export interface HeaderCursorOptions {
  /** The response header that holds the cursor, in any case. @default "next" */
  readonly cursorKey?: string;
  /** The query parameter that it goes to. @default "cursor" */
  readonly cursorParam?: string;
  /** Where in the body it goes, instead: names with dots between. */
  readonly cursorBodyPath?: string;
}

/**
 * Takes the cursor of the next page from a response header. Ends when the header is missing or empty.
 *
 * @throws OptionError `ERR_INVALID_OPTION`
 * @example pages(api, '/events', headerCursor({ cursorKey: 'X-Next-Page', cursorParam: 'page' }))
 */
export function headerCursor(options: HeaderCursorOptions = {}): Paginator<string> {
  const { cursorKey = 'next' } = options;
  checkName('cursorKey', cursorKey);
  const header = cursorKey.toLowerCase();
  const setCursor = place({
    names: ['cursorParam', 'cursorBodyPath'],
    param: options.cursorParam,
    bodyPath: options.cursorBodyPath,
    byDefault: 'cursor',
  });
  return markConfined({
    name: 'header_cursor',
    initial: () => '',
    request: (base, cursor) => (cursor === '' ? base : setCursor(base, cursor)),
    next: (response) => response.headers[header]?.trim() || null,
    explain: (response, _, facts) =>
      response.headers[header] === undefined ? overlooked(response, facts, `header ${cursorKey}`) : undefined,
  });
}
