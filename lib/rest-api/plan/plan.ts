// What a checked configuration comes to, with nothing left open: one plan for each resource, every default filled in.

import type { RetryPolicy } from '../../../operators/index.js';
import type { PagesOptions, ResponseAction } from '../../pages/index.js';
import { columnPolicy } from '../../schema/index.js';
import { type Finding, toProblem } from '../check/from-zod.js';
import { ConfigError, type Path, type Place } from '../check/problem.js';
import { camelCase } from '../compile/camel-case.js';
import type { AuthConfig } from '../config/auth-schema.js';
import type { PaginatorConfig } from '../config/paginator-schema.js';
import type { EndpointConfig, ProcessingStep } from '../config/resource-schema.js';
import type { ClientConfig, RestApiConfig } from '../config/source-schema.js';
import type { IncrementalPlan } from '../incremental/cursor-plan.js';
import type { TableFormat } from '../table-format.js';
import { type FullResource, withDefaults } from './defaults.js';
import { declaresKey, dispositionFault, isSkipped } from './disposition.js';
import { planIncremental } from './incremental.js';
import { type ErrorPlan, planOnError } from './on-error.js';
import { type ParentsPlan, planParents, Relations } from './parents.js';
import { PathFault } from './path-value.js';
import { fillRequest, type RequestTemplate, requestTemplate } from './request-template.js';
import { type RowHints, rowHintsOf, withoutRowHints } from './row-hints.js';
import { planSink, type SinkPlan } from './sink-plan.js';
import { splitOf, type TableSplit } from './table-names.js';

/** The attempts of each request. */
export type RetryPlan = RetryPolicy & Required<Pick<RetryPolicy, 'maxRetries' | 'factor'>>;

export interface ResourcePlan {
  readonly name: string;
  readonly table: string;
  /** The tables that its rows go to, when they are several: `table` is none then. */
  readonly split: TableSplit | undefined;
  /** What of its tables depends on their rows; `undefined` when nothing does. */
  readonly rowHints: RowHintsPlan | undefined;
  /** Whether it becomes a table. */
  readonly selected: boolean;
  /** What the table is written as; `undefined`: as the run says. */
  readonly format: TableFormat | undefined;
  /** What the sink is told of the table. */
  readonly sink: SinkPlan;
  readonly request: RequestTemplate;
  readonly paginator: PaginatorConfig;
  /** A JSONPath; `undefined` when the records have to be found. */
  readonly dataSelector: string | undefined;
  /** The endpoint's own; `undefined` for the client's, `null` for none. */
  readonly auth: AuthConfig | null | undefined;
  readonly retry: RetryPlan;
  /** What its requests have of their own, or of the client. */
  readonly transfer: TransferPlan;
  /** How its pages are asked for. */
  readonly pages: Omit<PagesOptions, 'records'>;
  readonly incremental: IncrementalPlan | undefined;
  /** What is done with each row, in order. */
  readonly steps: readonly ProcessingStep[];
  /** The resources for whose rows this one is asked for. */
  readonly parents: ParentsPlan | undefined;
  /** What happens when it cannot be read for one of those rows. */
  readonly onError: ErrorPlan;
}

/** Hints that are functions of the row. */
export interface RowHintsPlan {
  readonly functions: RowHints;
  /** What the sink of a table is told for which they give these values. */
  sink(values: Readonly<Record<string, unknown>>): SinkPlan;
  /** What is wrong with the rules of such a table, and where in the resource it stands. @throws OptionError for columns that do not fit */
  fault(sink: SinkPlan, table: string): Fault | undefined;
}

/** What is wrong, and at which keys of the resource. */
interface Fault {
  readonly path: Path;
  readonly message: string;
}

