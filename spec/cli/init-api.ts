// An API whose endpoints page, filter and authenticate in the usual different ways, over the same 57 records.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const token = 'tok-1234567';
const total = 57;

export interface Item {
  readonly id: number;
  readonly name: string;
  readonly updated_at: string;
}

/** Changed in another order than they were made. */
export const items: readonly Item[] = Array.from({ length: total }, (_, index) => ({
  id: index + 1,
  name: `item ${index % 7}`,
  updated_at: new Date(Date.UTC(2024, 0, 1 + ((index * 11) % total))).toISOString(),
}));

interface Asked {
  readonly url: URL;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** A whole number of the query. */
function number({ url }: Asked, name: string, byDefault: number): number {
  return Number(url.searchParams.get(name) ?? byDefault);
}

type Endpoint = (asked: Asked) => unknown;

const endpoints: Readonly<Record<string, Endpoint>> = {
  '/v1/offset': (asked) => {
    const [offset, limit] = [number(asked, 'offset', 0), number(asked, 'limit', 20)];
    return { data: items.slice(offset, offset + limit), offset, limit, total };
  },
  '/v1/pages': (asked) => {
    const page = number(asked, 'page', 1);
    return { items: items.slice((page - 1) * 20, page * 20), page, total_pages: 3 };
  },
  '/v1/links': (asked) => {
    const page = number(asked, 'page', 1);
    if (page < 3) asked.response.setHeader('link', `<${asked.url.origin}/v1/links?page=${page + 1}>; rel="next"`);
    return items.slice((page - 1) * 20, page * 20);
  },
  '/v1/cursors': (asked) => {
    const after = Number(asked.url.searchParams.get('after') ?? 0);
    const data = items.filter(({ id }) => id > after).slice(0, 20);
    return { data, next_cursor: data.length === 20 ? String(data.at(-1)!.id) : null };
  },
  '/odata/Products': (asked) => {
    const skip = number(asked, '$skip', 0);
    const filter = /^updated_at ge (\S+)$/.exec(asked.url.searchParams.get('$filter') ?? '')?.[1];
    const found = items.filter(({ updated_at }) => filter === undefined || updated_at >= filter);
    const more = skip + 20 < found.length;
    const next = `${asked.url.origin}/odata/Products?$skip=${skip + 20}${filter ? `&$filter=updated_at ge ${filter}` : ''}`;
    return { value: found.slice(skip, skip + 20), ...(more && { '@odata.nextLink': next }) };
  },
  '/v1/silent': (asked) => {
    const [page, size] = [number(asked, '_page', 1), number(asked, '_limit', 10)];
    return items.slice((page - 1) * size, page * size);
  },
  '/v1/silent-offset': (asked) => {
    const offset = number(asked, 'skip', 0);
    return { rows: items.slice(offset, offset + number(asked, 'take', 10)) };
  },
  '/v1/stubborn': () => ({ data: items.slice(0, 10), total }),
  '/v1/changes': (asked) => {
    const since = asked.url.searchParams.get('updated_since') ?? '';
    return { data: items.filter(({ updated_at }) => updated_at >= since) };
  },
  // The newest first, and fewer when no limit is given: the first rows alone look as if they were filtered.
  '/v1/newest': (asked) => {
    const [offset, limit] = [number(asked, 'offset', 0), number(asked, 'limit', 10)];
    const sorted = [...items].sort((a, b) => (a.updated_at < b.updated_at ? 1 : -1));
    return { data: sorted.slice(offset, offset + limit), offset, limit, total };
  },
  '/v1/map': () => ({ query: { pages: { 11: { pageid: 11, title: 'a' }, 12: { pageid: 12, title: 'b' } } } }),
  '/v1/keyless': () => [
    { kind: 'a', size: 1 },
    { kind: 'a', size: 1 },
  ],
  '/v1/one': () => ({ id: 7, name: 'only', tags: [] }),
  '/v1/guarded': (asked) => {
    const { authorization } = asked.request.headers;
    if (authorization === `Bearer ${token}` || asked.url.searchParams.get('api_key') === token) return { data: items };
    asked.response.statusCode = 401;
    asked.response.setHeader('www-authenticate', 'Bearer realm="api"');
    return { error: 'no token' };
  },
  '/v1/denied': () => ({ error: { code: 'readapidenied', info: 'You need read permission' } }),
  '/v1/text': (asked) => {
    asked.response.setHeader('content-type', 'text/html');
    return 'text';
  },
};

export interface InitApi {
  readonly url: string;
  /** Path and query of each request. */
  readonly asked: string[];
  stop(): void;
}

export async function startInitApi(): Promise<InitApi> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
    asked.push(request.url ?? '/');
    response.setHeader('content-type', 'application/json');
    const endpoint = endpoints[url.pathname];
    if (endpoint === undefined) response.writeHead(404).end('{"error":"nothing is here"}');
    else response.end(JSON.stringify(endpoint({ url, request, response })));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
