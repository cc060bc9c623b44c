// Shows the chain that a resource is compiled to, as the TypeScript that says the same.
import { isSecret } from './check/found.js';
import { paginatorCall } from './compile/paginator.js';
import type { ResourcePlan } from './plan/plan.js';
import { fillRequest } from './plan/request-template.js';
import { defaultDatabase } from './table-format.js';

/** The resource's chain. Its secrets are not in it: the client holds them. */
export function explainResource(plan: ResourcePlan): string {
  const { paginator, dataSelector, retry, table, selected, sink, parents } = plan;
  const init = requestCode(plan);
  const call = paginatorCall(paginator);
  const options = Object.keys(call.options).length === 0 ? '' : code(call.options);
  const steps = [`retry(${code(retry)})`, `select(${dataSelector === undefined ? '' : code(dataSelector)})`];
  for (const step of plan.steps) {
    for (const [kind, work] of Object.entries(step)) {
      steps.push(`${stepNames[kind] ?? kind}(${typeof work === 'string' ? code(work) : 'a function'})`);
    }
  }
  const { split } = plan;
  if (selected && split) {
    const to = split.tables?.map((each) => fileOf(each, plan)).join(', ');
    const by = Object.keys(plan.rowHints?.functions ?? {}).map((hint) => `, with its ${hint}`);
    steps.push(`/* each row to ${to === undefined ? 'the table that it names' : `one of ${to}`}${by.join('')} */`);
  } else if (selected) {
    const { format = 'parquet' } = plan;
    const options = format === 'duckdb' ? { table, ...sink, database: undefined } : sink;
    steps.push(`${format.split('.')[0]}(${code(fileOf(table, plan))}, ${code(options)})`);
  }
  const each = parents
    ? [`// for each row of ${parents.names.join(', with each of ')}, ${parents.concurrency} at a time`]
    : [];
  return [
    ...each,
    `pages(client, ${init}, ${call.name}(${options})).pipe(`,
    ...steps.map((step) => `  ${step},`),
    ')',
  ].join('\n');
}

/** The file of a table, in the folder of the tables. */
function fileOf(table: string, { format = 'parquet', sink }: ResourcePlan): string {
  return format === 'duckdb' ? String(sink['database'] ?? defaultDatabase) : `${table}.${format}`;
}

const stepNames: Readonly<Record<string, string>> = { filter: 'filterRows', map: 'mapRows', yield_map: 'flatMapRows' };

/** What is asked first; of a child, with its placeholders. */
function requestCode({ request, parents }: ResourcePlan): string {
  const { method, path, params, headers, json } = request;
  const filled = parents
    ? { url: path, params, headers, ...(json !== undefined && { body: { kind: 'json', value: json } }) }
    : fillRequest(request, (field) => `{${field}}`);
  const { url, body } = filled;
  const more = { params: masked(filled.params ?? {}), headers: masked(filled.headers ?? {}) };
  const given = Object.entries(more).filter(([, values]) => Object.keys(values).length > 0);
  if (method === 'GET' && given.length === 0 && !body) return code(url);
  return code({ url, method, ...Object.fromEntries(given), ...(body && { body }) });
}

/** Values that are secret by their name, as `***`. */
function masked(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, isSecret([name]) ? '***' : value]));
}

/** A JSON value as it is written in TypeScript. */
function code(value: unknown): string {
  if (typeof value === 'string')
    return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
  if (Array.isArray(value)) return `[${value.map(code).join(', ')}]`;
  if (value === null || typeof value !== 'object') return String(value);
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([key, item]) => `${/^[A-Za-z_$][\w$]*$/.test(key) ? key : code(key)}: ${code(item)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}
