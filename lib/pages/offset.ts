// Pages by offset and limit.
import { type HttpResponse, type Json, markConfined, OptionError } from '../core/index.js';
import { checkWhole } from './check-options.js';
import { asCount, hintNamed, hintsOf, isCount } from './hints.js';
import { type OffsetPlace, type Step, stepAfter } from './offset-step.js';
import type { PageFacts, Paginator } from './paginator.js';
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

/** The offset of a page; with more where the server's pages have not as many records as they are asked for. */
export type OffsetState = number | { readonly [key: string]: Json };

/**
 * Asks for `limit` records at a time, from `offset` on. Ends at the first page without records, when the total (of records)
 * is reached, at `maximumOffset`, or when the page says that there are no more, whichever comes first.
 *
 * Misses nothing where a server gives fewer or more records at a time than it is asked for: it goes on after those that came, finds out
 * from the next pages how the server counts, and says so in the progress.
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
  const limitName = (options.limitBodyPath ?? options.limitParam ?? 'limit').split('.').at(-1)!;
  const stateOf = (place: OffsetPlace): OffsetState | null => {
    if (maximumOffset !== undefined && place.offset >= maximumOffset) return null;
    const { limit: now, ...rest } = place;
    if (now !== undefined && now !== limit) return asState(place);
    return Object.keys(rest).length === 1 ? place.offset : asState(rest);
  };
  const stepFrom = (response: HttpResponse, state: OffsetState, facts: PageFacts): Step => {
    const place = placeOf(state);
    const records = facts.isRewritten ? undefined : facts.records;
    const asked = place.limit ?? limit;
    return stepAfter(place, records, { asked, overlap, said: serverLimit(response, limitName, asked, records) });
  };
  /** The total that the page tells, unless more records have come than it says there are. */
  const totalOf = (response: HttpResponse, state: OffsetState, { records }: PageFacts): number | undefined => {
    const came = placeOf(state).offset + (records?.length ?? 0);
    return end.isNoTotal(response, came) ? undefined : end.total(response);
  };
  return markConfined({
    name: 'offset',
    initial: () => start,
    request: (base, state) => setLimit(setOffset(base, placeOf(state).offset), placeOf(state).limit ?? limit),
    next: (response, state, facts) => {
      const { next, reached, isProbe } = stepFrom(response, state, facts);
      const total = totalOf(response, state, facts) ?? Number.POSITIVE_INFINITY;
      if (isProbe) return total <= reached ? null : stateOf(next);
      if (placeOf(state).counts === undefined)
        return end.isLast(response, facts, () => reached >= total) ? null : stateOf(next);
      // Where the server leaves records out, the total may be of all of them or of those that it shows; and a page may be empty.
      const isGap = facts.records?.length === 0 && reached < total && total !== Number.POSITIVE_INFINITY;
      return !isGap && end.isLast(response, facts, () => false) ? null : stateOf(next);
    },
    isProbe: (response, state, facts) => stepFrom(response, state, facts).isProbe,
    ahead: (state) => {
      const { odd, ...place } = placeOf(state);
      const size = place.size ?? place.limit ?? limit;
      if (odd && place.size === undefined) return undefined;
      return stateOf({ ...place, offset: place.offset + (size > overlap ? size - overlap : size) });
    },
    total: (response, state, facts) => {
      const { records, page } = facts;
      const total = totalOf(response, state, facts);
      if (total === undefined) return undefined;
      const place = placeOf(state);
      const asked = place.size ?? place.limit ?? limit;
      const size = records && records.length > 0 && !place.counts ? Math.min(asked, records.length) : asked;
      return page + Math.max(0, Math.ceil((total - place.offset - overlap) / Math.max(1, size - overlap)));
    },
    count: (response) => end.total(response),
    explain: (response, state, facts) => {
      const { why } = stepFrom(response, state, facts);
      if (why !== undefined || totalOf(response, state, facts) === end.total(response)) return why;
      return `its total of ${end.total(response)} is below the records that have come: it does not count, and the walk ends at the first empty page`;
    },
  });
}

function asState(place: OffsetPlace): OffsetState {
  return place as unknown as OffsetState;
}

function placeOf(state: OffsetState): OffsetPlace {
  return typeof state === 'number' ? { offset: state } : (state as unknown as OffsetPlace);
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
