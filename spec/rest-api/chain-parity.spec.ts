// Whatever a chain can say of requests, retries, walks and credentials, a configuration can say, and the other way round. The
// tables name every option of the chain's types: a new one does not compile before it has a key, or a reason for having none.
import { expect } from 'chai';
import { z } from 'zod';
import type {
  ApiKeyOptions,
  BasicOptions,
  ClientCredentialsOptions,
  ClientOptions,
  JwtBearerOptions,
  RateLimitOptions,
  RefreshTokenOptions,
  SessionTokenOptions,
  Timeouts,
  TlsOptions,
} from '../../lib/http/index.js';
import { builtIn } from '../../lib/pages/built-in.js';
import type { PagesOptions, ResponseAction } from '../../lib/pages/index.js';
import { authSchema } from '../../lib/rest-api/config/auth-schema.js';
import { paginatorSchema } from '../../lib/rest-api/config/paginator-schema.js';
import { endpointSchema } from '../../lib/rest-api/config/resource-schema.js';
import { clientSchema } from '../../lib/rest-api/config/source-schema.js';
import type { RetryPolicy } from '../../operators/index.js';

/** The key of a configuration for each option of a chain; in brackets why there is none. */
type Table<T> = Readonly<Record<keyof Required<T>, string>>;

const clientTable: Table<ClientOptions> = {
  baseUrl: 'base_url',
  auth: 'auth',
  headers: 'headers',
  allowedOrigins: 'allowed_origins',
  timeout: 'timeout',
  maxBodyBytes: 'max_body_bytes',
  maxRedirects: 'max_redirects',
  format: 'response_format',
  rateLimit: 'rate_limit',
  maxSockets: 'max_connections',
  keepAlive: 'keep_alive',
  tls: 'tls',
  proxy: 'proxy',
  secrets: '(each {secrets.…} is one)',
  fetch: '(an option of restApi)',
  clock: '(for tests)',
};
const walkTable: Table<PagesOptions> = {
  maxPages: 'max_pages',
  maxBytes: 'max_bytes',
  allowRepeatedPages: 'allow_repeated_pages',
  concurrency: 'concurrency',
  hooks: 'hooks',
  from: '(the state of the runs)',
  records: '(data_selector, of an endpoint)',
  actions: '(response_actions, of an endpoint)',
};
const retryTable: Table<RetryPolicy> = {
  maxRetries: 'max_retries',
  initialDelay: 'initial_delay',
  factor: 'factor',
  maxDelay: 'max_delay',
  maxServerWait: 'max_server_wait',
  jitter: 'jitter',
  statuses: 'statuses',
  when: 'when',
  maxElapsed: 'max_elapsed',
  retryNonIdempotent: 'retry_non_idempotent',
  delay: 'delay',
};
const limitTable: Table<RateLimitOptions> = {
  requests: 'requests',
  interval: 'interval',
  burst: 'burst',
  concurrency: 'concurrency',
  per: 'per',
  followServer: 'follow_server',
  maxServerWait: 'max_server_wait',
};
const timeoutTable: Table<Timeouts> = {
  whole: 'whole',
  connect: 'connect',
  firstByte: 'first_byte',
  body: 'body',
  idle: 'idle',
};
const tlsTable: Table<TlsOptions> = { ca: 'ca', cert: 'cert', key: 'key', pfx: 'pfx', passphrase: 'passphrase' };
const actionTable: Table<ResponseAction> = {
  status: 'status_code',
  content: 'content',
  when: 'when',
  action: 'action',
  message: 'message',
};
const tokenTable = {
  tokenUrl: 'access_token_url',
  clientId: 'client_id',
  clientSecret: 'client_secret',
  clientAuth: 'client_auth',
  scope: 'scope',
  tokenRequestData: 'access_token_request_data',
  tokenRequestHeaders: 'access_token_request_headers',
  parseToken: 'parse_token',
  defaultExpiration: 'default_token_expiration',
  prefix: 'prefix',
};
const authTables: {
  readonly bearer: Readonly<Record<string, string>>;
  readonly api_key: Table<ApiKeyOptions>;
  readonly http_basic: Table<BasicOptions>;
  readonly oauth2_client_credentials: Table<ClientCredentialsOptions>;
  readonly oauth2_refresh_token: Table<RefreshTokenOptions>;
  readonly oauth2_jwt_bearer: Table<JwtBearerOptions>;
  readonly session_token: Table<SessionTokenOptions>;
} = {
  bearer: { token: 'token' },
  api_key: { name: 'name', apiKey: 'api_key', location: 'location' },
  http_basic: { username: 'username', password: 'password' },
  oauth2_client_credentials: { ...tokenTable, accessToken: 'access_token' },
  oauth2_refresh_token: {
    ...tokenTable,
    accessToken: 'access_token',
    refreshToken: 'refresh_token',
    store: 'token_file',
  },
  oauth2_jwt_bearer: {
    ...tokenTable,
    privateKey: 'private_key',
    passphrase: 'private_key_passphrase',
    algorithm: 'algorithm',
    keyId: 'key_id',
    issuer: 'issuer',
    subject: 'subject',
    audience: 'audience',
    claims: 'claims',
    lifetime: 'lifetime',
  },
  session_token: {
    login: 'login',
    tokenPath: 'token_path',
    tokenHeader: 'token_header',
    expiresInPath: 'expires_in_path',
    lifetime: 'lifetime',
    header: 'header',
    prefix: 'prefix',
  },
};

