// The errors of a walk over HTTP hold no secret, whatever its parameter is called.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { lastValueFrom } from 'rxjs';
import { withFlow } from '../../lib/core/index.js';
import { apiKey, client } from '../../lib/http/index.js';
import { auto, jsonLink, offset, PaginationError, type Paginator, pages } from '../../lib/pages/index.js';
import { fakeFlow } from './fake-api.js';

const secret = 'k7/9ww+long';

describe('PaginationError', () => {
  let stop: () => void = () => undefined;
  afterEach(() => stop());

  /** The walk over a server whose pages repeat the whole address that they were asked for. */
  async function walk(paginator: Paginator, page: (address: string) => unknown) {
    const server = createServer((request, response) => {
      const address = `http://${request.headers.host}${request.url}`;
      response.setHeader('content-type', 'application/json').end(JSON.stringify(page(address)));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const api = client({ baseUrl: url, auth: apiKey({ name: 'appid', apiKey: secret, location: 'query' }) });
    stop = () => {
      api.close();
      server.closeAllConnections();
      server.close();
    };
    const flow = fakeFlow();
    const walked = withFlow(flow, () => lastValueFrom(pages(api, '/a', paginator)));
    const error = (await walked.catch((it) => it)) as PaginationError;
    expect(error).to.be.instanceOf(PaginationError);
    const shown = [error.message, error.stack, ...flow.notes].join('\n');
    for (const spelling of [secret, encodeURIComponent(secret)]) expect(shown).to.not.include(spelling);
    return error;
  }

  it('has no secret that a link of the page repeats', async () => {
    const error = await walk(jsonLink(), (address) => ({ data: [1], next: address.replace('http:', 'gopher:') }));
    expect(error.code).to.equal('ERR_PAGINATION_RESPONSE');
    expect(error.message).to.include('appid=***').and.include('no link over HTTP');
  });

  it('has no secret that stands where a number was expected', async () => {
    const error = await walk(offset({ limit: 1, totalPath: 'total' }), () => ({ data: [1], total: `of ${secret}` }));
    expect(error.code).to.equal('ERR_PAGINATION_RESPONSE');
    expect(error.message).to.include('of ***');
  });

  it('has no secret in the names of what the page has, nor in what was found out', async () => {
    const error = await walk(auto(), () => ({ [secret]: { data: [1], has_more: true } }));
    expect(error.code).to.equal('ERR_PAGINATION_UNKNOWN');
    expect(error.message).to.include('***');
  });

  it('is itself where there is nothing to mask, and keeps its code where there is', () => {
    const error = new PaginationError('ERR_PAGINATION_LOOP', 'page 2 of s3cret');
    expect(error.redacted((text) => text)).to.equal(error);
    const masked = error.redacted((text) => text.replace('s3cret', '***'));
    expect([masked.code, masked.message]).to.deep.equal(['ERR_PAGINATION_LOOP', 'page 2 of ***']);
  });
});
