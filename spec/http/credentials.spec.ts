// Credentials reach the origin that they were given for, and no other.
import { expect } from 'chai';
import { apiKey, basic, bearer, type ClientOptions, client, type HttpClient } from '../../lib/http/index.js';
import { ask, failure, json, serve, type TestServer } from './server.js';

const secret = 'MARKED-secret/+=1';

describe('credentials', () => {
  let home: TestServer;
  let foreign: TestServer;
  let api: HttpClient;
  let answer: (path: string) => string | undefined;

  beforeEach(async () => {
    answer = () => undefined;
    home = await serve((request, response) => {
      const location = answer(request.url ?? '');
      if (location === undefined) json(response, {});
      else response.writeHead(302, { location }).end();
    });
    foreign = await serve((_, response) => json(response, { from: 'elsewhere' }));
  });
  afterEach(async () => {
    api.close();
    await home.close();
    await foreign.close();
  });
  const make = (options: ClientOptions) => {
    api = client({ baseUrl: home.url, ...options });
    return api;
  };
  const sent = () => JSON.stringify([foreign.requests, foreign.requests.map(({ url }) => decodeURIComponent(url))]);

  const places: readonly [string, ClientOptions, (server: TestServer) => unknown][] = [
    ['bearer', { auth: bearer(secret) }, (server) => server.requests[0]?.headers.authorization],
    [
      'basic',
      { auth: basic({ username: 'me', password: secret }) },
      (server) => server.requests[0]?.headers.authorization,
    ],
    [
      'api key in a header',
      { auth: apiKey({ apiKey: secret, name: 'X-Key' }) },
      (server) => server.requests[0]?.headers['x-key'],
    ],
    [
      'api key in the query',
      { auth: apiKey({ apiKey: secret, name: 'k', location: 'query' }) },
      (server) => /[?&]k=/.exec(server.requests[0]?.url ?? ''),
    ],
    [
      'api key in a cookie',
      { auth: apiKey({ apiKey: secret, name: 'sid', location: 'cookie' }) },
      (server) => server.requests[0]?.headers.cookie,
    ],
    [
      'a header with a secret',
      { headers: { 'X-Api-Key': secret } },
      (server) => server.requests[0]?.headers['x-api-key'],
    ],
    [
      'a function',
      { auth: async (request) => ({ ...request, headers: { ...request.headers, 'x-signed': secret } }) },
      (server) => server.requests[0]?.headers['x-signed'],
    ],
  ];
  for (const [name, options, find] of places) {
    describe(name, () => {
      it('goes to its own origin', async () => {
        await ask(make(options), '/a');
        expect(find(home)).to.be.ok;
      });

      it('does not go to a link elsewhere', async () => {
        await ask(make(options), `${foreign.url}/next`);
        expect(foreign.requests).to.have.length(1);
        expect(find(foreign)).to.not.be.ok;
      });

      it('does not follow a redirect elsewhere, even one that repeats the query', async () => {
        answer = (path) => `${foreign.url}${path}`;
        expect((await ask(make(options), '/a?page=2')).body).to.deep.equal({ from: 'elsewhere' });
        expect(find(foreign)).to.not.be.ok;
        expect(sent()).to.include('page=2').and.not.include('MARKED');
      });

      it('goes elsewhere when that origin is allowed', async () => {
        await ask(make({ ...options, allowedOrigins: [foreign.url] }), `${foreign.url}/next`);
        expect(find(foreign)).to.be.ok;
      });
    });
  }

  it('does not send a header of the request that holds a secret elsewhere', async () => {
    await ask(make({}), {
      url: `${foreign.url}/next`,
      headers: { Authorization: `Bearer ${secret}`, 'Accept-Language': 'de' },
    });
    expect(foreign.requests[0]?.headers).to.include({ 'accept-language': 'de' }).and.not.have.property('authorization');
  });

  it('sends the key once when a link carries it already', async () => {
    await ask(make({ auth: apiKey({ apiKey: secret, name: 'api_key', location: 'param' }) }), '/a?api_key=old&page=2');
    expect(home.requests[0]?.url).to.equal(`/a?page=2&api_key=${encodeURIComponent(secret)}`);
  });

  it('takes user and password from the base URL as basic auth', async () => {
    make({ baseUrl: home.url.replace('://', '://me:p%2Fw@') });
    await ask(api, '/a');
    expect(home.requests[0]?.headers.authorization).to.equal(`Basic ${Buffer.from('me:p/w').toString('base64')}`);
    expect(api.prepare('/a').url).to.equal(`${home.url}/a`);
  });

  it('adds a cookie to those of the request', async () => {
    make({ auth: apiKey({ apiKey: secret, name: 'sid', location: 'cookie' }) });
    await ask(api, { url: '/a', headers: { Cookie: 'lang=de' } });
    expect(home.requests[0]?.headers.cookie).to.equal(`lang=de; sid=${encodeURIComponent(secret)}`);
  });

  it('are made anew for each attempt', async () => {
    let count = 0;
    make({ auth: (request) => ({ ...request, headers: { ...request.headers, 'x-count': String(++count) } }) });
    await ask(api, '/a');
    await ask(api, '/a');
    expect(home.requests.map(({ headers }) => headers['x-count'])).to.deep.equal(['1', '2']);
  });

  it('are taken out of links that are to be stored, and out of texts', () => {
    make({ auth: apiKey({ apiKey: secret, name: 'k', location: 'query' }) });
    const encoded = encodeURIComponent(secret);
    expect(api.clean(`http://me:pw@h/p?page=2&k=${encoded}&token=cursor`)).to.equal('http://h/p?page=2&token=cursor');
    expect(api.clean('/p?page=2')).to.equal('/p?page=2');
    expect(api.redact(`wrong key ${secret}`)).to.equal('wrong key ***');
  });

  it('that are short take no other parameter out of a link that has the same text in it', async () => {
    make({ auth: apiKey({ apiKey: 'demo', name: 'k', location: 'query' }) });
    await ask(api, '/a');
    expect(api.clean(`${home.url}/a?k=demo&dataset=demo&set=demography`)).to.equal(
      `${home.url}/a?dataset=demo&set=demography`,
    );
  });

  it('that end with a line break, as those from files do, are an error that says so and is not tried again', async () => {
    const error = await failure(make({ auth: bearer(`${secret}\n`) }), '/a');
    expect(error).to.include({
      transient: false,
      reason: 'the header authorization holds a sign that HTTP cannot carry',
    });
    expect(error.message).to.contain('line break').and.not.contain(secret);
    expect(home.requests).to.have.length(0);
  });

  it('that cannot be made end in an error without secrets', async () => {
    make({ auth: apiKey({ apiKey: secret }), fetch });
    const broken = client({
      baseUrl: home.url,
      auth: {
        type: 'broken',
        secrets: [secret],
        apply: () => {
          throw new Error(`cannot sign with ${secret}`);
        },
      },
    });
    const error = await ask(broken, '/a').then(
      () => undefined,
      (reason) => reason,
    );
    expect(error).to.include({ code: 'ERR_AUTH', message: 'authentication failed: cannot sign with ***' });
    expect(home.requests).to.have.length(0);
  });

  it('name the kind of auth and no value in the advice for 401 and 403', async () => {
    const guarded = await serve((_, response) => json(response, { echo: secret }, 403));
    try {
      const error = await failure(make({ baseUrl: guarded.url, auth: bearer(secret) }), '/a');
      expect(error.message).to.contain('Check the credentials of the auth bearer').and.not.contain(secret);
    } finally {
      await guarded.close();
    }
  });
});
