// What every transport must do for the client, over real sockets: answers as they are, and never a body that is shorter than what was sent.
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { type ClientOptions, client, type HttpClient } from '../../lib/http/index.js';
import { type RawServer, rawServer } from './raw-server.js';
import { ask, failure } from './server.js';

const ok = (body: string, headers = '') =>
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const chunked = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n';

interface ContractOptions {
  /** Whether compressed data without its end is an error. @default true */
  readonly strict?: boolean;
}

export function transportContract(
  name: string,
  fetch: ClientOptions['fetch'],
  { strict = true }: ContractOptions = {},
): void {
  describe(`the transport ${name}`, () => {
    let server: RawServer;
    let api: HttpClient;
    afterEach(() => {
      api.close();
      server.close();
    });
    const start = async (answer: string | ((socket: Socket, number: number) => void), options: ClientOptions = {}) => {
      server = await rawServer(typeof answer === 'string' ? (socket) => socket.write(answer, 'latin1') : answer);
      api = client({ baseUrl: server.url, ...(fetch && { fetch }), ...options });
    };

    describe('sends', () => {
      it('method, path, headers and body as they are given', async () => {
        await start(ok('{}'));
        const body = { kind: 'json', value: { name: 'é🙂' } } as const;
        await ask(api, { url: '/a%20b', method: 'post', params: { q: 'x&y' }, headers: { 'X-Own': 'ü' }, body });
        const [line, ...headers] = server.heads[0]!.split('\r\n');
        expect(line).to.equal('POST /a%20b?q=x%26y HTTP/1.1');
        const sent = Object.fromEntries(
          headers.map((header) => [header.split(':', 1)[0]!.toLowerCase(), header.slice(header.indexOf(':') + 2)]),
        );
        expect(sent).to.include({
          accept: 'application/json, */*;q=0.5',
          'user-agent': 'sluice',
          'content-type': 'application/json',
          'content-length': '17',
          'x-own': 'ü',
          host: new URL(server.url).host,
        });
        expect(server.bodies).to.deep.equal(['{"name":"é🙂"}']);
      });

      it('a body of known length with every method that has one, and none with the others', async () => {
        await start('HTTP/1.1 204 No Content\r\n\r\n');
        const body = { kind: 'text', value: 'abc', contentType: 'text/plain' } as const;
        for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) await ask(api, { url: '/', method, body });
        expect(server.bodies).to.deep.equal(['abc', 'abc', 'abc', 'abc']);
        for (const method of ['GET', 'HEAD', 'DELETE']) await ask(api, { url: '/', method });
        for (const head of server.heads.slice(4)) expect(head).to.not.match(/content-length|transfer-encoding/i);
      });

      it('a megabyte', async () => {
        await start(ok('{}'));
        const value = 'é'.repeat(500_000);
        await ask(api, { url: '/', method: 'POST', body: { kind: 'text', value, contentType: 'text/plain' } });
        expect(server.bodies[0] === value).to.equal(true);
      });

      it('nothing where a header has a sign that HTTP cannot carry, and says so', async () => {
        await start(ok('{}'));
        const error = await failure(api, { url: '/', headers: { 'x-own': 'a\r\nx-other: b' } });
        expect(error.code).to.equal('ERR_HTTP_CONNECTION');
        expect(error.message).to.match(/header/i);
        expect(server.heads).to.deep.equal([]);
      });
    });

    describe('reads', () => {
      it('status, headers and body; of headers that come several times all values', async () => {
        await start(
          'HTTP/1.1 299 Fine\r\nContent-Type: application/json\r\nSet-Cookie: a=1; Path=/\r\nSet-Cookie: b=2\r\nRetry-After: 1\r\n' +
            'Retry-After: 2\r\nX-Odd:   padded\r\nX-Empty:\r\nContent-Length: 7\r\n\r\n{"a":1}',
        );
        const { status, headers, body } = await ask(api, '/');
        expect([status, body]).to.deep.equal([299, { a: 1 }]);
        expect(headers).to.include({
          'set-cookie': 'a=1; Path=/, b=2',
          'retry-after': '1, 2',
          'x-odd': 'padded',
          'x-empty': '',
        });
      });

      for (const [coding, compress] of [
        ['gzip', gzipSync],
        ['deflate', deflateSync],
        ['br', brotliCompressSync],
      ] as const) {
        it(`bodies in ${coding}`, async () => {
          const bytes = compress(`{"a":${'1'.repeat(9)}}`);
          const head = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: ${coding}\r\n`;
          await start((socket) => {
            socket.write(`${head}Content-Length: ${bytes.length}\r\n\r\n`);
            socket.write(bytes);
          });
          expect((await ask(api, '/')).body).to.deep.equal({ a: 111111111 });
        });
      }

      for (const [kind, answer] of [
        ['in chunks of any size', `${chunked}\r\n1\r\n{\r\n005;x=y\r\n"a":1\r\n1\r\n}\r\n0\r\n\r\n`],
        ['with trailers', `${chunked}Trailer: x-sum\r\n\r\n7\r\n{"a":1}\r\n0\r\nX-Sum: 1\r\n\r\n`],
        ['after informational answers', `HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${ok('{"a":1}')}`],
        ['with a status that has no text', ok('{"a":1}').replace('200 OK', '200')],
        ['with 12,000 bytes of headers', ok('{"a":1}', `X-Long: ${'x'.repeat(12_000)}\r\n`)],
      ] as const) {
        it(`bodies ${kind}`, async () => {
          await start(answer);
          expect((await ask(api, '/')).body).to.deep.equal({ a: 1 });
        });
      }

      it('a body that the end of the connection ends, where no length is announced', async () => {
        await start((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"a":1}'));
        expect((await ask(api, '/')).body).to.deep.equal({ a: 1 });
      });

      it('a body that comes byte by byte', async () => {
        await start(async (socket) => {
          socket.setNoDelay();
          for (const byte of ok('{"a":1}')) {
            socket.write(byte);
            await sleep(1);
          }
        });
        expect((await ask(api, '/')).body).to.deep.equal({ a: 1 });
      });

      for (const [kind, method, answer] of [
        ['HEAD', 'HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nContent-Encoding: gzip\r\n\r\n'],
        ['status 204', 'GET', 'HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n'],
        ['status 304', 'GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\nContent-Encoding: gzip\r\n\r\n'],
      ] as const) {
        it(`no body of ${kind}, whatever the headers announce, and goes on after it`, async () => {
          await start((socket, number) => socket.write(number === 0 ? answer : ok('{"a":1}')));
          const response = await ask(api, { url: '/', method });
          expect(response).to.include({ body: undefined, bytes: 0 });
          expect((await ask(api, '/')).body).to.deep.equal({ a: 1 });
        });
      }

      it('a redirect as an answer, and leaves it to the client to follow it', async () => {
        await start((socket, number) =>
          socket.write(
            number === 0 ? 'HTTP/1.1 302 Found\r\nLocation: ../there\r\nContent-Length: 0\r\n\r\n' : ok('{"a":1}'),
          ),
        );
        expect((await ask(api, '/a/b/c')).url).to.equal(`${server.url}/a/there`);
        expect(server.heads[1]).to.match(/^GET \/a\/there /);
      });
    });

    describe('errors, and never gives a shorter body,', () => {
      for (const [kind, answer] of [
        ['a body that is shorter than announced', ok('{"a":1}      ').slice(0, -6)],
        ['a chunked body without its last chunk', `${chunked}\r\n7\r\n{"a":1}\r\n`],
        ['a chunked body that ends inside a chunk', `${chunked}\r\n9\r\n{"a":1}`],
        ['a chunked body without the line after its last chunk', `${chunked}\r\n7\r\n{"a":1}\r\n0\r\n`],
        ['a chunk whose size is none', `${chunked}\r\n7\r\n{"a":1}\r\nxyz\r\n`],
      ] as const) {
        for (const end of ['closed', 'reset'] as const) {
          it(`for ${kind}, the connection being ${end}`, async () => {
            await start((socket) => {
              socket.write(answer, () =>
                end === 'closed' ? socket.end() : setTimeout(() => socket.resetAndDestroy(), 20),
              );
            });
            const error = await failure(api, '/');
            expect(error.transient).to.equal(true);
            // A reset may overtake what was sent before it.
            if (end === 'closed') expect(error).to.include({ code: 'ERR_HTTP_BODY_CUT', status: 200 });
          });
        }
      }

      if (strict)
        it('for compressed data that ends too early, though its length is right', async () => {
          const bytes = gzipSync('{"a":1}').subarray(0, -4);
          await start((socket) => {
            socket.write(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${bytes.length}\r\n\r\n`);
            socket.write(bytes);
          });
          expect(await failure(api, '/')).to.include({ code: 'ERR_HTTP_BODY_CUT', transient: true });
        });

      for (const [kind, answer] of [
        ['closed', (socket: Socket) => socket.end()],
        ['reset', (socket: Socket) => socket.resetAndDestroy()],
        ['closed inside the headers', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-')],
      ] as const) {
        it(`when the connection is ${kind} before an answer: it may be asked again`, async () => {
          await start(answer);
          expect(await failure(api, '/')).to.include({ code: 'ERR_HTTP_CONNECTION', transient: true });
        });
      }

      it('when a connection that was kept is closed at the next request: it may be asked again, and then gets its answer', async () => {
        await start((socket, number) => (number === 1 ? socket.destroy() : socket.write(ok('{"a":1}'))));
        await ask(api, '/');
        expect(await failure(api, '/')).to.include({ code: 'ERR_HTTP_CONNECTION', transient: true });
        expect((await ask(api, '/')).body).to.deep.equal({ a: 1 });
      });

      for (const [kind, answer] of [
        ['is no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
        ['has no status', 'HTTP/1.1 OK\r\n\r\n'],
        ['has a header without a name', ok('{}', ': x\r\n')],
        ['has a header with a zero byte', ok('{}', 'X: a\0b\r\n')],
        ['has two lengths', ok('{}', 'Content-Length: 1\r\n')],
      ] as const) {
        it(`for an answer that ${kind}`, async () => {
          await start(answer);
          expect((await failure(api, '/')).code).to.equal('ERR_HTTP_CONNECTION');
        });
      }

      it('for an answer with a megabyte of headers', async () => {
        await start(ok('{}', `X-Long: ${'x'.repeat(1_000_000)}\r\n`));
        expect((await failure(api, '/')).code).to.equal('ERR_HTTP_CONNECTION');
      });

      it('when nobody listens there', async () => {
        await start('');
        server.close();
        expect(await failure(api, '/')).to.include({
          code: 'ERR_HTTP_CONNECTION',
          reason: 'the connection was refused',
          transient: true,
        });
      });
    });

    describe('stops, and closes the connection, when its request is given up', () => {
      const given = async (answer: (socket: Socket) => void) => {
        await start(answer);
        let emitted = 0;
        const count = () => {
          emitted += 1;
        };
        const request = api.prepare({ url: '/', method: 'POST', body: { kind: 'json', value: {} } });
        const subscription = api.send(request).subscribe({ next: count, error: count, complete: count });
        while (server.heads.length === 0) await sleep(2);
        await sleep(20);
        subscription.unsubscribe();
        while (!server.sockets[0]!.destroyed) await sleep(2);
        expect(emitted).to.equal(0);
      };
      it('before the headers', () => given(() => {}));
      it('between headers and body', () =>
        given((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n')));
      it('inside of the body', () =>
        given((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"a"')));

      it('before it was sent, and asks nothing', async () => {
        await start(ok('{}'));
        api.send(api.prepare('/')).subscribe().unsubscribe();
        await sleep(20);
        expect(server.heads).to.deep.equal([]);
      });

      it('and sends the next one on another connection', async () => {
        await start((socket, number) => number > 0 && socket.write(ok('{"a":1}')));
        const subscription = api.send(api.prepare('/')).subscribe();
        while (server.heads.length === 0) await sleep(2);
        subscription.unsubscribe();
        expect((await ask(api, '/')).body).to.deep.equal({ a: 1 });
        expect(server.sockets.length).to.be.above(1);
      });
    });

    it('keeps a connection for the next request', async () => {
      await start((socket) => socket.write(ok('{}')));
      for (let page = 0; page < 20; page += 1) await ask(api, '/');
      expect(server.sockets.length).to.be.below(3);
    });

    it('closes the connection of an answer that it leaves early', async () => {
      await start((socket) => socket.write(ok('x'.repeat(5_000_000))), { maxBodyBytes: 1000 });
      expect((await failure(api, '/')).code).to.equal('ERR_HTTP_BODY_TOO_LARGE');
      while (!server.sockets[0]!.destroyed) await sleep(2);
    });
  });
}
