// APIs that say themselves where the next page is: links, cursors, keys, continuations, ranges.
import { expect } from 'chai';
import {
  contentRange,
  continuation,
  cursor,
  follow,
  graphql,
  headerCursor,
  headerLink,
  jsonLink,
  keyset,
} from '../../lib/pages/index.js';
import { type Api, count, json, next, number, part, post, size } from './api-style.js';
import { WithHeaders } from './fake-api.js';

export const apisWithLinks: readonly Api[] = [
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
    name: 'a cursor for the top of the body',
    paginator: cursor({ cursorPath: 'next_cursor', cursorBodyPath: 'cursor' }),
    init: post({ query: 'x' }),
    answer: (request) => {
      const { cursor: at = 0 } = json(request) as { cursor?: number };
      return { data: part(at), next_cursor: next(at) ?? null };
    },
    requests: 3,
    auto: 3,
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
