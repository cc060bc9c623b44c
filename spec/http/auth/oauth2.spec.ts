// The OAuth 2 grants against a server that we did not write.
import { generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import { importSPKI } from 'jose';
import { OptionError } from '../../../lib/core/index.js';
import {
  type Auth,
  client,
  type HttpClient,
  oauth2ClientCredentials,
  oauth2JwtBearer,
  oauth2RefreshToken,
  type StoredToken,
} from '../../../lib/http/index.js';
import { ask, failure } from '../server.js';
import { clientSecret, type OAuthServer, oauthServer } from './oidc.js';

describe('OAuth 2', () => {
  let server: OAuthServer;
  const clients: HttpClient[] = [];
  afterEach(async () => {
    for (const each of clients.splice(0)) each.close();
    await server.close();
  });
  const api = (auth: Auth, more: Parameters<typeof client>[0] = {}) => {
    const made = client({ baseUrl: server.api.url, auth, ...more });
    clients.push(made);
    return made;
  };

  describe('client credentials', () => {
    for (const clientAuth of ['client_secret_post', 'client_secret_basic'] as const) {
      it(`gets one token for many requests with ${clientAuth}`, async () => {
        server = await oauthServer();
        const clientId = clientAuth === 'client_secret_post' ? 'post' : 'basic';
        const one = api(
          oauth2ClientCredentials({
            tokenUrl: server.tokenUrl,
            clientId,
            clientSecret,
            clientAuth,
            scope: ['read', 'write'],
          }),
        );
        const paths = Array.from({ length: 10 }, (_, page) => `/p${page}`);
        await Promise.all(paths.map((path) => ask(one, path)));
        expect((await ask(one, '/last')).body).to.deep.equal({ data: ['/last'] });
        expect(server.asked.count).to.equal(1);
        const sentHeader = server.asked.headers[0]?.['authorization'];
        expect(sentHeader === undefined).to.equal(clientAuth === 'client_secret_post');
      });
    }

    it('renews a token before it expires, not before each request', async () => {
      server = await oauthServer({ seconds: 100 });
      let now = Date.now();
      const auth = oauth2ClientCredentials({ tokenUrl: server.tokenUrl, clientId: 'post', clientSecret });
      const one = api(auth, { clock: { now: () => now } });
      await ask(one, '/a');
      now += 89_000;
      await ask(one, '/b');
      expect(server.asked.count).to.equal(1);
      now += 2_000;
      await ask(one, '/c');
      expect(server.asked.count).to.equal(2);
      expect(server.api.requests.map(({ url }) => url)).to.deep.equal(['/a', '/b', '/c']);
    });

    it('gets another token once for all requests in flight when the server refuses the one it has', async () => {
      server = await oauthServer();
      const one = api(oauth2ClientCredentials({ tokenUrl: server.tokenUrl, clientId: 'post', clientSecret }));
      await ask(one, '/a');
      server.revoke();
      await Promise.all(Array.from({ length: 8 }, () => ask(one, '/b')));
      expect(server.asked.count).to.equal(2);
    });

    it('gives up when the server refuses the new token as well', async () => {
      server = await oauthServer();
      const one = api(
        oauth2ClientCredentials({
          tokenUrl: server.tokenUrl,
          clientId: 'post',
          clientSecret,
          accessToken: 'MARKED-first',
        }),
      );
      server.good.add = () => server.good;
      const error = await failure(one, '/a');
      expect(error).to.include({ status: 401, transient: false });
      expect(error.message)
        .to.contain('auth oauth2_client_credentials')
        .and.contain('not a good token: ***')
        .and.not.contain('MARKED');
      expect(server.api.requests).to.have.length(2);
      expect(server.asked.count).to.equal(1);
    });

    it('says what the token endpoint said, without the secret', async () => {
      server = await oauthServer();
      const wrong = 'MARKED-wrong/+&';
      const error = await failure(
        api(oauth2ClientCredentials({ tokenUrl: server.tokenUrl, clientId: 'post', clientSecret: wrong })),
        '/a',
      );
      expect(error).to.include({ code: 'ERR_HTTP_STATUS', status: 401, transient: false, url: server.tokenUrl });
      expect(error.message)
        .to.contain('invalid_client')
        .and.contain('token endpoint refused')
        .and.not.contain('MARKED');
      expect(server.api.requests).to.have.length(0);
    });

    it('is transient when the token endpoint cannot be reached', async () => {
      server = await oauthServer();
      const error = await failure(
        api(oauth2ClientCredentials({ tokenUrl: 'http://127.0.0.1:1/token', clientId: 'post', clientSecret })),
        '/a',
      );
      expect(error).to.include({ code: 'ERR_HTTP_CONNECTION', transient: true });
    });

    it('stops asking for a token only when nobody waits for it any more', async () => {
      server = await oauthServer();
      let aborted = 0;
      let ready: () => void = () => {};
      const started = new Promise<void>((resolve) => {
        ready = resolve;
      });
      const auth = oauth2ClientCredentials({ tokenUrl: 'http://127.0.0.1:1/token', clientId: 'post', clientSecret });
      const one = api(auth, {
        fetch: (_, { signal }) =>
          new Promise((_resolve, reject) => {
            ready();
            signal.addEventListener('abort', () => {
              aborted += 1;
              reject(signal.reason);
            });
          }),
      });
      const first = one.send(one.prepare('/a')).subscribe();
      const second = one.send(one.prepare('/b')).subscribe();
      await started;
      first.unsubscribe();
      expect(aborted).to.equal(0);
      second.unsubscribe();
      expect(aborted).to.equal(1);
    });
  });

  describe('refresh token', () => {
    it('keeps a rotated token, and starts the next run with it', async () => {
      server = await oauthServer();
      const refreshToken = await server.refreshToken();
      let stored: StoredToken | undefined;
      const saved: StoredToken[] = [];
      const store = {
        load: () => stored,
        save: (token: StoredToken) => {
          stored = token;
          saved.push(token);
        },
      };
      const make = () =>
        api(oauth2RefreshToken({ tokenUrl: server.tokenUrl, clientId: 'post', clientSecret, refreshToken, store }));
      const one = make();
      await ask(one, '/a');
      server.revoke();
      await ask(one, '/b');
      await ask(make(), '/c');
      expect(saved).to.have.length(3);
      expect(new Set([refreshToken, ...saved.map((each) => each.refreshToken)])).to.have.property('size', 4);
      expect(JSON.stringify(saved.map(({ origin }) => origin))).to.not.contain(refreshToken);
    });

    it('prefers a newly configured token to the stored one', async () => {
      server = await oauthServer();
      const store = { load: () => ({ refreshToken: 'of no use', origin: 'another' }), save: () => {} };
      const refreshToken = await server.refreshToken();
      await ask(
        api(oauth2RefreshToken({ tokenUrl: server.tokenUrl, clientId: 'post', clientSecret, refreshToken, store })),
        '/a',
      );
      expect(server.api.requests).to.have.length(1);
    });
  });

  describe('JWT bearer', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = (key: typeof rsa.privateKey) => key.export({ type: 'pkcs8', format: 'pem' }).toString();
    const publicKey = (key: typeof rsa.publicKey, alg: string) =>
      importSPKI(key.export({ type: 'spki', format: 'pem' }).toString(), alg);

    it('signs with RS256 and ES256', async () => {
      server = await oauthServer({
        keys: { RS256: await publicKey(rsa.publicKey, 'RS256'), ES256: await publicKey(ec.publicKey, 'ES256') },
      });
      for (const [algorithm, key] of [
        ['RS256', rsa.privateKey],
        ['ES256', ec.privateKey],
      ] as const) {
        const auth = oauth2JwtBearer({
          tokenUrl: server.tokenUrl,
          clientId: 'public',
          privateKey: pem(key),
          algorithm,
          scope: 'read',
          keyId: 'k1',
        });
        expect((await ask(api(auth), '/a')).status).to.equal(200);
      }
    });

    it('reads an encrypted key', async () => {
      server = await oauthServer({ keys: { RS256: await publicKey(rsa.publicKey, 'RS256') } });
      const privateKey = rsa.privateKey
        .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open' })
        .toString();
      const options = { tokenUrl: server.tokenUrl, clientId: 'public', privateKey };
      expect((await ask(api(oauth2JwtBearer({ ...options, passphrase: 'open' })), '/a')).status).to.equal(200);
      expect(() => oauth2JwtBearer({ ...options, passphrase: 'wrong' })).to.throw(OptionError, 'passphrase');
    });

    it('refuses a key that does not fit the algorithm', async () => {
      server = await oauthServer();
      expect(() =>
        oauth2JwtBearer({ tokenUrl: server.tokenUrl, clientId: 'public', privateKey: pem(ec.privateKey) }),
      ).to.throw(OptionError, 'rsa');
    });
  });

  it('refuses options that cannot work', async () => {
    server = await oauthServer();
    expect(() => oauth2ClientCredentials({ tokenUrl: '/token', clientId: 'a', clientSecret: 'b' })).to.throw(
      OptionError,
      'tokenUrl',
    );
    expect(() => oauth2ClientCredentials({ tokenUrl: server.tokenUrl, clientId: '', clientSecret: 'b' })).to.throw(
      OptionError,
      'clientId',
    );
    expect(() =>
      oauth2ClientCredentials({ tokenUrl: server.tokenUrl, clientId: 'a', clientAuth: 'client_secret_basic' }),
    ).to.throw(OptionError, 'clientSecret');
  });
});
