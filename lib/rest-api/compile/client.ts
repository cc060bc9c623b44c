// Makes the clients of a source: one for all resources, and one for each endpoint with settings of its own. They share their connections
// and their budget of requests.
import {
  type AuthScheme,
  type ClientOptions,
  client,
  type HttpClient,
  type RateLimit,
  rateLimit,
  type TlsOptions,
  transport,
} from '../../http/index.js';
import { type AuthConfig, isAuth } from '../config/auth-schema.js';
import { originOf } from '../config/keys.js';
import type { ClientConfig } from '../config/source-schema.js';
import type { ResourcePlan, SourcePlan } from '../plan/plan.js';
import type { KeptTokens } from '../secrets/kept-tokens.js';
import { compileAuth } from './auth.js';
import { camelCase } from './camel-case.js';
import { togetherLimits } from './together-limits.js';

export interface Clients {
  for(resource: ResourcePlan): HttpClient;
  /** Closes the connections that are kept and not in use. */
  closeIdle(): void;
}

export interface ClientsOptions {
  /** All secrets of the configuration. */
  readonly secrets: readonly string[];
  readonly fetch?: ClientOptions['fetch'] | undefined;
  /** Where refresh tokens are kept that a server rotates. */
  readonly tokens: KeptTokens;
}

export function compileClients(plan: SourcePlan, { secrets, fetch, tokens }: ClientsOptions): Clients {
  const made = new Map<string, HttpClient>();
  const schemes = new Map<string, AuthScheme>();
  const identities = new Map<unknown, number>();
  const { client: config } = plan;
  const shared = limitOf(config.rate_limit ?? {});
  const connections = transportOptions(config);
  const { fetch: send, closeIdle } =
    typeof fetch === 'function'
      ? { fetch, closeIdle: () => {} }
      : transport({ ...connections, ...(fetch && { fetch }) });

  function make(settings: ClientSettings, origins: readonly string[]): HttpClient {
    const scheme = schemeOf(settings.auth);
    const { timeout, responseFormat, rateLimit: extra, allowedOrigins = [], ...limits } = settings.transfer;
    return client({
      baseUrl: config.base_url,
      ...connections,
      fetch: send,
      ...(scheme && { auth: scheme }),
      ...(config.headers && { headers: config.headers }),
      ...limits,
      ...(timeout !== undefined && { timeout: timeoutOf(timeout) }),
      ...(responseFormat !== undefined && { format: responseFormat }),
      rateLimit: extra ? togetherLimits(shared, limitOf(extra)) : shared,
      allowedOrigins: [...origins, ...allowedOrigins],
      secrets,
    });
  }

  /** One for all clients that have the same: a token is fetched once, and one that can be used once is not used twice. */
  function schemeOf(auth: ClientSettings['auth']): AuthScheme | undefined {
    if (!auth) return undefined;
    const key = nameOf(auth);
    const known = schemes.get(key) ?? compileAuth(auth, tokens);
    schemes.set(key, known);
    return known;
  }

  /** Stands for an auth. What a program gives as an object or a function is told apart by its identity. */
  function nameOf(auth: ClientSettings['auth']): string {
    if (!isAuth(auth)) return JSON.stringify(auth ?? null);
    const identity = identities.get(auth) ?? identities.size;
    identities.set(auth, identity);
    return String(identity);
  }

  return {
    for({ name, auth = config.auth, transfer, request }) {
      // Whoever writes a whole address wants it to be asked with the credentials of its resource, and with those of no other.
      const origins = [originOf(request.path)].filter((each) => each !== undefined);
      // A budget of its own makes a resource's client its own.
      const key = JSON.stringify([transfer.rateLimit ? name : '', origins, nameOf(auth), transfer]);
      const known = made.get(key) ?? make({ auth, transfer }, origins);
      made.set(key, known);
      return known;
    },
    closeIdle,
  };
}

interface ClientSettings {
  readonly auth: AuthConfig | null | undefined;
  readonly transfer: ResourcePlan['transfer'];
}

function transportOptions({ proxy, tls, max_connections: maxSockets, keep_alive: keepAlive, timeout }: ClientConfig) {
  const connect = typeof timeout === 'object' ? timeout.connect : undefined;
  return {
    ...(proxy !== undefined && { proxy }),
    ...(tls && { tls: tlsOf(tls) }),
    ...(keepAlive !== undefined && { keepAlive }),
    ...(maxSockets !== undefined && { maxSockets }),
    ...(connect !== undefined && { connectTimeout: connect * 1000 }),
  };
}

function tlsOf({ pfx, ...texts }: NonNullable<ClientConfig['tls']>): NonNullable<ClientOptions['tls']> {
  return {
    ...(camelCase(texts) as Omit<TlsOptions, 'pfx'>),
    ...(pfx !== undefined && { pfx: Buffer.from(pfx, 'base64') }),
  };
}

function timeoutOf(timeout: NonNullable<ClientConfig['timeout']>): NonNullable<ClientOptions['timeout']> {
  if (typeof timeout === 'number') return timeout * 1000;
  const { connect: _, ...parts } = camelCase(timeout) as Record<string, number>;
  return Object.fromEntries(Object.entries(parts).map(([name, seconds]) => [name, seconds * 1000]));
}

function limitOf({ interval, max_server_wait: wait, ...limit }: NonNullable<ClientConfig['rate_limit']>): RateLimit {
  const times = {
    ...(interval !== undefined && { interval: interval * 1000 }),
    ...(wait !== undefined && { maxServerWait: wait * 1000 }),
  };
  return rateLimit(camelCase({ ...limit, ...times }));
}
