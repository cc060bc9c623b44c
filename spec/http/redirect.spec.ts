// Redirects: what goes on to the new address, and where following ends.
import { expect } from 'chai';
import { client, type HttpClient } from '../../lib/http/index.js';
import { ask, failure, json, serve, type TestServer } from './server.js';

describe('redirects', () => {
  let server: TestServer;
  let api: HttpClient;
  afterEach(async () => {
    api.close();
    await server.close();
  });
  const start = async (status: number, to: (path: string) => string | undefined) => {
    server = await serve((request, response) => {
      const location = to(request.url ?? '');
      if (location === undefined) json(response, { at: request.url });
      else response.writeHead(status, location === '' ? {} : { location }).end('moved');
    });
    api = client({ baseUrl: server.url, maxRedirects: 5 });
  };

  for (const [status, method] of [
    [301, 'GET'],
    [302, 'GET'],
    [303, 'GET'],
    [307, 'POST'],
    [308, 'POST'],
  ] as const) {
    it(`${status} makes a POST a ${method}`, async () => {
      await start(status, (path) => (path === '/old' ? 'new?x=1' : undefined));
      const response = await ask(api, { url: '/old', method: 'POST', body: { kind: 'json', value: { a: 1 } } });
      expect(response).to.deep.include({ url: `${server.url}/new?x=1`, body: { at: '/new?x=1' } });
      expect(server.requests[1]).to.include({ method, body: method === 'POST' ? '{"a":1}' : '' });
    });
  }

  it('takes what was said of a body from a request that has none any more', async () => {
    await start(303, (path) => (path === '/old' ? '/new' : undefined));
    const headers = {
      'Content-Length': '7',
      'Content-Type': 'application/json',
      'Content-Language': 'en',
      'X-Own': 'a',
    };
    await ask(api, { url: '/old', method: 'POST', headers, body: { kind: 'json', value: { a: 1 } } });
    expect(server.requests[1]!.headers).to.include({ 'x-own': 'a' });
    expect(Object.keys(server.requests[1]!.headers).filter((name) => name.startsWith('content-'))).to.deep.equal([]);
  });

  for (const [kind, bytes] of [
    ['UTF-8', Buffer.from('/é x').toString('latin1')],
    ['Latin-1', '/é x'],
    ['URL encoding', '/%C3%A9%20x'],
  ] as const) {
    it(`follows to an address in ${kind}`, async () => {
      await start(302, (path) => (path === '/old' ? bytes : undefined));
      await ask(api, '/old');
      expect(server.requests[1]!.url).to.equal('/%C3%A9%20x');
    });
  }

  it('follows to other addresses with the parameters of the location only', async () => {
    await start(302, (path) => (path.startsWith('/old') ? '/new' : undefined));
    await ask(api, { url: '/old', params: { page: 2 } });
    expect(server.requests.map(({ url }) => url)).to.deep.equal(['/old?page=2', '/new']);
  });

  it('ends a loop', async () => {
    await start(302, (path) => (path === '/a' ? '/b' : '/a'));
    const error = await failure(api, '/a');
    expect(error).to.include({ code: 'ERR_HTTP_REDIRECT', transient: false });
    expect(error.reason).to.equal('redirects in a loop');
    expect(server.requests).to.have.length(2);
  });

  it('ends a chain that goes on and on', async () => {
    await start(302, (path) => `${path}x`);
    expect((await failure(api, '/a')).reason).to.equal('redirects more than 5 times');
    expect(server.requests).to.have.length(6);
  });

  for (const [name, location] of [
    ['no location', ''],
    ['a location that is no URL', 'http://['],
    ['a location outside http', 'file:///etc/passwd'],
  ] as const) {
    it(`refuses ${name}`, async () => {
      await start(302, () => location);
      expect((await failure(api, '/a')).code).to.equal('ERR_HTTP_REDIRECT');
    });
  }
});
