// Finds where a body has its records: the list, or, where an API gives them by their keys, the object of objects.
import { detectRecords } from '../../core/index.js';

export interface FoundSelector {
  /** A JSONPath, as a configuration takes it. */
  readonly path: string;
  /** The paths of other lists that may as well be meant. */
  readonly rivals: readonly string[];
  /** Whether the body as a whole is one record. */
  readonly isEntity: boolean;
}

/** Names that a list of records has, and a list inside of a record has not. */
const lists = new Set([
  'data',
  'items',
  'results',
  'records',
  'rows',
  'value',
  'values',
  'entries',
  'objects',
  'content',
]);

export function findRecords(body: unknown): FoundSelector | undefined {
  const list = detectRecords(body);
  if (isObject(body) && isKey(body['id'] ?? body['uuid']) && !(list && lists.has(list.path.toLowerCase())))
    return { path: '$', rivals: [], isEntity: true };
  if (list && list.records.length > 0 && list.records.some(isObject)) {
    return { path: list.path, rivals: list.rivals, isEntity: false };
  }
  const map = mapOfRecords(body, []);
  if (map !== undefined) return { path: map, rivals: [], isEntity: false };
  if (list) return { path: list.path, rivals: list.rivals, isEntity: false };
  return isObject(body) ? { path: '$', rivals: [], isEntity: true } : undefined;
}

/** An object whose values are all objects of one kind, as `{ "pages": { "12": { … }, "13": { … } } }`. */
function mapOfRecords(value: unknown, names: readonly string[]): string | undefined {
  if (!isObject(value) || names.length > 3) return undefined;
  const values = Object.values(value);
  if (values.length > 1 && values.every(isObject) && areAlike(values)) return `${pathText(names)}.*`;
  for (const [name, inner] of Object.entries(value)) {
    const found = mapOfRecords(inner, [...names, name]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether all have most names of the first. */
function areAlike(values: readonly object[]): boolean {
  const names = Object.keys(values[0]!);
  return (
    names.length > 1 &&
    values.every((value) => {
      const shared = names.filter((name) => Object.hasOwn(value, name)).length;
      return shared >= 2 && shared * 2 >= Math.max(names.length, Object.keys(value).length);
    })
  );
}

function pathText(names: readonly string[]): string {
  return `$${names.map((name) => (/^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `['${name.replace(/[\\']/g, '\\$&')}']`)).join('')}`;
}

function isKey(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
