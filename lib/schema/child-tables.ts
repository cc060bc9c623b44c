// The child tables of one table: their names, and what takes their rows in.
import type { Json } from '../core/index.js';
import { type ContractMode, frozenTable } from './contract.js';
import type { RowEncoder } from './encode.js';
import { type CollisionPolicy, foldName, freeName } from './names.js';
import { pathSeparator } from './rewrite.js';
import { placeOf, type RowOrigin, SchemaError } from './schema-error.js';
import { Shape, type ShapeOptions } from './shape.js';
import type { UnnestOptions } from './unnest.js';

/** The columns that tie rows to their parents, as dlt calls them. */
export const links = {
  id: '_dlt_id',
  root: '_dlt_root_id',
  parent: '_dlt_parent_id',
  index: '_dlt_list_idx',
} as const;

/** In the log of a child table only: the place in the table's log of the row that the list was in. */
export const rootPlace = '__sluice_root';

/** A child table as files and journals know it. */
export interface ChildName {
  /** Where its lists are, seen from the table: `lines`, `lines__tags`, `matrix__list`. */
  readonly path: string;
  readonly table: string;
}

export interface KnownChild extends ChildName {
  /** What was seen of its columns in earlier runs, or in the part of this one that was cut short. */
  readonly shape: Shape;
  /** Whether there was a published table of this name before the run. */
  readonly exists: boolean;
}

export interface ChildTable extends ChildName {
  readonly encoder: RowEncoder;
  /** How its rows are laid flat. */
  readonly unnest: UnnestOptions;
}

export interface ChildTablesOptions {
  readonly table: string;
  readonly known: readonly KnownChild[];
  readonly collisions: CollisionPolicy;
  /** What happens to lists that would be a new table. */
  readonly contract: ContractMode;
  readonly make: (child: ChildName, shape: Shape | undefined, exists: boolean) => Omit<ChildTable, keyof ChildName>;
}

/** The child tables, made as their lists come. */
export class ChildTables {
  readonly #options: ChildTablesOptions;
  readonly #byPath = new Map<string, ChildTable>();
  readonly #tables = new Map<string, string>();

  constructor(options: ChildTablesOptions) {
    this.#options = options;
    for (const { path, table, shape, exists } of options.known) {
      this.#add({ path, table }, options.make({ path, table }, shape, exists));
    }
  }

  get all(): readonly ChildTable[] {
    return [...this.#byPath.values()];
  }

  /**
   * The child table of the lists at a path; `undefined` when the contract leaves out what would need a new one.
   * @throws SchemaError `ERR_COLUMN_COLLISION`, `ERR_SCHEMA_CONTRACT`
   */
  get(path: string, origin: RowOrigin): ChildTable | undefined {
    const known = this.#byPath.get(path);
    if (known !== undefined) return known;
    const { table, collisions, make, contract } = this.#options;
    const name = `${table}${pathSeparator}${path}`;
    if (contract === 'freeze') throw frozenTable(name, `the list "${path}" of ${placeOf(origin)} needs it`);
    if (contract !== 'evolve') return undefined;
    const free = freeName({ key: name, name }, (folded) => this.#tables.get(folded), collisions);
    return this.#add({ path, table: free }, make({ path, table: free }, undefined, false));
  }

  #add(child: ChildName, made: Omit<ChildTable, keyof ChildName>): ChildTable {
    const added = { ...child, ...made };
    this.#byPath.set(child.path, added);
    this.#tables.set(foldName(child.table), child.table);
    return added;
  }
}

/** The names of the child tables in a stored shape. */
export function childNames(json: unknown): ChildName[] {
  return storedChildren(json, () => ({})).map(({ path, table }) => ({ path, table }));
}

/** The child tables of a stored shape, as `NestedEncoder.toJSON` wrote them. */
export function storedChildren(
  json: unknown,
  options: (path: string) => ShapeOptions,
): (ChildName & { shape: Shape })[] {
  const children = (json as { children?: unknown } | null)?.children;
  if (children === undefined) return [];
  if (!Array.isArray(children)) throw unreadable();
  return children.map((child: { path?: unknown; table?: unknown; shape?: unknown } | null) => {
    if (typeof child?.path !== 'string' || typeof child.table !== 'string') throw unreadable();
    return { path: child.path, table: child.table, shape: Shape.fromJSON(child.shape, options(child.path)) };
  });
}

/** A shape with the child tables, as plain JSON. */
export function withChildren(shape: Json, children: readonly ChildTable[]): Json {
  if (children.length === 0) return shape;
  const stored = children.map(({ path, table, encoder }) => ({ path, table, shape: encoder.toJSON() }));
  return { ...(shape as { readonly [key: string]: Json }), children: stored };
}

function unreadable(): SchemaError {
  return new SchemaError(
    'ERR_SCHEMA_METADATA',
    'what was seen of the child tables cannot be read: the journal was damaged, or not written by this program',
  );
}
