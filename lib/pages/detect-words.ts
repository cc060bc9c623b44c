// The names by which APIs call what tells of their pages: without signs, in lower case, the surest first.
import { asCount, type Hint, hintNamed } from './hints.js';

export const totalPages = [
  'totalpages',
  'pages',
  'pagecount',
  'numpages',
  'nbpages',
  'pagestotal',
  'lastpage',
  'totalpage',
  'numberofpages',
];
const totals = [
  'totalcount',
  'total',
  'totalresults',
  'totalitems',
  'totalrecords',
  'totalelements',
  'totalentries',
  'totalhits',
  'totalsize',
  'totalrows',
  'totalnumber',
  'recordstotal',
  'numfound',
  'nbhits',
  'count',
  'size',
];
/** Names of totals that are as often the number of records of the page itself. */
const ambiguous = new Set(['count', 'size']);
const hasMore = [
  'hasmore',
  'hasnext',
  'hasnextpage',
  'hasmorepages',
  'more',
  'moreavailable',
  'ismore',
  'moreresults',
  'moreresult',
  'morerecords',
  'moreitemsincollection',
  'hasmoreresults',
  'hasmoreitems',
  'hasmorerecords',
  'istruncated',
  'truncated',
];
const isLast = ['islast', 'islastpage', 'last', 'lastpage', 'done', 'finished', 'isend', 'endofrecords', 'exhausted'];
export const limits = [
  'limit',
  'take',
  'maxresults',
  'perpage',
  'pagesize',
  'itemsperpage',
  'resultsperpage',
  'recordsperpage',
  'hitsperpage',
  'pagelimit',
  'pagelen',
  'rows',
  'size',
];
export const pageNames = ['page', 'pagenumber', 'pageno', 'pageindex', 'currentpage', 'p', 'pg'];
export const offsets = ['offset', 'skip', 'start', 'startat', 'startindex', 'from'];

/** A name that is only ever given to the link to the next page. */
export const isLinkName = (name: string): boolean =>
  /^(?:load)?(?:next|more)(?:page|results?|records?|items|entries|topics|set|batch)?(?:full|api)?(?:link|url|uri|href|path|address)?$/.test(
    name,
  );

/** What says whether there is more, and the option by which a paginator reads it. */
export interface MoreHint {
  readonly path: string;
  readonly hasMore: boolean;
  readonly option: { readonly hasMorePath: string } | { readonly isLastPath: string };
  readonly text: string;
}

/** A word for more, or for the end. */
export function moreIn(hints: readonly Hint[]): MoreHint | undefined {
  const isFlag = (value: unknown) => typeof value === 'boolean';
  const more = hintNamed(hints, hasMore, isFlag);
  const last = more ? undefined : hintNamed(hints, isLast, isFlag);
  const hint = more ?? last;
  if (!hint) return undefined;
  return {
    path: hint.path,
    hasMore: more ? more.value === true : hint.value === false,
    option: more ? { hasMorePath: hint.path } : { isLastPath: hint.path },
    text: `"${hint.path}" is ${hint.value}`,
  };
}

/** The number of all records, where the page tells it. */
export interface TotalHint {
  readonly path: string;
  readonly value: number;
  /** Whether there may be more than that, as a search engine says that stops to count. */
  readonly isLeast: boolean;
}

/**
 * The total: a number, or an object with a number as its `value`. One below the records of the page is none; of two, the larger counts: the
 * smaller is of the page.
 */
export function totalIn(hints: readonly Hint[], count: number): TotalHint | undefined {
  let best: TotalHint | undefined;
  for (const name of totals) {
    for (const hint of hints) {
      if (hint.name !== name) continue;
      const total = totalOf(hint);
      if (!total || total.value < count || (ambiguous.has(name) && total.value === count)) continue;
      if (!best || total.value > best.value) best = best && best.value > count ? best : total;
    }
  }
  return best;
}

function totalOf({ value, path }: Hint): TotalHint | undefined {
  const plainly = asCount(value);
  if (plainly !== undefined) return { path, value: plainly, isLeast: false };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { value: inner, relation } = value as { value?: unknown; relation?: unknown };
  const counted = asCount(inner);
  if (counted === undefined) return undefined;
  const below = path.startsWith('$[') ? `${path}['value']` : `${path}.value`;
  return { path: below, value: counted, isLeast: relation === 'gte' };
}

/** A number that is that of the records of the page, by a name that may also be that of all. */
export function ownCountIn(hints: readonly Hint[], count: number): Hint | undefined {
  if (hints.some(({ name }) => name === 'scannedcount')) return undefined;
  return hintNamed(hints, [...ambiguous], (value) => asCount(value) === count);
}
