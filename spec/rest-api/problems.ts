// Runs the check on a configuration and gives its problems.
import { checkConfig } from '../../lib/rest-api/check/check-config.js';
import { ConfigError, type Problem } from '../../lib/rest-api/check/problem.js';
import { SecretStore } from '../../lib/rest-api/secrets/store.js';

/** The problems of a configuration, with nothing in the environment; an empty list when it is in order. */
export function problemsOf(config: unknown, env: Record<string, string> = {}): readonly Problem[] {
  try {
    checkConfig(config, { store: new SecretStore({ env }) });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** A configuration with one resource, and what a spec puts in its place. */
export function source(parts: {
  readonly client?: object;
  readonly defaults?: object;
  readonly resource?: unknown;
  readonly endpoint?: object;
}): object {
  return {
    client: { base_url: 'https://api.example.com', paginator: 'single_page', ...parts.client },
    ...(parts.defaults && { resource_defaults: parts.defaults }),
    resources: [parts.resource ?? { name: 'projects', endpoint: { path: '/v1/projects', ...parts.endpoint } }],
  };
}