/** What makes requests of one resource other than those of another. */
export interface TransferPlan {
  /** Where credentials may go beside the origin of the base URL, as the configuration writes it. */
  readonly allowedOrigins?: readonly string[];
  readonly timeout?: NonNullable<ClientConfig['timeout']>;
  readonly responseFormat?: NonNullable<ClientConfig['response_format']>;
  readonly maxBodyBytes?: number;
  readonly maxRedirects?: number;
  /** A budget of the endpoint's own, beside that of all resources. */
  readonly rateLimit?: NonNullable<ClientConfig['rate_limit']>;
}

export interface SourcePlan {
  readonly client: ClientConfig;
  readonly resources: readonly ResourcePlan[];
}

/** What an endpoint says in place of the client: of its walks, and of its requests. */
const walkKeys = ['max_pages', 'max_bytes', 'allow_repeated_pages', 'concurrency', 'hooks'];
const transferKeys = ['timeout', 'response_format', 'max_body_bytes', 'max_redirects'];

const defaultRetry: RetryPlan = { maxRetries: 3, factor: 2 };

/** @throws ConfigError `ERR_CONFIG` for a path that cannot be built */
export function planSource(config: RestApiConfig, place?: (path: Path) => Place | undefined): SourcePlan {
  const found: Finding[] = [];
  const full = config.resources.map((resource) => withDefaults(resource, config.resource_defaults));
  const relations = new Relations(full);
  const resources = full.map((resource, index) => {
    const plan = planResource(resource, { relations, client: config.client });
    try {
      // A value that stands in the configuration is refused now; one of a parent when it comes.
      if (plan.parents === undefined) fillRequest(plan.request, () => 'x');
    } catch (error) {
      if (!(error instanceof PathFault)) throw error;
      found.push({ code: 'wrong-value', path: ['resources', index, 'endpoint', 'path'], message: error.message });
    }
    // What a row is needed for is looked at when one comes.
    const needsRow = ofRules.some((key) => plan.rowHints?.functions[key] !== undefined);
    const fault = needsRow ? undefined : ruleFault(plan, plan.sink, plan.table);
    if (fault) found.push({ code: 'wrong-value', path: ['resources', index, ...fault.path], message: fault.message });
    return plan;
  });
  if (found.length > 0) throw new ConfigError(found.map((one) => toProblem(one, place?.(one.path))));
  return { client: config.client, resources };
}

/** What the rules of a table are made of. */
const ofRules = ['write_disposition', 'primary_key', 'merge_key', 'columns'] as const;

type Cursor = Pick<ResourcePlan, 'incremental'>;

function ruleFault(plan: Cursor, sink: SinkPlan, table: string): Fault | undefined {
  return dispositionFault(sink, table) ?? versionFault(plan, sink);
}

/** Rows that a read did not bring are not told from those that it was not to bring: versions can only end by a key. */
function versionFault({ incremental }: Cursor, sink: SinkPlan): Fault | undefined {
  const { writeDisposition: given } = sink;
  const isScd2 = typeof given === 'object' && 'strategy' in given && given.strategy === 'scd2';
  if (!isScd2 || incremental === undefined || declaresKey(sink)) return undefined;
  const message =
    'of a resource that is read incrementally, scd2 needs a "merge_key" or a "primary_key", to tell which versions end';
  return { path: ['write_disposition'], message };
}

function planResource(
  resource: FullResource,
  { relations, client }: { readonly relations: Relations; readonly client: ClientConfig },
): ResourcePlan {
  const { endpoint } = resource;
  const isEntity = isSingleEntity(endpoint.path) && endpoint.paginator == null;
  const request = requestTemplate(endpoint);
  const literal = withoutRowHints(resource);
  const { format, ...sink } = planSink(literal, client);
  const split = splitOf(resource);
  const incremental = planIncremental(endpoint, { keepsDuplicates: sink.writeDisposition === 'append' });
  return {
    name: resource.name,
    table: typeof resource.table_name === 'string' ? resource.table_name : resource.name,
    split,
    rowHints: planRowHints(resource, client, incremental),
    selected: (resource.selected ?? true) && !isSkipped(literal),
    format,
    sink,
    request,
    paginator: isEntity ? 'single_page' : paginatorOf(endpoint, client),
    dataSelector: endpoint.data_selector ?? (isEntity ? '$' : undefined),
    auth: endpoint.auth,
    retry: planRetry(endpoint.retry ?? client.retry),
    transfer: planTransfer(endpoint, client),
    pages: planPages(endpoint, client),
    incremental,
    steps: resource.processing_steps ?? [],
    parents: planParents(resource, { relations, client }),
    onError: planOnError(resource.on_error),
  };
}

