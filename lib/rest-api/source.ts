// A source: the resources of a configuration as observables, and the run that writes them.
import type { Observable } from 'rxjs';
import { type HighWater, OptionError, type Row, type Rows } from '../core/index.js';
import type { ClientOptions, HttpClient } from '../http/index.js';
import { checkConfig } from './check/check-config.js';
import type { Path, Place } from './check/problem.js';
import { compileClients } from './compile/client.js';
import { compileAlone, tablesOf } from './compile/compile.js';
import type { ClientConfig, RestApiConfig } from './config/source-schema.js';
import { diagram } from './diagram.js';
import { explainResource } from './explain.js';
import { memoryBytes } from './memory-size.js';
import { planSource, type ResourcePlan } from './plan/plan.js';
import { readConfig } from './read/read-config.js';
import { named, type SourceRunOptions } from './run-options.js';
import type { SourceRun } from './run-source.js';
import { fillSecrets } from './secrets/fill.js';
import { KeptTokens } from './secrets/kept-tokens.js';
import { type SecretOptions, SecretStore } from './secrets/store.js';
import { SourceState, type SourceStateOptions } from './source-state.js';

export interface RestApiOptions extends SecretOptions {
  /** The source's name: secrets are also looked for in its sections. */
  readonly name?: string;
  /** The transport, as in `client({ fetch })`. */
  readonly fetch?: ClientOptions['fetch'];
  /** Requests at once: of each resource, and of all of them together. In place of what the configuration says. At least 1. */
  readonly concurrency?: number;
  /**
   * The folder of the tables, beside whose state refresh tokens are kept that a server rotates, also where resources are read without a run.
   * @default that of the first run; until then in memory
   */
  readonly out?: string;
}

/** The resources of a configuration. */
export interface RestApiSource {
  /** The rows of each resource, by its name. Cold: a subscription asks the API anew. */
  readonly resources: Readonly<Record<string, Observable<Rows<Row>>>>;
  /**
   * Writes `<out>/<table>.parquet` (or another format) for each selected resource, all at once. A run that was cut short is gone on with.
   *
   * @throws RequestError when the API does not answer, and whatever the sinks throw
   */
  run(options: SourceRunOptions): Promise<SourceRun>;
  /**
   * The rows of a page by the tables that they go to, as `run` would write them.
   *
   * @throws ResourceError `ERR_TABLE_NAME`, `ERR_TABLE_HINT` for a row that names no table, or says of it what it may not
   * @example
   * const people = restApi({
   *   client: { base_url: 'https://api.example.com' },
   *   resources: [{ name: 'people', table_name: { by: 'item.name' } }],
   * });
   * people.resources['people']!.subscribe((page) => console.log(people.tablesOf('people', page).get('Ada')));
   */
  tablesOf(resource: string, page: Rows<Row>): ReadonlyMap<string, readonly Row[]>;
  /** What a later run must know, in the folder of the tables. */
  state(options: SourceStateOptions): SourceState;
  /** The chains that the configuration is compiled to, as TypeScript. Without secrets. */
  explain(): string;
  /** Which resource feeds which, and which table, as a diagram in Mermaid. Without secrets. */
  diagram(): string;
}

/**
 * A source from a configuration with the keys of dlt's `rest_api`. It is checked whole before anything is asked.
 *
 * @throws ConfigError `ERR_CONFIG` with all problems
 * @example
 * const source = restApi({
 *   client: { base_url: 'https://api.example.com' },
 *   resources: [{ name: 'projects', endpoint: { path: '/v1/projects', paginator: { type: 'offset', limit: 100 } } }],
 * });
 * await source.run({ out: 'out' });
 */
export function restApi(config: RestApiConfig, options: RestApiOptions = {}): RestApiSource {
  return compileSource(config, options);
}

/**
 * A source from a configuration's file. `secrets.toml` is also looked for beside it.
 *
 * @throws ConfigError `ERR_CONFIG` with all problems, and where in the file they are
 */
