// What has been seen of each column of a table: grows only, and does not depend on the order of the rows.
import type { Json, Row } from '../core/index.js';
import { type CollisionPolicy, columnName, foldName, freeName, takenName } from './names.js';
import { findings, observe } from './observe.js';
import { SchemaError } from './schema-error.js';
import { joinSeen, kinds, Seen, seenFromJson, seenToJson } from './seen.js';

/** One column as it was seen. */
export interface ShapeColumn {
  /** Its name in the log and in the table. */
  readonly name: string;
  /** The key of the rows whose values it takes. */
  readonly key: string;
  readonly seen: Seen;
}

interface Entry extends ShapeColumn {
  readonly index: number;
}

interface RestoredColumn {
  readonly name: string;
  /** @default the name */
  readonly key?: string;
  readonly seen: Seen;
}

const jsonVersion = 1;

export interface ShapeOptions {
  /** What happens when two keys become one name. @default 'suffix' */
  readonly collisions?: CollisionPolicy;
  /** The name for the column of a new key. @default the key */
  readonly naming?: (key: string) => string;
  /** Names that only keys of just that name get, such as those of declared columns. @default none */
  readonly reserved?: readonly string[];
  /** Names that no key may get, since something else fills these columns. @default none */
  readonly forbidden?: readonly string[];
}

/**
 * What has been seen of each column. Two shapes are joined by `merge`: of the same rows, whatever their order and however they
 * were divided, the same comes out, except for the order of the columns (as first seen) and for the suffixes of names that collide.
 * A run that adds to a table starts with the table's own shape, so that names stay what they are.
 *
 * @example
 * const shape = new Shape();
 * shape.observe({ id: 1, name: 'Ada' });
 * resolve(shape).columns; // id BIGINT, name VARCHAR, neither nullable
 */
export class Shape {
  readonly #columns: Entry[] = [];
  readonly #byKey = new Map<string, Entry>();
  readonly #byName = new Map<string, Entry>();
  readonly #options: ShapeOptions;
  readonly #reserved: ReadonlyMap<string, string>;
  readonly #forbidden: ReadonlySet<string>;
  #hasRows = false;
  /** Columns that no row was without. */
  #required = 0;
  #renamed = false;
  #version = 0;

  constructor(options: ShapeOptions = {}) {
    this.#options = options;
    this.#reserved = new Map(options.reserved?.map((name) => [foldName(name), name]));
    this.#forbidden = new Set(options.forbidden?.map(foldName));
  }

  /** Changes whenever something new was seen: a shape with the same version need not be stored again. */
  get version(): number {
    return this.#version;
  }

  /** In the order in which they came. */
  get columns(): readonly ShapeColumn[] {
    return this.#columns;
  }

  /** Whether a key goes into a column of another name, so that rows cannot be written as they are. */
  get renames(): boolean {
    return this.#renamed;
  }

  /** The column that takes the values of a key. */
  columnOfKey(key: string): ShapeColumn | undefined {
    return this.#byKey.get(key);
  }

  /** The column of a name. Case does not matter. */
  column(name: string): ShapeColumn | undefined {
    return this.#byName.get(foldName(name));
  }

  /**
   * Notes the values of one row. Returns whether the row holds something that `JSON.stringify` would lose or refuse.
   * @throws SchemaError `ERR_COLUMN_COLLISION` when collisions are to be errors.
   */
  observe(row: Row): boolean {
    findings.news = false;
    findings.special = false;
    const columns = this.#columns;
    let present = 0;
    let at = 0;
    for (const key in row) {
      // Rows mostly have the same keys in the same order: then no look-up is needed.
      let column = columns[at];
      if (column === undefined || column.key !== key) column = this.#byKey.get(key) ?? this.#add(key);
      at = column.index + 1;
      const { seen } = column;
      const required = (seen.flags & kinds.null) === 0;
      observe(seen, row[key], 0);
      if (!required) continue;
      if ((seen.flags & kinds.null) === 0) present += 1;
      else this.#required -= 1;
    }
    if (!this.#hasRows) {
      this.#hasRows = true;
      findings.news = true;
    } else if (present !== this.#required) {
      this.#noteMissing(row);
    }
    if (findings.news) this.#version += 1;
    return findings.special;
  }

