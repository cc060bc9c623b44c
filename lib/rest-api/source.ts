// A source: the resources of a configuration as observables, and the run that writes them.
import type { Observable } from 'rxjs';
import type { Row, Rows } from '../core/index.js';
import type { Fetch } from '../http/index.js';
import { checkConfig } from './check/check-config.js';
import type { Path, Place } from './check/problem.js';
import { compileClients } from './compile/client.js';
import { compileAlone } from './compile/compile.js';
import type { RestApiConfig } from './config/source-schema.js';
import { explainResource } from './explain.js';
import { planSource, type ResourcePlan } from './plan/plan.js';
import { readConfig } from './read/read-config.js';
import { runSource, type SourceRun, type SourceRunOptions } from './run-source.js';
import { fillSecrets } from './secrets/fill.js';
import { type SecretOptions, SecretStore } from './secrets/store.js';

export interface RestApiOptions extends SecretOptions {
  /** The source's name: secrets are also looked for in its sections. */
  readonly name?: string;
  /** The transport, as in `client({ fetch })`. */
  readonly fetch?: Fetch;
}

/** The resources of a configuration. */
export interface RestApiSource {
  /** The rows of each resource, by its name. Cold: a subscription asks the API anew. */
  readonly resources: Readonly<Record<string, Observable<Rows<Row>>>>;
  /**
   * Writes `<out>/<table>.parquet` for each selected resource, all at once. A run that was cut short is gone on with.
   *
   * @throws RequestError when the API does not answer, and whatever the sinks throw
   */
  run(options: SourceRunOptions): Promise<SourceRun>;
  /** The chains that the configuration is compiled to, as TypeScript. Without secrets. */
  explain(): string;
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

function compileSource(
  config: unknown,
  options: RestApiOptions,
  place?: (path: Path) => Place | undefined,
): RestApiSource {
  const { name } = options;
  const filled = checkConfig(config, { store: new SecretStore(options), name, ...(place && { place }) });
  const plan = planSource(filled.config, place);
  const clients = compileClients(plan, { secrets: filled.values, fetch: options.fetch });
  const compile = { plans: plan.resources, clientOf: (resource: ResourcePlan) => clients.for(resource) };
  return {
    resources: Object.fromEntries(plan.resources.map((resource) => [resource.name, compileAlone(resource, compile)])),
    run: (run) => runSource(compile, run),
    explain: () => planSource(shownConfig(config)).resources.map(explainResource).join('\n\n'),
  };
}

/** The configuration with `***` for each secret. */
function shownConfig(config: unknown): RestApiConfig {
  return fillSecrets(config as RestApiConfig, { find: () => ({ found: true, value: '***' }) }).config;
}
