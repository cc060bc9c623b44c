// Pages by a cursor in the body.
import { type HttpResponse, isExactNumber, type Json, jsonPath, markConfined } from '../core/index.js';
import { checkFlag, checkPath } from './check-options.js';
import { overlooked } from './overlooked.js';
import type { Paginator } from './paginator.js';
import { isEmpty, saysEnd } from './read-body.js';
import { place } from './set-request.js';

export interface CursorOptions {
  /** Where a page has the cursor of the next one, as a JSONPath. @default "cursors.next" */
  readonly cursorPath?: string;
  /** The query parameter that it goes to. @default "cursor" */
  readonly cursorParam?: string;
  /** Where in the body it goes, instead: names with dots between. */
  readonly cursorBodyPath?: string;
  /** Whether the first page without records is the last, whatever its cursor. @default false */
  readonly stopAfterEmptyPage?: boolean;
  /** Where a page says whether there are more. When given, a page with records must have it. */
  readonly hasMorePath?: string;
  /** Where a page says whether it is the last. When given, a page with records must have it. */
  readonly isLastPath?: string;
}

/**
 * Takes the cursor of the next page from the body. Ends when it is missing, `null`, empty, 0 or false, when the page says
 * that there are no more, or, when told so, at the first page without records.
 *
 * @throws OptionError `ERR_INVALID_OPTION`
 * @example pages(api, '/customers', cursor({ cursorPath: 'meta.next', cursorParam: 'starting_after' }))
 */
export function cursor(options: CursorOptions = {}): Paginator {
  const { cursorPath = 'cursors.next', stopAfterEmptyPage = false, hasMorePath, isLastPath } = options;
  checkFlag('stopAfterEmptyPage', stopAfterEmptyPage);
  checkPath('cursorPath', cursorPath);
  checkPath('hasMorePath', hasMorePath);
  checkPath('isLastPath', isLastPath);
  const path = jsonPath(cursorPath, 'cursorPath');
  const setCursor = place({
    names: ['cursorParam', 'cursorBodyPath'],
    param: options.cursorParam,
    bodyPath: options.cursorBodyPath,
    byDefault: 'cursor',
  });
  const cursorOf = (response: HttpResponse) => storable(path.first(response.body)) || null;
  return markConfined({
    name: 'cursor',
    initial: () => '',
    request: (base, state) => (state === '' ? base : setCursor(base, state)),
    next: (response, _, { records }) => {
      const empty = isEmpty(response, records);
      if (empty && stopAfterEmptyPage) return null;
      if (!empty && saysEnd({ hasMorePath, isLastPath }, response)) return null;
      return cursorOf(response);
    },
    explain: (response, _, facts) => {
      const saysHowLong = (hasMorePath ?? isLastPath) !== undefined;
      if (!saysHowLong && path.first(response.body) === undefined)
        return overlooked(response, facts, `cursor at "${cursorPath}"`);
      const saysMore = saysHowLong && !isEmpty(response, facts.records);
      if (!saysMore || cursorOf(response) !== null || saysEnd({ hasMorePath, isLastPath }, response)) return undefined;
      return `a page has no cursor at "${cursorPath}", although "${hasMorePath ?? isLastPath}" says that there are more: it is taken for the end, and records may be missing`;
    },
  });
}

/** A value of a body as it can be stored and sent back without a change. */
export function storable(value: unknown): Json {
  if (typeof value === 'bigint' || isExactNumber(value)) return value.toString();
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
    return Object.fromEntries(entries.map(([name, inner]) => [name, storable(inner)]));
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
