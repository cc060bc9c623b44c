// A login call, its token, and ways to authenticate under names of one's own.
import { expect } from 'chai';
import { OptionError } from '../../../lib/core/index.js';
import {
  bearer,
  client,
  type HttpClient,
  registerAuth,
  registeredAuth,
  registeredAuths,
  type SessionTokenOptions,
  sessionToken,
} from '../../../lib/http/index.js';
import { ask, failure, json, serve, type TestServer } from '../server.js';

describe('sessionToken', () => {
  let server: TestServer;
  let api: HttpClient;
  let logins = 0;
  let now = 1_000_000_000_000;
  let good = '';
  const start = async (options: Partial<SessionTokenOptions> = {}) => {
    logins = 0;
    server = await serve((request, response, body) => {
      if (request.url === '/v1/login') {
        if (!body.includes('MARKED-password')) return json(response, { error: `no user with ${body}` }, 403);
        logins += 1;
        good = `session-${logins}`;
        response.setHeader('X-Session', good);
        return json(response, { data: { token: good, ttl: 100 } });
      }
      return json(response, { path: request.url }, request.headers['x-session'] === good ? 200 : 401);
    });
    const login = {
      url: '/login',
      body: { kind: 'json', value: { user: 'me', password: 'MARKED-password' } },
    } as const;
    const auth = sessionToken({ login, tokenPath: 'data.token', header: 'X-Session', prefix: '', ...options });
    api = client({ baseUrl: `${server.url}/v1`, auth, clock: { now: () => now } });
  };
  afterEach(async () => {
    api?.close();
    await server?.close();
  });

  it('logs in once for many requests, at a path below the base URL', async () => {
    await start();
    await Promise.all(['/a', '/b', '/c'].map((path) => ask(api, path)));
    expect(logins).to.equal(1);
  });

  it('logs in again when the session ended', async () => {
    await start();
    await ask(api, '/a');
    good = 'gone';
    expect((await ask(api, '/b')).status).to.equal(200);
    expect(logins).to.equal(2);
  });

  it('logs in again before the session ends, when its end is known', async () => {
    await start({ expiresInPath: 'data.ttl' });
    await ask(api, '/a');
    now += 95_000;
    await ask(api, '/b');
    expect(logins).to.equal(2);
    expect(server.requests.map(({ url }) => url)).to.deep.equal(['/v1/login', '/v1/a', '/v1/login', '/v1/b']);
  });

  it('logs in again when told to', async () => {
    await start();
    await ask(api, '/a');
    api.renew();
    await ask(api, '/b');
    expect(logins).to.equal(2);
  });

  it('takes the token from a header', async () => {
    await start({ tokenHeader: 'X-Session' });
    expect((await ask(api, '/a')).status).to.equal(200);
  });

  it('shows no password when the login is refused', async () => {
    await start({ login: { url: '/login', body: { kind: 'form', value: { user: 'me', password: 'MARKED-wrong' } } } });
    const error = await failure(api, '/a');
    expect(error).to.include({ status: 403, url: `${server.url}/v1/login` });
    expect(error.message).to.contain('The login was refused').and.contain('***').and.not.contain('MARKED');
  });

  it('says where it looked for a token in vain', async () => {
    await start({ tokenPath: 'token' });
    const error = await ask(api, '/a').catch((reason) => reason);
    expect(error).to.include({ code: 'ERR_AUTH' });
    expect(error.message).to.contain('has no token at token');
  });
});

describe('registerAuth', () => {
  it('makes a way to authenticate known by a name, once', () => {
    registerAuth('spec-own', ({ key }) => bearer(String(key)));
    expect(registeredAuths()).to.include('spec-own');
    expect(registeredAuth('spec-own')?.({ key: 'abc' })).to.have.property('type', 'bearer');
    expect(() => registerAuth('spec-own', () => bearer('x'))).to.throw(OptionError);
    expect(registeredAuth('spec-other')).to.equal(undefined);
  });
});
