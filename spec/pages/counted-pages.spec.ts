// Pages that are counted, over real sockets: servers that give fewer records than they are said to, refuse what is behind their last page, or take
// the number of a page in a list.
import { expect } from 'chai';
import { lastValueFrom, toArray } from 'rxjs';
import { type Page, withFlow } from '../../lib/core/index.js';
import { client, type HttpClient } from '../../lib/http/index.js';
import { pageNumber, pages } from '../../lib/pages/index.js';
import { json, serve as startServer, type TestServer } from '../http/server.js';
import { fakeFlow } from './fake-api.js';

type Handler = (request: unknown, response: Response, query: URLSearchParams, body: string) => void;
type Response = Parameters<typeof json>[0];

describe('pages that are counted', () => {
  const servers: TestServer[] = [];
  const clients: HttpClient[] = [];
  afterEach(async () => {
    for (const each of clients.splice(0)) each.close();
    for (const each of servers.splice(0)) await each.close();
  });

  async function serve(handler: Handler): Promise<{ api: HttpClient; asked: readonly unknown[] }> {
    const server = await startServer((request, response, body) =>
      handler(request, response, new URL(request.url!, 'http://x').searchParams, body),
    );
    const api = client({ baseUrl: server.url });
    servers.push(server);
    clients.push(api);
    return { api, asked: server.requests };
  }

  const rows = (from: number, length: number) => Array.from({ length }, (_, index) => ({ id: from + index }));
  const ids = (seen: readonly Page[]) =>
    seen.flatMap(({ body }) => (body as { data: { id: number }[] }).data.map(({ id }) => id));

  it('keeps a list in the body, with the page in one of its objects', async () => {
    for (const pageBodyPath of ['requests[1].page', 'requests.1.page']) {
      const bodies: string[] = [];
      const { api } = await serve((_, response, __, body) => {
        bodies.push(body);
        const at = (JSON.parse(body) as { requests: { page: number }[] }).requests[1]!.page;
        json(response, { data: rows(at * 2, at < 2 ? 2 : 0) });
      });
      const value = { requests: [{ index: 'a' }, { index: 'b' }] };
      const init = { url: '/queries', method: 'POST', body: { kind: 'json', value } } as const;
      expect(ids(await lastValueFrom(pages(api, init, pageNumber({ pageBodyPath })).pipe(toArray())))).to.have.length(
        4,
      );
      expect(bodies[1]).to.equal('{"requests":[{"index":"a"},{"index":"b","page":1}]}');
    }
  });

  it('ends with an error where a list in the body has no such place, rather than replace it', async () => {
    const { api, asked } = await serve((_, response) => json(response, {}));
    for (const pageBodyPath of ['requests.page', 'requests[1].page']) {
      const init = { url: '/q', method: 'POST', body: { kind: 'json', value: { requests: [{}] } } } as const;
      const error = await lastValueFrom(pages(api, init, pageNumber({ pageBodyPath }))).catch((reason) => reason);
      expect(error).to.include({ code: 'ERR_INVALID_OPTION' });
      expect(error.message).to.include('a list of 1').and.include(pageBodyPath);
    }
    expect(asked).to.deep.equal([]);
  });

  describe('where the server gives fewer records than pageSize', () => {
    const totalRecords = () => pageNumber({ basePage: 1, totalRecordsPath: 'count', pageSize: 20 });
    /** Gives ten at a time. */
    const capped = (count: number, beyond: (response: Response) => void) =>
      serve((_, response, query) => {
        const from = (Number(query.get('page')) - 1) * 10;
        if (from >= count) beyond(response);
        else json(response, { data: rows(from, Math.min(10, count - from)), count });
      });
    const nothing = (response: Response) => json(response, { data: [] });

    // Where it stops when it takes the size that was said: at once, with a full page, with a page that is not full.
    for (const count of [15, 20, 45, 50, 95, 100])
      for (const concurrency of [1, 4])
        it(`takes all ${count} of them, and asks for no page beyond, ${concurrency} at once`, async () => {
          const { api, asked } = await capped(count, nothing);
          const seen = await lastValueFrom(pages(api, '/a', totalRecords(), { concurrency }).pipe(toArray()));
          expect(ids(seen)).to.deep.equal(Array.from({ length: count }, (_, id) => id));
          if (concurrency === 1) expect(asked).to.have.length(Math.ceil(count / 10));
        });

    it('is sure of the last page where it has fewer than the total says, also when what follows is refused', async () => {
      for (const refuse of [nothing, (response: Response) => json(response, { detail: 'Invalid page.' }, 404)]) {
        const { api, asked } = await serve((_, response, query) => {
          const from = (Number(query.get('page')) - 1) * 20;
          if (from < 95) json(response, { data: rows(from, from === 80 ? 13 : 20), count: 95 });
          else refuse(response);
        });
        expect(ids(await lastValueFrom(pages(api, '/a', totalRecords()).pipe(toArray())))).to.have.length(93);
        expect(asked).to.have.length(6);
      }
    });

    it('does not take a page that is refused before the total for the end', async () => {
      const { api } = await serve((_, response, query) =>
        query.get('page') === '4'
          ? json(response, {}, 404)
          : json(response, { data: rows(Number(query.get('page')) * 10, 10), count: 95 }),
      );
      const error = await lastValueFrom(pages(api, '/a', totalRecords())).catch((reason) => reason);
      expect(error).to.include({ status: 404 });
    });

    it('goes on from each of its positions', async () => {
      const { api } = await capped(95, nothing);
      const walked = await lastValueFrom(pages(api, '/a', totalRecords()).pipe(toArray()));
      for (const [index, { position }] of walked.entries()) {
        const flow = fakeFlow({ saved: [JSON.parse(JSON.stringify(position))] });
        const rest = await withFlow(flow, () =>
          lastValueFrom(pages(api, '/a', totalRecords()).pipe(toArray()), { defaultValue: [] }),
        );
        expect(ids(rest)).to.deep.equal(ids(walked.slice(index + 1)));
      }
    });

    it('asks for nothing beyond the total where the pages are as large as they are said to be', async () => {
      const { api, asked } = await serve((_, response, query) => {
        const from = (Number(query.get('page')) - 1) * 20;
        json(response, { data: rows(from, Math.min(20, 95 - from)), count: 95 });
      });
      await lastValueFrom(pages(api, '/a', totalRecords()));
      expect(asked).to.have.length(5);
    });
  });

  it('says what to do where a page is refused that was only counted', async () => {
    const { api } = await serve((_, response, query) =>
      query.get('page') === '3'
        ? json(response, {}, 404)
        : json(response, { data: rows(Number(query.get('page')), 1) }),
    );
    const error = await lastValueFrom(pages(api, '/a', pageNumber())).catch((reason) => reason);
    expect(error).to.include({ status: 404, attempts: 1 });
    expect(error.message).to.include("action: 'ignore'").and.not.include('base URL');
    expect(error.resume).to.be.a('function');
    const first = await lastValueFrom(pages(api, '/a', pageNumber({ basePage: 3 }))).catch((reason) => reason);
    expect(first.message).to.include('base URL');
  });
});
