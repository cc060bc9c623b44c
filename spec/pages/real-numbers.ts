// Responses of well-known APIs that count: offsets, page numbers, totals; and those that do not tell enough.
import { count, next, number, part, size } from './api-style.js';
import { byPage, only, type RealShape, refused, search } from './real-shape.js';

const paged = (name: string, body: (page: number) => unknown, more: Partial<RealShape> = {}): RealShape => ({
  name,
  by: 'page_number',
  requests: 3,
  answer: ({ q }) => ({ body: body(number(q.get('page'), 1)) }),
  ...more,
});
const ranged = (
  name: string,
  param: string,
  body: (at: number) => unknown,
  more: Partial<RealShape> = {},
): RealShape => ({
  name,
  by: 'offset',
  requests: 3,
  answer: ({ q }) => ({ body: body(number(q.get(param))) }),
  ...more,
});
const unclear = (name: string, why: string, body: unknown, more: Partial<RealShape> = {}): RealShape => ({
  name,
  by: { error: why },
  requests: 1,
  answer: () => ({ body }),
  ...more,
});

export const realNumbers: readonly RealShape[] = [
  ranged('Jira: startAt, maxResults and isLast', 'startAt', (at) => ({
    startAt: at,
    maxResults: size,
    isLast: next(at) === undefined,
    values: part(at),
  })),
  ranged('Jira: startAt, maxResults and total', 'startAt', (at) => ({
    startAt: at,
    maxResults: size,
    total: count,
    issues: part(at),
  })),
  ranged('Contentful: skip, limit and total', 'skip', (at) => ({
    sys: { type: 'Array' },
    total: count,
    skip: at,
    limit: size,
    items: part(at),
  })),
  ranged('PagerDuty: more, limit, offset, and a total of null', 'offset', (at) => ({
    users: part(at),
    limit: size,
    offset: at,
    more: next(at) !== undefined,
    total: null,
  })),
  ranged('NVD: startIndex, resultsPerPage, totalResults', 'startIndex', (at) => ({
    resultsPerPage: size,
    startIndex: at,
    totalResults: count,
    vulnerabilities: part(at),
  })),
  ranged('Solr: response.start and numFound', 'start', (at) => ({
    response: { numFound: count, start: at, docs: part(at) },
  })),
  ranged('openFDA: meta.results', 'skip', (at) => ({
    meta: { results: { skip: at, limit: size, total: count } },
    results: part(at),
  })),
  ranged(
    'an offset and a page that is full by its own limit, and no more words',
    'offset',
    (at) => ({ offset: at, limit: size, rows: part(at) }),
    {
      requests: 4,
    },
  ),
  ranged('an offset that the caller gives, and a total', 'offset', (at) => ({ total: count, items: part(at) }), {
    init: '/a?offset=0&limit=10',
  }),
  {
    name: 'Elasticsearch: hits.total.value, with from and size of the caller',
    init: search({ from: 0, size, query: { match_all: {} } }),
    by: 'offset',
    requests: 3,
    answer: ({ body }) => ({
      body: {
        took: 3,
        timed_out: false,
        hits: { total: { value: count, relation: 'eq' }, hits: part(Number(body['from'] ?? 0)) },
      },
    }),
  },
  {
    name: 'HTTP ranges',
    by: 'content_range',
    requests: 3,
    answer: ({ headers }) => {
      const from = Number(/=(\d+)-/.exec(headers.range ?? '=0-')![1]);
      return {
        body: part(from),
        status: 206,
        headers: { 'content-range': `items ${from}-${from + part(from).length - 1}/${count}` },
      };
    },
  },
  {
    name: 'Spring: last, number, size and totalPages, from 0',
    by: 'page_number',
    requests: 3,
    answer: ({ q }) => {
      const page = number(q.get('page'));
      const content = part(page * size);
      const last = page === 2;
      return {
        body: {
          content,
          last,
          first: page === 0,
          number: page,
          size,
          numberOfElements: content.length,
          totalPages: 3,
          totalElements: count,
        },
      };
    },
  },
  {
    name: 'Spring: a slice, which has no totals',
    by: 'page_number',
    requests: 3,
    answer: ({ q }) => {
      const page = number(q.get('page'));
      const content = part(page * size);
      return {
        body: { content, last: page === 2, first: page === 0, number: page, size, numberOfElements: content.length },
      };
    },
  },
  {
    name: 'Algolia: nbPages and page, from 0',
    by: 'page_number',
    requests: 3,
    answer: ({ q }) => {
      const page = number(q.get('page'));
      return { body: { hits: part(page * size), page, nbPages: 3, hitsPerPage: size, nbHits: count } };
    },
  },
  paged('OpenAlex: a count beyond the page, with page and per_page', (page) => ({
    meta: { count, page, per_page: size },
    results: byPage(page),
  })),
  paged('page and total, without a size', (page) => ({ page, total: count, items: byPage(page) })),
  paged('Typeform: page_count without a page', (page) => ({ total_items: count, page_count: 3, items: byPage(page) }), {
    requests: 4,
  }),
  paged(
    'page and page_size of a full page, and no more words',
    (page) => ({ page, page_size: size, rows: byPage(page) }),
    {
      requests: 4,
    },
  ),
  paged('has_more with the number of the page', (page) => ({ page, has_more: page < 3, rows: byPage(page) })),
  paged('a page that the caller gives, and a total', (page) => ({ total: count, items: byPage(page) }), {
    init: '/a?page=1',
  }),
  paged('a page that calls its own records the total, and more', (page) => ({
    page,
    total: byPage(page).length,
    has_more: page < 3,
    items: byPage(page),
  })),
  {
    name: 'X-Page and X-Total-Pages, with a body whose total counts something else',
    by: 'page_number',
    requests: 3,
    answer: ({ q }) => {
      const page = number(q.get('page'), 1);
      return {
        headers: { 'x-page': String(page), 'x-total-pages': '3' },
        body: { total: 2, next: null, data: byPage(page) },
      };
    },
  },
  {
    name: 'WordPress: X-WP-Total and X-WP-TotalPages',
    by: 'page_number',
    answer: ({ q }) => {
      const page = number(q.get('page'), 1);
      if (page > 3) return { status: 400, body: { code: 'rest_post_invalid_page_number' } };
      return { headers: { 'x-wp-total': '25', 'x-wp-totalpages': '3' }, body: byPage(page) };
    },
  },
  unclear(
    'headers that call it the only page, and a body with a total beyond it',
    '"total" is 25',
    { total: count, data: part(0) },
    {
      answer: () => ({ headers: { 'x-page': '1', 'x-total-pages': '1' }, body: { total: count, data: part(0) } }),
    },
  ),
  unclear('X-Total, and nothing else', 'x-total says 25', part(0), {
    answer: () => ({ headers: { 'x-total': '25' }, body: part(0) }),
  }),
  unclear('Mailchimp: total_items', '"total_items" is 25', { lists: part(0), total_items: count }),
  unclear('CKAN: a count beyond the page', '"result.count" is 25', {
    success: true,
    result: { count, results: part(0) },
  }),
  unclear('OData: @odata.count without a link', '25', { '@odata.count': count, value: part(0) }),
  unclear('a count of the records of the page', 'counts the records of this page', { count: size, results: part(0) }),
  unclear('a size of the page that it fills', 'and does not say whether there are more', {
    page_size: size,
    results: part(0),
  }),
  unclear('isLast is false, and no word how', '"isLast" is false', { isLast: false, values: part(0) }),
  unclear('no more, beside a total beyond the page', '"total" is 25', { has_more: false, total: count, data: part(0) }),
  unclear(
    'a strict server that takes no page number',
    'answered 400',
    {},
    {
      answer: ({ q }) => (only(q) ? { body: { total_pages: 3, data: part(0) } } : refused),
      requests: 2,
    },
  ),
];