  /** Takes in everything that another shape has seen. */
  merge(other: Shape): void {
    let changed = this.#hasRows !== (this.#hasRows || other.#hasRows);
    for (const column of this.#columns) {
      if (other.#hasRows && !other.#byName.has(foldName(column.name))) changed = this.#noteNull(column) || changed;
    }
    for (const { name, key, seen } of other.#columns) {
      let column = this.#byName.get(foldName(name));
      if (column && (column.name !== name || column.key !== key)) throw collision(column, { name, key });
      if (!column && this.#byKey.has(key)) throw collision(this.#byKey.get(key)!, { name, key });
      if (column === undefined) {
        column = this.#insert(name, key);
        if (this.#hasRows) this.#noteNull(column);
        changed = true;
      }
      const required = !column.seen.has(kinds.null);
      changed = joinSeen(column.seen, seen) || changed;
      if (required && column.seen.has(kinds.null)) this.#required -= 1;
    }
    this.#hasRows ||= other.#hasRows;
    if (changed) this.#version += 1;
  }

  /** A shape that has seen the same, for itself. */
  copy(options: ShapeOptions = this.#options): Shape {
    const shape = new Shape(options);
    shape.merge(this);
    return shape;
  }

  /** As plain JSON, for a journal or a file's metadata. */
  toJSON(): Json {
    const columns = this.#columns.map(({ name, key, seen }) => ({
      name,
      ...(key !== name && { key }),
      ...seenToJson(seen),
    }));
    return { version: jsonVersion, rows: this.#hasRows, columns } as unknown as Json;
  }

  /**
   * The shape that `toJSON` gave.
   * @throws SchemaError `ERR_SCHEMA_METADATA` when it is not one, or comes from a newer version.
   */
  static fromJSON(json: unknown, options: ShapeOptions = {}): Shape {
    const source = json as { version?: unknown; rows?: unknown; columns?: unknown } | null | undefined;
    if (source?.version !== jsonVersion || !Array.isArray(source.columns)) {
      throw new SchemaError(
        'ERR_SCHEMA_METADATA',
        `what was seen of the columns cannot be read: it has version ${JSON.stringify(source?.version)}, this program reads version ${jsonVersion}. Update the program`,
      );
    }
    const shape = new Shape(options);
    shape.restore(source.columns.map(columnFromJson), { hasRows: source.rows === true });
    return shape;
  }

  /**
   * Fills an empty shape with what was seen elsewhere.
   * @internal
   */
  restore(columns: Iterable<RestoredColumn>, { hasRows }: { readonly hasRows: boolean }): void {
    for (const { name, key = name, seen } of columns) {
      const entry = this.#insert(name, key);
      joinSeen(entry.seen, seen);
      if (seen.has(kinds.null)) this.#required -= 1;
    }
    this.#hasRows = hasRows;
  }

  #add(key: string): Entry {
    const { collisions = 'suffix', naming } = this.#options;
    const name = columnName(naming ? naming(key) : key);
    if (this.#forbidden.has(foldName(name))) throw takenName(name);
    const taken = (folded: string) => {
      const reserved = this.#reserved.get(folded);
      return this.#byName.get(folded)?.key ?? (reserved === name ? undefined : reserved);
    };
    const free = freeName({ key, name }, taken, collisions);
    const entry = this.#insert(free, key);
    // Earlier rows were without it.
    if (this.#hasRows) this.#noteNull(entry);
    findings.news = true;
    return entry;
  }

  #insert(name: string, key: string): Entry {
    const entry: Entry = { name, key, seen: new Seen(), index: this.#columns.length };
    this.#columns.push(entry);
    this.#byKey.set(key, entry);
    this.#byName.set(foldName(name), entry);
    this.#required += 1;
    this.#renamed ||= name !== key;
    return entry;
  }

  #noteNull({ seen }: ShapeColumn): boolean {
    if (seen.has(kinds.null)) return false;
    seen.add(kinds.null);
    this.#required -= 1;
    return true;
  }

  #noteMissing(row: Row): void {
    for (const column of this.#columns) {
      if (!column.seen.has(kinds.null) && !Object.hasOwn(row, column.key)) this.#noteNull(column);
    }
    findings.news = true;
  }
}

function columnFromJson(json: unknown): RestoredColumn {
  const { name, key } = (json ?? {}) as { name?: unknown; key?: unknown };
  try {
    if (typeof name !== 'string') throw new TypeError('a column has no name');
    return { name, ...(typeof key === 'string' && { key }), seen: seenFromJson(json) };
  } catch (cause) {
    throw new SchemaError(
      'ERR_SCHEMA_METADATA',
      `what was seen of the column ${JSON.stringify(name)} cannot be read: the file was damaged, or not written by this program`,
      { cause },
    );
  }
}

function collision(one: { name: string; key: string }, other: { name: string; key: string }): SchemaError {
  return new SchemaError(
    'ERR_COLUMN_COLLISION',
    `the column "${one.name}" of the key "${one.key}" and the column "${other.name}" of the key "${other.key}" cannot be in one table: engines do not tell them apart. Rename one of them`,
    { column: other.name },
  );
}
