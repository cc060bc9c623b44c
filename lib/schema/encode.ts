// Writes rows as the lines of the log, and notes what it sees of each column on the way.
import type { Json, RawLines, RawRows, Row } from '../core/index.js';
import type { DeadLetter, RowContract, RowIssue } from './contract.js';
import { LineBuffer } from './line-buffer.js';
import { membersJson } from './log-json.js';
import { isPlainObject, plainValue } from './plain.js';
import { RawPages } from './raw-pages.js';
import { type RewriteOptions, rewriteRow } from './rewrite.js';
import { rowStart } from './row-start.js';
import { placeOf, type RowOrigin, SchemaError } from './schema-error.js';
import { Shape } from './shape.js';
import { describeUnwritable, Unwritable } from './unwritable.js';
import { type ValuePaths, valueAt, valuePaths } from './value-path.js';

export interface EncoderOptions {
  /** Takes note of the columns. Give the shape of the table that is added to, so that its columns keep their names. @default a new one */
  readonly shape?: Shape;
  /** Columns, or fields within them, that make up the key: a row without one of them, or with NULL, is an error. @default none */
  readonly keys?: readonly string[];
  /** What rows are held to. @default nothing */
  readonly contract?: RowContract;
  /** Where the value of a key's name is. @default as `rewrite` has it */
  readonly pathsOf?: (name: string) => ValuePaths;
  /** Rows take this form first. @default the one they have */
  readonly rewrite?: RewriteOptions;
  /** Whether columns may be texts or JSON in the table although other values were seen in them. @default false */
  readonly mayBeText?: boolean;
}

/** Lines of JSON for the log of one table, in UTF-8. */
export interface EncodedLines extends RawLines {
  readonly rows: number;
}

/** The rows of one page as lines of JSON. */
export interface EncodedRows extends EncodedLines {
  /** What was against the contract. */
  readonly issues: readonly RowIssue[];
  /** Rows that the contract left out. */
  readonly discarded: readonly DeadLetter[];
  /** The rows of the page's child tables, parents before their children. @default none */
  readonly children?: readonly EncodedChild[];
}

/** The rows that one page brings to a child table. */
export interface EncodedChild extends EncodedLines {
  /** The child table's name. */
  readonly table: string;
  readonly issues: readonly RowIssue[];
  readonly discarded: readonly DeadLetter[];
}

/** What takes in the rows of a table, together with those of its child tables. */
export interface TableEncoder {
  /** What was seen of the table's own columns. */
  readonly shape: Shape;
  /** Changes whenever something new was seen in any of the tables. */
  readonly version: number;
  /** Everything that was seen, for the journal. */
  toJSON(): Json;
  /**
   * @param where Where the rows come from, for errors; and how many rows of the table came before them.
   * @throws SchemaError `ERR_ROW_WITHOUT_KEY`, `ERR_ROW`, `ERR_COLUMN_COLLISION`, `ERR_SCHEMA_CONTRACT`
   */
  encode(rows: readonly unknown[], where: PageOfRows): EncodedRows;
}

/** A page of rows on its way into a table. */
export interface PageOfRows {
  /** The page's number, counted from 0. */
  readonly page: number;
  /** Rows of the table that are in the log before it. @default 0 */
  readonly before?: number;
  /** For each row the index under which errors name it. @default its own */
  readonly indices?: readonly number[];
  /** The text of more members for the object of each row, such as `"_dlt_load_id":"…"`. Nothing is noted of them. @default none */
  readonly members?: string;
  /** The body in which the rows stand, when nobody has changed them since: its memory may become that of the lines. @default none */
  readonly raw?: RawRows;
}

/**
 * Encodes rows for the log, one page at a time. What is not an object becomes one with the key `value`.
 *
 * @example
 * const encoder = new RowEncoder({ keys: ['id'] });
 * const { chunk } = encoder.encode([{ id: 1, big: 2n ** 64n }], { page: 0 }); // {"id":1,"big":18446744073709551616}
 */
