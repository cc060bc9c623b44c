// Looks at one endpoint: where its records are, how its pages go on, its key, its cursor; and makes its resource of that.
import { firstValueFrom, take, toArray } from 'rxjs';
import { retry } from '../../../operators/index.js';
import { type HttpResponse, type Page, type Row, recordsAt, SluiceError } from '../../core/index.js';
import type { HttpClient } from '../../http/index.js';
import { makePaginator, pages } from '../../pages/index.js';
import type { ResourceConfig } from '../../rest-api/index.js';
import { ApiProbe } from './api-probe.js';
import { findCursor } from './find-cursor.js';
import { findKey } from './find-key.js';
import { findPaginator, paramsSetBy } from './find-paginator.js';
import { findRecords } from './find-records.js';
import type { PaginatorObject } from './first-page.js';
import { escaped, type Target } from './target.js';

export interface Explored {
  readonly resource: ResourceConfig;
  /** What was found, and why: one sentence each, for people. */
  readonly findings: readonly string[];
  readonly rows: readonly Row[];
}

/** The API cannot be made a configuration of. Code: `ERR_INIT`. */
export class InitError extends SluiceError {
  override readonly name = 'InitError';

  constructor(message: string) {
    super('ERR_INIT', message);
  }
}

/** Pages whose rows are looked at. */
const pagesToRead = 3;

/** @throws InitError; RequestError; PaginationError */
export async function explore(client: HttpClient, target: Target, name = target.name): Promise<Explored> {
  const { path, params } = target;
  const probe = new ApiProbe(client, path.replaceAll('{{', '{').replaceAll('}}', '}'));
  const response = await probe.page(params);
  const selector = selectorOf(response);
  const records = recordsAt(selector.path, response.body) as readonly Row[];
  const findings = [recordsFound(selector, records.length)];
  if (selector.isEntity) {
    const endpoint = { path, ...paramsOf(params), data_selector: '$', paginator: { type: 'single_page' as const } };
    const key = findKey(records, name);
    findings.push(keyFound(key));
    return { resource: { name, ...dispositionOf(key), endpoint }, findings, rows: records };
  }
  const first = { response, records, selector: selector.path, params };
  const { paginator, why } = await findPaginator(probe, first);
  findings.push(`paginator: ${paginator.type}; ${why}`);
  const kept = withoutPaging(params, paginator);
  const rows = await sample(probe, kept, { paginator, selector: selector.path, first: records });
  const key = findKey(rows, name);
  findings.push(keyFound(key));
  const cursor = key === undefined ? undefined : await findCursor(probe, first, rows);
  if (cursor) findings.push(`${cursor.incremental ? 'incremental' : 'no incremental'}: ${cursor.why}`);
  const endpoint = {
    path,
    ...paramsOf(kept, cursor?.params),
    data_selector: selector.path,
    paginator,
    ...(cursor?.incremental && { incremental: cursor.incremental }),
  };
  return { resource: { name, ...dispositionOf(key), endpoint } as ResourceConfig, findings, rows };
}

function selectorOf({ body, headers }: HttpResponse) {
  const selector = findRecords(body);
  const refusal = refusalIn(body);
  if (refusal !== undefined && (selector === undefined || selector.isEntity)) {
    throw new InitError(
      `the API answered with an error: ${refusal}. If it wants credentials, give them with --auth or --key-name (see sluice init --help)`,
    );
  }
  if (selector) return selector;
  const type = headers['content-type'] ?? 'no content type';
  throw new InitError(`the answer (${type}) has no records: it must be JSON with a list of objects, or an object`);
}

/** What an API says that answers its errors with a status of success. */
function refusalIn(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('error' in body || 'errors' in body)) return undefined;
  const { error, errors } = body as { readonly error?: unknown; readonly errors?: unknown };
  const what = error ?? (Array.isArray(errors) ? errors[0] : errors);
  if (what === null || what === undefined || what === false) return undefined;
  const { message, info, detail, code } = Object(what) as Readonly<Record<string, unknown>>;
  const text = typeof what === 'string' ? what : (message ?? info ?? detail ?? code ?? JSON.stringify(what));
  return String(text).slice(0, 200);
}

function recordsFound({ path, rivals, isEntity }: ReturnType<typeof selectorOf>, count: number): string {
  if (isEntity) return 'records: the answer as a whole is one record';
  const others = rivals.length === 0 ? '' : `; others that may be meant: ${rivals.join(', ')}`;
  return `records: ${count} at "${path}"${others}`;
}

function keyFound(key: string | undefined): string {
  return key === undefined
    ? 'primary key: no column that may be a key is different in each row, so each run replaces the table'
    : `primary key: "${key}", different in each row that was read`;
}

/** With a key rows are kept up to date one by one; without one a table that is read twice would have every row twice. */
function dispositionOf(key: string | undefined): Pick<ResourceConfig, 'primary_key' | 'write_disposition'> {
  return key === undefined ? { write_disposition: 'replace' } : { primary_key: key, write_disposition: 'merge' };
}

/** What the person gave and the paginator does not set itself. */
function withoutPaging(params: Target['params'], paginator: PaginatorObject): Target['params'] {
  const names = paramsSetBy(paginator);
  return Object.fromEntries(Object.entries(params).filter(([name]) => !names.includes(name)));
}

function paramsOf(params: Target['params'], more: Readonly<Record<string, string>> = {}) {
  const plain = Object.entries(params).map(([name, value]) => [
    escaped(name),
    typeof value === 'string' ? escaped(value) : value.map(escaped),
  ]);
  const all = { ...Object.fromEntries(plain), ...more } as Record<string, string>;
  return Object.keys(all).length === 0 ? {} : { params: all };
}

/** The rows of the first pages, read with the paginator that was found. */
async function sample(
  probe: ApiProbe,
  params: Target['params'],
  {
    paginator,
    selector,
    first,
  }: { readonly paginator: PaginatorObject; readonly selector: string; readonly first: readonly Row[] },
): Promise<readonly Row[]> {
  if (paginator.type === 'single_page') return first;
  const { type, ...options } = paginator;
  const named = Object.entries(options).map(([name, value]) => [
    name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  const walk = pages(probe.client, { url: probe.path, params }, makePaginator(type, Object.fromEntries(named)), {
    records: selector,
  });
  const read: readonly Page[] = await firstValueFrom(walk.pipe(retry({ maxRetries: 2 }), take(pagesToRead), toArray()));
  return read.flatMap(({ body }) => recordsAt(selector, body) as readonly Row[]);
}
