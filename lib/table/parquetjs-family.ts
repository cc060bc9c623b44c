// Child tables in JavaScript alone: what a table leaves for them to know, and how their rows follow its rows.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Column, links } from '../schema/index.js';
import { nothingPublished, type Published } from './engine.js';
import type { PlacedRow, RowMerge } from './parquetjs-merge.js';
import type { Row } from './parquetjs-rule.js';
import { same, type Value } from './parquetjs-value.js';

/** What became of the rows of a table. */
export interface Family {
  /** Places in the log of the rows that the table has afterwards; `undefined` for all. */
  readonly places?: readonly number[];
  /** The ids of these rows, and of those that are gone. */
  readonly ids: readonly Value[];
}

/** Leaves word in a folder. */
export async function tellFamily(folder: string, family: Family): Promise<void> {
  await writeFile(fileOf(folder), JSON.stringify(family));
}

/** What was left there; when nothing was, all rows came and none is gone. */
export async function readFamily(folder: string): Promise<Family> {
  try {
    return JSON.parse(await readFile(fileOf(folder), 'utf8')) as Family;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return { ids: [] };
    throw error;
  }
}

/** What a merge has made of the rows of a table that has child tables. */
export function familyOf(
  accepted: readonly PlacedRow[],
  left: readonly Row[],
  coming: readonly Row[],
  id: number,
): Family {
  const come = new Set(coming.map((row) => row[id]));
  const gone = left.map((row) => row[id]!).filter((each) => each !== null && !come.has(each));
  return {
    places: accepted.map(({ place }) => place),
    ids: [...accepted.map(({ row }) => row[id]!), ...gone],
  };
}

/** The place of the column with the ids. */
export function idColumn(columns: readonly Column[]): number {
  return columns.findIndex(({ name }) => name === links.id);
}

/** The rows of a child table: those of rows that came, in the place of those that these had before. */
export class ChildMerge implements RowMerge {
  readonly #rows = new Map<Value, { readonly row: Row; state: 'new' | 'changed' | 'unchanged' }>();
  readonly #touched: ReadonlySet<Value>;
  readonly #id: number;
  readonly #root: number;
  readonly #received: number;
  #deleted = 0;

  /** @param received Rows in the log, also those that do not count. */
  constructor({ ids }: Family, columns: readonly Column[], received: number) {
    this.#touched = new Set(ids);
    this.#id = idColumn(columns);
    this.#root = columns.findIndex(({ name }) => name === links.root);
    this.#received = received;
  }

  load(row: Row): void {
    this.#rows.set(row[this.#id]!, { row, state: 'new' });
  }

  stays(row: Row): boolean {
    const loaded = this.#rows.get(row[this.#id]!);
    if (loaded === undefined) {
      const leaves = this.#touched.has(row[this.#root]!);
      if (leaves) this.#deleted += 1;
      return !leaves;
    }
    loaded.state = row.every((value, at) => same(value, loaded.row[at]!)) ? 'unchanged' : 'changed';
    return loaded.state === 'unchanged';
  }

  coming(): Row[] {
    return [...this.#rows.values()].filter(({ state }) => state !== 'unchanged').map(({ row }) => row);
  }

  accepted(): PlacedRow[] {
    return [];
  }

  counts(): Published {
    const all = [...this.#rows.values()];
    const of = (state: string): number => all.filter((loaded) => loaded.state === state).length;
    return {
      ...nothingPublished,
      inserted: of('new'),
      updated: of('changed'),
      unchanged: of('unchanged'),
      duplicates: this.#received - all.length,
      deleted: this.#deleted,
    };
  }
}

function fileOf(folder: string): string {
  return join(folder, 'family.json');
}