export class RowEncoder implements TableEncoder {
  readonly shape: Shape;
  readonly #keys: readonly { readonly name: string; readonly paths: ValuePaths }[];
  readonly #contract: RowContract | undefined;
  readonly #rewrite: RewriteOptions | undefined;
  readonly #raw: RawPages;
  /** Of the rows of the last page, on average. */
  #lineBytes = 256;

  constructor({ shape = new Shape(), keys = [], contract, rewrite, pathsOf, mayBeText = false }: EncoderOptions = {}) {
    this.shape = shape;
    this.#keys = keys.map((name) => ({ name, paths: pathsOf ? pathsOf(name) : valuePaths(name, rewrite) }));
    this.#contract = contract?.isOpen ? undefined : contract;
    this.#raw = new RawPages(shape, { keys: this.#keys, mayBeText });
    this.#rewrite = rewrite?.flatten || rewrite?.naming ? rewrite : undefined;
  }

  get version(): number {
    return this.shape.version;
  }

  toJSON(): Json {
    return this.shape.toJSON();
  }

  /**
   * @param own For each row the text of members for it alone.
   * @throws SchemaError `ERR_ROW_WITHOUT_KEY`, `ERR_ROW` (a row that refers to itself), `ERR_COLUMN_COLLISION`, `ERR_SCHEMA_CONTRACT`
   */
  encode(
    rows: readonly unknown[],
    { page: number, indices, members, raw }: PageOfRows,
    own?: readonly string[],
  ): EncodedRows {
    if (raw?.unread !== undefined && this.#raw.isKnown(raw) && !this.#isChanging(members ?? own))
      return { ...raw.unread.lines(), rows: raw.unread.count, issues: [], discarded: [] };
    const page = new Page(number, indices, own?.map((each) => joined(each, members)) ?? membersOf(rows, members));
    for (let index = 0; index < rows.length; index += 1) this.#take(rows[index], page, index);
    const cut = raw && this.#isUnchanged(page) ? this.#raw.cut(raw, rows) : undefined;
    const lines = cut ?? this.#write(page);
    return { ...lines, rows: page.kept.length, issues: page.issues, discarded: page.discarded };
  }

  /** Notes what a row holds, and keeps it unless the contract leaves it out. */
  #take(value: unknown, page: Page, index: number): void {
    try {
      const row = this.#prepare(value, page, index);
      if (row === undefined) return;
      if (this.shape.observe(row)) page.special.add(page.kept.length);
      if (this.#keys.length > 0) this.#checkKeys(row, page.origin(index));
      page.kept.push(row);
      page.places.push(index);
    } catch (error) {
      throw rowError(error, page.origin(index), value);
    }
  }

  /** Whether the rows go into the log as they came, as far as anybody asked for something else. */
  #isUnchanged({ special, members }: Page): boolean {
    return special.size === 0 && !this.#isChanging(members);
  }

  /** Whether rows may get another form than they have. */
  #isChanging(members: unknown): boolean {
    return (this.#rewrite ?? this.#contract ?? members) !== undefined || this.shape.renames;
  }

