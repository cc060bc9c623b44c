// Pages by offset and limit.
import { OptionError } from '../core/index.js';
import { checkWhole } from './check-options.js';
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

/**
 * Asks for `limit` records at a time, from `offset` on. Ends at the first page without records, when the total (of records)
 * is reached, at `maximumOffset`, or when the page says that there are no more, whichever comes first.
 *
 * @throws OptionError `ERR_INVALID_OPTION`
 * @example pages(api, '/v1/projects', offset({ limit: 100 }))
 */
export function offset(options: OffsetOptions): Paginator<number> {
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
  const step = limit - overlap;
  const after = (state: number) => {
    const next = state + step;
    return maximumOffset !== undefined && next >= maximumOffset ? null : next;
  };
  return {
    name: 'offset',
    initial: () => start,
    request: (base, state) => setLimit(setOffset(base, state), limit),
    next: (response, state, { records }) =>
      end.isLast(response, records, (total) => state + limit >= total) ? null : after(state),
    ahead: after,
    total: (response) => {
      const total = end.total(response);
      return total === undefined ? undefined : Math.max(1, Math.ceil((total - start - overlap) / step));
    },
  };
}
