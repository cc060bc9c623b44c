// APIs whose pages are known ahead: offsets and page numbers.
import { expect } from 'chai';
import { offset, pageNumber } from '../../lib/pages/index.js';
import { type Api, count, json, number, part, post, size } from './api-style.js';

export const apisWithNumbers: readonly Api[] = [
  {
    name: 'offset and limit, repeated by the page',
    paginator: offset({ limit: size, totalPath: 'total_count' }),
    answer: (_, q) => {
      const at = number(q.get('offset'));
      return { projects: part(at), total_count: count, offset: at, limit: number(q.get('limit'), size) };
    },
    requests: 3,
    auto: 3,
  },
  {
    name: 'startAt and maxResults',
    paginator: offset({ limit: size, offsetParam: 'startAt', limitParam: 'maxResults' }),
    answer: (_, q) => ({
      issues: part(number(q.get('startAt'))),
      startAt: number(q.get('startAt')),
      maxResults: size,
      total: count,
    }),
    requests: 3,
    auto: 3,
  },
  {
    name: 'offset and limit in the body',
    paginator: offset({ limit: size, offsetBodyPath: 'page.offset', limitBodyPath: 'page.limit' }),
    init: post({ query: 'x' }),
    answer: (request) => {
      const { page } = json(request) as unknown as { page: { offset: number; limit: number } };
      return { data: part(page.offset, page.limit) };
    },
    requests: 4,
  },
  {
    name: 'offset and limit in the body, repeated by the page',
    paginator: offset({ limit: size, offsetBodyPath: 'from', limitBodyPath: 'size', totalPath: 'hits' }),
    init: post({ query: 'x', size }),
    answer: (request) => {
      const { from = 0, size: limit = size } = json(request) as { from?: number; size?: number };
      return { data: part(from, limit), from, size: limit, total: count, hits: count };
    },
    requests: 3,
    auto: 3,
  },
  {
    name: 'offset and limit in a form',
    paginator: offset({ limit: size, offsetBodyPath: 'offset', limitBodyPath: 'limit' }),
    init: { url: '/a', method: 'POST', body: { kind: 'form', value: [['q', 'x']] } },
    answer: ({ body }) => {
      const form = new Map(body?.kind === 'form' ? (body.value as [string, string][]) : []);
      expect(form.get('q')).to.equal('x');
      return { data: part(Number(form.get('offset')), Number(form.get('limit'))) };
    },
    requests: 4,
  },
  {
    name: 'page numbers from 0, with a total that nobody can date',
    paginator: pageNumber({ totalPath: 'total_pages' }),
    answer: (_, q) => ({ data: part(number(q.get('page')) * size), total_pages: 3 }),
    requests: 3,
    auto: 3,
  },
  {
    name: 'page numbers from 1, with a total that nobody can date',
    paginator: pageNumber({ basePage: 1, totalPath: 'total_pages' }),
    answer: (_, q) => ({ data: part((number(q.get('page'), 1) - 1) * size), total_pages: 3 }),
    requests: 3,
    auto: 4,
  },
  {
    name: 'page numbers from 1, repeated by the page',
    paginator: pageNumber({ basePage: 1, totalPath: 'meta.pages' }),
    answer: (_, q) => ({
      data: part((number(q.get('page'), 1) - 1) * size),
      meta: { page: number(q.get('page'), 1), pages: '3' },
    }),
    requests: 3,
    auto: 3,
  },
  {
    name: 'page numbers without a total',
    paginator: pageNumber({ basePage: 1, pageParam: 'p' }),
    answer: (_, q) => ({ data: part((number(q.get('p'), 1) - 1) * size) }),
    requests: 4,
  },
  {
    name: 'page numbers with a size and a total of records',
    paginator: pageNumber({ basePage: 1, totalRecordsPath: 'total', pageSize: size }),
    answer: (_, q) => ({
      data: part((number(q.get('page'), 1) - 1) * size),
      page: number(q.get('page'), 1),
      per_page: size,
      total: count,
    }),
    requests: 3,
    auto: 3,
  },
  {
    name: 'page numbers with a word for the last',
    paginator: pageNumber({ isLastPath: 'meta.last', totalPath: null }),
    answer: (_, q) => {
      const page = number(q.get('page'));
      return { data: part(page * size), meta: { page, last: page === 2 } };
    },
    requests: 3,
    auto: 3,
  },
  {
    name: 'page numbers in the body, and a word for more',
    paginator: pageNumber({ basePage: 1, pageBodyPath: 'page', hasMorePath: 'has_more' }),
    init: post({}),
    answer: (request) => {
      const { page } = json(request) as unknown as { page: number };
      return { data: part((page - 1) * size), has_more: page < 3 };
    },
    requests: 3,
  },
];
