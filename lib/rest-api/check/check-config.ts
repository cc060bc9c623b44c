// Checks a whole configuration before anything is asked of a server: finds every problem, not only the first.
import { type RestApiConfig, sourceSchema } from '../config/source-schema.js';
import { type Filled, fillSecrets } from '../secrets/fill.js';
import type { SecretSource } from '../secrets/store.js';
import { type Finding, findings, toProblem } from './from-zod.js';
import { ConfigError, type Path, type Place, type Problem, pathText } from './problem.js';
import { ruleFindings, type SoundParts } from './rules.js';

export interface CheckOptions {
  readonly store: SecretSource;
  /** The source's name among dlt's sections. */
  readonly name?: string | undefined;
  /** Where in its file something stands. */
  place?(path: Path): Place | undefined;
}

/**
 * The configuration with its secrets in it.
 *
 * @throws ConfigError `ERR_CONFIG` with all problems
 */
export function checkConfig(config: unknown, { store, name, place }: CheckOptions): Filled<RestApiConfig> {
  const result = sourceSchema.safeParse(config);
  const found = result.success ? [] : onePlaceOnce(findings(result.error.issues, config));
  // Of what is wrong by itself, nothing more is said.
  const wrong = new Set(found.map(({ path }) => pathText(path)));
  found.push(...ruleFindings(soundParts(config, found)).filter(({ path }) => !wrong.has(pathText(path))));
  const filled = fillSecrets(config as RestApiConfig, store, name);
  found.push(...filled.missing);
  if (found.length > 0)
    throw new ConfigError(inOrder(found.map((finding) => toProblem(finding, place?.(finding.path)))));
  return filled;
}

/** Of several at one place the last: what a value of the right type lacks is said after what other types it might have. */
function onePlaceOnce(found: readonly Finding[]): Finding[] {
  return [...new Map(found.map((finding) => [pathText(finding.path), finding])).values()];
}

function inOrder(problems: readonly Problem[]): Problem[] {
  return [...problems].sort(
    (a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0) || (a.place?.column ?? 0) - (b.place?.column ?? 0),
  );
}

/** The parts without a finding in them, so that the further checks can rely on their shape. */
function soundParts(config: unknown, found: readonly Finding[]): SoundParts {
  const root = (config !== null && typeof config === 'object' ? config : {}) as Readonly<Record<string, unknown>>;
  // A key too many takes nothing from the others.
  const serious = found.filter(({ code }) => code !== 'unknown-key' && code !== 'unsupported');
  const broken = (...path: Path) => serious.some(({ path: own }) => path.every((part, index) => own[index] === part));
  const sound = (key: string) => (broken(key) ? undefined : (root[key] ?? undefined));
  const resources = Array.isArray(root['resources']) ? root['resources'] : [];
  return {
    client: sound('client') as SoundParts['client'],
    defaults: sound('resource_defaults') as SoundParts['defaults'],
    resources: resources.map((resource, index) => (broken('resources', index) ? undefined : resource)),
    names: resources.flatMap(nameOf),
  };
}

/** The name of a resource, whatever else is wrong with it: others may depend on it. */
function nameOf(resource: unknown): string[] {
  const name = typeof resource === 'string' ? resource : (resource as { readonly name?: unknown } | null)?.name;
  return typeof name === 'string' ? [name] : [];
}
