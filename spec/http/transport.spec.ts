// What the options of a transport of the package do, whoever sends its requests: certificates of both sides, proxies, timeouts of each part, pools.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import { type AddressInfo, connect, createServer as createSocketServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { bearer, type ClientOptions, client, type HttpClient } from '../../lib/http/index.js';
import { proxyFor } from '../../lib/http/proxy.js';
import { rawServer } from './raw-server.js';
import { ask, failure, json, serve } from './server.js';

/** Made by a certificate authority of this spec's own; good from 2020 to 2120. */
const pem = (name: string) => readFileSync(new URL(`certificates/${name}`, import.meta.url), 'utf8');
const [ca, cert, key] = [pem('ca.pem'), pem('server.pem'), pem('server.key')];

const cleanUp: (() => unknown)[] = [];
async function listen<S extends Server>(server: S): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUp.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}
/** Answers with the name of the client's certificate. */
async function secure(options: ServerOptions = {}): Promise<string> {
  const server = createSecureServer({ cert, key, ...options }, (request, response) =>
    json(response, {
      path: request.url,
      client: (request.socket as TLSSocket).getPeerCertificate().subject?.CN ?? null,
    }),
  );
  return `https://127.0.0.1:${await listen(server as unknown as Server)}`;
}

for (const [name, sender] of [
  ['of the platform', {}],
  ['node-fetch', { fetch: 'node-fetch' }],
] as const)
  describe(`the options of the transport ${name}`, () => {
    const make = (options: ClientOptions): HttpClient => {
      const api = client({ ...sender, ...options });
      cleanUp.push(() => api.close());
      return api;
    };
    afterEach(async () => {
      for (const each of cleanUp.splice(0).reverse()) await each();
    });

    describe('with certificates', () => {
      it('refuses a server that it does not trust, and does not try again', async () => {
        const error = await failure(make({ baseUrl: await secure() }), '/');
        expect(error).to.include({ code: 'ERR_HTTP_CONNECTION', transient: false });
        expect(error.message).to.contain('certificate is not trusted').and.contain('option ca of tls');
      });

      it('trusts an authority of its own', async () => {
        const response = await ask(make({ baseUrl: await secure(), tls: { ca } }), '/p');
        expect(response.body).to.deep.equal({ path: '/p', client: null });
      });

      it('refuses a certificate for another host', async () => {
        const baseUrl = await secure({ cert: pem('elsewhere.pem'), key: pem('elsewhere.key') });
        const error = await failure(make({ baseUrl, tls: { ca } }), '/');
        expect(error).to.include({ transient: false });
        expect(error.reason).to.contain('ERR_TLS_CERT_ALTNAME_INVALID');
      });

      it('shows its own certificate to a server that asks (mTLS)', async () => {
        const baseUrl = await secure({ ca, requestCert: true, rejectUnauthorized: true });
        const tls = { ca, cert: pem('client.pem'), key: pem('client.key') };
        expect((await ask(make({ baseUrl, tls }), '/p')).body).to.deep.equal({ path: '/p', client: 'me' });
        expect(await failure(make({ baseUrl, tls: { ca } }), '/')).to.include({ code: 'ERR_HTTP_CONNECTION' });
      });
    });

    it('carries no credentials over http after https, even to an origin that is allowed', async () => {
      const plain = await serve((_, response) => json(response, {}));
      cleanUp.push(() => plain.close());
      const server = createSecureServer({ cert, key }, (_, response) =>
        response.writeHead(302, { location: plain.url }).end(),
      );
      const baseUrl = `https://127.0.0.1:${await listen(server as unknown as Server)}`;
      const api = make({ baseUrl, tls: { ca }, auth: bearer('secret'), allowedOrigins: [plain.url] });
      await ask(api, '/');
      await ask(api, `${plain.url}/direct`);
      expect(plain.requests.map(({ headers }) => headers.authorization)).to.deep.equal([undefined, 'Bearer secret']);
    });

    describe('with proxies', () => {
      /** A proxy that notes what goes through it. */
      const proxy = async () => {
        const seen: string[] = [];
        const server = createServer((request, response) => {
          seen.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? ''}`);
          json(response, { by: 'proxy' });
        });
        server.on('connect', (request, socket, head) => {
          seen.push(`CONNECT ${request.url} ${request.headers['proxy-authorization'] ?? ''}`);
          const [host, port] = (request.url ?? '').split(':');
          const target = connect(Number(port), host, () => {
            socket.write('HTTP/1.1 200 OK\r\n\r\n');
            target.write(head);
            target.pipe(socket).pipe(target);
          });
          target.on('error', () => socket.destroy());
          socket.on('error', () => target.destroy());
          cleanUp.push(
            () => target.destroy(),
            () => socket.destroy(),
          );
        });
        return { seen, address: `127.0.0.1:${await listen(server)}` };
      };

      it('sends http through a proxy, with its password', async () => {
        const { seen, address } = await proxy();
        const api = make({ baseUrl: 'http://api.example.com', proxy: `http://me:pw%21@${address}` });
        expect((await ask(api, '/p?a=1')).body).to.deep.equal({ by: 'proxy' });
        expect(seen).to.deep.equal([
          `GET http://api.example.com/p?a=1 Basic ${Buffer.from('me:pw!').toString('base64')}`,
        ]);
      });

      it('sends bodies through a proxy, several on one connection', async () => {
        const bodies: string[] = [];
        const ports = new Set<number | undefined>();
        const server = createServer(async (request, response) => {
          ports.add(request.socket.remotePort);
          bodies.push(`${request.method} ${request.url} ${Buffer.concat(await request.toArray())}`);
          json(response, {});
        });
        const api = make({ baseUrl: 'http://api.example.com', proxy: `http://127.0.0.1:${await listen(server)}` });
        for (const value of ['é', 'x'.repeat(100_000)])
          await ask(api, { url: '/p', method: 'POST', body: { kind: 'text', value, contentType: 'text/plain' } });
        expect(bodies[0]).to.equal('POST http://api.example.com/p é');
        expect(bodies[1]).to.have.length(bodies[0]!.length - 1 + 100_000);
        expect(ports.size).to.equal(1);
      });

      it('sends https through a tunnel, and trusts its own authority there too', async () => {
        const { seen, address } = await proxy();
        const baseUrl = await secure();
        const api = make({ baseUrl, tls: { ca }, proxy: () => `http://${address}` });
        expect((await ask(api, '/p')).body).to.deep.equal({ path: '/p', client: null });
        expect((await ask(api, '/q')).status).to.equal(200);
        expect(seen).to.deep.equal([`CONNECT ${new URL(baseUrl).host} `]);
      });

      it('never shows the password of a proxy', async () => {
        const api = make({ baseUrl: 'http://api.example.com', proxy: 'http://me:MARKED-pw@127.0.0.1:1' });
        const error = await failure(api, '/p?x=MARKED-pw');
        expect(`${error.stack}${(error.cause as Error).stack}${JSON.stringify(error)}`).to.not.contain('MARKED');
      });

      it('takes the proxy of the environment, but not for this machine or what NO_PROXY names', () => {
        const kept = { ...process.env };
        for (const name of Object.keys(process.env)) if (/_proxy$/i.test(name)) delete process.env[name];
        try {
          process.env['HTTP_PROXY'] = 'http://plain:1';
          process.env['https_proxy'] = 'http://secure:2';
          process.env['NO_PROXY'] = 'intern.example.com,.local';
          const choose = (url: string) => proxyFor(new URL(url));
          expect(choose('http://example.com/')).to.equal('http://plain:1');
          expect(choose('https://example.com/')).to.equal('http://secure:2');
          for (const url of [
            'http://intern.example.com/',
            'https://a.local/',
            'http://127.0.0.1:80/',
            'http://localhost/',
            'http://[::1]/',
          ]) {
            expect(choose(url), url).to.equal('');
          }
          expect(proxyFor(new URL('http://example.com/'), false)).to.equal('');
        } finally {
          process.env = kept;
        }
      });
    });

    describe('with a timeout for each part', () => {
      it('gives up a connection that does not come to stand', async () => {
        // Takes connections, but never speaks TLS.
        const silent = createSocketServer((socket) => {
          socket.on('error', () => {});
          cleanUp.push(() => socket.destroy());
        }).listen(0, '127.0.0.1');
        await once(silent, 'listening');
        cleanUp.push(() => silent.close());
        const baseUrl = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`;
        const error = await failure(make({ baseUrl, timeout: { connect: 50 } }), '/');
        expect(error).to.include({ code: 'ERR_HTTP_TIMEOUT', reason: 'no connection in time', transient: true });
      });

      it('waits for a connection where the limit is more than a timer can wait', async () => {
        const secured = createSecureServer({ cert, key }, (_, response) => json(response, {}));
        // Slow to connect: longer than a timer that fires at once.
        const slow = createSocketServer((socket) => setTimeout(() => secured.emit('connection', socket), 30));
        await once(slow.listen(0, '127.0.0.1'), 'listening');
        cleanUp.push(() => slow.close());
        const baseUrl = `https://127.0.0.1:${(slow.address() as AddressInfo).port}`;
        for (const connectTimeout of [3e9, Number.POSITIVE_INFINITY]) {
          const options = { baseUrl, tls: { ca }, timeout: { connect: connectTimeout } };
          expect((await ask(make(options), '/')).status).to.equal(200);
        }
      });

      it('gives up waiting for the headers', async () => {
        const server = await serve(() => {});
        cleanUp.push(() => server.close());
        const error = await failure(make({ baseUrl: server.url, timeout: { firstByte: 40 } }), '/');
        expect(error).to.include({ code: 'ERR_HTTP_TIMEOUT', reason: 'no answer within 0.04 s' });
      });

      it('gives up a body that stops, and not one that is slow', async () => {
        const server = await serve((request, response) => {
          if (request.url === '/stops') {
            response.write('{"a":');
            return;
          }
          let left = 12;
          const timer = setInterval(() => {
            left -= 1;
            if (left > 0) response.write(' ');
            else response.end('{}');
            if (left === 0) clearInterval(timer);
          }, 25);
        });
        cleanUp.push(() => server.close());
        const api = make({ baseUrl: server.url, timeout: { idle: 500 } });
        expect((await ask(api, '/slow')).body).to.deep.equal({});
        const error = await failure(api, '/stops');
        expect(error).to.include({ code: 'ERR_HTTP_TIMEOUT', reason: 'no further piece of the body within 0.5 s' });
      });
    });

    it('gives up a body that drips for longer than allowed, however steadily', async () => {
      const server = await serve((_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const timer = setInterval(() => response.write(' '), 5);
        response.on('close', () => clearInterval(timer));
      });
      cleanUp.push(() => server.close());
      const error = await failure(make({ baseUrl: server.url, timeout: { idle: 5000, body: 60 } }), '/');
      expect(error).to.include({ code: 'ERR_HTTP_TIMEOUT', reason: 'no whole body within 0.06 s', transient: true });
    });

    it('opens no more connections to an origin than allowed', async () => {
      const ports = new Set<number | undefined>();
      const server = await serve((request, response) => {
        ports.add(request.socket.remotePort);
        setTimeout(() => json(response, {}), 10);
      });
      cleanUp.push(() => server.close());
      const api = make({ baseUrl: server.url, maxSockets: 2 });
      await Promise.all(Array.from({ length: 10 }, () => ask(api, '/')));
      expect(ports.size).to.equal(2);
    });

    it('does not send a request that is given up while it waits for a connection', async () => {
      const server = await serve((_, response) => {
        setTimeout(() => json(response, {}), 50);
      });
      cleanUp.push(() => server.close());
      const api = make({ baseUrl: server.url, maxSockets: 1 });
      const first = ask(api, '/first');
      const waiting = api.send(api.prepare('/waiting')).subscribe();
      const last = ask(api, '/last');
      await new Promise((resolve) => setTimeout(resolve, 10));
      waiting.unsubscribe();
      await Promise.all([first, last]);
      expect(server.requests.map(({ url }) => url)).to.deep.equal(['/first', '/last']);
    });

    it('asks a server by its IPv6 address where there are some, under another name, and with a ? that nothing follows', async () => {
      const addresses = Object.values(networkInterfaces()).flatMap((each) => each?.map(({ address }) => address) ?? []);
      const own = addresses.includes('::1') ? '::1' : '127.0.0.1';
      const server = await rawServer((socket) => socket.write('HTTP/1.1 204 No Content\r\n\r\n'), own);
      cleanUp.push(() => server.close());
      const api = make({ baseUrl: server.url });
      await ask(api, '/p?');
      await ask(api, { url: '/q#place', headers: { host: 'other.example.com' } });
      expect(server.heads[0])
        .to.match(/^GET \/p\? /)
        .and.contain(`\r\nHost: ${new URL(server.url).host}\r\n`);
      expect(server.heads[1])
        .to.match(/^GET \/q /)
        .and.match(/\r\nhost: other\.example\.com\r\n/i);
      expect(server.heads[1]!.match(/host:/gi)).to.have.length(1);
    });
  });
