// What of a request leaves the origins of its client: nothing that may be a secret, wherever in the request it stands.
import { expect } from 'chai';
import { lastValueFrom, toArray } from 'rxjs';
import type { RequestBody } from '../../lib/core/index.js';
import { basic, type ClientOptions, client, type HttpClient } from '../../lib/http/index.js';
import { jsonLink, pages } from '../../lib/pages/index.js';
import { ask, failure, json, serve, type TestServer } from './server.js';

const secret = 'MARKED-secret/+=1';

describe('a request that leads to another origin', () => {
  let home: TestServer;
  let foreign: TestServer;
  let api: HttpClient;
  /** Where the server at home leads, and with which status. */
  let leads: (path: string) => readonly [status: number, location: string] | undefined;

  beforeEach(async () => {
    leads = () => undefined;
    home = await serve((request, response) => {
      const [status, location] = leads(request.url ?? '') ?? [];
      if (status === undefined) json(response, { data: [1], next: `${foreign.url}/next` });
      else response.writeHead(status, { location }).end();
    });
    foreign = await serve((_, response) => json(response, { data: [2] }));
  });
  afterEach(async () => {
    api.close();
    await home.close();
    await foreign.close();
  });
  const make = (options: ClientOptions = {}) => {
    api = client({ baseUrl: home.url, ...options });
    return api;
  };
  const walk = (init: Parameters<typeof pages>[1]) =>
    lastValueFrom(pages(api, init, jsonLink({ nextUrlPath: 'next' })).pipe(toArray()));
  const arrived = () => {
    const text = JSON.stringify(foreign.requests);
    return text + decodeURIComponent(text);
  };

  for (const name of ['X-Custom', 'Ocp-Apim-Subscription-Key', 'DD-APPLICATION-KEY', 'X-Functions-Key', 'X-Session']) {
    it(`does not take ${name} along, be it the client's or the request's`, async () => {
      make({ headers: { [name]: secret } });
      await walk('/a');
      await walk({ url: '/a', headers: { [name]: 'another value' } });
      leads = () => [302, `${foreign.url}/there`];
      await ask(api, '/a');
      expect(foreign.requests).to.have.length(3);
      for (const { headers } of foreign.requests) expect(headers).to.not.have.property(name.toLowerCase());
      expect(home.requests[0]?.headers).to.have.property(name.toLowerCase(), secret);
    });
  }

  it('takes along what says how the answer should look, unless it holds a secret', async () => {
    const headers = { Accept: 'text/csv', Prefer: 'odata.maxpagesize=5', 'User-Agent': `robot of ${secret}` };
    make({ headers, secrets: [secret] });
    await walk('/a');
    expect(home.requests[0]?.headers).to.include({ 'user-agent': `robot of ${secret}` });
    expect(foreign.requests[0]?.headers).to.include({ accept: 'text/csv', prefer: 'odata.maxpagesize=5' });
    expect(arrived()).to.not.contain('MARKED');
  });

  it('takes all along where the origin is allowed', async () => {
    make({ headers: { 'X-Custom': secret }, allowedOrigins: [foreign.url] });
    await walk({ url: '/a', method: 'POST', body: { kind: 'json', value: { password: secret } } });
    expect(foreign.requests[0]?.headers).to.include({ 'x-custom': secret });
    expect(foreign.requests[0]?.body).to.equal(JSON.stringify({ password: secret }));
  });

  const bodies: Readonly<Record<string, RequestBody>> = {
    'a field of JSON': { kind: 'json', value: { filter: [{ deep: secret }] } },
    'a part of a text in JSON': { kind: 'json', value: { query: `{ rows(key: "${secret}") { id } }` } },
    'a field of a form': { kind: 'form', value: { k: secret } },
    'a text': { kind: 'text', value: `<key>${secret}</key>`, contentType: 'text/xml' },
    'a field whose name says it, though nobody named its value': { kind: 'json', value: { password: 'unknown' } },
  };
  for (const [place, body] of Object.entries(bodies)) {
    it(`is not sent when ${place} in its body is a secret`, async () => {
      make({ secrets: [secret] });
      const request = { url: '/a', method: 'POST', body };
      const byLink = await walk(request).catch((reason) => reason);
      for (const status of [307, 308]) {
        leads = () => [status, `${foreign.url}/there`];
        expect(await failure(api, request)).to.include({ code: 'ERR_HTTP_ORIGIN', transient: false });
      }
      expect(byLink).to.include({ code: 'ERR_HTTP_ORIGIN', transient: false });
      expect(byLink.message)
        .to.contain(`its body holds a secret, which is not for ${foreign.url}`)
        .and.contain('allowedOrigins')
        .and.not.contain('MARKED');
      expect(foreign.requests).to.deep.equal([]);
    });
  }

  it('takes a body without secrets along', async () => {
    make({ auth: basic({ username: 'me', password: secret }) });
    await walk({ url: '/a', method: 'POST', body: { kind: 'json', value: { query: 'all' } } });
    expect(foreign.requests[0]).to.include({ method: 'POST', body: '{"query":"all"}' });
  });

  it('loses the parameters that repeat a secret, however it is written', async () => {
    make({ secrets: [secret] });
    for (const written of [encodeURIComponent(secret), encodeURIComponent(encodeURIComponent(secret))]) {
      leads = () => [302, `${foreign.url}/there?page=2&k=${written}`];
      await ask(api, '/a');
    }
    leads = () => [302, `${foreign.url}/there?page=2&k=${Buffer.from(`me:${secret}`).toString('base64')}`];
    await ask(api, '/a');
    await ask(api, { url: `${foreign.url}/there?page=2`, params: { k: secret } });
    expect(foreign.requests.map(({ url }) => url)).to.deep.equal(Array(4).fill('/there?page=2'));
  });

  it('is not sent when its path repeats a secret', async () => {
    make({ secrets: [secret] });
    leads = () => [302, `${foreign.url}/${encodeURIComponent(secret)}/rows`];
    const error = await failure(api, '/a');
    expect(error).to.include({ code: 'ERR_HTTP_ORIGIN' });
    expect(error.message).to.contain('its address holds a secret').and.not.contain('MARKED');
    expect(foreign.requests).to.deep.equal([]);
  });

  it('has all its headers at the origin that it was written for, where the client is for no origin', async () => {
    make({ baseUrl: '' });
    await walk({ url: `${home.url}/a`, headers: { 'X-Custom': secret, Authorization: `Bearer ${secret}` } });
    expect(home.requests[0]?.headers).to.include({ 'x-custom': secret, authorization: `Bearer ${secret}` });
    expect(foreign.requests).to.have.length(1);
    expect(arrived()).to.not.contain('MARKED');
  });

  it('is told from a wrong password when it is refused', async () => {
    const strict = await serve((_, response) => json(response, {}, 401));
    try {
      leads = () => [302, `${strict.url}/there`];
      const error = await failure(make({ auth: basic({ username: 'me', password: secret }) }), '/a');
      expect(error.message)
        .to.contain(`It was sent without credentials, which are for ${home.url} only`)
        .and.contain(`if they are for ${strict.url} as well, name it in allowedOrigins`);
    } finally {
      await strict.close();
    }
  });

  it('shows a page no header of its request that holds a secret', async () => {
    make({ secrets: [secret] });
    const { request } = await ask(api, { url: '/a', headers: { 'X-Custom': `key=${secret}`, 'X-Other': 'shown' } });
    expect(request.headers).to.include({ 'x-custom': 'key=***', 'x-other': 'shown' });
  });
});
