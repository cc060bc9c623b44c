// Finds out from the first response how its pages hang together: a list of rules, the surest first.
import type { HttpResponse, Request } from '../core/index.js';
import { byFullPage } from './detect-full-page.js';
import { byNextHeader } from './detect-next-header.js';
import { numberingOf, pageParams, ranged } from './detect-range.js';
import { type DetectedOptions, type Detection, type Evidence, found, givenNames, placed } from './detection.js';
import { asCount, type Hint, hintNamed, hintsOf, isCount, isLink } from './hints.js';
import { linksOf } from './link.js';

const totalPages = [
  'totalpages',
  'pages',
  'pagecount',
  'numpages',
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
  'totalhits',
  'totalsize',
  'recordstotal',
  'numfound',
  'count',
];
const hasMore = [
  'hasmore',
  'hasnext',
  'hasnextpage',
  'more',
  'moreavailable',
  'ismore',
  'hasmoreresults',
  'hasmoreitems',
];
const cursors = [
  'cursor',
  'continuationtoken',
  'continuation',
  'bookmark',
  'scrollid',
  'endcursor',
  'resumptiontoken',
  'marker',
];
/** Parameters that take cursors, the most usual first. */
const cursorNames = [
  'cursor',
  'page_token',
  'pageToken',
  'after',
  'starting_after',
  'page',
  'offset',
  'next',
  'token',
  'continuation_token',
];
/** Looks at the first response. `count`: how many records it has, where they can be found. */
export function detectPagination(response: HttpResponse, base: Request, count: number | undefined): Detection {
  const evidence: Evidence = { response, base, hints: hintsOf(response.body), count };
  for (const rule of [
    byLinkHeader,
    byNextHeader,
    byHeader,
    byBodyLink,
    byContinuation,
    byGraphql,
    byCursor,
    byEnd,
    byTotalPages,
    byTotal,
    byHasMore,
    byFullPage,
  ]) {
    const found = rule(evidence);
    if (found) return found;
  }
  return { kind: 'single', why: 'nothing in the response says that there are more pages' };
}

function byLinkHeader({ response }: Evidence): Detection | undefined {
  const links = linksOf(response.headers['link']);
  if (links.has('next')) return found('header_link', {}, 'the header Link has rel="next"');
  if (['prev', 'previous', 'first', 'last'].some((rel) => links.has(rel)))
    return { kind: 'single', why: 'the header Link has links to other pages, but none to a next one' };
  return undefined;
}

function byHeader({ response, count }: Evidence): Detection | undefined {
  const { headers } = response;
  const range = /^(?:([\w-]+)\s+)?0-(\d+)\/(\d+|\*)$/.exec(headers['content-range']?.trim() ?? '');
  if (range) {
    const limit = Number(range[2]) + 1;
    if (range[3] !== '*' && Number(range[3]) <= limit)
      return { kind: 'single', why: 'the header Content-Range covers everything' };
    const format: DetectedOptions = range[1] ? { unit: range[1] } : { format: 'bare' };
    return found('content_range', { limit, ...format }, `the header Content-Range is ${range[0]}`);
  }
  const pages = asCount(headers['x-total-pages']);
  const page = asCount(headers['x-page']);
  if (pages !== undefined && page !== undefined && page < 2)
    return pages < 2
      ? { kind: 'single', why: 'the header X-Total-Pages says so' }
      : found(
          'page_number',
          { basePage: page, maximumPage: page + pages },
          'there are the headers X-Page and X-Total-Pages',
        );
  const total = asCount(headers['x-total-count']);
  if (total !== undefined && count !== undefined && total > count)
    return { kind: 'unknown', why: `the header X-Total-Count says ${total}, and the page has ${count} records` };
  return undefined;
}

function byBodyLink({ hints }: Evidence): Detection | undefined {
  const link = hints.find(({ name, value }) => name.startsWith('next') && isLink(value));
  return link && found('json_link', { nextUrlPath: link.path }, `there is a link at "${link.path}"`);
}

function byContinuation({ hints }: Evidence): Detection | undefined {
  const object = hints.find(
    ({ key, value }) => key === 'continue' && typeof value === 'object' && value !== null && !Array.isArray(value),
  );
  return (
    object &&
    found('continuation', { continuationPath: object.path }, `there is an object to continue with at "${object.path}"`)
  );
}

