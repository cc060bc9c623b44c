// Every paginator against an API of its kind: all records once and in order, the requests it makes, and the same rest of
// the walk from every position that it gave out. The first request of each is also given to auto.
import { expect } from 'chai';
import { type Json, type Page, type Request, withFlow } from '../../lib/core/index.js';
import type { RequestInit } from '../../lib/http/client-type.js';
import {
  auto,
  contentRange,
  continuation,
  cursor,
  follow,
  graphql,
  headerCursor,
  headerLink,
  jsonLink,
  keyset,
  offset,
  type Paginator,
  pageNumber,
  pages,
} from '../../lib/pages/index.js';
import { collect, fakeApi, fakeFlow, WithHeaders } from './fake-api.js';

const count = 25;
const size = 10;
const all = Array.from({ length: count }, (_, index) => ({ id: index + 1 }));
const part = (start: number, length = size) => all.slice(start, start + length);

interface Api {
  readonly name: string;
  readonly paginator: Paginator;
  readonly init?: RequestInit;
  readonly answer: (request: Request, query: URLSearchParams) => unknown;
  /** How many requests the walk takes. */
  readonly requests: number;
  /** How many auto takes, which may ask more; absent where auto cannot tell. */
  readonly auto?: number;
}

const query = (request: Request) => {
  const url = new URL(request.url);
  for (const [name, value] of Object.entries(request.params)) url.searchParams.set(name, String(value));
  return url.searchParams;
};
const json = (request: Request) => (request.body?.kind === 'json' ? (request.body.value as Record<string, never>) : {});
const number = (text: string | null, otherwise = 0) => (text === null ? otherwise : Number(text));
const next = (at: number) => (at + size < count ? at + size : undefined);

const post = (value: unknown): RequestInit => ({ url: '/a', method: 'POST', body: { kind: 'json', value } });

