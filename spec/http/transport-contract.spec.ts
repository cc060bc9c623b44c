// Every transport that the documentation names, by one contract, and what is particular to each.
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import * as undici from 'undici';
import { client, transport, undiciTransport } from '../../lib/http/index.js';
import { rawServer } from './raw-server.js';
import { ask, failure } from './server.js';
import { transportContract } from './transport-contract.js';

transportContract('of the platform', undefined);
transportContract('node-fetch', 'node-fetch');
transportContract("that is the platform's fetch", fetch, { strict: false });

describe('with undici', () => {
  // The global one is that of Node's own fetch, too.
  const dispatcher = new undici.Agent();
  after(() => dispatcher.close());
  transportContract(
    'undici',
    undiciTransport({ request: (url, options) => undici.request(url, { ...options, dispatcher } as never) as never }),
  );
});

describe('the transport of the platform in particular', () => {
  const cleanUp: (() => void)[] = [];
  afterEach(() => {
    for (const each of cleanUp.splice(0)) each();
  });
  const start = async (answer: string) => {
    const server = await rawServer((socket) => socket.write(answer));
    const api = client({ baseUrl: server.url });
    cleanUp.push(
      () => api.close(),
      () => server.close(),
    );
    return { server, api };
  };

  it('errors at once for a change of the protocol that nobody asked for', async () => {
    const { api } = await start('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n');
    expect(await failure(api, '/')).to.include({ code: 'ERR_HTTP_CONNECTION', transient: true });
  });

  it('reads 60,000 bytes of headers, and says of more that they are too many, which asking again does not change', async () => {
    const answer = (length: number) => `HTTP/1.1 204 No Content\r\nX-Long: ${'x'.repeat(length)}\r\n\r\n`;
    expect((await ask((await start(answer(60_000))).api, '/')).headers['x-long']).to.have.length(60_000);
    const error = await failure((await start(answer(70_000))).api, '/');
    expect(error).to.include({
      code: 'ERR_HTTP_CONNECTION',
      reason: 'the headers of the answer are too long',
      transient: false,
    });
  });

  for (const [kind, request, reason] of [
    ['value of a header', { headers: { 'x-own': 'a\nb' } }, 'the header x-own holds a sign that HTTP cannot carry'],
    ['name of a header', { headers: { 'x own': 'a' } }, 'the name "x own" holds a sign that HTTP cannot carry'],
    ['method', { method: 'GE T' }, 'the name "GE T" holds a sign that HTTP cannot carry'],
    [
      'body of a GET',
      { body: { kind: 'text', value: 'a', contentType: 'text/plain' } },
      'the request failed: a request with the method GET has no body',
    ],
  ] as const) {
    it(`sends nothing for a ${kind} that HTTP does not have, and does not try it again`, async () => {
      const { server, api } = await start('HTTP/1.1 204 No Content\r\n\r\n');
      const error = await failure(api, { url: '/', ...request });
      expect(error).to.include({ code: 'ERR_HTTP_CONNECTION', reason, transient: false });
      expect(server.heads).to.deep.equal([]);
    });
  }

  for (const [url, message] of [
    ['http://me:MARKED@127.0.0.1:1/', 'the URL holds a user name or a password'],
    ['ftp://127.0.0.1:1/', 'ftp: is neither http: nor https:'],
  ] as const) {
    it(`refuses ${new URL(url).protocol} with ${message}`, async () => {
      const { signal } = new AbortController();
      const request = { method: 'GET', headers: {}, redirect: 'manual', signal } as const;
      const error = await transport()
        .fetch(url, request)
        .catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(TypeError).with.property('message', message);
    });
  }
});

describe('node-fetch', () => {
  it('is loaded when it is chosen', () => {
    const folder = new URL('../../lib/http/', import.meta.url);
    const sources = readdirSync(folder).filter((name) => name.endsWith('.ts'));
    const loading = sources.filter((name) =>
      /from '(node-fetch|\.\/node-fetch\.js)'/.test(readFileSync(new URL(name, folder), 'utf8')),
    );
    expect(loading).to.deep.equal(['node-fetch.ts']);
  });
});
