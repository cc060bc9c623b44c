// Finds how the pages of an endpoint hang together: by what its pages say, and where they say nothing by asking.
import { firstValueFrom, take, toArray } from 'rxjs';
import { retry } from '../../../operators/index.js';
import type { Page, Params } from '../../core/index.js';
import { detectPagination } from '../../pages/detect-pagination.js';
import type { DetectedOptions } from '../../pages/detection.js';
import { auto, PaginationError, pages } from '../../pages/index.js';
import type { ApiProbe } from './api-probe.js';
import type { FirstPage, FoundPaginator, PaginatorObject } from './first-page.js';
import { guessPaginator } from './guess-paginator.js';

/** Pages that are read to see how they go on. */
const pagesToRead = 3;

/** @throws RequestError; PaginationError `ERR_PAGINATION_UNKNOWN` when there are more pages and no way to them was found */
export async function findPaginator(probe: ApiProbe, first: FirstPage): Promise<FoundPaginator> {
  const { response, records, selector, params } = first;
  const detection = detectPagination(response, response.request, records.length);
  if (detection.kind === 'single') {
    // A page that says nothing may still be the first of many: a round number of records is suspicious.
    const isSilent = /^nothing in the response/.test(detection.why);
    const guessed =
      isSilent && records.length >= 5 && records.length % 5 === 0 ? await guessPaginator(probe, first) : undefined;
    return guessed ?? { paginator: { type: 'single_page' }, why: detection.why };
  }
  if (detection.kind === 'found') return { paginator: asConfig(detection.by, detection.options), why: detection.why };
  if (detection.kind !== 'unknown') {
    const walk = pages(probe.client, { url: probe.path, params }, auto(), { records: selector });
    const read = await firstValueFrom(walk.pipe(retry({ maxRetries: 2 }), take(pagesToRead), toArray())).catch(
      notFound,
    );
    const decided = read && decidedBy(read);
    if (decided) return { paginator: decided, why: detection.why };
  }
  const guessed = await guessPaginator(probe, first);
  if (guessed) return guessed;
  throw new PaginationError(
    'ERR_PAGINATION_UNKNOWN',
    `${detection.why}, and none of the usual parameters brought another page. Look the parameters up in the API's documentation, write ` +
      'them into the configuration ("paginator"), and give the address with what selects few rows, so that one page holds them.',
  );
}

/** That nothing could be found out is no failure yet: there are other ways. */
function notFound(error: unknown): undefined {
  if (error instanceof PaginationError) return undefined;
  throw error;
}

/** What `auto` has decided by the second page: it stands in the positions, and in the requests that were made. */
function decidedBy(read: readonly Page[]): PaginatorObject | undefined {
  for (const { position } of read) {
    const next = position.next as { stage?: string; by?: string; options?: DetectedOptions } | null;
    if (next?.stage === 'decided') return asConfig(next.by!, next.options!);
  }
  const [first, second] = read;
  const stage = first?.position.next as Readonly<Record<string, unknown>> | null | undefined;
  if (!second || !stage) return undefined;
  const { params, body } = second.request;
  if (stage['stage'] === 'base') {
    const options = stage['options'] as DetectedOptions;
    const asked = Number(params[String(options['pageParam'] ?? 'page')]);
    return asConfig('page_number', { ...options, basePage: asked === 2 ? 1 : 0 });
  }
  const places = (stage['places'] ?? []) as readonly DetectedOptions[];
  const place = places.find(({ cursorParam, cursorBodyPath }) => {
    const value =
      typeof cursorParam === 'string'
        ? params[cursorParam]
        : (body as { value?: Params })?.value?.[String(cursorBodyPath)];
    return value !== undefined && String(value) === String(stage['cursor']);
  });
  return place && asConfig('cursor', { cursorPath: String(stage['path']), ...place });
}

/** What a paginator does by itself: a configuration need not say it. */
const defaults: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  offset: { offset: 0, offset_param: 'offset', limit_param: 'limit', total_path: 'total' },
  page_number: { base_page: 0, page_param: 'page', total_path: 'total' },
  cursor: { cursor_param: 'cursor', cursor_path: 'cursors.next' },
  header_cursor: { cursor_param: 'cursor', cursor_key: 'next' },
};

/** The parameters that a paginator sets. */
export function paramsSetBy(paginator: PaginatorObject): string[] {
  const all = { ...defaults[paginator.type], ...paginator };
  return Object.entries(all).flatMap(([option, value]) => (option.endsWith('_param') ? [String(value)] : []));
}

/** In the words of a configuration. What holds for today's number of records only is left out, and so is the page of the address: a list begins at its first. */
export function asConfig(by: string, options: DetectedOptions): PaginatorObject {
  const { maximumPage, maximumOffset, page, offset, ...lasting } = options;
  const start = firstOffset(Number(offset), Number(options['limit']));
  const named = Object.entries({ ...lasting, ...(offset !== undefined && { offset: start }) })
    .map(([name, value]) => [name.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`), value] as const)
    .filter(([name, value]) => defaults[by]?.[name] !== value);
  const paginator = { type: by, ...Object.fromEntries(named) };
  return by === 'keyset' && !('key_path' in paginator) ? { ...paginator, key_path: 'id' } : paginator;
}

/** Of a list whose pages are so long: 0 for most, and 1 where records are counted from 1. */
function firstOffset(offset: number, limit: number): number {
  return limit > 1 ? offset % limit : offset;
}
