// Where a walk over a known range ends: what offset and page number have in common.
import { type HttpResponse, OptionError } from '../core/index.js';
import { checkFlag, checkPath } from './check-options.js';
import { PaginationError } from './pagination-error.js';
import type { PageFacts } from './paginator.js';
import { isEmpty, numberAt, requiredNumber, saysEnd } from './read-body.js';
import { describeRequest } from './walk-key.js';

export interface RangeEndOptions {
  /**
   * Where a page says how much there is in all. When given, a page with records must have it. `null`: not looked for.
   * @default "total", used where a page has it and a number is there
   */
  readonly totalPath?: string | null;
  /** Whether the first page without records is the last. @default true */
  readonly stopAfterEmptyPage?: boolean;
  /** Where a page says whether there are more. When given, a page with records must have it. */
  readonly hasMorePath?: string;
  /** Where a page says whether it is the last. When given, a page with records must have it. */
  readonly isLastPath?: string;
}

export interface RangeEnd {
  /** Whether a page is the last; `total` decides what the total says. */
  isLast(response: HttpResponse, facts: PageFacts, reached: (total: number) => boolean): boolean;
  /** Whether a number that nobody asked for stands where a total would, and is below what has come: so it is none. */
  isNoTotal(response: HttpResponse, came: number): boolean;
  /** The total, where a page tells one. */
  total(response: HttpResponse): number | undefined;
}

/**
 * @param capped Whether there is a maximum, which is an end too; and how the option of the total is called.
 * @throws OptionError when there is no end at all, or a path cannot be read.
 */
export function rangeEnd(
  options: RangeEndOptions,
  capped: { readonly option: string; readonly value: number | undefined; readonly totalOption?: string },
): RangeEnd {
  const { totalPath, stopAfterEmptyPage = true, hasMorePath, isLastPath } = options;
  checkFlag('stopAfterEmptyPage', stopAfterEmptyPage);
  checkPath('totalPath', totalPath);
  checkPath('hasMorePath', hasMorePath);
  checkPath('isLastPath', isLastPath);
  const isTold =
    totalPath !== null || capped.value !== undefined || hasMorePath !== undefined || isLastPath !== undefined;
  if (!stopAfterEmptyPage && !isTold)
    throw new OptionError(
      'stopAfterEmptyPage',
      `is false, so the walk needs another end: totalPath, ${capped.option}, hasMorePath or isLastPath`,
    );
  const known = (response: HttpResponse) =>
    totalPath === null ? undefined : numberAt(totalPath ?? 'total', response.body);
  return {
    isLast: (response, { records, page, expected }, reached) => {
      const empty = isEmpty(response, records);
      if (empty && stopAfterEmptyPage) return true;
      if (empty && known(response) === undefined && expected !== undefined) return page + 1 >= expected;
      if (empty && known(response) === undefined && capped.value === undefined) throw endless(response, capped.option);
      const total =
        empty || !totalPath ? known(response) : requiredNumber(capped.totalOption ?? 'totalPath', totalPath, response);
      if (total !== undefined && reached(total)) return true;
      return !empty && saysEnd({ hasMorePath, isLastPath }, response);
    },
    isNoTotal: (response, came) => totalPath === undefined && (known(response) ?? Number.POSITIVE_INFINITY) < came,
    total: known,
  };
}

/** Beyond a page without records nothing says whether any page follows: the walk would ask for ever. */
function endless(response: HttpResponse, maximum: string): PaginationError {
  return new PaginationError(
    'ERR_PAGINATION_RESPONSE',
    `${describeRequest(response.request)}: the page has no records and no total, and none before it told one, so that nothing says where the walk ends, ` +
      `since stopAfterEmptyPage is false. Give totalPath or ${maximum}, or let the walk stop at the first empty page.`,
  );
}
