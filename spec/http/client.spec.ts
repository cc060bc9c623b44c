// The client over real sockets: what is sent, what comes back, and what is said of a failure.
import { expect } from 'chai';
import { OptionError } from '../../lib/core/index.js';
import { client, type HttpClient } from '../../lib/http/index.js';
import { ask, failure, json, serve, type TestServer } from './server.js';

describe('client', () => {
  let server: TestServer;
  let api: HttpClient;
  afterEach(async () => {
    api.close();
    await server.close();
  });

  it('reads a JSON page with its headers, text and size', async () => {
    server = await serve((_, response) => json(response, { data: [1, 'é'] }));
    api = client({ baseUrl: server.url });
    const response = await ask(api, '/v1/projects');
    expect(response.body).to.deep.equal({ data: [1, 'é'] });
    expect(response).to.include({ status: 200, url: `${server.url}/v1/projects`, text: '{"data":[1,"é"]}', bytes: 17 });
    expect(response.headers['content-type']).to.equal('application/json');
  });

  it('joins parameters to the query of the URL, and replaces the same name', async () => {
    server = await serve((_, response) => json(response, {}));
    api = client({ baseUrl: `${server.url}/v1/` });
    await ask(api, { url: '/p?a=1&tag=x&tag=y&z', params: { a: 2, b: ['r', 's'], n: null, q: 'x y&ü' } });
    expect(server.requests[0]?.url).to.equal('/v1/p?tag=x&tag=y&z&a=2&b=r&b=s&q=x+y%26%C3%BC');
  });

  it('says of a status what it was, what came and what to do', async () => {
    server = await serve((_, response) => json(response, { message: 'no such thing' }, 404));
    api = client({ baseUrl: server.url });
    const error = await failure(api, '/nothing');
    expect(error).to.include({ code: 'ERR_HTTP_STATUS', status: 404, transient: false, method: 'GET' });
    expect(error.message).to.equal(
      `GET ${server.url}/nothing: answered 404 Not Found. The body starts: {"message":"no such thing"}. Check the path and the base URL.`,
    );
  });

  it('refuses a user or a password that cannot be decoded, and does not show it', () => {
    for (const baseUrl of ['http://me:MARKED%@example.com', 'http://MARKED%@example.com'])
      expect(() => client({ baseUrl }))
        .to.throw(OptionError, 'write it as %25')
        .with.property('message')
        .that.does.not.contain('MARKED');
  });

  it('asks again on the same connection', async () => {
    const ports = new Set<number | undefined>();
    server = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      json(response, {});
    });
    api = client({ baseUrl: server.url });
    for (let page = 0; page < 5; page += 1) await ask(api, '/p');
    expect(ports.size).to.equal(1);
  });

  it('works over the fetch of the platform', async () => {
    server = await serve((_, response) => json(response, { ok: true }));
    api = client({ baseUrl: server.url, fetch });
    expect(
      (await ask(api, { url: '/p', method: 'post', body: { kind: 'json', value: { id: 12345678901234567890n } } }))
        .body,
    ).to.deep.equal({ ok: true });
    expect(server.requests[0]).to.include({ method: 'POST', body: '{"id":12345678901234567890}' });
  });

  it('refuses options that cannot work', async () => {
    server = await serve((_, response) => json(response, {}));
    api = client({ baseUrl: server.url });
    for (const options of [
      { baseUrl: 'example.com' },
      { timeout: 0 },
      { maxBodyBytes: -1 },
      { headers: { 'X-Api-Key': 'abcdef' } },
    ]) {
      expect(() => client(options)).to.throw(OptionError);
    }
  });
});
