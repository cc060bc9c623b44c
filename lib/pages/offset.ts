// Pages by offset and limit.
import { type HttpResponse, OptionError } from '../core/index.js';
import { checkWhole } from './check-options.js';
import { asCount, hintNamed, hintsOf, isCount } from './hints.js';
import type { Paginator } from './paginator.js';
import { type RangeEndOptions, rangeEnd } from './range-end.js';
import { place } from './set-request.js';

export interface OffsetOptions extends RangeEndOptions {
  /** How many records to ask for at a time. At least 1. */
  readonly limit: number;
  /** Where to start. At least 0. @default 0 */
  readonly offset?: number;
  /** The query parameter of the offset. @default "offset" */
  readonly offsetParam?: string;
  /** Where in the body the offset goes, instead: names with dots between. */
  readonly offsetBodyPath?: string;
  /** The query parameter of the limit. @default "limit" */
  readonly limitParam?: string;
  /** Where in the body the limit goes, instead. */
  readonly limitBodyPath?: string;
  /** The walk ends before this offset, whatever the pages say. Above `offset`. @default no limit */
  readonly maximumOffset?: number;
  /**
   * How many records of a page are asked for again with the next one. For servers whose records shift while they are read:
   * of records deleted between two pages, this many do no harm; those that come twice need a primary key. Below `limit`.
   * @default 0
   */
  readonly overlap?: number;
}

/** The offset of a page; with the limit where the server has put a lower one in place of ours. */
export type OffsetState = number | { readonly offset: number; readonly limit: number };

/**
 * Asks for `limit` records at a time, from `offset` on. Ends at the first page without records, when the total (of records)
 * is reached, at `maximumOffset`, or when the page says that there are no more, whichever comes first. A server that
 * says in its pages that it gives fewer records at a time than it was asked for is taken at its word.
 *
 * @throws OptionError `ERR_INVALID_OPTION`
 * @example pages(api, '/v1/projects', offset({ limit: 100 }))
 */
export function offset(options: OffsetOptions): Paginator<OffsetState> {
  const { limit, offset: start = 0, maximumOffset, overlap = 0 } = options;
  checkWhole('limit', limit, 1);
  checkWhole('offset', start, 0);
  if (maximumOffset !== undefined) checkWhole('maximumOffset', maximumOffset, start + 1);
  checkWhole('overlap', overlap, 0);
  if (overlap >= limit) throw new OptionError('overlap', `must be below limit (${limit}), or the walk does not move`);
  const end = rangeEnd(options, { option: 'maximumOffset', value: maximumOffset });
  const setOffset = place({
    names: ['offsetParam', 'offsetBodyPath'],
    param: options.offsetParam,
    bodyPath: options.offsetBodyPath,
    byDefault: 'offset',
  });
  const setLimit = place({
    names: ['limitParam', 'limitBodyPath'],
    param: options.limitParam,
    bodyPath: options.limitBodyPath,
    byDefault: 'limit',
  });
  const within = (next: number) => (maximumOffset !== undefined && next >= maximumOffset ? null : next);
  const limitName = (options.limitBodyPath ?? options.limitParam ?? 'limit').split('.').at(-1)!;
  return {
    name: 'offset',
    initial: () => start,
    request: (base, state) => setLimit(setOffset(base, offsetOf(state)), limitOf(state, limit)),
    next: (response, state, { records }) => {
      const at = offsetOf(state);
      const asked = limitOf(state, limit);
      const cap = serverLimit(response, limitName, asked, records);
      if (end.isLast(response, records, (total) => at + (cap ?? asked) >= total)) return null;
      const next = within(at + Math.max(1, (cap ?? asked) - overlap));
      const now = cap ?? asked;
      return next === null || now === limit ? next : { offset: next, limit: now };
    },
    ahead: (state) => {
      const asked = limitOf(state, limit);
      const next = within(offsetOf(state) + Math.max(1, asked - overlap));
      return next === null || asked === limit ? next : { offset: next, limit: asked };
    },
    total: (response, state) => {
      const total = end.total(response);
      const step = Math.max(1, limitOf(state, limit) - overlap);
      return total === undefined ? undefined : Math.max(1, Math.ceil((total - start - overlap) / step));
    },
    explain: (response, state, { records }) => {
      const asked = limitOf(state, limit);
      const cap = serverLimit(response, limitName, asked, records);
      return cap === undefined ? undefined : `the server gives ${cap} records a page, not ${asked}: going on with that`;
    },
  };
}

function offsetOf(state: OffsetState): number {
  return typeof state === 'number' ? state : state.offset;
}

function limitOf(state: OffsetState, limit: number): number {
  return typeof state === 'number' ? limit : state.limit;
}

/**
 * The limit that the server put in place of ours: it says so in the page, and gave that many records. To count on by ours
 * would miss all records between.
 */
function serverLimit(
  response: HttpResponse,
  limitName: string,
  asked: number,
  records: readonly unknown[] | undefined,
): number | undefined {
  const count = records?.length ?? 0;
  if (count === 0 || count >= asked) return undefined;
  const names = [limitName.toLowerCase().replace(/[^a-z0-9]/g, ''), 'limit', 'maxresults', 'perpage', 'pagesize'];
  const said = hintNamed(hintsOf(response.body), names, isCount);
  return said && asCount(said.value) === count ? count : undefined;
}
