// The walk over real sockets: what a server sees of it.

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { lastValueFrom, take, toArray } from 'rxjs';
import { type Page, withFlow } from '../../lib/core/index.js';
import { client, type HttpClient } from '../../lib/http/index.js';
import { run } from '../../lib/index.js';
import { auto, contentRange, cursor, jsonLink, offset, pages } from '../../lib/pages/index.js';
import { retry, select } from '../../operators/index.js';
import { parquet } from '../../sinks/index.js';
import { fakeFlow } from './fake-api.js';

type Handler = (request: IncomingMessage, response: ServerResponse, query: URLSearchParams, body: string) => void;

describe('pages over HTTP', () => {
  let stop: () => void = () => undefined;
  afterEach(() => stop());

  /** A server and a client for it. */
  async function serve(handler: Handler): Promise<{ api: HttpClient; asked: string[] }> {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => handler(request, response, new URL(request.url!, 'http://x').searchParams, body));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const api = client({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` });
    stop = () => {
      api.close();
      server.closeAllConnections();
      server.close();
    };
    return { api, asked };
  }

  const send = (response: ServerResponse, body: unknown, status = 200) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const rows = (from: number, length: number) =>
    Array.from({ length: Math.max(0, length) }, (_, index) => ({ id: from + index }));
  const ids = (seen: readonly Page[]) =>
    seen.flatMap(({ body }) => (body as { data: { id: number }[] }).data.map(({ id }) => id));

  it('follows links with encoded characters and repeated parameters, word for word', async () => {
    const { api, asked } = await serve((_, response, query) => {
      const next = query.get('page') ? null : '/v1/users?q=a%2Fb+c%26&tag=x&tag=y&page=2';
      send(response, { data: rows(Number(query.get('page')), 1), next, page: query.get('page') });
    });
    await lastValueFrom(pages(api, { url: '/users', params: { q: 'a/b c&', tag: ['x', 'y'] } }, jsonLink()));
    expect(asked[1]).to.equal('GET /v1/users?q=a%2Fb+c%26&tag=x&tag=y&page=2');
    const first = new URL(asked[0]!.slice(4), 'http://x').searchParams;
    expect([first.get('q'), first.getAll('tag')]).to.deep.equal(['a/b c&', ['x', 'y']]);
  });

  it('keeps method and body of a POST, with the cursor in the body', async () => {
    const bodies: unknown[] = [];
    const { api, asked } = await serve((_, response, __, body) => {
      bodies.push(JSON.parse(body));
      const at = (JSON.parse(body) as { page?: { after?: number } }).page?.after ?? 0;
      send(response, { data: rows(at, 2), after: at < 4 ? at + 2 : null });
    });
    const init = { url: '/search', method: 'POST', body: { kind: 'json', value: { q: 'x' } } } as const;
    const seen = await lastValueFrom(
      pages(api, init, cursor({ cursorPath: 'after', cursorBodyPath: 'page.after' })).pipe(toArray()),
    );
    expect(ids(seen)).to.deep.equal([0, 1, 2, 3, 4, 5]);
    expect(asked).to.deep.equal(Array(3).fill('POST /v1/search'));
    expect(bodies).to.deep.equal([{ q: 'x' }, { q: 'x', page: { after: 2 } }, { q: 'x', page: { after: 4 } }]);
  });

  describe('by ranges', () => {
    const ranges = (answer: (from: number, response: ServerResponse) => void) =>
      serve((request, response) => answer(Number(/=(\d+)-/.exec(request.headers.range ?? '=0-')![1]), response));
    const part = (response: ServerResponse, from: number, total: number | '*') => {
      const data = rows(from, Math.min(10, 20 - from));
      response.writeHead(206, {
        'content-type': 'application/json',
        'content-range': `items ${from}-${from + data.length - 1}/${total}`,
      });
      response.end(JSON.stringify({ data }));
    };
    const walk = (api: HttpClient) => lastValueFrom(pages(api, '/a', contentRange({ limit: 10 })).pipe(toArray()));
    const refuse = (response: ServerResponse, total: number) =>
      response.writeHead(416, { 'content-range': `items */${total}` }).end();

    it('takes 416 for the end, unless by its own total there is more', async () => {
      const { api } = await ranges((from, response) => (from < 20 ? part(response, from, '*') : refuse(response, 20)));
      expect(ids(await walk(api))).to.have.length(20);
      stop();
      const other = await ranges((from, response) => (from < 10 ? part(response, from, '*') : refuse(response, 20)));
      expect(await walk(other.api).catch((error) => error)).to.include({ status: 416 });
    });

    it('ends with an error where a range is answered with everything, or with another range', async () => {
      for (const answer of [
        (response: ServerResponse) => send(response, { data: rows(0, 20) }),
        (response: ServerResponse) => part(response, 5, '*'),
      ]) {
        const { api } = await ranges((from, response) => (from === 0 ? part(response, 0, '*') : answer(response)));
        const error = await walk(api).catch((reason) => reason);
        expect(error).to.include({ code: 'ERR_PAGINATION_RESPONSE' });
        expect(error.message).to.include('from 10 on');
        stop();
      }
    });
  });

  it('says so where a page has no cursor, and says that there are more', async () => {
    const { api } = await serve((_, response, query) =>
      send(response, { data: rows(0, 1), more: query.get('last') === null, next: null }),
    );
    const paginator = cursor({ cursorPath: 'next', hasMorePath: 'more' });
    const notesOf = async (url: string) => {
      const flow = fakeFlow();
      await withFlow(flow, () => lastValueFrom(pages(api, url, paginator).pipe(toArray())));
      return flow.notes.join('\n');
    };
    expect(await notesOf('/a'))
      .to.include('no cursor at "next"')
      .and.include('"more" says that there are more');
    expect(await notesOf('/a?last')).to.equal('');
  });

  it('says so where the page that a link names has no body', async () => {
    const { api } = await serve((_, response, query) =>
      query.get('page') ? response.writeHead(204).end() : send(response, { data: rows(0, 1), next: '?page=2' }),
    );
    const flow = fakeFlow();
    await withFlow(flow, () => lastValueFrom(pages(api, '/a', jsonLink()).pipe(toArray())));
    expect(flow.notes.join('\n')).to.include('page 1 has no body (204)').and.include('taken for the end');
  });

  it('closes the request in flight at the server when it is unsubscribed from', async () => {
    let closed: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const { api } = await serve((_, response, query) => {
      if (query.get('offset') === '0') send(response, { data: rows(0, 10) });
      else response.on('close', closed);
    });
    const subscription = pages(api, '/a', offset({ limit: 10 })).subscribe((page) => {
      if (page.position.page === 0) setTimeout(() => subscription.unsubscribe(), 20);
    });
    await gone;
  });

  it('is asked for no more than the high water ahead by a sink that takes its time', async () => {
    let requests = 0;
    let taken = 0;
    let ahead = 0;
    const { api } = await serve((_, response, query) => {
      requests += 1;
      ahead = Math.max(ahead, requests - taken);
      const from = Number(query.get('offset'));
      send(response, { data: rows(from, Math.min(10, 200 - from)), total: 200 });
    });
    const flow = fakeFlow({ pages: 4 });
    const waiting: Page[] = [];
    const sink = setInterval(() => {
      const page = waiting.shift();
      if (!page) return;
      taken += 1;
      flow.pressure.release(1, page.bytes);
    }, 3);
    await new Promise<void>((complete, error) => {
      const next = (page: Page) => {
        waiting.push(page);
        flow.pressure.add(1, page.bytes);
      };
      withFlow(flow, () =>
        pages(api, '/a', offset({ limit: 10 }), { concurrency: 3 }).subscribe({ next, error, complete }),
      );
    });
    clearInterval(sink);
    expect(requests).to.equal(20);
    expect(ahead).to.equal(4);
  });

  it('keeps as many requests in flight as allowed, in order, and none beyond the total', async () => {
    let most = 0;
    let waiting: (() => void)[] = [];
    const { api, asked } = await serve((_, response, query) => {
      const from = Number(query.get('offset'));
      waiting.push(() => send(response, { data: rows(from, 10), total: 300 }));
      most = Math.max(most, waiting.length);
      if (waiting.length < 8 && asked.length < 30) return;
      const all = waiting.reverse();
      waiting = [];
      for (const answer of all) answer();
    });
    const seen = await lastValueFrom(
      pages(api, '/a', offset({ limit: 10 }), { concurrency: 8 }).pipe(retry(), toArray()),
    );
    expect(ids(seen)).to.deep.equal(Array.from({ length: 300 }, (_, index) => index));
    expect(most).to.equal(8);
    expect(asked).to.have.length(30);
  });

  it('makes one request for each page and each failure, with failures of every kind', async () => {
    const failed = new Set<string>();
    const { api, asked } = await serve((request, response, query) => {
      const from = Number(query.get('offset'));
      const number = from / 10;
      if (number % 3 === 1 && !failed.has(request.url!)) {
        failed.add(request.url!);
        if (number % 2 === 0) request.socket.destroy();
        else send(response, { error: 'busy' }, 503);
        return;
      }
      send(response, { data: rows(from, Math.min(10, 120 - from)), total: 120 });
    });
    const seen = await lastValueFrom(
      pages(api, '/a', offset({ limit: 10 }), { concurrency: 3 }).pipe(retry({ initialDelay: 1 }), toArray()),
    );
    expect(ids(seen)).to.deep.equal(Array.from({ length: 120 }, (_, index) => index));
    expect(asked).to.have.length(12 + 4);
  });

  it('finds out by itself how a server pages, and takes the records', async () => {
    const { api } = await serve((_, response, query) => {
      const from = Number(query.get('offset') ?? 0);
      send(response, { projects: rows(from, Math.min(25, 60 - from)), total_count: 60, offset: from, limit: 25 });
    });
    const seen = await lastValueFrom(pages(api, '/projects', auto()).pipe(retry(), select(), toArray()));
    expect(seen.map((each) => each.rows.length)).to.deep.equal([25, 25, 10]);
    expect(await lastValueFrom(pages(api, '/projects', auto()).pipe(select(), take(1))))
      .to.have.property('rows')
      .with.length(25);
  });

  it('says in the receipt what it found out, and why', async () => {
    const { api } = await serve((_, response, query) => {
      send(response, { things: rows(0, 2), errors: [], next: query.get('page') ? '' : '/v1/projects?page=2' });
    });
    const folder = await mkdtemp(join(tmpdir(), 'sluice-notes-'));
    try {
      const table = parquet(join(folder, 'projects.parquet'), { primaryKey: 'id', writeDisposition: 'merge' });
      const { notes } = await run(
        pages(api, '/projects', undefined, { allowRepeatedPages: true }).pipe(select(), table),
      );
      expect(notes.join('\n')).to.include('paginator json_link {"nextUrlPath":"next"}: there is a link at "next"');
      expect(notes.join('\n')).to.include('the records were found at "things" (2 in the first page)');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
