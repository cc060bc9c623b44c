// What a resource takes from the rows of its parents: the values that its requests and its rows need, and nothing more.
import { jsonPath, type Row, type Rows } from '../../core/index.js';
import { ResourceError } from '../resource-error.js';

/** Rows of one walk, and of the resources above the rows that they came from, of those that somebody further down needs. */
export interface LineageRows extends Rows<Row> {
  readonly above?: ReadonlyMap<string, Row>;
}

/** A value that is needed of a row. */
export interface Need {
  readonly resource: string;
  readonly path: string;
}

/** A row of one parent. */
export interface ParentItem {
  /** In the order of the needs. */
  readonly values: readonly unknown[];
  /** Rows for the lineage of the resource's own rows. */
  readonly above: ReadonlyMap<string, Row>;
  /** Which row it was, for a message. */
  readonly where: string;
  /** The row lacks a value. */
  readonly fault?: ResourceError;
}

export interface ItemsOptions {
  /** The parent's. */
  readonly name: string;
  readonly needs: readonly Need[];
  /** Resources of which rows are kept for the lineage. */
  readonly kept: ReadonlySet<string>;
  /** Who needs it. */
  readonly resource: string;
}

/** The items of a page of the parent `name`. */
export function parentItems(chunk: LineageRows, { name, needs, kept, resource: owner }: ItemsOptions): ParentItem[] {
  const inherited = [...(chunk.above ?? [])].filter(([resource]) => kept.has(resource));
  return chunk.rows.map((row, index): ParentItem => {
    const where = `row ${index} of page ${chunk.position.page} of "${name}"`;
    const above = new Map(kept.has(name) ? [...inherited, [name, row]] : inherited);
    try {
      const values = needs.map(({ resource, path }) =>
        neededValue(resource === name ? row : chunk.above?.get(resource), { resource, path, where, owner }),
      );
      return { values, above, where };
    } catch (error) {
      if (!(error instanceof ResourceError)) throw error;
      return { values: [], above, where, fault: error };
    }
  });
}

function neededValue(
  row: Row | undefined,
  { resource, path, where, owner }: Need & { readonly where: string; readonly owner: string },
): unknown {
  const found = row && jsonPath(path).first(row);
  if (found !== undefined) return found;
  const has = Object.keys(row ?? {}).join(', ') || 'none';
  throw new ResourceError(
    'ERR_PARENT_FIELD',
    owner,
    `needs "${path}" of "${resource}", which ${where} does not have; its fields are: ${has}`,
  );
}
