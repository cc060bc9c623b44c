// auto against responses as well-known APIs give them, over real sockets: all records, or an error that says what is missing; never
// the first page for all of them.
import { expect } from 'chai';
import { lastValueFrom, toArray } from 'rxjs';
import { withFlow } from '../../lib/core/index.js';
import { client } from '../../lib/http/index.js';
import { auto, PaginationError, pages } from '../../lib/pages/index.js';
import { select } from '../../operators/index.js';
import { serve, type TestServer } from '../http/server.js';
import { all } from './api-style.js';
import { fakeFlow } from './fake-api.js';
import { realCursors } from './real-cursors.js';
import { realLinks } from './real-links.js';
import { realNumbers } from './real-numbers.js';
import type { RealShape } from './real-shape.js';

describe('auto and well-known APIs', () => {
  let server: TestServer | undefined;
  afterEach(() => server?.close());

  async function walk({ init = '/a', answer }: RealShape) {
    server = await serve((request, response, text) => {
      const url = new URL(request.url!, `http://${request.headers.host}`);
      const asked = { q: url.searchParams, path: url.pathname, headers: request.headers, origin: url.origin };
      const given = answer({ ...asked, body: text === '' ? {} : JSON.parse(text) });
      response
        .writeHead(given.status ?? 200, { 'content-type': 'application/json', ...given.headers })
        .end(JSON.stringify(given.body));
    });
    const api = client({ baseUrl: server.url });
    const flow = fakeFlow();
    try {
      const chain = pages(api, init, auto()).pipe(select<{ id: number }>(), toArray());
      const seen = await withFlow(flow, () => lastValueFrom(chain)).then(
        (batches) => ({ rows: batches.flatMap(({ rows }) => rows), error: undefined }),
        (error: unknown) => ({ rows: [], error: error as Error }),
      );
      return { ...seen, notes: flow.notes.join('\n'), requests: server.requests };
    } finally {
      api.close();
    }
  }

  for (const shape of [...realLinks, ...realCursors, ...realNumbers]) {
    const { name, by, requests } = shape;
    it(typeof by === 'string' ? `reads all by ${by}: ${name}` : `ends with an error: ${name}`, async () => {
      const seen = await walk(shape);
      if (typeof by === 'string') {
        expect(seen.error?.message).to.equal(undefined);
        expect(seen.rows).to.deep.equal(all);
        expect(seen.notes).to.include(`paginator ${by}`);
      } else {
        expect(seen.error).to.be.instanceOf(PaginationError).and.include({ code: 'ERR_PAGINATION_UNKNOWN' });
        expect(seen.error?.message)
          .to.include(by.error)
          .and.match(/Candidates: |Choose the paginator /);
      }
      if (requests !== undefined) expect(seen.requests.map(({ url }) => url)).to.have.length(requests);
    });
  }
});
