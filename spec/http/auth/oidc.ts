// A real OAuth 2 server, and an API that takes its tokens and no others.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, jwtVerify } from 'jose';
import Provider, { type Adapter, type AdapterPayload, type Configuration } from 'oidc-provider';
import { json, serve, type TestServer } from '../server.js';

export interface OAuthServer {
  readonly tokenUrl: string;
  /** An API behind the server. */
  readonly api: TestServer;
  /** How often a token was asked for. */
  readonly asked: { count: number; readonly headers: Record<string, unknown>[]; readonly bodies: string[] };
  /** Makes all tokens given out so far useless. */
  revoke(): void;
  /** A refresh token such as a person gets who logs in. */
  refreshToken(): Promise<string>;
  /** Tokens that the API takes. */
  readonly good: Set<string>;
  close(): Promise<void>;
}

export const jwtGrant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
export const clientSecret = 'MARKED-secret/+&=';

const signing = generateKeyPair('ES256', { extractable: true }).then(({ privateKey }) => exportJWK(privateKey));

/** The server's memory. Its own would do, but warns on the console. */
class Memory implements Adapter {
  readonly #all = new Map<string, AdapterPayload>();

  async upsert(id: string, payload: AdapterPayload): Promise<void> {
    this.#all.set(id, payload);
  }
  async find(id: string): Promise<AdapterPayload | undefined> {
    return this.#all.get(id);
  }
  async findByUid(): Promise<undefined> {}
  async findByUserCode(): Promise<undefined> {}
  async consume(id: string): Promise<void> {
    this.#all.set(id, { ...this.#all.get(id), consumed: Math.floor(Date.now() / 1000) });
  }
  async destroy(id: string): Promise<void> {
    this.#all.delete(id);
  }
  async revokeByGrantId(): Promise<void> {
    this.#all.clear();
  }
}

/** `seconds`: how long tokens are good for. `keys`: public keys that a statement may be signed with. */
export async function oauthServer({
  seconds = 3600,
  keys = {} as Record<string, CryptoKey>,
} = {}): Promise<OAuthServer> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const grants = {
    redirect_uris: [],
    response_types: [],
    grant_types: ['client_credentials', 'refresh_token', jwtGrant],
  };
  const configuration: Configuration = {
    clients: [
      { client_id: 'post', client_secret: clientSecret, token_endpoint_auth_method: 'client_secret_post', ...grants },
      { client_id: 'basic', client_secret: clientSecret, token_endpoint_auth_method: 'client_secret_basic', ...grants },
      { client_id: 'public', token_endpoint_auth_method: 'none', ...grants },
    ] as NonNullable<Configuration['clients']>,
    features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
    scopes: ['openid', 'offline_access', 'read', 'write'],
    ttl: { ClientCredentials: seconds, AccessToken: seconds, RefreshToken: 3600, Grant: 3600, IdToken: 3600 },
    rotateRefreshToken: true,
    jwks: { keys: [{ ...(await signing), use: 'sig', alg: 'ES256' }] } as NonNullable<Configuration['jwks']>,
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    adapter: (() => new Memory()) as unknown as NonNullable<Configuration['adapter']>,
    cookies: { keys: ['of-no-use'] },
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
  };
  const provider = new Provider(issuer, configuration);
  const good = new Set<string>();
  const asked: OAuthServer['asked'] = { count: 0, headers: [], bodies: [] };

  provider.registerGrantType(
    jwtGrant,
    async (context) => {
      const { assertion = '' } = context.oidc.params as Record<string, string>;
      const { payload, protectedHeader } = await jwtVerify(assertion, (header) => keys[header.alg] as CryptoKey, {
        audience: `${issuer}/token`,
        issuer: 'public',
        requiredClaims: ['exp', 'iat', 'jti', 'sub'],
      });
      const client = context.oidc.client as NonNullable<typeof context.oidc.client>;
      const token = new provider.ClientCredentials({ client, scope: String(payload['scope'] ?? '') });
      context.body = {
        access_token: await token.save(),
        token_type: 'Bearer',
        expires_in: seconds,
        alg: protectedHeader.alg,
      };
    },
    ['assertion', 'scope'],
  );
  provider.use(async (context, next) => {
    await next();
    if (context.path !== '/token') return;
    asked.count += 1;
    asked.headers.push(context.headers);
    const body = context.body as { access_token?: string };
    if (body.access_token !== undefined) good.add(body.access_token);
  });
  server.on('request', provider.callback());

  const api = await serve((request, response) => {
    const token = (request.headers.authorization ?? '').replace(/^Bearer /, '');
    if (good.has(token)) json(response, { data: [request.url] });
    else json(response, { error: `not a good token: ${token}` }, 401);
  });
  return {
    tokenUrl: `${issuer}/token`,
    api,
    asked,
    good,
    revoke: () => good.clear(),
    refreshToken: async () => {
      const client = (await provider.Client.find('post')) as NonNullable<
        Awaited<ReturnType<typeof provider.Client.find>>
      >;
      const grant = new provider.Grant({ accountId: 'me', clientId: 'post' });
      grant.addOIDCScope('openid offline_access');
      const refresh = new provider.RefreshToken({
        accountId: 'me',
        client,
        grantId: await grant.save(),
        gty: 'authorization_code',
        scope: 'openid offline_access',
        claims: {},
        acr: '',
        amr: [],
        authTime: Math.floor(Date.now() / 1000),
        nonce: '',
        resource: undefined as unknown as string,
        rotations: 0,
        iiat: Math.floor(Date.now() / 1000),
        sessionUid: 'session',
        sid: 'session',
        expiresWithSession: false,
      } as never);
      return refresh.save();
    },
    close: async () => {
      await api.close();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}
