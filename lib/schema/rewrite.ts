// Rows in another form before they are written: objects laid flat, keys renamed.
import type { Row } from '../core/index.js';
import { isPlainObject, plainValue } from './plain.js';
import { SchemaError } from './schema-error.js';

/** Between the parts of the name of a column that comes from within an object. */
export const pathSeparator = '__';

export interface RewriteOptions {
  /** Whether `{ a: { b: 1 } }` becomes `{ a__b: 1 }`. Lists stay what they are. */
  readonly flatten: boolean;
  /** The name of a key within an object. @default the key */
  readonly naming?: (key: string) => string;
}

/**
 * A row in the form that the options ask for. Its own keys stay what they are: a shape names columns.
 * @throws SchemaError `ERR_COLUMN_COLLISION` when two keys of one object become the same.
 */
export function rewriteRow(row: Row, { flatten, naming }: RewriteOptions): Row {
  const members: [string, unknown][] = [];
  const inner = naming ? (value: unknown) => renameWithin(value, naming) : (value: unknown) => value;
  if (flatten) collect(row, '', inner, members);
  else for (const [key, value] of Object.entries(row)) members.push([key, inner(value)]);
  return withoutCollision(members, (key) => key);
}

function collect(row: Row, prefix: string, inner: (value: unknown) => unknown, members: [string, unknown][]): void {
  for (const [key, value] of Object.entries(row)) {
    const path = prefix + (key === '' ? '_empty' : key);
    if (isFlat(value)) members.push([path, inner(value)]);
    else collect(value as Row, path + pathSeparator, inner, members);
  }
}

/** An object without any key has nothing to lay flat, and would be lost. */
function isFlat(value: unknown): boolean {
  return (
    typeof value !== 'object' ||
    value === null ||
    Array.isArray(value) ||
    !isPlainObject(value) ||
    Object.keys(value).length === 0
  );
}

function renameWithin(value: unknown, naming: (key: string) => string): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map((item) => renameWithin(item, naming));
  if (!isPlainObject(value)) {
    const plain = plainValue(value);
    return typeof plain === 'object' && plain !== null && plain !== value ? renameWithin(plain, naming) : value;
  }
  const members = Object.entries(value).map(([key, inner]): [string, unknown] => [key, renameWithin(inner, naming)]);
  return withoutCollision(members, naming);
}

function withoutCollision(members: readonly [string, unknown][], naming: (key: string) => string): Row {
  const keys = new Map<string, string>();
  const named = members.map(([key, value]): [string, unknown] => {
    const name = naming(key) || '_empty';
    const other = keys.get(name);
    if (other !== undefined) {
      throw new SchemaError(
        'ERR_COLUMN_COLLISION',
        `the keys "${other}" and "${key}" of one object would both be "${name}". Rename one of them, for example with mapRows`,
        { column: name },
      );
    }
    keys.set(name, key);
    return [name, value];
  });
  return Object.fromEntries(named);
}
