// Shows the chain that a resource is compiled to, as the TypeScript that says the same.
import { isSecret } from './check/found.js';
import { paginatorCall } from './compile/paginator.js';
import type { ResourcePlan } from './plan/plan.js';

/** The resource's chain. Its secrets are not in it: the client holds them. */
export function explainResource(plan: ResourcePlan): string {
  const { request, paginator, dataSelector, retry, table, selected, primaryKey, writeDisposition } = plan;
  const { method = 'GET', url, body } = request;
  const params = masked(request.params ?? {});
  const headers = request.headers && masked(request.headers);
  const plain = method === 'GET' && Object.keys(params).length === 0 && !headers && !body;
  const init = plain ? code(url) : code({ url, method, params, ...(headers && { headers }), ...(body && { body }) });
  const call = paginatorCall(paginator);
  const options = Object.keys(call.options).length === 0 ? '' : code(call.options);
  const steps = [`retry(${code(retry)})`, `select(${dataSelector === undefined ? '' : code(dataSelector)})`];
  if (selected) {
    const key = primaryKey.length === 1 ? primaryKey[0] : primaryKey;
    const sink = { ...(primaryKey.length > 0 && { primaryKey: key }), writeDisposition };
    steps.push(`parquet(${code(`${table}.parquet`)}, ${code(sink)})`);
  }
  return [`pages(client, ${init}, ${call.name}(${options})).pipe(`, ...steps.map((step) => `  ${step},`), ')'].join(
    '\n',
  );
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