  #write(page: Page): RawLines {
    const { renames } = this.shape;
    const lines = this.#lines(page, (at) => renames || page.special.has(at));
    const written = mayHoldSurrogates(lines.chunk) ? this.#lines(page, () => true) : lines;
    if (page.kept.length > 0) this.#lineBytes = written.chunk.length / page.kept.length;
    return written;
  }

  #lines(page: Page, isSpecial: (at: number) => boolean): RawLines {
    const lines = new LineBuffer(Math.ceil(this.#lineBytes * page.kept.length * 1.1));
    for (const [at, row] of page.kept.entries()) {
      try {
        lines.add(page.whole(isSpecial(at) ? this.#specialLine(row) : JSON.stringify(row), at));
      } catch (error) {
        throw rowError(error, page.origin(page.places[at]!), row);
      }
    }
    return lines.end();
  }

  /** The row as it goes into the table; `undefined` when the contract leaves it out. */
  #prepare(value: unknown, page: Page, index: number): Row | undefined {
    let row = asRow(value);
    if (this.#rewrite !== undefined) row = rewriteRow(row, this.#rewrite);
    if (this.#contract === undefined) return row;
    const origin = page.origin(index);
    const judged = this.#contract.judge(row, origin);
    if (judged.issues.length > 0) page.issues.push(...judged.issues);
    if (judged.row === undefined) page.discarded.push({ row: value, origin, issues: judged.issues });
    return judged.row;
  }

  #specialLine(row: Row): string {
    return membersJson(Object.entries(row).map(([key, value]) => [this.shape.columnOfKey(key)?.name ?? key, value]));
  }

  #checkKeys(row: Row, origin: RowOrigin): void {
    for (const { name, paths } of this.#keys) {
      if (valueAt(row, paths, this.shape) === undefined) {
        const all = this.#keys.map((key) => key.name);
        throw rowWithoutKey(row, name, all, origin);
      }
    }
  }
}

/** What has come of a page so far. */
class Page {
  readonly kept: Row[] = [];
  /** Which row of the page each of them is. */
  readonly places: number[] = [];
  /** Which of the kept rows `JSON.stringify` would change or refuse. */
  readonly special = new Set<number>();
  readonly issues: RowIssue[] = [];
  readonly discarded: DeadLetter[] = [];

  constructor(
    readonly page: number,
    readonly indices: readonly number[] | undefined,
    readonly members: readonly string[] | undefined,
  ) {}

  origin(index: number): RowOrigin {
    return { page: this.page, index: this.indices === undefined ? index : this.indices[index]! };
  }

  /** The object of a kept row with the further members that it gets. */
  whole(json: string, at: number): string {
    const members = this.members?.[this.places[at]!];
    if (members === undefined || members === '') return json;
    return json === '{}' ? `{${members}}` : `${json.slice(0, -1)},${members}}`;
  }
}

function joined(one: string, other: string | undefined): string {
  if (other === undefined || one === '') return one || (other ?? '');
  return `${one},${other}`;
}

function membersOf(rows: readonly unknown[], members: string | undefined): string[] | undefined {
  return members === undefined ? undefined : rows.map(() => members);
}

/**
 * The error of a row that cannot be written, with where it came from.
 * @internal
 */
export function rowError(error: unknown, origin: RowOrigin, row: unknown): SchemaError {
  if (error instanceof SchemaError) return error;
  return new SchemaError('ERR_ROW', `${placeOf(origin)} cannot be written: ${whyUnwritable(error, row)}`, {
    origin,
    cause: error,
  });
}

function whyUnwritable(error: unknown, row: unknown): string {
  if (error instanceof Unwritable) {
    return `${describeUnwritable(error, row)}. Leave it out or give null before the sink, for example with mapRows`;
  }
  // What a stack that is too deep, and JSON.stringify, make of a circle.
  if (error instanceof RangeError || (error instanceof TypeError && /circular/i.test(error.message))) {
    return 'it refers to itself, or is nested too deeply';
  }
  return `reading it failed (a getter or toJSON of it, or a proxy): ${error instanceof Error ? error.message : String(error)}`;
}

/**
 * What is not an object becomes one with the key `value`.
 * @internal
 */
export function asRow(value: unknown): Row {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { value };
  if (isPlainObject(value)) return value as Row;
  const plain = plainValue(value);
  return typeof plain === 'object' && plain !== null && !Array.isArray(plain) ? (plain as Row) : { value: plain };
}

/** Whether there is what `JSON.stringify` makes of a lone surrogate, which the engine refuses; or a text that looks like it. */
function mayHoldSurrogates(lines: Buffer): boolean {
  return lines.includes('\\ud');
}

function rowWithoutKey(row: Row, column: string, keys: readonly string[], origin: RowOrigin): SchemaError {
  const problem = Object.hasOwn(row, column) ? 'has NULL in' : 'has no value for';
  return new SchemaError(
    'ERR_ROW_WITHOUT_KEY',
    `${placeOf(origin)} ${problem} the key column "${column}": ${rowStart(row)} ` +
      `The key (${keys.join(', ')}) must be in every row. Choose another key, or drop such rows before the sink, for example with filterRows`,
    { column, origin },
  );
}
