// What a configuration must keep beyond the shape of its keys: names, placeholders, relations, paginators that come to an end.
import { OptionError } from '../../core/index.js';
import { snakeCase } from '../compile/camel-case.js';
import type { EndpointConfig, ResourceConfig, ResourceDefaults } from '../config/resource-schema.js';
import type { ClientConfig } from '../config/source-schema.js';
import { compare } from '../incremental/compare.js';
import { type FullResource, withDefaults } from '../plan/defaults.js';
import { compileExpression, ExpressionFault } from '../plan/expression.js';
import { incrementalsOf } from '../plan/incremental.js';
import { rowHintKeys, rowHintsOf, withoutRowHints } from '../plan/row-hints.js';
import { checkColumns } from '../plan/sink-plan.js';
import { knownTables, splitOf, tableKey } from '../plan/table-names.js';
import { cursorFindings } from './cursor-rules.js';
import { fileClashFindings } from './file-clashes.js';
import { shown } from './found.js';
import type { Finding } from './from-zod.js';
import { jsonPathFindings, paginatorFindings } from './paginator-rules.js';
import { type Path, pathText } from './problem.js';
import { type Related, relationFindings } from './relations.js';
import { sharedCursorFindings } from './shared-cursors.js';
import { sinkFindings, tableNameFindings } from './sink-rules.js';
import { templateFindings } from './template-rules.js';

/** The parts of a configuration whose keys are in order; the others are `undefined`. */
export interface SoundParts {
  readonly client: ClientConfig | undefined;
  readonly defaults: ResourceDefaults | undefined;
  readonly resources: readonly (string | ResourceConfig | undefined)[];
  /** The names of all resources. */
  readonly names: readonly string[];
}

export function ruleFindings({ client, defaults, resources, names }: SoundParts): Finding[] {
  const found = client ? clientFindings(client) : [];
  if (defaults) found.push(...ownFindings(defaults, ['resource_defaults']));
  const related: Related[] = [];
  resources.forEach((resource, index) => {
    if (resource === undefined) return;
    const path: Path = ['resources', index];
    if (typeof resource === 'object') found.push(...ownFindings(resource, path));
    const full = withDefaults(resource, defaults);
    const own = templateFindings(
      full.endpoint,
      { resources: names, isIncremental: incrementalsOf(full.endpoint).length > 0 },
      whereKeys(resource, path),
    );
    found.push(...incrementalFindings(full.endpoint, [...path, 'endpoint', 'incremental']));
    found.push(...own, ...tableNameFindings(resource, path), ...rowHintFindings(full, resource, path));
    found.push(...sharedFileFindings(full, [...path, 'dead_letters']));
    if (own.length === 0) related.push({ resource: full, path });
  });
  return [
    ...onlyOnce(found),
    ...relationFindings(related),
    ...sharedCursorFindings(related),
    ...duplicates(resources),
    ...fileClashFindings(related),
  ];
}

/** What is wrong with what stands on the resource itself. */
function ownFindings(resource: ResourceDefaults, path: Path): Finding[] {
  return [
    ...endpointFindings(resource, path),
    ...stepFindings(resource.processing_steps, path),
    ...columnFindings(resource, path),
    ...sinkFindings(resource, path),
    ...expressionFindings(splitOf(resource)?.by, [...path, 'table_name', 'by']),
  ];
}

/** What is wrong with the columns, and with what does not go together of nested values. */
function columnFindings(resource: ResourceDefaults, path: Path): Finding[] {
  try {
    checkColumns(withoutRowHints(resource));
    return [];
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    const [option = '', ...within] = error.option.split('.');
    const message = snakeCase(error.message.slice(error.option.length + 2));
    // A column's own place is in the message.
    const keys = option === 'nestedHints' ? [snakeCase(option), ...within] : [snakeCase(option)];
    return [{ code: 'wrong-value', path: [...path, ...keys], message }];
  }
}

/** What the defaults say is inherited by several resources. */
function onlyOnce(found: readonly Finding[]): Finding[] {
  return [...new Map(found.map((each) => [`${pathText(each.path)} ${each.message}`, each])).values()];
}

/** A file of dead letters is written with its table: several tables need several. */
function sharedFileFindings(full: FullResource, path: Path): Finding[] {
  if (splitOf(full) === undefined || typeof full.dead_letters !== 'string') return [];
  const message = 'is one file, and the rows go to several tables: give true, and each has a file of its own';
  return [{ code: 'conflict', path, found: shown(full.dead_letters, path), message }];
}

/** Hints that depend on the row, of a resource that has one table for all rows. */
function rowHintFindings(full: FullResource, own: string | ResourceConfig, path: Path): Finding[] {
  if (splitOf(full) !== undefined) return [];
  return rowHintKeys.flatMap((key): Finding[] => {
    if (rowHintsOf(full)[key] === undefined) return [];
    const isOwn = typeof own === 'object' && own[key] !== undefined;
    const message =
      'is a function of the row, and all rows of the resource go to one table: name the table by row, too ("table_name" as a function, or { "by", "tables" }), or give the value';
    return [
      { code: 'conflict', path: isOwn ? [...path, key] : ['resource_defaults', key], found: 'a function', message },
    ];
  });
}

