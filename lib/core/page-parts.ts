// Several rows of one page: each says which part of the page it is, so that a sink knows when the page is whole.
import { OptionError } from './errors.js';
import type { PagePart, Rows } from './page.js';

/**
 * Makes several rows of one page. A sink takes the page in with all of them or none, whenever and in whatever order they come, also when the
 * process is killed meanwhile: until all are there it keeps them in memory. Whoever makes them must emit each of them, also one without rows; a
 * source that completes before that fails. A part can be split again. An operator must not wait for later pages while as many as `highWaterMark` says
 * are incomplete: none is asked for then.
 *
 * @param lists The rows of each part; without a list there is one part, which is empty.
 * @example
 * concatMap((page) => from(splitPage(page, chunks(page.rows))).pipe(mergeMap(async (part) => ({ ...part, rows: await enrich(part.rows) }))))
 * @throws OptionError `ERR_INVALID_OPTION` for more than 2^53 parts
 */
export function splitPage<T>(page: Rows<unknown>, lists: readonly (readonly T[])[]): Rows<T>[] {
  const { raw: _, bytes, part = { at: 0, of: 1 }, ...rest } = page;
  const all = lists.length === 0 ? [[]] : lists;
  const of = part.of * all.length;
  if (!Number.isSafeInteger(of)) throw new OptionError('lists', 'are too many: a page has at most 2^53 parts');
  return all.map((rows, index) => ({
    ...rest,
    rows,
    bytes: index === 0 ? bytes : 0,
    part: { at: part.at * all.length + index, of },
  }));
}

/** The parts in the order in which they were split, when they are a whole page; `undefined` as long as some are missing. */
export function wholePage<T extends { readonly part: PagePart }>(parts: readonly T[]): readonly T[] | undefined {
  const sorted = [...parts].sort(({ part: one }, { part: other }) => one.at / one.of - other.at / other.of);
  // Each begins where the one before it ends.
  let end: PagePart = { at: 0, of: 1 };
  for (const { part } of sorted) {
    if (BigInt(part.at) * BigInt(end.of) !== BigInt(end.at) * BigInt(part.of)) return undefined;
    end = { at: part.at + 1, of: part.of };
  }
  return end.at === end.of ? sorted : undefined;
}