function byGraphql({ hints, base }: Evidence): Detection | undefined {
  const info = hints.find(
    ({ key, value }) => key === 'pageInfo' && typeof value === 'object' && value !== null && 'hasNextPage' in value,
  );
  if (!info || base.body?.kind !== 'json') return undefined;
  const { query } = (base.body.value ?? {}) as { query?: unknown };
  if (typeof query !== 'string') return undefined;
  if (!(info.value as { hasNextPage: unknown }).hasNextPage)
    return { kind: 'single', why: `"${info.path}" says that there is no next page` };
  const variable = /\bafter\s*:\s*\$(\w+)/.exec(query)?.[1];
  if (!variable)
    return {
      kind: 'unknown',
      why: 'there is a GraphQL connection, but the query has no variable for its argument after',
    };
  return found(
    'graphql',
    { connectionPath: info.parent, variable },
    `there is a GraphQL connection at "${info.parent}"`,
  );
}

function byCursor({ hints, base }: Evidence): Detection | undefined {
  const usable = (value: unknown) =>
    (typeof value === 'string' && value !== '') ||
    (typeof value === 'number' && value > 0) ||
    typeof value === 'bigint';
  const cursor =
    hints.find(({ name, value }) => name.startsWith('next') && usable(value)) ?? hintNamed(hints, cursors, usable);
  if (!cursor) return undefined;
  if (hintNamed(hints, hasMore, (value) => value === false))
    return { kind: 'single', why: 'the page says that there are no more' };
  return {
    kind: 'cursor',
    path: cursor.path,
    places: cursorPlaces(cursor, base),
    why: `there is a cursor at "${cursor.path}"`,
  };
}

/** Which places may take a cursor of this name, the likeliest first: those that the caller has set. */
function cursorPlaces({ key }: Hint, base: Request): DetectedOptions[] {
  const bare = key.replace(/^[^a-zA-Z]*next[^a-zA-Z]*/i, '');
  const own = bare.charAt(0).toLowerCase() + bare.slice(1);
  const names = [...new Set([own, key, ...cursorNames])].filter((name) => name !== '');
  const set = givenNames(base);
  const sorted = [
    ...names.filter((name) => Object.hasOwn(set, name)),
    ...names.filter((name) => !Object.hasOwn(set, name)),
  ];
  return sorted.map((name) => placed(base, 'cursor', name));
}

/** A link or a cursor that is there and empty, and nothing that says otherwise. */
function byEnd({ hints, count }: Evidence): Detection | undefined {
  const none = hints.find(
    ({ name, value }) => name.startsWith('next') && (value === null || value === '' || value === false),
  );
  if (!none) return undefined;
  const total = hintNamed(hints, totals, isCount);
  if (total && count !== undefined && asCount(total.value)! > count) return undefined;
  if (hintNamed(hints, hasMore, (value) => value === true)) return undefined;
  return { kind: 'single', why: `"${none.path}" is empty` };
}

function byTotalPages({ hints, base }: Evidence): Detection | undefined {
  const total = hintNamed(hints, totalPages, isCount);
  if (!total) return undefined;
  const pages = asCount(total.value)!;
  if (pages < 2) return { kind: 'single', why: `"${total.path}" is ${pages}` };
  const numbering = numberingOf(hints, base, [...pageParams, 'number']);
  const options = { totalPath: total.path, ...numbering.place };
  const why = `"${total.path}" says that there are ${pages} pages`;
  if (numbering.base === undefined) return { kind: 'base', options, why };
  return found('page_number', { ...options, basePage: numbering.base }, `${why}, and the first is ${numbering.base}`);
}

function byTotal({ hints, base, count }: Evidence): Detection | undefined {
  const total = hintNamed(hints, totals, isCount);
  if (!total || count === undefined) return undefined;
  const all = asCount(total.value)!;
  if (all <= count) return { kind: 'single', why: `"${total.path}" is ${all}, and all of them are here` };
  const why = `"${total.path}" is ${all}, and the page has ${count} records`;
  return ranged({ hints, base, count }, { totalPath: total.path }, why) ?? { kind: 'unknown', why };
}

function byHasMore({ hints, base, count }: Evidence): Detection | undefined {
  const more = hintNamed(hints, hasMore, (value) => typeof value === 'boolean');
  if (!more) return undefined;
  if (more.value === false) return { kind: 'single', why: `"${more.path}" is false` };
  const why = `"${more.path}" is true`;
  const list = hints.find(({ path, value }) => path === 'object' && value === 'list');
  if (list)
    return found(
      'keyset',
      { ...placed(base, 'key', 'starting_after'), hasMorePath: more.path },
      `${why}, and the body calls itself a list`,
    );
  return ranged({ hints, base, count }, { hasMorePath: more.path, totalPath: null }, why) ?? { kind: 'unknown', why };
}
