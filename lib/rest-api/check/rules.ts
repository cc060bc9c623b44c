// What a configuration must keep beyond the shape of its keys: names, placeholders, paths, paginators that come to an end.
import { jsonPath, OptionError } from '../../core/index.js';
import { supportedAuth } from '../compile/auth.js';
import { supportedPaginators } from '../compile/paginator.js';
import type { AuthConfig } from '../config/auth-schema.js';
import type { PaginatorConfig } from '../config/paginator-schema.js';
import type { EndpointConfig, ResourceConfig, ResourceDefaults } from '../config/resource-schema.js';
import type { ClientConfig } from '../config/source-schema.js';
import { parseTemplate, TemplateFault } from '../plan/template.js';
import { shown } from './found.js';
import type { Finding } from './from-zod.js';
import type { Path } from './problem.js';

/** The parts of a configuration whose keys are in order; the others are `undefined`. */
export interface SoundParts {
  readonly client: ClientConfig | undefined;
  readonly defaults: ResourceDefaults | undefined;
  readonly resources: readonly (string | ResourceConfig | undefined)[];
}

export function ruleFindings({ client, defaults, resources }: SoundParts): Finding[] {
  const found: Finding[] = [];
  if (client) {
    if (client.base_url !== '' && !/^(https?:\/\/|\{secrets\.)/i.test(client.base_url)) {
      found.push(bad(client.base_url, ['client', 'base_url'], 'must begin with http:// or https://'));
    }
    found.push(
      ...paginatorFindings(client.paginator, ['client', 'paginator']),
      ...authFindings(client.auth, ['client', 'auth']),
    );
  }
  if (defaults) found.push(...endpointFindings(defaults.endpoint, ['resource_defaults', 'endpoint'], {}));
  const inherited = typeof defaults?.endpoint === 'object' ? (defaults.endpoint?.params ?? {}) : {};
  resources.forEach((resource, index) => {
    if (typeof resource === 'object') {
      found.push(...endpointFindings(resource.endpoint, ['resources', index, 'endpoint'], inherited));
    }
  });
  return [...found, ...duplicates(resources)];
}

function duplicates(resources: SoundParts['resources']): Finding[] {
  const found: Finding[] = [];
  const names = new Map<string, number>();
  const tables = new Map<string, number>();
  resources.forEach((resource, index) => {
    if (resource === undefined) return;
    const {
      name,
      table_name: table = name,
      selected = true,
    } = typeof resource === 'string' ? { name: resource } : resource;
    const path = typeof resource === 'string' ? ['resources', index] : ['resources', index, 'name'];
    const first = names.get(name);
    if (first !== undefined) {
      found.push({
        code: 'duplicate',
        path,
        found: name,
        message: `"${name}" is also the name of resources[${first}]`,
      });
      return;
    }
    names.set(name, index);
    const other = tables.get(table);
    if (selected && other !== undefined) {
      found.push({
        code: 'duplicate',
        path,
        found: table,
        message: `resources[${other}] writes the table "${table}" as well`,
      });
    }
    if (selected) tables.set(table, index);
  });
  return found;
}

function endpointFindings(
  endpoint: string | EndpointConfig | null | undefined,
  path: Path,
  inherited: object,
): Finding[] {
  if (typeof endpoint === 'string') return pathFindings(endpoint, path, inherited);
  if (!endpoint) return [];
  const found = paginatorFindings(endpoint.paginator, [...path, 'paginator']);
  found.push(...authFindings(endpoint.auth, [...path, 'auth']));
  found.push(...jsonPathFindings(endpoint.data_selector, [...path, 'data_selector']));
  if (endpoint.path !== undefined) {
    found.push(...pathFindings(endpoint.path, [...path, 'path'], { ...inherited, ...endpoint.params }));
  }
  for (const key of ['params', 'headers', 'json'] as const)
    found.push(...templateFindings(endpoint[key], [...path, key]));
  if (endpoint.json && endpoint.method?.toUpperCase() !== 'POST' && endpoint.method !== undefined) {
    found.push({
      code: 'conflict',
      path: [...path, 'json'],
      message: `a ${endpoint.method} request has no body; set "method": "POST"`,
    });
  }
  return found;
}

/** A path's placeholders are filled from `params`. */
function pathFindings(template: string, path: Path, params: object): Finding[] {
  return templateFindings(template, path, (field) => {
    if (Object.hasOwn(params, field)) return undefined;
    return `"{${field}}" stands for nothing: "params" has no "${field}"`;
  });
}

/** Problems of all the templates in `value`. `unknown` says what is wrong with a placeholder; `undefined` for nothing. */
function templateFindings(
  value: unknown,
  path: Path,
  unknown: (field: string) => string | undefined = unknownField,
): Finding[] {
  if (typeof value === 'string') {
    try {
      return parseTemplate(value.replace(/\{secrets\.[\w.-]+\}/g, '')).flatMap((part): Finding[] => {
        if (part.kind === 'text') return [];
        if (/^(resources|incremental)\./.test(part.field)) {
          const message = `"{${part.field}}" is not supported yet: resources do not depend on each other or on earlier runs`;
          return [{ code: 'unsupported', path, found: shown(value, path), message }];
        }
        const message = unknown(part.field);
        return message === undefined ? [] : [{ code: 'placeholder', path, found: shown(value, path), message }];
      });
    } catch (error) {
      if (!(error instanceof TemplateFault)) throw error;
      return [{ code: 'placeholder', path, found: shown(value, path), message: error.message }];
    }
  }
  if (value === null || typeof value !== 'object') return [];
  const entries = Array.isArray(value) ? value.map((item, index) => [index, item] as const) : Object.entries(value);
  return entries.flatMap(([key, item]) => templateFindings(item, [...path, key], unknown));
}

function unknownField(field: string): string {
  return `"{${field}}" stands for nothing here; write "{{" and "}}" for braces`;
}

function authFindings(auth: AuthConfig | null | undefined, path: Path): Finding[] {
  const type = typeof auth === 'string' ? auth : (auth?.type ?? 'bearer');
  if (!auth || supportedAuth.includes(type)) return [];
  return [unsupported(type, supportedAuth, path)];
}

function unsupported(type: string, supported: readonly string[], path: Path): Finding {
  const list = supported.map((one) => `"${one}"`).join(', ');
  return {
    code: 'unsupported',
    path,
    found: type,
    allowed: list,
    message: `"${type}" is not supported yet; there are ${list}`,
  };
}

function paginatorFindings(paginator: PaginatorConfig | null | undefined, path: Path): Finding[] {
  if (paginator === 'offset') {
    const message = 'needs a limit: write { "type": "offset", "limit": 100 }';
    return [{ code: 'missing-key', path, found: '"offset"', allowed: 'an object with "type" and "limit"', message }];
  }
  if (!paginator) return [];
  const type = typeof paginator === 'string' ? paginator : (paginator.type ?? 'auto');
  if (!supportedPaginators.includes(type)) return [unsupported(type, supportedPaginators, path)];
  if (typeof paginator === 'string') return [];
  const found = Object.entries(paginator).flatMap(([key, value]) =>
    key.endsWith('_path') && !key.endsWith('_body_path') ? jsonPathFindings(value, [...path, key]) : [],
  );
  for (const what of ['offset', 'limit', 'page', 'cursor']) {
    const [param, body] = [`${what}_param`, `${what}_body_path`];
    const options = paginator as Readonly<Record<string, unknown>>;
    if (options[param] && options[body]) {
      found.push({ code: 'conflict', path: [...path, body], message: `excludes "${param}": give one of the two` });
    }
  }
  if (paginator.type === 'offset') found.push(...endless(paginator, paginator.maximum_offset, 'maximum_offset', path));
  if (paginator.type === 'page_number') found.push(...endless(paginator, paginator.maximum_page, 'maximum_page', path));
  return found;
}

/** A paginator that only counts must have something that ends it. */
function endless(
  options: {
    readonly total_path?: string | null | undefined;
    readonly has_more_path?: string | null | undefined;
    readonly stop_after_empty_page?: boolean | undefined;
  },
  maximum: number | null | undefined,
  name: string,
  path: Path,
): Finding[] {
  const ends =
    options.total_path !== null || options.has_more_path || options.stop_after_empty_page !== false || maximum != null;
  if (ends) return [];
  const message = `would never stop: give it "total_path", "has_more_path", "${name}" or "stop_after_empty_page"`;
  return [{ code: 'conflict', path, message }];
}

function jsonPathFindings(value: unknown, path: Path): Finding[] {
  if (typeof value !== 'string') return [];
  try {
    jsonPath(value);
    return [];
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    return [bad(value, path, error.message.replace(/^path: /, ''))];
  }
}

function bad(value: unknown, path: Path, message: string): Finding {
  return { code: 'wrong-value', path, found: shown(value, path), message: `is ${shown(value, path)}; ${message}` };
}