export async function restApiFile(file: string, options: RestApiOptions = {}): Promise<RestApiSource> {
  const { config, folder, place } = await readConfig(file);
  return compileSource(config, { folder, ...options }, place);
}

/**
 * The client that a configuration describes: with its base URL, its headers, its limits, and its credentials, also those that are
 * looked up among the secrets.
 *
 * @throws ConfigError `ERR_CONFIG` with all problems
 * @example
 * const auth = { type: 'bearer', token: '{secrets.token}' } as const;
 * const api = restApiClient({ base_url: 'https://api.example.com', auth }, { secrets: { token: 's3cr3t' } });
 */
export function restApiClient(config: ClientConfig, options: RestApiOptions = {}): HttpClient {
  const { name, fetch } = options;
  // A resource that is never asked for: a configuration has at least one.
  const filled = checkConfig({ client: config, resources: ['-'] }, { store: new SecretStore(options), name });
  const plan = planSource(filled.config);
  const tokens = new KeptTokens(options.out);
  return compileClients(plan, { secrets: filled.values, fetch, tokens }).for(plan.resources[0]!);
}

function compileSource(
  config: unknown,
  options: RestApiOptions,
  place?: (path: Path) => Place | undefined,
): RestApiSource {
  const { name } = options;
  const filled = checkConfig(config, { store: new SecretStore(options), name, ...(place && { place }) });
  const plan = planSource(withConcurrency(filled.config, options.concurrency), place);
  const tokens = new KeptTokens(options.out);
  const clients = compileClients(plan, { secrets: filled.values, fetch: options.fetch, tokens });
  const compile = {
    plans: plan.resources,
    baseUrl: plan.client.base_url,
    clientOf: (resource: ResourcePlan) => clients.for(resource),
    highWaterMark: (plan.client.high_water_mark as Partial<HighWater> | undefined) ?? {},
  };
  const { max_memory: memory } = plan.client;
  const maxMemory = typeof memory === 'string' ? memoryBytes(memory) : memory;
  return {
    resources: Object.fromEntries(plan.resources.map((resource) => [resource.name, compileAlone(resource, compile)])),
    // What writes tables is loaded when there is something to write: to check or to explain starts in half the time.
    run: async (run) => {
      const { runSource } = await import('./run-source.js');
      await tokens.keepBeside(run.out);
      try {
        return await runSource(compile, { ...(maxMemory !== undefined && { maxMemory }), ...run });
      } finally {
        // The next run may be far off, or of another source.
        clients.closeIdle();
      }
    },
    tablesOf: (resource, page) => tablesOf(named(plan.resources, resource), page, compile),
    state: (state) => new SourceState(plan.resources, state),
    explain: () => planSource(shownConfig(config)).resources.map(explainResource).join('\n\n'),
    diagram: () => diagram(planSource(shownConfig(config)).resources),
  };
}

/** The configuration with `***` for each secret. */
function shownConfig(config: unknown): RestApiConfig {
  return fillSecrets(config as RestApiConfig, { find: () => ({ found: true, value: '***' }) }).config;
}

/** @throws OptionError `ERR_INVALID_OPTION` */
function withConcurrency(config: RestApiConfig, concurrency: number | undefined): RestApiConfig {
  if (concurrency === undefined) return config;
  if (!(Number.isInteger(concurrency) && concurrency > 0))
    throw new OptionError('concurrency', `must be a whole number above 0, not ${concurrency}`);
  const { client, resources } = config;
  return {
    ...config,
    client: { ...client, concurrency, rate_limit: { ...client.rate_limit, concurrency } },
    resources: resources.map((resource) => {
      if (typeof resource === 'string') return resource;
      const { endpoint } = resource;
      return typeof endpoint === 'object' && endpoint !== null && endpoint.concurrency !== undefined
        ? { ...resource, endpoint: { ...endpoint, concurrency } }
        : resource;
    }),
  };
}