function clientFindings({ base_url: base, paginator }: ClientConfig): Finding[] {
  const found = paginatorFindings(paginator, ['client', 'paginator']);
  if (base === '' || /^(https?:\/\/|\{secrets\.)/i.test(base)) return found;
  const path = ['client', 'base_url'];
  const message = `is ${shown(base, path)}; it must begin with http:// or https://`;
  return [...found, { code: 'wrong-value', path, found: shown(base, path), message }];
}

function stepFindings(steps: ResourceDefaults['processing_steps'], owner: Path): Finding[] {
  return (steps ?? []).flatMap((step, index): Finding[] =>
    Object.entries(step).flatMap(([kind, work]) =>
      expressionFindings(work, [...owner, 'processing_steps', index, kind]),
    ),
  );
}

/** What is wrong with an expression; a function of a program is one that works. */
function expressionFindings(work: unknown, path: Path): Finding[] {
  if (typeof work !== 'string') return [];
  try {
    compileExpression(work);
    return [];
  } catch (error) {
    if (!(error instanceof ExpressionFault)) throw error;
    return [
      { code: 'wrong-value', path, found: shown(work, path), message: `is no expression in CEL: ${error.message}` },
    ];
  }
}

function endpointFindings({ endpoint }: ResourceDefaults, owner: Path): Finding[] {
  if (!endpoint || typeof endpoint === 'string') return [];
  const path = [...owner, 'endpoint'];
  const found = paginatorFindings(endpoint.paginator, [...path, 'paginator']);
  found.push(...jsonPathFindings(endpoint.data_selector, [...path, 'data_selector']));
  if (endpoint.json && endpoint.data) {
    found.push({ code: 'conflict', path: [...path, 'data'], message: 'excludes "json": give one of the two' });
  }
  if (endpoint.json && endpoint.method?.toUpperCase() === 'GET') {
    const message = 'a GET request has no body; set "method": "POST"';
    found.push({ code: 'conflict', path: [...path, 'json'], message });
  }
  return found;
}

function incrementalFindings(endpoint: EndpointConfig, path: Path): Finding[] {
  const all = incrementalsOf(endpoint);
  if (all.length > 1)
    return [{ code: 'conflict', path, message: 'an endpoint has one cursor, and this one has several' }];
  const [config] = all;
  if (config === undefined) return [];
  const found = [...jsonPathFindings(config.cursor_path, [...path, 'cursor_path']), ...cursorFindings(config, path)];
  const { initial_value: start, end_value: end } = config;
  if (end == null) return found;
  if (start == null)
    return [...found, { code: 'missing-key', path: [...path, 'initial_value'], message: 'is needed with "end_value"' }];
  const ahead = compare(end, start);
  const sign = config.last_value_func === 'min' ? -1 : 1;
  if (typeof config.last_value_func === 'function') return found;
  if (ahead !== undefined && ahead * sign > 0) return found;
  const message = `is ${shown(end, path)}; it must be beyond "initial_value" (${shown(start, path)})`;
  return [...found, { code: 'wrong-value', path: [...path, 'end_value'], found: shown(end, path), message }];
}

/** Where the keys of a merged endpoint stand: on the resource itself, or in the defaults. */
function whereKeys(resource: string | ResourceConfig, path: Path): (...keys: Path) => Path {
  const endpoint = typeof resource === 'string' ? undefined : resource.endpoint;
  if (typeof endpoint !== 'object' || endpoint === null) {
    const own = typeof endpoint === 'string' ? [...path, 'endpoint'] : path;
    return (...keys) => (keys[0] === 'path' ? own : ['resource_defaults', 'endpoint', ...keys]);
  }
  const own = endpoint as Readonly<Record<string, unknown>>;
  return (first = '', second = '', ...rest) => {
    const value = own[first];
    const isOwn =
      second === '' ? value !== undefined : typeof value === 'object' && value !== null && Object.hasOwn(value, second);
    const keys = [first, ...(second === '' ? [] : [second]), ...rest];
    return isOwn ? [...path, 'endpoint', ...keys] : ['resource_defaults', 'endpoint', ...keys];
  };
}

function duplicates(resources: SoundParts['resources']): Finding[] {
  const found: Finding[] = [];
  const names = new Map<string, number>();
  const tables = new Map<string, number>();
  resources.forEach((resource, index) => {
    if (resource === undefined) return;
    const full = typeof resource === 'string' ? { name: resource } : resource;
    const { name, table_name: given = name, selected = true } = full;
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
    if (!selected) return;
    for (const table of knownTables({ table: String(given), split: splitOf(full) })) {
      const key = tableKey(table);
      const other = tables.get(key);
      if (other !== undefined) {
        found.push({
          code: 'duplicate',
          path,
          found: table,
          message: `resources[${other}] writes the table "${table}" as well; upper and lower case are the same in names of tables`,
        });
      }
      tables.set(key, index);
    }
  });
  return found;
}
