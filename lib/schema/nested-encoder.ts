// Takes in the rows of a table whose lists are tables of their own: each row becomes one of the table and some of its child tables.
import type { Json, Row } from '../core/index.js';
import { type ChildTable, type ChildTables, links, rootPlace, withChildren } from './child-tables.js';
import type { DeadLetter, RowIssue } from './contract.js';
import {
  asRow,
  type EncodedChild,
  type EncodedRows,
  type PageOfRows,
  type RowEncoder,
  rowError,
  type TableEncoder,
} from './encode.js';
import { foldName, takenName } from './names.js';
import { pathSeparator } from './rewrite.js';
import { idOfContent, idOfItem, idOfKey, idOfPlace } from './row-id.js';
import type { RowOrigin } from './schema-error.js';
import type { Shape } from './shape.js';
import { type FlatRow, type TakenList, type UnnestOptions, unnest } from './unnest.js';
import { memberAt, type ValuePaths } from './value-path.js';

/**
 * What the id of a row is made of. `key`: its key, so that it stays when the row changes. `content`: all of it. `place`: the place
 * where it came in the load, for rows without a key, or of which several with one key are kept.
 */
export type RowIdentity = 'key' | 'content' | 'place';

export interface NestedEncoderOptions {
  readonly table: string;
  readonly root: RowEncoder;
  readonly children: ChildTables;
  /** Columns of the key, and where their values may be. */
  readonly keys: readonly { readonly name: string; readonly paths: ValuePaths }[];
  readonly identity: RowIdentity;
  /** Part of the ids of rows that are known by their place, so that those of two loads differ. */
  readonly load: string;
  /** Levels of lists and objects that are taken apart. */
  readonly levels: number;
  readonly unnest: UnnestOptions;
  /** The column that a key's values go to. */
  readonly nameOf: (key: string) => string;
}

/** A row on its way into its table, and the lists that it had. */
interface Flat {
  readonly row: Row;
  readonly id: string;
  readonly lists: readonly TakenList[];
  /** Levels that may still be taken apart. */
  readonly level: number;
  /** The path of its child table; empty for the table itself. */
  readonly path: string;
  readonly root: Root;
}

/** The row of the table that a row of a child table belongs to. */
interface Root {
  readonly id: string;
  /** Its index in the page. */
  readonly index: number;
  /** Its place in the table's log. */
  readonly place: number;
}

/** The rows of one page for one child table. */
interface Batch {
  readonly flats: Flat[];
  readonly members: string[];
}

/**
 * Encodes the rows of a table and those of its child tables. A row that the contract leaves out takes the rows of its lists with it.
 *
 * Child rows carry dlt's keys: `_dlt_id`, `_dlt_parent_id`, `_dlt_list_idx` and `_dlt_root_id`, made of what is there, without chance.
 */
export class NestedEncoder implements TableEncoder {
  readonly #options: NestedEncoderOptions;
  readonly #sources = new Map<string, string>();

  constructor(options: NestedEncoderOptions) {
    this.#options = options;
  }

  get shape(): Shape {
    return this.#options.root.shape;
  }