function planRowHints(
  resource: FullResource,
  client: ClientConfig,
  incremental: IncrementalPlan | undefined,
): RowHintsPlan | undefined {
  const functions = rowHintsOf(resource);
  if (Object.keys(functions).length === 0) return undefined;
  const literal = withoutRowHints(resource);
  return {
    functions,
    sink: (values) => {
      const { format: _, ...sink } = planSink({ ...literal, ...values }, client);
      return sink;
    },
    fault: (sink, table) => {
      columnPolicy(sink);
      return replaceFault({ incremental }, sink) ?? ruleFault({ incremental }, sink, table);
    },
  };
}

/** Where a value stands, a table that is replaced makes the cursor begin anew. Here the cursor has done its work when that is known. */
function replaceFault({ incremental }: Cursor, { writeDisposition }: SinkPlan): Fault | undefined {
  if (writeDisposition !== 'replace' || incremental === undefined || incremental.endValue !== undefined)
    return undefined;
  const message =
    'of a resource that is read incrementally cannot be "replace" by row: only new rows are read then, and the others of the table would be gone. Give "merge" or "append"';
  return { path: ['write_disposition'], message };
}

/** An explicit null on the endpoint takes back what the defaults say, so that the client's is used. */
function paginatorOf(endpoint: EndpointConfig, client: ClientConfig): PaginatorConfig {
  return endpoint.paginator ?? client.paginator ?? 'auto';
}

/** dlt's rule: a path whose last segment has a placeholder names one thing, not a list. */
function isSingleEntity(path: string): boolean {
  return /\{[^{}]+\}/.test(path.replaceAll('{{', '').replaceAll('}}', '').split('/').at(-1) ?? '');
}

/** For a child, the concurrency is that of its parent's rows. */
function planPages(endpoint: EndpointConfig, client: ClientConfig): ResourcePlan['pages'] {
  const own = { ...given(client, walkKeys), ...given(endpoint, walkKeys) };
  const actions = (endpoint.response_actions ?? []).flatMap(planAction);
  return { ...camelCase(own), ...(actions.length > 0 && { actions }) };
}

function planTransfer(endpoint: EndpointConfig, client: ClientConfig): TransferPlan {
  const { rate_limit: limit } = endpoint;
  const origins = [...(client.allowed_origins ?? []), ...(endpoint.allowed_origins ?? [])];
  return {
    ...(origins.length > 0 && { allowedOrigins: origins }),
    ...camelCase({ ...given(client, transferKeys), ...given(endpoint, transferKeys) }),
    ...(limit && { rateLimit: limit }),
  };
}

function planAction(config: NonNullable<EndpointConfig['response_actions']>[number]): ResponseAction[] {
  if (typeof config === 'function') return [{ action: config }];
  const { status_code: status, action, ...others } = config;
  const conditions = { ...(status !== undefined && { status }), ...camelCase(others) };
  return [action].flat().map((one) => ({ ...conditions, action: one }));
}

function planRetry(retry: EndpointConfig['retry']): RetryPlan {
  if (!retry) return defaultRetry;
  const options: Record<string, unknown> = camelCase(retry);
  for (const name of ['initialDelay', 'maxDelay', 'maxElapsed', 'maxServerWait']) {
    if (options[name] !== undefined) options[name] = Number(options[name]) * 1000;
  }
  return { ...defaultRetry, ...options };
}

/** Those of the keys that are there. */
function given(config: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => config[name] !== undefined).map((name) => [name, config[name]]));
}
