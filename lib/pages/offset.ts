// Pages by offset and limit.
import { OptionError } from '../core/index.js';
import { checkName, checkPath, checkWhole } from './check-options.js';
import type { Paginator } from './paginator.js';
import { numberAt, requiredFlag, requiredNumber } from './read-body.js';
import { withParam } from './set-request.js';

export interface OffsetOptions {
  /** How many records to ask for at a time. At least 1. */
  readonly limit: number;
  /** Where to start. At least 0. @default 0 */
  readonly offset?: number;
  /** @default "offset" */
  readonly offsetParam?: string;
  /** @default "limit" */
  readonly limitParam?: string;
  /**
   * Where a page says how many records there are in all. When given, a page with records must have it. `null`: not looked
   * for. @default "total", used where a page has it and a number is there
   */
  readonly totalPath?: string | null;
  /** The walk ends before this offset, whatever the pages say. Above `offset`. @default no limit */
  readonly maximumOffset?: number;
  /** Whether the first page without records is the last. @default true */
  readonly stopAfterEmptyPage?: boolean;
  /** Where a page says whether there are more. When given, a page with records must have it. */
  readonly hasMorePath?: string;
}

/**
 * Asks for `limit` records at a time, from `offset` on. Ends at the first page without records, when the total is reached,
 * at `maximumOffset`, or when the page says that there are no more, whichever comes first.
 *
 * @throws OptionError `ERR_INVALID_OPTION`
 * @example pages(api, '/v1/projects', offset({ limit: 100 }))
 */
export function offset(options: OffsetOptions): Paginator<number> {
  const { limit, offset: start = 0, offsetParam = 'offset', limitParam = 'limit', totalPath, maximumOffset } = options;
  const { stopAfterEmptyPage = true, hasMorePath } = options;
  checkWhole('limit', limit, 1);
  checkWhole('offset', start, 0);
  if (maximumOffset !== undefined) checkWhole('maximumOffset', maximumOffset, start + 1);
  checkName('offsetParam', offsetParam);
  checkName('limitParam', limitParam);
  checkPath('totalPath', totalPath);
  checkPath('hasMorePath', hasMorePath);
  if (!stopAfterEmptyPage && !totalPath && maximumOffset === undefined && hasMorePath === undefined)
    throw new OptionError(
      'stopAfterEmptyPage',
      'is false, so the walk needs another end: totalPath, maximumOffset or hasMorePath',
    );

  const within = (state: number) => (maximumOffset !== undefined && state >= maximumOffset ? null : state);
  return {
    name: 'offset',
    initial: () => start,
    request: (base, state) => withParam(withParam(base, offsetParam, state), limitParam, limit),
    next: (response, state, { records }) => {
      const empty = records === undefined || records.length === 0;
      if (empty && stopAfterEmptyPage) return null;
      const total =
        empty || !totalPath ? known(totalPath, response.body) : requiredNumber('totalPath', totalPath, response);
      if (total !== undefined && state + limit >= total) return null;
      if (hasMorePath && !empty && !requiredFlag('hasMorePath', hasMorePath, response)) return null;
      return within(state + limit);
    },
    ahead: (state) => within(state + limit),
    total: (response) => {
      const total = known(totalPath, response.body);
      return total === undefined ? undefined : Math.ceil(Math.max(0, total - start) / limit);
    },
  };
}

function known(totalPath: string | null | undefined, body: unknown): number | undefined {
  return totalPath === null ? undefined : numberAt(totalPath ?? 'total', body);
}