  get version(): number {
    return this.children.reduce((sum, { encoder }) => sum + encoder.version + 1, this.#options.root.version);
  }

  /** The child tables so far. */
  get children(): readonly ChildTable[] {
    return this.#options.children.all;
  }

  toJSON(): Json {
    return withChildren(this.#options.root.toJSON(), this.children);
  }

  encode(values: readonly unknown[], { page, before = 0, members }: PageOfRows): EncodedRows {
    const { root } = this.#options;
    const flats = values.map((value, index) => this.#root(value, { page, index }));
    const ids = flats.map(({ row }, at) => this.#idOf(row, values[at], before + at));
    const parent = root.encode(
      flats.map(({ row }) => row),
      { page, ...(members !== undefined && { members }) },
      flats.map(({ row }, at) => idMember(row, ids[at]!)),
    );
    const out = new Output(parent, values);
    const gone = new Set(parent.discarded.map(({ origin }) => origin.index));
    let place = before;
    let level: Flat[] = [];
    for (const [index, { row, lists }] of flats.entries()) {
      if (gone.has(index)) continue;
      const id = ids[index]!;
      level.push({ row, lists, id, level: this.#options.levels, path: '', root: { id, index, place } });
      place += 1;
    }
    while (level.length > 0) level = this.#encodeLevel(level, page, out);
    return out.result();
  }

  #root(value: unknown, origin: RowOrigin): FlatRow {
    try {
      return unnest(asRow(value), this.#options.levels, this.#options.unnest);
    } catch (error) {
      throw rowError(error, origin, value);
    }
  }

  /** The rows that are in the lists of these; their lists are for the next level. */
  #encodeLevel(parents: readonly Flat[], page: number, out: Output): Flat[] {
    const kept: Flat[] = [];
    for (const [child, { flats, members }] of this.#batches(parents, page, out)) {
      const indices = flats.map(({ root }) => root.index);
      const rows = flats.map(({ row }) => row);
      const encoded = child.encoder.encode(rows, { page, indices }, members);
      const gone = new Set(encoded.discarded.map(({ row }) => row));
      kept.push(...flats.filter(({ row, lists }) => lists.length > 0 && !gone.has(row)));
      out.add(child.table, encoded);
    }
    return kept;
  }

  #batches(parents: readonly Flat[], page: number, out: Output): Map<ChildTable, Batch> {
    const batches = new Map<ChildTable, Batch>();
    for (const parent of parents) {
      for (const { path, items } of parent.lists) {
        const whole = parent.path === '' ? path : parent.path + pathSeparator + path;
        const origin = { page, index: parent.root.index };
        const child = this.#options.children.get(whole, origin);
        if (child === undefined) {
          out.issues.push(newTable(`${this.#options.table}${pathSeparator}${whole}`, whole, origin));
          continue;
        }
        const batch = batches.get(child) ?? { flats: [], members: [] };
        batches.set(child, batch);
        for (const [index, item] of items.entries()) this.#item(item, index, { parent, child, origin }, batch);
      }
    }
    return batches;
  }

  #item(
    item: unknown,
    index: number,
    { parent, child, origin }: { readonly parent: Flat; readonly child: ChildTable; readonly origin: RowOrigin },
    { flats, members }: Batch,
  ): void {
    // A list within a list is a row with a list: as dlt has it, two levels down.
    const isList = Array.isArray(item);
    const level = parent.level - (isList ? 2 : 1);
    try {
      const { row, lists } = unnest(isList ? { list: item } : asRow(item), level, child.unnest);
      const own = ownId(row);
      const id = own ?? idOfItem(parent.id, child.table, index);
      const { root } = parent;
      members.push(linkMembers({ id, own: own !== undefined, parent: parent.id, index, root }));
      flats.push({ row, lists, id, level, path: child.path, root });
    } catch (error) {
      throw rowError(error, origin, item);
    }
  }

  #idOf(row: Row, value: unknown, place: number): string {
    const own = ownId(row);
    if (own !== undefined) return own;
    const { identity, keys, load } = this.#options;
    if (identity === 'content') return idOfContent(value);
    if (identity === 'place') return idOfPlace(load, place);
    return idOfKey(keys.map(({ name, paths }) => [name, this.#valueOf(row, paths)]));
  }

  #valueOf(row: Row, paths: ValuePaths): unknown {
    for (const [column = '', ...fields] of paths) {
      const value = memberAt(row[this.#sourceOf(column, row)], fields);
      if (value !== undefined && value !== null) return value;
    }
    return null;
  }

  /** The key of the rows that a column's values come from. */
  #sourceOf(column: string, row: Row): string {
    let source = this.#sources.get(column);
    if (source === undefined || !Object.hasOwn(row, source)) {
      source = Object.keys(row).find((key) => foldName(this.#options.nameOf(key)) === foldName(column)) ?? column;
      this.#sources.set(column, source);
    }
    return source;
  }
}

/** What has come of a page so far. */
class Output {
  readonly #parent: EncodedRows;
  readonly #children: EncodedChild[] = [];
  readonly #discarded: DeadLetter[];
  readonly issues: RowIssue[];

  constructor(parent: EncodedRows, values: readonly unknown[]) {
    this.#parent = parent;
    this.issues = [...parent.issues];
    this.#discarded = parent.discarded.map((letter) => ({ ...letter, row: values[letter.origin.index] }));
  }

  add(table: string, { chunk, rows, longestLine, issues, discarded }: EncodedRows): void {
    this.#children.push({ table, chunk, rows, longestLine, issues, discarded });
  }

  result(): EncodedRows {
    const children = this.#children.length > 0 && { children: this.#children };
    return { ...this.#parent, issues: this.issues, discarded: this.#discarded, ...children };
  }
}

/** The id that a row brings itself. */
function ownId(row: Row): string | undefined {
  if (!Object.hasOwn(row, links.id)) return undefined;
  const id = row[links.id];
  if (typeof id === 'string' && id !== '') return id;
  throw takenName(links.id);
}

function idMember(row: Row, id: string): string {
  return Object.hasOwn(row, links.id) ? '' : `"${links.id}":${JSON.stringify(id)}`;
}

function linkMembers(link: { id: string; own: boolean; parent: string; index: number; root: Root }): string {
  const { id, own, parent, index, root } = link;
  return (
    `"${links.root}":${JSON.stringify(root.id)},"${links.parent}":${JSON.stringify(parent)},"${links.index}":${index},` +
    `${own ? '' : `"${links.id}":"${id}",`}"${rootPlace}":${root.place}`
  );
}

function newTable(table: string, column: string, origin: RowOrigin): RowIssue {
  const message = `the contract allows no new table, and the list would be the table "${table}"`;
  return { code: 'new_table', action: 'value discarded', column, message, origin };
}