const apis: Api[] = [
  {
    name: 'a link, absolute',
    paginator: jsonLink(),
    answer: (_, q) => {
      const at = number(q.get('at'));
      return {
        results: part(at),
        next: next(at) === undefined ? null : `https://api.test/a?at=${next(at)}&q=a%2Fb&q=c`,
      };
    },
    requests: 3,
    auto: 3,
  },
  {
    name: 'a link of OData, relative to the page',
    paginator: jsonLink({ nextUrlPath: '@odata.nextLink' }),
    init: '/v1/users?$top=10',
    answer: (request, q) => {
      expect(new URL(request.url).pathname).to.equal('/v1/users');
      const at = number(q.get('$skip'));
      return { value: part(at), ...(next(at) && { '@odata.nextLink': `users?$skip=${next(at)}` }) };
    },
    requests: 3,
    auto: 3,
  },
  {
    name: 'a link of HAL, an object, with a port',
    paginator: jsonLink({ nextUrlPath: '_links.next' }),
    init: 'http://api.test:8080/orders',
    answer: (request, q) => {
      expect(new URL(request.url).port).to.equal('8080');
      const at = number(q.get('at'));
      const links = next(at) ? { next: { href: `/orders?at=${next(at)}` } } : {};
      return { _embedded: { orders: part(at) }, _links: { self: { href: '/orders' }, ...links } };
    },
    requests: 3,
    auto: 3,
  },
  {
    name: 'a link that is empty at the end, after a POST',
    paginator: jsonLink({ nextUrlPath: 'links.next' }),
    init: post({ filter: 'x' }),
    answer: (request, q) => {
      expect([request.method, json(request)]).to.deep.equal(['POST', { filter: 'x' }]);
      const at = number(q.get('at'));
      return { items: part(at), links: { next: next(at) ? `?at=${next(at)}` : '' } };
    },
    requests: 3,
    auto: 3,
  },
  {
    name: 'a Link header',
    paginator: headerLink(),
    answer: (_, q) => {
      const at = number(q.get('at'));
      const links = [
        '<https://api.test/a?at=0>; rel="first"',
        ...(next(at) ? [`</a?at=${next(at)}>; title="a, b"; rel=next`] : []),
      ];
      return new WithHeaders(part(at), { link: links.join(', ') });
    },
    requests: 3,
    auto: 3,
  },
  {
    name: 'a cursor in a header',
    paginator: headerCursor({ cursorKey: 'X-Next-Page', cursorParam: 'page' }),
    answer: (_, q) => {
      const page = number(q.get('page'), 1);
      return new WithHeaders(part((page - 1) * size), { 'x-next-page': page < 3 ? String(page + 1) : '' });
    },
    requests: 3,
    auto: 3,
  },
  {
    name: 'a cursor for the query',
    paginator: cursor({ cursorPath: 'meta.nextPageToken', cursorParam: 'pageToken' }),
    answer: (_, q) => {
      const at = number(q.get('pageToken')?.slice(1) ?? null);
      return { files: part(at), meta: next(at) ? { nextPageToken: `t${next(at)}` } : {} };
    },
    requests: 3,
    auto: 3,
  },
  {
    name: 'a cursor whose parameter has an unlikely name',
    paginator: cursor({ cursorPath: 'next', cursorParam: 'starting_after' }),
    answer: (_, q) => {
      const at = number(q.get('starting_after'));
      return { data: part(at), next: next(at) ?? 0 };
    },
    requests: 3,
    auto: 3 + 5,
  },
  {
    name: 'a cursor for the body',
    paginator: cursor({ cursorPath: 'paging.cursor', cursorBodyPath: 'page.after', hasMorePath: 'paging.more' }),
    init: post({ page: { size }, query: 'x' }),
    answer: (request) => {
      const { page, query: text } = json(request) as unknown as {
        page: { size: number; after?: number };
        query: string;
      };
      expect([page.size, text]).to.deep.equal([size, 'x']);
      const at = page.after ?? 0;
      return { data: part(at), paging: { cursor: at + size, more: next(at) !== undefined } };
    },
    requests: 3,
  },
  {
    name: 'a cursor that is a list',
    paginator: cursor({ cursorPath: 'hits.hits[-1].sort', cursorBodyPath: 'search_after', stopAfterEmptyPage: true }),
    init: post({ size }),
    answer: (request) => {
      const { search_after: after } = json(request) as unknown as { search_after?: [number, string] };
      return { hits: { hits: part(after?.[0] ?? 0).map(({ id }) => ({ id, sort: [id, 'x'] })) } };
    },
    requests: 4,
  },
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
    paginator: pageNumber({ basePage: 1, totalPath: null }),
    answer: (_, q) => ({
      data: part((number(q.get('page'), 1) - 1) * size),
      page: number(q.get('page'), 1),
      per_page: size,
      total: count,
    }),
    requests: 4,
    auto: 4,
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
  {
    name: 'the key of the last record',
    paginator: keyset({ keyParam: 'since' }),
    answer: (_, q) => part(number(q.get('since'))),
    requests: 4,
  },
  {
    name: 'the key of the last record, and a word for more',
    paginator: keyset({ keyParam: 'starting_after', hasMorePath: 'has_more' }),
    answer: (_, q) => {
      const at = number(q.get('starting_after'));
      return { object: 'list', data: part(at), has_more: next(at) !== undefined };
    },
    requests: 3,
    auto: 3,
  },
  {
    name: 'an object to continue with',
    paginator: continuation(),
    init: { url: '/w/api.php', params: { action: 'query', list: 'allpages' } },
    answer: (request, q) => {
      expect(request.params['action']).to.equal('query');
      const at = number(q.get('apcontinue'));
      if (at > 0) expect(q.get('continue')).to.equal('-||');
      return {
        batchcomplete: true,
        query: { allpages: part(at) },
        ...(next(at) && { continue: { apcontinue: next(at), continue: '-||' } }),
      };
    },
    requests: 3,
    auto: 3,
  },
  {
    name: 'Range and Content-Range',
    paginator: contentRange({ limit: size }),
    answer: ({ headers }) => {
      const [, from, to] = /^items=(\d+)-(\d+)$/.exec(headers['range'] ?? 'items=0-9')!.map(Number);
      const rows = part(from!, to! - from! + 1);
      return new WithHeaders(
        rows,
        { 'content-range': `items ${from}-${from! + rows.length - 1}/${count}` },
        { status: 206 },
      );
    },
    requests: 3,
    auto: 3,
  },
  {
    name: 'Range and Content-Range without a unit and without a total',
    paginator: contentRange({ limit: size, format: 'bare' }),
    answer: ({ headers }) => {
      const [, from, to] = /^(\d+)-(\d+)$/.exec(headers['range'] ?? '0-9')!.map(Number);
      const rows = part(from!, to! - from! + 1);
      return new WithHeaders(rows, {
        'content-range': rows.length === 0 ? '*/*' : `${from}-${from! + rows.length - 1}/*`,
      });
    },
    requests: 4,
    auto: 4,
  },
  {
    name: 'a GraphQL connection',
    paginator: graphql({ connectionPath: 'data.viewer.repos', variable: 'cursor' }),
    init: post({
      query: 'query($cursor: String) { viewer { repos(first: 10, after: $cursor) { nodes { id } } } }',
      variables: { first: size },
    }),
    answer: (request) => {
      const { variables } = json(request) as unknown as { variables: { first: number; cursor?: string } };
      expect(variables.first).to.equal(size);
      const at = number(variables.cursor?.slice(1) ?? null);
      const pageInfo = { hasNextPage: next(at) !== undefined, endCursor: `c${at + size}` };
      return { data: { viewer: { repos: { nodes: part(at), pageInfo } } } };
    },
    requests: 3,
    auto: 3,
  },
  {
    name: 'a function that gives parameters',
    paginator: follow(({ body }) => {
      const { rows } = body as { rows: { id: number }[] };
      return rows.length > 0 && { params: { before: rows.at(-1)!.id } };
    }),
    init: { url: '/a', params: { q: 'x' } },
    answer: (_, q) => {
      expect(q.get('q')).to.equal('x');
      return { rows: part(number(q.get('before'))) };
    },
    requests: 4,
  },
  {
    name: 'a function that gives a link',
    paginator: follow(({ body }) => (body as { more?: string }).more),
    answer: (_, q) => {
      const at = number(q.get('at'));
      return { rows: part(at), ...(next(at) && { more: `a?at=${next(at)}` }) };
    },
    requests: 3,
  },
];

