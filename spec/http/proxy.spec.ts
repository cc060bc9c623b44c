// Proxies that are odd, slow or hostile: what goes to them, what of their answers counts, and that nothing is left open.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, createServer as createSocketServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { OptionError } from '../../lib/core/index.js';
import { type ClientOptions, client, type HttpClient } from '../../lib/http/index.js';
import { proxyFor } from '../../lib/http/proxy.js';
import { ask, failure, json } from './server.js';

const pem = (name: string) => readFileSync(new URL(`certificates/${name}`, import.meta.url), 'utf8');

for (const [name, sender] of [
  ['of the platform', {}],
  ['node-fetch', { fetch: 'node-fetch' }],
] as const)
  describe(`proxies of the transport ${name}`, () => {
    const cleanUp: (() => unknown)[] = [];
    afterEach(() => {
      for (const each of cleanUp.splice(0).reverse()) each();
    });
    const make = (options: ClientOptions): HttpClient => {
      const api = client({ ...sender, ...options });
      cleanUp.push(() => api.close());
      return api;
    };
    const listen = async (server: Server): Promise<string> => {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      cleanUp.push(() => server.close());
      return `127.0.0.1:${(server.address() as AddressInfo).port}`;
    };
    /** Answers whoever asks for a tunnel with these bytes. */
    const proxy = async (answer: (socket: Socket, head: string) => void) => {
      const sockets = new Set<Socket>();
      const server = createSocketServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => {}).on('close', () => sockets.delete(socket));
        socket.once('data', (head) => answer(socket, head.toString()));
        socket.resume();
        cleanUp.push(() => socket.destroy());
      });
      return { sockets, proxy: `http://${await listen(server)}` };
    };
    const none = async (sockets: Set<Socket>) => {
      while (sockets.size > 0) await sleep(2);
    };

    it('are asked for the address that the request is for, whatever its path and its header host say', async () => {
      const seen: string[] = [];
      const server = createServer((request, response) => {
        seen.push(request.url ?? '');
        json(response, {});
      });
      const api = make({ baseUrl: 'http://api.example.com', proxy: `http://${await listen(server)}` });
      await ask(api, 'http://api.example.com//other.example.com/v1?x=1');
      await ask(api, { url: '/a', headers: { host: 'other.example.com' } });
      await ask(api, 'http://[::1]:8080/a?next=http://x/');
      server.closeAllConnections();
      expect(seen).to.deep.equal([
        'http://api.example.com//other.example.com/v1?x=1',
        'http://api.example.com/a',
        'http://[::1]:8080/a?next=http://x/',
      ]);
    });

    for (const [kind, answer] of [
      ['says nothing', ''],
      ['stops inside of its answer', 'HTTP/1.1 200 OK\r\nX'],
      ['opens a tunnel to nobody', 'HTTP/1.1 200 OK\r\n\r\n'],
    ] as const) {
      it(`leave nothing open when one ${kind} and the request is given up`, async () => {
        const { sockets, proxy: address } = await proxy((socket) => answer !== '' && socket.write(answer));
        const api = make({ baseUrl: 'https://api.example.com', proxy: address });
        const subscription = api.send(api.prepare('/')).subscribe();
        while (sockets.size === 0) await sleep(2);
        await sleep(20);
        subscription.unsubscribe();
        await none(sockets);
      });

      it(`are given up after the time for connecting when one ${kind}`, async () => {
        const { sockets, proxy: address } = await proxy((socket) => answer !== '' && socket.write(answer));
        const api = make({ baseUrl: 'https://api.example.com', proxy: address, timeout: { connect: 60 } });
        const error = await failure(api, '/');
        expect(error).to.include({ code: 'ERR_HTTP_TIMEOUT', reason: 'no connection in time', transient: true });
        await none(sockets);
      });
    }

    it('never pass an answer of their own for that of the server', async () => {
      const page = 'Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{"a":"b"}';
      for (const status of ['201 Created', '302 Found\r\nLocation: http://127.0.0.1:1/', '304 Not Modified']) {
        const { proxy: address } = await proxy((socket) => socket.end(`HTTP/1.1 ${status}\r\n${page}`));
        const error = await failure(make({ baseUrl: 'https://api.example.com', proxy: address }), '/');
        expect(error.code, status).to.equal('ERR_HTTP_CONNECTION');
      }
    });

    it('refuse with a status, which the error names', async () => {
      const { sockets, proxy: address } = await proxy((socket) =>
        socket.write('HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n'),
      );
      const error = await failure(make({ baseUrl: 'https://api.example.com', proxy: address }), '/');
      expect(error).to.include({ code: 'ERR_HTTP_STATUS', status: 407, transient: false });
      expect(error.message).to.contain('Check the user and the password of the proxy');
      await none(sockets);
    });

    it('are not connected to with a certificate of this side that cannot be used, and nothing is left open', async () => {
      let asked = 0;
      const { sockets, proxy: address } = await proxy((socket) => {
        asked += 1;
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
      });
      const tls = { cert: pem('client.pem'), key: pem('server.key') };
      const error = await failure(make({ baseUrl: 'https://api.example.com', proxy: address, tls }), '/');
      expect(error.message).to.contain('certificate or the key of this side cannot be used');
      await none(sockets);
      expect(asked).to.equal(0);
    });

    it('open a tunnel with any status of success', async () => {
      const server = createSecureServer({ cert: pem('server.pem'), key: pem('server.key') }, (_, response) =>
        json(response, { a: 1 }),
      );
      const target = await listen(server as unknown as Server);
      cleanUp.push(() => server.closeAllConnections());
      const { proxy: address } = await proxy((socket) => {
        const far = connect(Number(target.split(':')[1]), '127.0.0.1');
        far.on('error', () => {});
        socket.write('HTTP/1.1 201 Fine\r\n\r\n');
        socket.pipe(far).pipe(socket);
      });
      const api = make({ baseUrl: `https://${target}`, proxy: address, tls: { ca: pem('ca.pem') } });
      expect((await ask(api, '/')).body).to.deep.equal({ a: 1 });
    });

    it('let those who wait for a place come next when a connection fails', async () => {
      const { proxy: address } = await proxy((socket) => socket.destroy());
      const api = make({ baseUrl: 'https://api.example.com', proxy: address, maxSockets: 1 });
      const errors = await Promise.all(Array.from({ length: 5 }, () => failure(api, '/')));
      for (const error of errors) expect(error).to.include({ code: 'ERR_HTTP_CONNECTION', transient: true });
    });
  });

