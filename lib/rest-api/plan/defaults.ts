// How a resource inherits from `resource_defaults`: dlt's rules.
import type { EndpointConfig, ResourceConfig, ResourceDefaults } from '../config/resource-schema.js';

/** A resource in its long form. */
export type FullResource = Omit<ResourceConfig, 'endpoint'> & { readonly endpoint: EndpointConfig & { path: string } };

/**
 * The resource with what it inherits. It wins key by key, also with an explicit null; `endpoint` is merged key by key, and
 * inside it only `params` and `json` are merged one level more. The inputs stay as they are.
 */
export function withDefaults(
  resource: string | ResourceConfig,
  defaults: ResourceDefaults | null | undefined,
): FullResource {
  const own = typeof resource === 'string' ? { name: resource } : resource;
  const inherited = asEndpoint(defaults?.endpoint);
  const endpoint = asEndpoint(own.endpoint);
  const merged: EndpointConfig = { ...inherited, ...endpoint };
  for (const key of ['params', 'json'] as const) {
    if (inherited[key] && endpoint[key]) Object.assign(merged, { [key]: { ...inherited[key], ...endpoint[key] } });
  }
  const columns = mergedColumns(defaults?.columns, own.columns);
  return { ...defaults, ...own, ...(columns && { columns }), endpoint: { ...merged, path: endpoint.path ?? own.name } };
}

type Columns = ResourceConfig['columns'];
type Declarations = Readonly<Record<string, object>>;

/** Columns are merged one by one; declarations of another kind are replaced whole. */
function mergedColumns(inherited: Columns, own: Columns): Columns {
  const [all, some] = [byName(inherited), byName(own)];
  if (!all || !some) return own === undefined ? inherited : own;
  const merged = Object.entries(some).map(([name, column]) => [name, { ...all[name], ...column }]);
  return { ...all, ...Object.fromEntries(merged) } as Columns;
}

function byName(columns: Columns): Declarations | undefined {
  if (!columns || typeof columns === 'function' || '~standard' in columns || 'properties' in columns) return undefined;
  if (!Array.isArray(columns)) return columns as Declarations;
  return Object.fromEntries(columns.map((column) => [column.name, column]));
}

function asEndpoint(endpoint: ResourceConfig['endpoint']): EndpointConfig {
  return typeof endpoint === 'string' ? { path: endpoint } : (endpoint ?? {});
}
