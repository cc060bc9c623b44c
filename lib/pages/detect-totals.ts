// Totals of pages and of records, in the body and in headers.
import { numbered, numberingOf, ranged, recordsBefore } from './detect-range.js';
import { moreIn, pageNames, totalIn, totalPages } from './detect-words.js';
import { type Detection, type Evidence, found } from './detection.js';
import { asCount, hintNamed, isCount } from './hints.js';

/** A header by one of its names: without `X-` and what stands before it in some APIs, and without signs. */
function headerNamed({ response }: Evidence, names: readonly string[]): { name: string; value: number } | undefined {
  for (const [name, text] of Object.entries(response.headers)) {
    const value = asCount(text?.trim());
    const bare = name
      .replace(/^x-/, '')
      .replace(/^(?:wp|pagination|paging)-/, '')
      .replace(/-/g, '');
    if (value !== undefined && names.includes(bare)) return { name, value };
  }
  return undefined;
}

const pageHeaders = ['page', 'currentpage', 'pagenumber', 'pageindex'];
const pagesHeaders = ['totalpages', 'pagecount', 'numpages', 'lastpage', 'pages'];
const totalHeaders = ['totalcount', 'total', 'totalresults', 'totalitems', 'totalrecords', 'totalelements'];

/** A number of pages in a header. */
export function byHeaderPages(evidence: Evidence): Detection | undefined {
  const { hints, base } = evidence;
  const pages = headerNamed(evidence, pagesHeaders);
  if (!pages) return undefined;
  const why = `the header ${pages.name} says that there are ${pages.value} pages`;
  if (pages.value < 2) return { kind: 'single', why };
  const numbering = numberingOf(hints, base, pageNames);
  const said = headerNamed(evidence, pageHeaders)?.value;
  const options = { ...numbering.place, totalPath: null };
  const first = numbering.first ?? (said === undefined ? undefined : Math.min(said, 1));
  if (first === undefined) return { kind: 'base', options, pages: pages.value, why };
  const page = said ?? numbering.page ?? first;
  const maximumPage = first + pages.value;
  if (page + 1 >= maximumPage) return { kind: 'single', why: `${why}, and this is the last`, isSure: true };
  return found('page_number', { ...numbered(first, page), maximumPage, ...options }, `${why}, and this is ${page}`);
}

/** A number of records in a header. */
export function byHeaderTotal(evidence: Evidence): Detection | undefined {
  const { count } = evidence;
  const total = headerNamed(evidence, totalHeaders);
  if (!total || count === undefined) return undefined;
  if (total.value <= recordsBefore(evidence) + count)
    return total.value < count
      ? undefined
      : { kind: 'single', why: `the header ${total.name} is ${total.value}, and all of them are here` };
  const why = `the header ${total.name} says ${total.value}, and the page has ${count} records`;
  return ranged(evidence, {}, why) ?? { kind: 'unknown', why };
}

/** A number of pages in the body. */
export function byTotalPages({ hints, base }: Evidence): Detection | undefined {
  const total = hintNamed(hints, totalPages, isCount);
  if (!total) return undefined;
  const pages = asCount(total.value)!;
  if (pages < 2) return { kind: 'single', why: `"${total.path}" is ${pages}` };
  const { first, page, place } = numberingOf(hints, base, [...pageNames, 'number']);
  const options = { totalPath: total.path, ...place };
  const why = `"${total.path}" says that there are ${pages} pages`;
  if (first === undefined) return { kind: 'base', options, why };
  return found('page_number', { ...options, ...numbered(first, page) }, `${why}, and the first is ${first}`);
}

/** A number of records in the body. */
export function byTotal(evidence: Evidence): Detection | undefined {
  const { hints, count } = evidence;
  if (count === undefined) return undefined;
  const total = totalIn(hints, count);
  if (!total) return undefined;
  if (total.value <= recordsBefore(evidence) + count)
    return { kind: 'single', why: `"${total.path}" is ${total.value}, and all of them are here` };
  const why = `"${total.path}" is ${total.value}, and the page has ${count} records`;
  const more = moreIn(hints)?.option;
  return ranged(evidence, { total, ...(more && { more }) }, why) ?? { kind: 'unknown', why };
}
