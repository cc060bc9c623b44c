// Makes the clients of a source: one for all resources, and one for each endpoint with an auth of its own.
import { client, type Fetch, type HttpClient, type RateLimit, rateLimit } from '../../http/index.js';
import type { AuthConfig } from '../config/auth-schema.js';
import type { ResourcePlan, SourcePlan } from '../plan/plan.js';
import { compileAuth } from './auth.js';
import { camelCase } from './camel-case.js';

export interface Clients {
  for(resource: ResourcePlan): HttpClient;
  close(): void;
}

export interface ClientsOptions {
  /** All secrets of the configuration. */
  readonly secrets: readonly string[];
  readonly fetch?: Fetch | undefined;
}

export function compileClients(plan: SourcePlan, { secrets, fetch }: ClientsOptions): Clients {
  const made = new Map<string, HttpClient>();
  const { client: config } = plan;
  const limit = config.rate_limit && sharedLimit(config.rate_limit);
  // Whoever writes a whole address into a configuration wants it to be asked with the configuration's credentials.
  const origins = new Set(plan.resources.flatMap(({ request }) => originOf(request.path)));

  function make(auth: AuthConfig | null | undefined): HttpClient {
    const scheme = compileAuth(auth as Exclude<AuthConfig, string> | null | undefined, secrets);
    return client({
      baseUrl: config.base_url,
      ...(scheme && { auth: scheme }),
      ...(fetch && { fetch }),
      ...(config.headers && { headers: config.headers }),
      ...(config.timeout !== undefined && { timeout: config.timeout * 1000 }),
      ...(limit && { rateLimit: limit }),
      ...(origins.size > 0 && { allowedOrigins: [...origins] }),
    });
  }

  return {
    for({ auth = config.auth }) {
      const key = JSON.stringify(auth ?? null);
      const known = made.get(key) ?? make(auth);
      made.set(key, known);
      return known;
    },
    close: () => {
      for (const each of made.values()) each.close();
    },
  };
}

function sharedLimit({ interval, ...limit }: NonNullable<SourcePlan['client']['rate_limit']>): RateLimit {
  return rateLimit(camelCase({ ...limit, ...(interval !== undefined && { interval: interval * 1000 }) }));
}

function originOf(url: string): string[] {
  return /^https?:\/\//i.test(url) && URL.canParse(url) ? [new URL(url).origin] : [];
}
