// Certificates of both sides, direct and through a tunnel, by each transport: what is refused says what is wrong and what to do, and shows no key.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type ClientOptions, client, type TlsOptions } from '../../lib/http/index.js';
import { diagnoseTls } from '../../lib/http/tls-failure.js';
import { ask, failure, json } from './server.js';

const place = (name: string) => fileURLToPath(new URL(`certificates/${name}`, import.meta.url));
const pem = (name: string) => readFileSync(place(name), 'utf8');
const pair = (name: string) => ({ cert: pem(`${name}.pem`), key: pem(`${name}.key`) });
const ca = pem('ca.pem');

const cleanUp: (() => unknown)[] = [];
async function listen(server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  cleanUp.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
async function secure(options: ServerOptions): Promise<string> {
  const server = createSecureServer(options, (_, response) => json(response, {}));
  return `https://${await listen(server as unknown as Server)}`;
}
/** Carries tunnels. */
async function tunnels(): Promise<string> {
  const server = createServer();
  server.on('connect', ({ url = '' }, socket) => {
    const far = connect(Number(url.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      far.pipe(socket).pipe(far);
    });
    far.on('error', () => socket.destroy());
    socket.on('error', () => far.destroy());
    cleanUp.push(
      () => far.destroy(),
      () => socket.destroy(),
    );
  });
  return `http://${await listen(server)}`;
}

for (const [transport, sender] of [
  ['of the platform', {}],
  ['node-fetch', { fetch: 'node-fetch' }],
] as const)
  for (const way of ['direct', 'through a tunnel'] as const)
    describe(`certificates, by the transport ${transport}, ${way}`, () => {
      afterEach(async () => {
        for (const each of cleanUp.splice(0).reverse()) await each();
      });
      const make = async (baseUrl: string, tls: TlsOptions) => {
        const address = way === 'direct' ? undefined : await tunnels();
        const options: ClientOptions = {
          ...sender,
          baseUrl,
          tls,
          proxy: address === undefined ? false : () => address,
        };
        const api = client(options);
        cleanUp.push(() => api.close());
        return api;
      };
      const refusal = async (server: ServerOptions, tls: TlsOptions = {}): Promise<string> => {
        const error = await failure(await make(await secure(server), tls), '/');
        expect(error).to.include({ code: 'ERR_HTTP_CONNECTION', transient: false });
        let everything = '';
        for (let each: unknown = error; each instanceof Error; each = each.cause)
          everything += `${each.stack}${JSON.stringify(each)}`;
        expect(everything).to.not.contain('PRIVATE KEY');
        return error.message;
      };
      const both = { ...pair('server'), ca, requestCert: true, rejectUnauthorized: true };

      it('of a server are refused when they have expired', async () => {
        const message = await refusal(pair('expired'), { ca: pem('expired.pem') });
        expect(message).to.match(
          /certificate has expired \(CERT_HAS_EXPIRED\)\. Whoever runs the server must renew it/,
        );
      });

      it('of a server are refused when they are not valid yet', async () => {
        const message = await refusal(pair('not-yet'), { ca: pem('not-yet.pem') });
        expect(message).to.match(/is not valid yet \(CERT_NOT_YET_VALID\)\. Check the clock of this machine/);
      });

      it('of a server are refused when they are for another host', async () => {
        const message = await refusal(pair('elsewhere'), { ca });
        expect(message).to.match(/certificate is for another host .* Check the host in the base URL/);
      });

      it('that are signed by themselves are refused, unless they are given as ca', async () => {
        expect(await refusal(pair('self-signed'))).to.match(
          /is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\).* option ca of tls/,
        );
        const api = await make(await secure(pair('self-signed')), { ca: pem('self-signed.pem') });
        expect((await ask(api, '/')).status).to.equal(200);
      });

      it('of this side are shown to a server that asks for them', async () => {
        const api = await make(await secure(both), { ca, ...pair('client') });
        expect((await ask(api, '/')).status).to.equal(200);
      });

      it('of this side are missing when a server asks for them, and the error says so', async () => {
        expect(await refusal(both, { ca })).to.match(/asks for a certificate of this side .* Give cert and key/);
        const message = await refusal({ ...both, maxVersion: 'TLSv1.2' }, { ca });
        expect(message).to.match(/refused the secure connection \(\w*ALERT_HANDSHAKE_FAILURE\)\. .* give cert and key/);
      });

      it('of this side cannot be used with the key of another', async () => {
        const message = await refusal(both, { ca, cert: pem('client.pem'), key: pem('server.key') });
        expect(message).to.match(/certificate or the key of this side cannot be used/);
      });

      it('of the authorities of the environment are trusted beside those of ca', async () => {
        const kept = process.env['NODE_EXTRA_CA_CERTS'];
        cleanUp.push(() => {
          if (kept === undefined) delete process.env['NODE_EXTRA_CA_CERTS'];
          else process.env['NODE_EXTRA_CA_CERTS'] = kept;
        });
        const own = { ca: pem('self-signed.pem') };
        process.env['NODE_EXTRA_CA_CERTS'] = place('ca.pem');
        for (const name of ['server', 'self-signed'])
          expect((await ask(await make(await secure(pair(name)), own), '/')).status, name).to.equal(200);
        process.env['NODE_EXTRA_CA_CERTS'] = place('no-such-file.pem');
        expect((await ask(await make(await secure(pair('self-signed')), own), '/')).status).to.equal(200);
        expect(await refusal(pair('server'), own)).to.contain('is not trusted');
      });
    });

describe('a server that does not accept the certificate of this side', () => {
  it('is named as what it is, however it is told', () => {
    const told = (message: string) => Object.assign(new Error(message), { code: 'EPROTO' });
    const alert = told(
      'write EPROTO 80:error:0A000418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca:../rec_layer_s3.c:1601:',
    );
    for (const [code, error] of [
      ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', undefined],
      ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', undefined],
      ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', undefined],
      ['EPROTO', alert],
      ['EPROTO', new TypeError('fetch failed', { cause: alert })],
    ] as const)
      expect(diagnoseTls(code, error)?.reason, code).to.contain('does not accept the certificate of this side');
    expect(diagnoseTls('EPROTO', told('wrong version number'))?.reason).to.equal('no secure connection (EPROTO)');
    expect(diagnoseTls('ECONNRESET', new Error())).to.equal(undefined);
  });
});
