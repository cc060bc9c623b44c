// Pages by the headers Range and Content-Range.

import { markConfined, OptionError } from '../core/index.js';
import { checkName, checkWhole } from './check-options.js';
import { PaginationError } from './pagination-error.js';
import type { Paginator } from './paginator.js';
import { isEmpty } from './read-body.js';
import { describeRequest } from './walk-key.js';

export interface ContentRangeOptions {
  /** How many records to ask for at a time. At least 1. */
  readonly limit: number;
  /** What is counted. @default "items" */
  readonly unit?: string;
  /**
   * How the range is written: `unit` as `Range: items=0-24`, `bare` as `Range: 0-24` beside `Range-Unit: items` (PostgREST).
   * @default "unit"
   */
  readonly format?: 'unit' | 'bare';
}

/**
 * Asks for ranges of records by the header `Range`, and reads what came, and how much there is, from `Content-Range`. Ends
 * when that says so, at the first page without records, or where the server says that a range cannot be satisfied (416). A server that
 * answers the first range without `Content-Range` has sent everything; one that does so later is an error.
 *
 * @throws OptionError `ERR_INVALID_OPTION`
 * @example pages(api, '/people', contentRange({ limit: 100, format: 'bare' }))
 */
export function contentRange(options: ContentRangeOptions): Paginator<number> {
  const { limit, unit = 'items', format = 'unit' } = options;
  checkWhole('limit', limit, 1);
  checkName('unit', unit);
  if (format !== 'unit' && format !== 'bare')
    throw new OptionError('format', `must be unit or bare, not ${JSON.stringify(format)}`);
  return markConfined({
    name: 'content_range',
    initial: () => 0,
    request: (base, from) => {
      const range = `${from}-${from + limit - 1}`;
      const headers = format === 'unit' ? { range: `${unit}=${range}` } : { 'range-unit': unit, range };
      return { ...base, headers: { ...base.headers, ...headers } };
    },
    next: (response, from, { records }) => {
      if (isEmpty(response, records)) return null;
      const range = parse(response.headers['content-range']);
      if (range?.last === undefined || range.first !== from) {
        if (response.status === 206 || range || from > 0)
          throw new PaginationError(
            'ERR_PAGINATION_RESPONSE',
            `${describeRequest(response.request)}: the header Content-Range is ${JSON.stringify(response.headers['content-range'] ?? null)}, but the range from ${from} on was asked for, so that the next cannot be told. ` +
              'An API that does not count by Range needs another paginator.',
          );
        return null; // 200 without the header: the server does not do ranges, and sent everything
      }
      const next = range.last + 1;
      return range.total !== undefined && next >= range.total ? null : next;
    },
    // A range that begins at the end or beyond it cannot be satisfied, says the server.
    refused: (error, from) => {
      if (error.status !== 416) return undefined;
      const total = parse(error.headers?.['content-range'])?.total;
      return total !== undefined && total > from ? undefined : null;
    },
    ahead: (from) => from + limit,
    count: (response) => parse(response.headers['content-range'])?.total,
    total: (response, from, { page }) => {
      const total = parse(response.headers['content-range'])?.total;
      return total === undefined ? undefined : page + Math.max(0, Math.ceil((total - from) / limit));
    },
  });
}

/** `items 0-24/100`, `0-24/*`, `* /100`. */
function parse(header: string | undefined): Partial<Record<'first' | 'last' | 'total', number>> | undefined {
  const found = /^\s*(?:[\w-]+[\s=]+)?(?:(\d+)\s*-\s*(\d+)|\*)\s*\/\s*(\d+|\*)\s*$/.exec(header ?? '');
  if (!found) return undefined;
  const [, first, last, total] = found;
  return {
    ...(first !== undefined && { first: Number(first), last: Number(last) }),
    ...(total !== '*' && { total: Number(total) }),
  };
}
