// Pages by number.
import { checkWhole } from './check-options.js';
import type { Paginator } from './paginator.js';
import { type RangeEndOptions, rangeEnd } from './range-end.js';
import { place } from './set-request.js';

export interface PageNumberOptions extends RangeEndOptions {
  /** The number that the API gives to its first page. @default 0 */
  readonly basePage?: number;
  /** The page to start with. @default basePage */
  readonly page?: number;
  /** The query parameter of the number. @default "page" */
  readonly pageParam?: string;
  /** Where in the body the number goes, instead: names with dots between. */
  readonly pageBodyPath?: string;
  /** The walk ends before this page, whatever the pages say: with `basePage` 1, 3 means pages 1 and 2. @default no limit */
  readonly maximumPage?: number;
}

/**
 * Asks for one page number after another. Ends at the first page without records, when the total (of pages) is reached, at
 * `maximumPage`, or when the page says that there are no more, whichever comes first.
 *
 * @throws OptionError `ERR_INVALID_OPTION`
 * @example pages(api, '/v1/projects', pageNumber({ basePage: 1, totalPath: 'meta.pages' }))
 */
export function pageNumber(options: PageNumberOptions = {}): Paginator<number> {
  const { basePage = 0, page = basePage, maximumPage } = options;
  checkWhole('basePage', basePage, 0);
  checkWhole('page', page, 0);
  if (maximumPage !== undefined) checkWhole('maximumPage', maximumPage, page + 1);
  const end = rangeEnd(options, { option: 'maximumPage', value: maximumPage });
  const setPage = place({
    names: ['pageParam', 'pageBodyPath'],
    param: options.pageParam,
    bodyPath: options.pageBodyPath,
    byDefault: 'page',
  });
  const after = (state: number) => (maximumPage !== undefined && state + 1 >= maximumPage ? null : state + 1);
  return {
    name: 'page_number',
    initial: () => page,
    request: (base, state) => setPage(base, state),
    next: (response, state, { records }) =>
      end.isLast(response, records, (total) => state + 1 >= total + basePage) ? null : after(state),
    ahead: after,
    total: (response, state, { page: pageOfWalk }) => {
      // A `total` that nobody asked for is as often one of records.
      const total = options.totalPath ? end.total(response) : undefined;
      return total === undefined ? undefined : pageOfWalk + Math.max(0, total + basePage - state);
    },
  };
}
