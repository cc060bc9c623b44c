// What a checked configuration comes to, with nothing left open: one plan for each resource, every default filled in.
import { type Finding, toProblem } from '../check/from-zod.js';
import { ConfigError, type Path, type Place } from '../check/problem.js';
import type { AuthConfig } from '../config/auth-schema.js';
import type { PaginatorConfig } from '../config/paginator-schema.js';
import type { EndpointConfig, ProcessingStep, ResourceConfig } from '../config/resource-schema.js';
import type { ClientConfig, RestApiConfig } from '../config/source-schema.js';
import type { IncrementalPlan } from '../incremental/cursor.js';
import { type FullResource, withDefaults } from './defaults.js';
import { planIncremental } from './incremental.js';
import { PathFault } from './path-value.js';
import { fieldsOf, fillRequest, type RequestTemplate, requestTemplate } from './request-template.js';

/** The attempts of each request. */
export interface RetryPlan {
  readonly maxRetries: number;
  readonly factor: number;
  /** Milliseconds. */
  readonly initialDelay?: number;
  /** Milliseconds. */
  readonly maxDelay?: number;
}

export interface ResourcePlan {
  readonly name: string;
  readonly table: string;
  /** Whether it becomes a table. */
  readonly selected: boolean;
  readonly writeDisposition: 'append' | 'replace' | 'merge';
  readonly primaryKey: readonly string[];
  readonly request: RequestTemplate;
  readonly paginator: PaginatorConfig;
  /** A JSONPath; `undefined` when the records have to be found. */
  readonly dataSelector: string | undefined;
  /** The endpoint's own; `undefined` for the client's, `null` for none. */
  readonly auth: AuthConfig | null | undefined;
  readonly retry: RetryPlan;
  readonly incremental: IncrementalPlan | undefined;
  /** What is done with each row, in order. */
  readonly steps: readonly ProcessingStep[];
  /** The resource for each row of which this one is asked for. */
  readonly parent: ParentPlan | undefined;
}

export interface ParentPlan {
  readonly name: string;
  /** Fields of the parent's row that each row gets, as `_<parent>_<field>`. */
  readonly include: readonly string[];
  /** How many of the parent's rows are worked on at once. */
  readonly concurrency: number;
}

export interface SourcePlan {
  readonly client: ClientConfig;
  readonly resources: readonly ResourcePlan[];
}

const defaultRetry: RetryPlan = { maxRetries: 3, factor: 2 };
const defaultConcurrency = 4;

/** @throws ConfigError `ERR_CONFIG` for a path that cannot be built */
export function planSource(config: RestApiConfig, place?: (path: Path) => Place | undefined): SourcePlan {
  const found: Finding[] = [];
  const resources = config.resources.map((resource, index) => {
    const plan = planResource(withDefaults(resource, config.resource_defaults), config.client);
    try {
      // A value that stands in the configuration is refused now; one of a parent when it comes.
      if (plan.parent === undefined) fillRequest(plan.request, () => 'x');
    } catch (error) {
      if (!(error instanceof PathFault)) throw error;
      found.push({ code: 'wrong-value', path: ['resources', index, 'endpoint', 'path'], message: error.message });
    }
    return plan;
  });
  if (found.length > 0) throw new ConfigError(found.map((one) => toProblem(one, place?.(one.path))));
  return { client: config.client, resources };
}

function planResource(resource: FullResource, client: ClientConfig): ResourcePlan {
  const { endpoint } = resource;
  const isEntity = isSingleEntity(endpoint.path) && endpoint.paginator == null;
  const request = requestTemplate(endpoint);
  const hints = tableHints(resource);
  return {
    name: resource.name,
    table: resource.table_name ?? resource.name,
    selected: resource.selected ?? true,
    ...hints,
    request,
    paginator: isEntity ? 'single_page' : paginatorOf(endpoint, client),
    dataSelector: endpoint.data_selector ?? (isEntity ? '$' : undefined),
    auth: endpoint.auth,
    retry: planRetry(endpoint.retry ?? client.retry),
    incremental: planIncremental(endpoint, { keepsDuplicates: hints.writeDisposition === 'append' }),
    steps: resource.processing_steps ?? [],
    parent: planParent(resource, request, client),
  };
}

/** An explicit null on the endpoint takes back what the defaults say, so that the client's is used. */
function paginatorOf(endpoint: EndpointConfig, client: ClientConfig): PaginatorConfig {
  return endpoint.paginator ?? client.paginator ?? 'auto';
}

/** dlt's rule: a path whose last segment has a placeholder names one thing, not a list. */
function isSingleEntity(path: string): boolean {
  return /\{[^{}]+\}/.test(path.replaceAll('{{', '').replaceAll('}}', '').split('/').at(-1) ?? '');
}

function planParent(resource: FullResource, request: RequestTemplate, client: ClientConfig): ParentPlan | undefined {
  const name = fieldsOf(request).flatMap((field) => (field.kind === 'parent' ? [field.resource] : []))[0];
  if (name === undefined) return undefined;
  const concurrency = resource.endpoint.concurrency ?? client.concurrency ?? defaultConcurrency;
  return { name, include: resource.include_from_parent ?? [], concurrency };
}

function tableHints(resource: ResourceConfig): Pick<ResourcePlan, 'writeDisposition' | 'primaryKey'> {
  const { primary_key: key, write_disposition: given = 'append' } = resource;
  const primaryKey = key == null ? [] : Array.isArray(key) ? key : [key];
  const disposition = typeof given === 'string' ? given : given.disposition;
  // As in dlt, rows without a key cannot be told apart: merging them is adding them.
  return { primaryKey, writeDisposition: disposition === 'merge' && primaryKey.length === 0 ? 'append' : disposition };
}

function planRetry(retry: EndpointConfig['retry']): RetryPlan {
  if (!retry) return defaultRetry;
  return {
    maxRetries: retry.max_retries ?? defaultRetry.maxRetries,
    factor: retry.factor ?? defaultRetry.factor,
    ...(retry.initial_delay !== undefined && { initialDelay: retry.initial_delay * 1000 }),
    ...(retry.max_delay !== undefined && { maxDelay: retry.max_delay * 1000 }),
  };
}