/** Keys of a client for what is no option of the chain's client or walk. */
const otherClientKeys = ['paginator', 'retry', 'checkpoint', 'high_water_mark', 'max_memory', 'session'];
/** Keys of an endpoint that a client has not, and those that only a client has. */
const endpointOnly = ['path', 'method', 'params', 'json', 'data', 'data_selector', 'response_actions', 'incremental'];
const clientOnly = [
  'base_url',
  'session',
  'proxy',
  'tls',
  'max_connections',
  'keep_alive',
  'high_water_mark',
  'max_memory',
];

describe('a configuration and a chain', () => {
  const keysIn = (table: Readonly<Record<string, string>>) =>
    Object.values(table).filter((key) => !key.startsWith('('));
  const check = (table: Readonly<Record<string, string>>, schema: unknown, others: readonly string[] = []) =>
    expect(Object.keys(objectIn(schema).shape)).to.have.members([...keysIn(table), ...others]);
  const client = clientSchema.shape;

  it('say the same of a client and of its walks', () => {
    check({ ...clientTable, ...walkTable }, clientSchema, otherClientKeys);
  });

  it('say the same of retries, budgets, timeouts and certificates', () => {
    check(retryTable, client.retry);
    check(limitTable, client.rate_limit);
    check(timeoutTable, client.timeout);
    check(tlsTable, client.tls);
  });

  it('say the same of response actions', () => {
    check(actionTable, endpointSchema.shape.response_actions);
  });

  it('say the same on an endpoint as on the client', () => {
    const shared = Object.keys(client).filter((key) => !clientOnly.includes(key));
    expect(Object.keys(endpointSchema.shape)).to.have.members([...shared, ...endpointOnly]);
  });

  for (const [type, table] of Object.entries(authTables)) {
    it(`say the same of the auth ${type}`, () => {
      check(table, objectOfType(authSchema, type), ['type']);
    });
  }

  for (const [type, { options }] of Object.entries(builtIn)) {
    it(`say the same of the paginator ${type}`, () => {
      const keys = options.map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
      expect(Object.keys(objectOfType(paginatorSchema, type).shape)).to.have.members([...keys, 'type']);
    });
  }
});

/** All objects that a schema allows at its top. */
function objectsIn(schema: unknown): z.ZodObject[] {
  if (schema instanceof z.ZodObject) return [schema];
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return objectsIn(schema.unwrap());
  if (schema instanceof z.ZodArray) return objectsIn(schema.element);
  return schema instanceof z.ZodUnion ? schema.options.flatMap(objectsIn) : [];
}

function objectIn(schema: unknown): z.ZodObject {
  const [found, ...others] = objectsIn(schema);
  expect(others).to.deep.equal([]);
  return found!;
}

function objectOfType(schema: unknown, type: string): z.ZodObject {
  const found = objectsIn(schema).filter(({ shape }) => shape['type']?.safeParse(type).success && 'type' in shape);
  const [first] = found.filter(({ shape }) => !(shape['type'] instanceof z.ZodString));
  return first!;
}