const listIn = (value: unknown): { id: number }[] => {
  if (Array.isArray(value)) return value as { id: number }[];
  if (typeof value !== 'object' || value === null) return [];
  return (
    Object.values(value)
      .map(listIn)
      .find((list) => list.length > 0) ?? []
  );
};
const idsOf = (seen: readonly Page[]) => seen.flatMap(({ body }) => listIn(body).map(({ id }) => id));
const everyId = all.map(({ id }) => id);

describe('paginators', () => {
  for (const { name, paginator, init = '/a', answer, requests, auto: detected } of apis) {
    const api = () => fakeApi((request) => answer(request, query(request)));

    it(`${paginator.name} walks by ${name}`, () => {
      const client = api();
      const seen = collect(pages(client, init, paginator));
      expect(seen.error).to.equal(undefined);
      expect(idsOf(seen.values)).to.deep.equal(everyId);
      expect(client.requests).to.have.length(requests);
    });

    it(`${paginator.name} goes on from each of its positions, by ${name}`, () => {
      const walked = collect(pages(api(), init, paginator)).values;
      for (const [index, { position }] of walked.entries()) {
        const saved = JSON.parse(JSON.stringify(position)) as { walk: string; page: number; next: Json };
        const rest = withFlow(fakeFlow({ saved: [saved] }), () => collect(pages(api(), init, paginator)));
        expect(idsOf(rest.values)).to.deep.equal(idsOf(walked.slice(index + 1)));
        expect(rest.completed).to.equal(true);
      }
    });

    if (detected !== undefined) {
      it(`auto finds ${paginator.name} by ${name}, and says so`, () => {
        const client = api();
        const flow = fakeFlow();
        const seen = withFlow(flow, () => collect(pages(client, init, auto())));
        expect(seen.error).to.equal(undefined);
        expect(idsOf(seen.values)).to.deep.equal(everyId);
        expect(client.requests).to.have.length(detected);
        expect(flow.notes[0]).to.include(`paginator ${paginator.name}`);
        expect(seen.values.map(({ position }) => position.page)).to.deep.equal(seen.values.map((_, index) => index));
      });

      it(`auto goes on from each of its positions, by ${name}`, () => {
        const walked = collect(pages(api(), init, auto())).values;
        for (const [index, { position }] of walked.entries()) {
          const saved = JSON.parse(JSON.stringify(position)) as { walk: string; page: number; next: Json };
          const rest = withFlow(fakeFlow({ saved: [saved] }), () => collect(pages(api(), init, auto())));
          expect(idsOf(rest.values)).to.deep.equal(idsOf(walked.slice(index + 1)));
        }
      });
    }
  }
});
