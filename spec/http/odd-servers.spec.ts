// Servers that are odd but alive: connections that were forgotten, answers before the request was read, bodies in codings nobody asked for.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import * as undici from 'undici';
import { type ClientOptions, client, type HttpClient, undiciTransport } from '../../lib/http/index.js';
import { type RawServer, rawServer } from './raw-server.js';
import { ask, failure } from './server.js';

const ok = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{"a":1}';
const dispatcher = new undici.Agent();
const overUndici = undiciTransport({
  request: (url, options) => undici.request(url, { ...options, dispatcher } as never) as never,
});

// The global dispatcher is that of Node's own fetch, too.
after(() => dispatcher.close());

for (const [name, sender] of [
  ['of the platform', {}],
  ['node-fetch', { fetch: 'node-fetch' }],
  ['undici', { fetch: overUndici }],
] as const)
  describe(`the transport ${name} with odd servers`, () => {
    let server: RawServer;
    let api: HttpClient;
    afterEach(() => {
      api.close();
      server.close();
    });
    const start = async (answer: (socket: Socket, number: number) => void, options: ClientOptions = {}) => {
      server = await rawServer(answer);
      api = client({ baseUrl: server.url, ...sender, ...options });
    };

    if (name !== 'undici')
      it('loses one attempt, and not one for each kept connection, when all of them were forgotten', async () => {
        const answered = new Set<Socket>();
        let forgotten = false;
        await start(async (socket) => {
          if (forgotten && answered.has(socket)) return socket.resetAndDestroy();
          answered.add(socket);
          // So that each request needs a connection of its own.
          while (answered.size < 10) await sleep(2);
          socket.write(ok);
        });
        await Promise.all(Array.from({ length: 10 }, () => ask(api, '/')));
        await sleep(20);
        forgotten = true;
        expect(await failure(api, '/')).to.include({ code: 'ERR_HTTP_CONNECTION', transient: true });
        expect((await ask(api, '/')).body).to.deep.equal({ a: 1 });
      });

    it('reads no answer that came when nobody had asked', async () => {
      await start(async (socket, number) => {
        socket.write(ok.replace('1}', `${number}}`));
        if (number > 0) return;
        await sleep(20);
        socket.write(ok.replace('1}', '9}'));
      });
      expect((await ask(api, '/')).body).to.deep.equal({ a: 0 });
      await sleep(60);
      expect((await ask(api, '/')).body).to.deep.equal({ a: 1 });
    });

    for (const coding of ['gzip', 'br', 'deflate'])
      it(`takes a body of no bytes for an empty one, also in ${coding}`, async () => {
        const head = `HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Encoding: ${coding}\r\n`;
        await start((socket, number) =>
          socket.write(
            number === 0 ? `${head}Content-Length: 0\r\n\r\n` : `${head}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
          ),
        );
        for (let time = 0; time < 2; time += 1)
          expect(await ask(api, '/')).to.include({ status: 200, body: undefined, bytes: 0 });
      });

    it('reads nothing out of a body in a compression that nobody asked for', async () => {
      const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Encoding: zstd\r\nContent-Length: 8\r\n\r\n';
      await start((socket, number) =>
        socket.write(`${number === 0 ? head : head.replace('200 OK', '403 No')}12345678`),
      );
      const error = await failure(api, '/');
      expect(error).to.include({ code: 'ERR_HTTP_BODY_INVALID', transient: false });
      expect(error.reason).to.equal('the body is compressed with zstd, which was not asked for');
      expect(await failure(api, '/')).to.include({ code: 'ERR_HTTP_STATUS', status: 403 });
    });

    for (const coding of ['identity', 'utf-8', ''])
      it(`leaves a body as it is whose coding "${coding}" is no compression`, async () => {
        await start((socket) =>
          socket.write(ok.replace('Content-Type', `Content-Encoding: ${coding}\r\nContent-Type`)),
        );
        expect((await ask(api, '/')).body).to.deep.equal({ a: 1 });
      });

    it('sends the length that the body has, whatever the headers say of it', async () => {
      await start((socket) => socket.write(ok));
      const headers = { 'Content-Length': '999', 'Transfer-Encoding': 'chunked' };
      const body = { kind: 'text', value: 'abc', contentType: 'text/plain' } as const;
      await ask(api, { url: '/', headers });
      await ask(api, { url: '/', method: 'POST', headers, body });
      expect(server.heads[0]).to.not.match(/content-length|transfer-encoding/i);
      expect(server.heads[1]!.match(/content-length: \d+|transfer-encoding/gi)).to.have.length(1);
      expect(server.bodies).to.deep.equal(['', 'abc']);
    });
  });

describe('the transport of the platform with odd servers', () => {
  for (const status of ['413 Too Large', '401 Unauthorized'])
    it(`stops sending to a server that answered ${status} without reading the request`, async () => {
      let received = 0;
      let socket: Socket | undefined;
      const server = createServer((each) => {
        socket = each.on('error', () => {});
        each.once('data', () => {
          each.pause().write(`HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nno`);
        });
        each.on('data', (bytes) => {
          received += bytes.length;
        });
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const api = client({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
      const body = { kind: 'text', value: 'x'.repeat(20_000_000), contentType: 'text/plain' } as const;
      const error = await failure(api, { url: '/', method: 'POST', body });
      expect(error).to.include({ code: 'ERR_HTTP_STATUS', bodyStart: 'no' });
      const closed = once(socket!, 'close');
      socket!.resume();
      await closed;
      expect(received).to.be.below(20_000_000);
      api.close();
      server.close();
    });

  it('has no limit for connecting where that is longer than a timer can be', async () => {
    const server = await rawServer((socket) => socket.write(ok));
    for (const connect of [Number.POSITIVE_INFINITY, 2 ** 32]) {
      const api = client({ baseUrl: server.url, timeout: { connect } });
      await ask(api, '/');
      api.close();
    }
    server.close();
  });

  it('says that a certificate of its own cannot be used, and does not show it', async () => {
    const api = client({ baseUrl: 'https://127.0.0.1:1', tls: { cert: 'MARKED', key: 'MARKED' } });
    const error = await failure(api, '/');
    expect(error).to.include({ code: 'ERR_HTTP_CONNECTION', transient: false });
    expect(error.message)
      .to.match(/certificate or the key of this side .* Check cert, key, pfx and passphrase/)
      .and.not.contain('MARKED');
  });

  it('says which header has no value, and does not try again', async () => {
    const api = client({ baseUrl: 'http://127.0.0.1:1', headers: { 'x-own': undefined as unknown as string } });
    const error = await failure(api, '/');
    expect(error).to.include({ reason: 'the header x-own has no value', transient: false });
  });
});

describe('a transport that fails without a code', () => {
  for (const [kind, error, expected] of [
    [
      'for a reason that it wraps',
      new TypeError('fetch failed', { cause: new Error('other side closed') }),
      { reason: 'the request failed: other side closed', transient: true },
    ],
    [
      'since the program is wrong',
      new TypeError('fetch failed', { cause: new TypeError('no such method') }),
      { reason: 'the request failed: no such method', transient: false },
    ],
    [
      'since a header is wrong',
      Object.assign(new Error('invalid x-own header'), { code: 'UND_ERR_INVALID_ARG' }),
      { reason: 'the request failed: invalid x-own header', transient: false },
    ],
    [
      'since Node refuses it',
      Object.assign(new TypeError('no'), { code: 'ERR_UNESCAPED_CHARACTERS' }),
      { reason: 'the request failed: no', transient: false },
    ],
  ] as const)
    it(`${kind} says so, and is ${expected.transient ? '' : 'not '}asked again`, async () => {
      const api = client({ baseUrl: 'http://127.0.0.1:1', fetch: () => Promise.reject(error) });
      expect(await failure(api, '/')).to.include({ code: 'ERR_HTTP_CONNECTION', ...expected });
    });
});
