// Tries the usual parameters where a page does not say how the next one is asked for, and believes only what the records prove.
import type { Params } from '../../core/index.js';
import { type ApiProbe, print } from './api-probe.js';
import type { FirstPage, FoundPaginator, PaginatorObject } from './first-page.js';

/** Names of an offset and of the limit beside it, the usual ones first. */
const offsets: readonly (readonly [offset: string, limit: string])[] = [
  ['offset', 'limit'],
  ['skip', 'limit'],
  ['_start', '_limit'],
  ['$skip', '$top'],
  ['skip', 'take'],
  ['start', 'limit'],
  ['start', 'rows'],
  ['startAt', 'maxResults'],
  ['startIndex', 'count'],
  ['from', 'size'],
];
/** Names of a page number and of the size beside it. */
const numbers: readonly (readonly [page: string, size: string])[] = [
  ['page', 'per_page'],
  ['page', 'limit'],
  ['page', 'page_size'],
  ['page', 'pageSize'],
  ['_page', '_per_page'],
  ['_page', '_limit'],
  ['page', 'size'],
  ['page[number]', 'page[size]'],
  ['pageNumber', 'pageSize'],
  ['p', 'per_page'],
];

/** A paginator that is proven to work; `undefined` when none of the usual ones does. */
export async function guessPaginator(probe: ApiProbe, first: FirstPage): Promise<FoundPaginator | undefined> {
  if (first.records.length < 3) return undefined;
  let halfWay: FoundPaginator | undefined;
  for (const [offset, limit] of byGiven(offsets, first.params)) {
    const proof = await shifts(probe, first, offset, limit);
    if (proof === undefined) continue;
    const paginator = { type: 'offset', limit: sizeOf(first, limit), offset_param: offset, limit_param: limit };
    const made = found({ ...paginator, total_path: null }, `with ${offset}=1 the second record came first`);
    if (proof === 'both') return made;
    halfWay ??= made;
  }
  if (halfWay) return halfWay;
  for (const [page, size] of byGiven(numbers, first.params)) {
    const base = await firstNumber(probe, first, page, size);
    if (base === undefined) continue;
    const paginator = { type: 'page_number', base_page: base, page_param: page, total_path: null };
    return found(paginator, `with ${page} one page after the other came, the first has the number ${base}`);
  }
  return undefined;
}

function found(paginator: PaginatorObject, why: string): FoundPaginator {
  return { paginator, why: `the pages do not say how to go on; asked and compared: ${why}` };
}

/** Pairs of which the caller has set one come first. */
function byGiven(pairs: readonly (readonly [string, string])[], params: Params): (readonly [string, string])[] {
  const isGiven = (pair: readonly string[]) => pair.some((name) => Object.hasOwn(params, name));
  return [...pairs.filter(isGiven), ...pairs.filter((pair) => !isGiven(pair))];
}

/** Whether an offset of 1 brings the records from the second on, and whether the limit was understood as well. */
async function shifts(
  probe: ApiProbe,
  { records, selector, params }: FirstPage,
  offset: string,
  limit: string,
): Promise<'both' | 'offset' | undefined> {
  const answer = await probe.ask({ ...params, [offset]: 1, [limit]: 2 }, selector);
  if (answer === undefined || answer.length === 0) return undefined;
  const expected = records.slice(1, 1 + answer.length).map(print);
  const isShifted = expected.length > 0 && expected.every((text, index) => print(answer[index]) === text);
  if (!isShifted) return undefined;
  return answer.length === 2 ? 'both' : 'offset';
}

/** The number of the first page, when pages of two records come by their numbers. */
async function firstNumber(
  probe: ApiProbe,
  { records, selector, params }: FirstPage,
  page: string,
  size: string,
): Promise<number | undefined> {
  const prints = records.map(print);
  const answer = await probe.ask({ ...params, [page]: 2, [size]: 1 }, selector);
  if (answer === undefined || answer.length === 0) return undefined;
  const at = prints.indexOf(print(answer[0]));
  // One record a page: page 2 is the second record where counting starts at 1, and the third where it starts at 0.
  if (answer.length === 1 && (at === 1 || at === 2)) return at === 1 ? 1 : 0;
  // The size was not understood: page 2 must bring other records, and page 1 or 0 the first ones.
  if (answer.some((record) => prints.includes(print(record)))) return undefined;
  for (const base of [1, 0]) {
    const again = await probe.ask({ ...params, [page]: base }, selector);
    if (again && again.length > 0 && print(again[0]) === prints[0]) return base;
  }
  return undefined;
}

/** As many as the caller asks for, or as the server gives by itself. */
function sizeOf({ records, params }: FirstPage, limit: string): number {
  const given = Number(params[limit]);
  return Number.isInteger(given) && given > 0 ? given : records.length;
}