describe('the address of a proxy', () => {
  const kept = { ...process.env };
  beforeEach(() => {
    for (const name of Object.keys(process.env)) if (/_proxy$/i.test(name)) delete process.env[name];
  });
  afterEach(() => {
    process.env = { ...kept };
  });
  const target = new URL('https://api.example.com/');

  it('in the environment may lack its protocol, which is http then', async () => {
    process.env['https_proxy'] = 'me:MARKED-pw@127.0.0.1:1';
    expect(proxyFor(target)).to.equal('http://me:MARKED-pw@127.0.0.1:1');
    const api = client({ baseUrl: target.href });
    const error = await failure(api, '/?x=MARKED-pw');
    api.close();
    expect(error.message).to.not.contain('MARKED');
    process.env['https_proxy'] = 'https://127.0.0.1:1';
    expect(proxyFor(target)).to.equal('https://127.0.0.1:1');
  });

  for (const proxy of ['socks5://127.0.0.1:1080', 'http://127.0.0.1:99999', 'http://me:MARKED%@127.0.0.1:1']) {
    it(`is refused as ${proxy.replace('MARKED', '…')}, wherever it comes from, and is not shown`, () => {
      process.env['ALL_PROXY'] = proxy;
      for (const choice of [undefined, proxy, () => proxy]) {
        expect(() => proxyFor(target, choice))
          .to.throw(OptionError, /^proxy: /)
          .with.property('message')
          .that.does.not.contain('MARKED');
      }
      expect(() => client({ baseUrl: target.href })).to.not.throw();
    });
  }

  it('may be written in capitals', () => {
    expect(proxyFor(target, 'HTTP://127.0.0.1:1')).to.equal('HTTP://127.0.0.1:1');
  });
});
