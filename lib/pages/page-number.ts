// Pages by number.
import { markConfined, OptionError } from '../core/index.js';
import { checkPath, checkWhole } from './check-options.js';
import type { PageFacts, Paginator } from './paginator.js';
import { type RangeEndOptions, rangeEnd } from './range-end.js';
import { isEmpty } from './read-body.js';
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
  /** Where a page says how many records there are in all, in place of `totalPath`. With `pageSize` it tells the number of pages. */
  readonly totalRecordsPath?: string;
  /** How many records a page has, for `totalRecordsPath`. At least 1. */
  readonly pageSize?: number;
  /**
   * How many pages before each page are asked for again once it has come. For servers whose records shift while they are read: a record that
   * a deletion pulled back to one of these pages is found there. Each page is asked for so many times more, and what comes twice needs a
   * primary key. @default 0
   */
  readonly overlap?: number;
}

/**
 * The number of a page; of a page that is asked for again, its number beside that of the page after which it is. `size`: how many records
 * the pages have, where that is not what was said. `beyond`: by the total there is no such page; it is asked for since records are missing.
 */
export type PageNumberState =
  | number
  | { readonly again: number; readonly after: number; readonly last?: true; readonly size?: number }
  | { readonly page: number; readonly size: number; readonly beyond?: true };

/**
 * Asks for one page number after another. Ends at the first page without records, when the total (of pages, or of
 * records at `totalRecordsPath`) is reached, at `maximumPage`, or when the page says that there are no more, whichever comes first.
 *
 * Where the pages have fewer records than `pageSize`, the total is counted by what they have, so that none is missed.
 *
 * @throws OptionError `ERR_INVALID_OPTION`
 * @example pages(api, '/v1/projects', pageNumber({ basePage: 1, totalPath: 'meta.pages' }))
 */
export function pageNumber(options: PageNumberOptions = {}): Paginator<PageNumberState> {
  const { basePage = 0, page: start = basePage, maximumPage, overlap = 0, totalRecordsPath, pageSize } = options;
  checkWhole('basePage', basePage, 0);
  checkWhole('page', start, 0);
  if (maximumPage !== undefined) checkWhole('maximumPage', maximumPage, start + 1);
  checkWhole('overlap', overlap, 0);
  if (totalRecordsPath !== undefined) {
    if (options.totalPath) throw new OptionError('totalRecordsPath', 'and totalPath exclude each other');
    checkPath('totalRecordsPath', totalRecordsPath);
    checkWhole('pageSize', pageSize, 1);
  } else if (pageSize !== undefined) throw new OptionError('pageSize', 'is of no use without totalRecordsPath');
  const totalPath = totalRecordsPath ?? options.totalPath;
  const end = rangeEnd(
    { ...options, ...(totalPath !== undefined && { totalPath }) },
    { option: 'maximumPage', value: maximumPage, ...(totalRecordsPath && { totalOption: 'totalRecordsPath' }) },
  );
  const pagesOf = (total: number, size = pageSize) => (size === undefined ? total : Math.ceil(total / size));
  const setPage = place({
    names: ['pageParam', 'pageBodyPath'],
    param: options.pageParam,
    bodyPath: options.pageBodyPath,
    byDefault: 'page',
  });
  const following = (page: number) => (maximumPage !== undefined && page + 1 >= maximumPage ? null : page + 1);
  /** What comes after a page: those before it once more, then the one that follows it, unless it is the last. */
  const after = (state: PageNumberState, isLast: boolean, size = sizeOf(state)): PageNumberState | null => {
    const reached = reachedOf(state);
    const again = isAgain(state) ? state.again + 1 : Math.max(start, reached - overlap);
    const known = size !== undefined && { size };
    if (again < reached) return { again, after: reached, ...(isLast && { last: true }), ...known };
    const next = isLast ? null : following(reached);
    return next !== null && known ? { page: next, ...known } : next;
  };
  /** How many records the pages have, where one has shown that it is fewer than `pageSize`. */
  const sizeSeen = (state: PageNumberState, total: number, facts: PageFacts): number | undefined => {
    const count = facts.isRewritten ? 0 : (facts.records?.length ?? 0);
    const known = sizeOf(state);
    if (pageSize === undefined || count === 0 || isAgain(state)) return known;
    if (known !== undefined) return Math.min(pageSize, Math.max(known, count));
    const left = total - (reachedOf(state) - basePage) * pageSize;
    return count < Math.min(pageSize, left) ? count : undefined;
  };
  return markConfined({
    name: 'page_number',
    initial: () => start,
    request: (base, state) => setPage(base, isAgain(state) ? state.again : reachedOf(state)),
    next: (response, state, facts) => {
      if (isAgain(state)) return after(state, state.last ?? false);
      const page = reachedOf(state);
      let size = sizeOf(state);
      let isBeyond = false;
      const isLast = end.isLast(response, facts, (total) => {
        if (!isEmpty(response, facts.records) && end.isNoTotal(response, page + 1 - basePage)) return false;
        size = sizeSeen(state, total, facts);
        isBeyond = page + 1 >= pagesOf(total, sizeOf(state)) + basePage;
        return page + 1 >= pagesOf(total, size) + basePage;
      });
      const next = after(state, isLast || following(page) === null, size);
      return next !== null && isCapped(next) && isBeyond ? { ...next, beyond: true } : next;
    },
    ahead: (state) => after(state, isAgain(state) ? (state.last ?? false) : following(reachedOf(state)) === null),
    isAgain,
    // It was asked for to be sure.
    refused: (_, state) => (isCapped(state) && state.beyond ? null : undefined),
    total: (response, state, facts) => {
      const { page } = facts;
      // A `total` that nobody asked for is as often one of records.
      const told = totalPath ? end.total(response) : undefined;
      if (told === undefined) return undefined;
      const reached = reachedOf(state);
      // A page that was asked for to be sure, and is empty, shows that the size was the one that was said.
      const isSure = isCapped(state) && state.beyond && isEmpty(response, facts.records);
      const said = isSure ? undefined : sizeOf(state);
      const isLast = reached + 1 >= pagesOf(told, said) + basePage;
      const total = pagesOf(told, isLast ? said : sizeSeen(state, told, facts));
      const left = Math.max(0, total + basePage - reached - 1) * (1 + overlap);
      if (isAgain(state)) return page + reached - state.again + left;
      return page + left + (reached < total + basePage ? 1 : 0);
    },
  });
}

function isAgain(state: PageNumberState): state is Extract<PageNumberState, { again: number }> {
  return typeof state !== 'number' && 'again' in state;
}

function isCapped(state: PageNumberState): state is Extract<PageNumberState, { page: number }> {
  return typeof state !== 'number' && 'page' in state;
}

/** The page up to which all were asked for. */
function reachedOf(state: PageNumberState): number {
  if (isAgain(state)) return state.after;
  return isCapped(state) ? state.page : state;
}

function sizeOf(state: PageNumberState): number | undefined {
  return typeof state === 'number' ? undefined : state.size;
}
