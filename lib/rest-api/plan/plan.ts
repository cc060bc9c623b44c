// What a checked configuration comes to, with nothing left open: one plan for each resource, every default filled in.

import type { Params, Request } from '../../core/index.js';
import { type Finding, toProblem } from '../check/from-zod.js';
import { ConfigError, type Path, type Place } from '../check/problem.js';
import type { AuthConfig } from '../config/auth-schema.js';
import type { PaginatorConfig } from '../config/paginator-schema.js';
import type { EndpointConfig, ResourceConfig } from '../config/resource-schema.js';
import type { ClientConfig, RestApiConfig } from '../config/source-schema.js';
import { type FullResource, withDefaults } from './defaults.js';
import { PathFault, pathValue } from './fill-path.js';
import { renderText, renderValue } from './render.js';
import { parseTemplate } from './template.js';

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
  readonly request: Partial<Request> & { readonly url: string };
  readonly paginator: Exclude<PaginatorConfig, string>;
  /** A JSONPath; `undefined` when the records have to be found. */
  readonly dataSelector: string | undefined;
  /** The endpoint's own; `undefined` for the client's, `null` for none. */
  readonly auth: AuthConfig | null | undefined;
  readonly retry: RetryPlan;
}

export interface SourcePlan {
  readonly client: ClientConfig;
  readonly resources: readonly ResourcePlan[];
}

const defaultRetry: RetryPlan = { maxRetries: 3, factor: 2 };

/** @throws ConfigError `ERR_CONFIG` for a path that cannot be built */
export function planSource(config: RestApiConfig, place?: (path: Path) => Place | undefined): SourcePlan {
  const found: Finding[] = [];
  const resources = config.resources.map((resource, index) => {
    const full = withDefaults(resource, config.resource_defaults);
    try {
      return planResource(full, config.client);
    } catch (error) {
      if (!(error instanceof PathFault)) throw error;
      found.push({ code: 'wrong-value', path: ['resources', index, 'endpoint', 'path'], message: error.message });
      return undefined;
    }
  });
  if (found.length > 0) throw new ConfigError(found.map((one) => toProblem(one, place?.(one.path))));
  return { client: config.client, resources: resources.filter((plan) => plan !== undefined) };
}

function planResource(resource: FullResource, client: ClientConfig): ResourcePlan {
  const { endpoint } = resource;
  const isEntity = isSingleEntity(endpoint.path) && endpoint.paginator == null;
  const selector = endpoint.data_selector ?? (isEntity ? '$' : undefined);
  return {
    name: resource.name,
    table: resource.table_name ?? resource.name,
    selected: resource.selected ?? true,
    ...tableHints(resource),
    request: planRequest(endpoint),
    paginator: isEntity ? { type: 'single_page' } : toObject(paginatorOf(endpoint, client)),
    dataSelector: selector,
    auth: endpoint.auth,
    retry: planRetry(endpoint.retry ?? client.retry),
  };
}

/** An explicit null on the endpoint takes back what the defaults say, so that the client's is used. */
function paginatorOf(endpoint: EndpointConfig, client: ClientConfig): PaginatorConfig {
  return endpoint.paginator ?? client.paginator ?? 'auto';
}

function toObject(paginator: PaginatorConfig): Exclude<PaginatorConfig, string> {
  return typeof paginator === 'string' ? ({ type: paginator } as Exclude<PaginatorConfig, string>) : paginator;
}

/** dlt's rule: a path whose last segment has a placeholder names one thing, not a list. */
function isSingleEntity(path: string): boolean {
  return /\{[^{}]+\}/.test(path.replaceAll('{{', '').replaceAll('}}', '').split('/').at(-1) ?? '');
}

function tableHints(resource: ResourceConfig): Pick<ResourcePlan, 'writeDisposition' | 'primaryKey'> {
  const { primary_key: key, write_disposition: given = 'append' } = resource;
  const primaryKey = key == null ? [] : Array.isArray(key) ? key : [key];
  const disposition = typeof given === 'string' ? given : given.disposition;
  // As in dlt, rows without a key cannot be told apart: merging them is adding them.
  return { primaryKey, writeDisposition: disposition === 'merge' && primaryKey.length === 0 ? 'append' : disposition };
}

/** A static parameter that the path names goes into the path, and not into the query. */
function planRequest(endpoint: FullResource['endpoint']): ResourcePlan['request'] {
  const used = new Set<string>();
  const given: Params = endpoint.params ?? {};
  const url = parseTemplate(endpoint.path)
    .map((part) => {
      if (part.kind === 'text') return part.text;
      used.add(part.field);
      return pathValue(renderValue(given[part.field], none), part.field);
    })
    .join('');
  const rest = Object.entries(given).filter(([name]) => !used.has(name));
  const params = Object.fromEntries(rest.map(([name, value]) => [renderText(name, none), renderValue(value, none)]));
  const headers = Object.entries(endpoint.headers ?? {}).map(([name, value]) => [
    renderText(name, none),
    renderText(value, none),
  ]);
  return {
    url,
    method: endpoint.method?.toUpperCase() ?? 'GET',
    params: params as Params,
    ...(headers.length > 0 && { headers: Object.fromEntries(headers) as Record<string, string> }),
    ...(endpoint.json && { body: { kind: 'json', value: renderValue(endpoint.json, none) } }),
  };
}

/** The check has refused every placeholder that is left. */
function none(field: string): never {
  throw new RangeError(`placeholder ${field}`);
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
