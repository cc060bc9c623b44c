// Takes the objects and lists out of a row: objects become columns `a__b`, lists the rows of child tables.
import { isExactNumber, type Row } from '../core/index.js';
import { isPlainObject, plainValue } from './plain.js';
import { pathSeparator } from './rewrite.js';
import { SchemaError } from './schema-error.js';

export interface UnnestOptions {
  /** The name of a key; of an empty key it is `_empty` whatever this says. @default the key */
  readonly naming?: ((key: string) => string) | undefined;
  /** Whether what is at this path of the table stays as it is. */
  readonly keeps: (path: string) => boolean;
}

/** A list that was taken out of a row. */
export interface TakenList {
  /** The path of its key within the row, such as `order__lines`. */
  readonly path: string;
  readonly items: readonly unknown[];
}

/** A row without objects and lists, except those that are kept. */
export interface FlatRow {
  readonly row: Row;
  readonly lists: readonly TakenList[];
}

const noLists: readonly TakenList[] = [];

/**
 * Lays a row flat. Its own keys stay what they are when there is nothing to take out. Nothing is lost but the difference between an empty
 * list and none: an empty list has no items that a child table could hold.
 *
 * @param level How many levels of objects and lists are taken apart; what lies deeper stays as it is.
 * @throws SchemaError `ERR_COLUMN_COLLISION` when two keys of the row become the same.
 */
export function unnest(row: Row, level: number, options: UnnestOptions): FlatRow {
  if (level <= 0 || isFlat(row)) return { row, lists: noLists };
  const taken = new Taken(options);
  taken.object(row, '', level);
  return { row: taken.row, lists: taken.lists };
}

class Taken {
  readonly #options: UnnestOptions;
  readonly #members = new Map<string, unknown>();
  readonly #origins = new Map<string, string>();
  readonly lists: TakenList[] = [];

  constructor(options: UnnestOptions) {
    this.#options = options;
  }

  get row(): Row {
    return Object.fromEntries(this.#members);
  }

  object(object: Row, prefix: string, level: number): void {
    for (const key in object) this.#value(object[key], prefix, key, level);
  }

  #value(given: unknown, prefix: string, key: string, level: number): void {
    const value = isNested(given) ? plain(given) : given;
    if (!isNested(value)) {
      this.#add(prefix, key, value);
      return;
    }
    const path = prefix + this.#named(key);
    if (level <= 0 || this.#options.keeps(path)) {
      this.#add(prefix, key, value);
    } else if (Array.isArray(value)) {
      if (value.length > 0) this.lists.push({ path, items: value });
    } else if (Object.keys(value).length === 0) {
      // It has nothing to lay flat, and would be lost.
      this.#add(prefix, key, value);
    } else {
      this.object(value as Row, path + pathSeparator, level - 1);
    }
  }

  /** Keys of the row itself keep their names: its shape names columns. */
  #add(prefix: string, key: string, value: unknown): void {
    const name = prefix === '' ? key : prefix + this.#named(key);
    const path = prefix === '' ? key : `${prefix.replaceAll(pathSeparator, '.')}${key}`;
    if (this.#members.has(name)) throw collision(name, this.#origins.get(name)!, path);
    this.#members.set(name, value);
    this.#origins.set(name, path);
  }

  #named(key: string): string {
    if (key === '') return '_empty';
    return this.#options.naming ? this.#options.naming(key) : key;
  }
}

function isFlat(row: Row): boolean {
  for (const key in row) if (isNested(row[key])) return false;
  return true;
}

/** Whether a value may hold others. */
function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array) && !isExactNumber(value);
}

/** What JSON stands for an object, so that a `Map` is taken apart like any other. */
function plain(value: object): unknown {
  return Array.isArray(value) || isPlainObject(value) ? value : plainValue(value);
}

function collision(name: string, one: string, other: string): SchemaError {
  return new SchemaError(
    'ERR_COLUMN_COLLISION',
    `the keys "${one}" and "${other}" of one row would both be "${name}". Rename one of them, for example with mapRows`,
    { column: name },
  );
}
