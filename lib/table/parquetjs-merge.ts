// Decides a merge row by row in JavaScript: which previous rows stay, and which rows come. The same decisions as those in SQL.
import type { Column } from '../schema/index.js';
import { nothingPublished, type Published } from './engine.js';
import type { MergeRules, Versions } from './merge-rules.js';
import { type Key, keyReader, markReader, type Row, reader, sorter } from './parquetjs-rule.js';
import { instantOf } from './parquetjs-temporal.js';
import { same, type Value } from './parquetjs-value.js';

/** A row of the log, and what the published table has said of it. */
interface Loaded extends PlacedRow {
  readonly isMark: boolean;
  state: 'new' | 'known' | 'unchanged' | 'written';
}

/** A row of the log, and its place there. */
export interface PlacedRow {
  readonly row: Row;
  readonly place: number;
}

/** Takes in the rows of the log, then those of the published table, and then gives the rows that come after those that stay. */
export interface RowMerge {
  /** Takes in a row of the log. @throws Error for NULL in the key, `describe` says in which */
  load(row: Row): void;
  /** Whether a row of the published table stays. */
  stays(row: Row): boolean;
  /** The rows that come. */
  coming(): Row[];
  /** The rows of the log that the table has afterwards, whether they came or were there already; for child tables. */
  accepted(): PlacedRow[];
  /** All but the total. */
  counts(): Published;
}

/** The rows of a log, of those with one key the one that counts. */
class Load {
  readonly rows: Loaded[] = [];
  readonly byKey = new Map<Key, Loaded>();
  received = 0;
  readonly #key: ((row: Row) => Key | undefined) | undefined;
  readonly #wins: (later: Row, earlier: Row) => boolean;
  readonly #isMark: (row: Row) => boolean;
  readonly #gone = new Set<Loaded>();

  /** @param key `undefined` when all rows count. */
  constructor(rules: MergeRules, columns: readonly Column[], key: ((row: Row) => Key | undefined) | undefined) {
    this.#key = key;
    this.#wins = sorter(rules, columns);
    this.#isMark = markReader(rules, columns);
  }

  add(row: Row): void {
    this.received += 1;
    const key = this.#key?.(row);
    const before = key === undefined ? undefined : this.byKey.get(key);
    if (before !== undefined) {
      if (!this.#wins(row, before.row)) return;
      this.#gone.add(before);
    }
    const loaded: Loaded = { row, place: this.received - 1, isMark: this.#isMark(row), state: 'new' };
    this.rows.push(loaded);
    if (key !== undefined) this.byKey.set(key, loaded);
  }

  /** Those that count, in the order of the log. */
  counting(): Loaded[] {
    return this.#gone.size === 0 ? this.rows : this.rows.filter((loaded) => !this.#gone.has(loaded));
  }
}

export function rowMerge(rules: MergeRules, columns: readonly Column[]): RowMerge {
  return rules.versions ? new VersionMerge(rules, columns, rules.versions) : new KeyMerge(rules, columns);
}

/** `delete-insert`, `upsert` and `insert-only`. */
class KeyMerge implements RowMerge {
  readonly #rules: MergeRules;
  readonly #load: Load;
  readonly #key: (row: Row) => Key | undefined;
  readonly #mergeKey: (row: Row) => Key | undefined;
  readonly #came = new Set<Key>();
  readonly #compared: readonly number[];
  readonly #deletedAt: number;
  readonly #now: Value;
  readonly #soft: Row[] = [];
  #deleted = 0;

  constructor(rules: MergeRules, columns: readonly Column[]) {
    this.#rules = rules;
    const hasKey = rules.primaryKey.length > 0;
    this.#key = hasKey ? keyReader(rules.primaryKey, columns, rules) : () => undefined;
    this.#mergeKey = rules.mergeKey.length > 0 ? keyReader(rules.mergeKey, columns, rules) : () => undefined;
    this.#load = new Load(rules, columns, hasKey ? this.#key : undefined);
    this.#compared = columns.flatMap(({ name }, at) => (rules.uncompared.includes(name) ? [] : [at]));
    this.#deletedAt = columns.findIndex(({ name }) => name === rules.deletedAt);
    this.#now = instantOf(rules.now) ?? null;
  }

  load(row: Row): void {
    this.#load.add(row);
    const key = this.#mergeKey(row);
    if (key !== undefined) this.#came.add(key);
  }

  stays(row: Row): boolean {
    const key = this.#key(row);
    const loaded = key === undefined ? undefined : this.#load.byKey.get(key);
    if (loaded === undefined) return !this.#isMissing(row) && !this.#isReplaced(row);
    if (this.#rules.strategy === 'insert-only') {
      loaded.state = 'known';
      return true;
    }
    if (loaded.isMark) {
      loaded.state = 'known';
      this.#deleted += 1;
      return false;
    }
    if (loaded.state === 'new' && this.#isSame(row, loaded.row)) {
      loaded.state = 'unchanged';
      return true;
    }
    // The previous table may have the key twice, as a foreign file may: one row remains of it, and it may be written already.
    loaded.state = loaded.state === 'unchanged' || loaded.state === 'written' ? 'written' : 'known';
    return false;
  }

  coming(): Row[] {
    const rows = this.#load.counting().filter((loaded) => !loaded.isMark && this.#comes(loaded));
    return [...this.#soft, ...rows.map(({ row }) => row)];
  }

  accepted(): PlacedRow[] {
    const insertOnly = this.#rules.strategy === 'insert-only';
    return this.#load.counting().filter(({ isMark, state }) => !isMark && (state === 'new' || !insertOnly));
  }

  counts(): Published {
    const all = this.#load.counting();
    const rows = all.filter(({ isMark }) => !isMark);
    const of = (state: Loaded['state']): number => rows.filter((loaded) => loaded.state === state).length;
    const insertOnly = this.#rules.strategy === 'insert-only';
    return {
      ...nothingPublished,
      inserted: of('new'),
      updated: insertOnly ? 0 : of('known') + of('written'),
      unchanged: of('unchanged'),
      duplicates: this.#load.received - all.length,
      deleted: this.#deleted,
      softDeleted: this.#soft.length,
      skipped: all.length - rows.length + (insertOnly ? of('known') : 0),
    };
  }

  #comes({ state }: Loaded): boolean {
    return state === 'new' || (state === 'known' && this.#rules.strategy !== 'insert-only');
  }

  #isMissing(row: Row): boolean {
    const { missing } = this.#rules;
    if (missing === 'keep' || (missing === 'soft' && row[this.#deletedAt] !== null)) return false;
    if (missing === 'soft') this.#soft.push(row.with(this.#deletedAt, this.#now));
    else this.#deleted += 1;
    return true;
  }

  #isReplaced(row: Row): boolean {
    const key = this.#mergeKey(row);
    if (key === undefined || !this.#came.has(key)) return false;
    this.#deleted += 1;
    return true;
  }

  #isSame(one: Row, other: Row): boolean {
    return this.#compared.every((at) => same(one[at]!, other[at]!));
  }
}

/** `scd2`. */
class VersionMerge implements RowMerge {
  readonly #load: Load;
  readonly #version: (row: Row) => Key | undefined;
  readonly #endsOnly: ((row: Row) => Key | undefined) | undefined;
  readonly #came = new Set<Key>();
  readonly #from: number;
  readonly #to: number;
  readonly #boundary: Value;
  readonly #active: Value;
  readonly #retired: Row[] = [];
  #byVersion: Map<Key, Loaded[]> | undefined;

  constructor(rules: MergeRules, columns: readonly Column[], versions: Versions) {
    const at = (name: string): number => columns.findIndex((column) => column.name === name);
    this.#from = at(versions.from);
    this.#to = at(versions.to);
    this.#boundary = instantOf(versions.boundary) ?? null;
    this.#active = versions.active === null ? null : (instantOf(versions.active) ?? null);
    const left = [...rules.uncompared, versions.from, versions.to];
    const all = columns.filter(({ name }) => !left.includes(name));
    const every = all.map(({ name, type }) => ({ column: name, fields: [], structs: 0, type }));
    const named = [...rules.primaryKey, ...(versions.rowVersion ? [versions.rowVersion] : [])];
    this.#version = versions.rowVersion
      ? keyReader(named, columns, rules)
      : keyReader(every, columns, { nullKeys: 'group' });
    const key = rules.primaryKey.length > 0 ? keyReader(rules.primaryKey, columns, rules) : this.#version;
    this.#load = new Load(rules, columns, key);
    this.#endsOnly = versions.onlyOfKeys && keyReader(versions.onlyOfKeys, columns, rules);
  }

  load(row: Row): void {
    this.#load.add(row.with(this.#from, this.#boundary).with(this.#to, this.#active));
    const key = this.#endsOnly?.(row);
    if (key !== undefined) this.#came.add(key);
  }

  stays(row: Row): boolean {
    const to = row[this.#to]!;
    if (to !== null && to !== this.#active) return true;
    const version = this.#version(row);
    const loaded = version === undefined ? undefined : this.#versions().get(version);
    if (loaded !== undefined) {
      for (const each of loaded) each.state = 'unchanged';
      return true;
    }
    if (this.#endsOnly) {
      const key = this.#endsOnly(row);
      if (key === undefined || !this.#came.has(key)) return true;
    }
    this.#retired.push(row.with(this.#to, this.#boundary));
    return false;
  }

  coming(): Row[] {
    return [...this.#retired, ...this.accepted().map(({ row }) => row)];
  }

  /** A version that is there already has the rows of its lists. */
  accepted(): PlacedRow[] {
    return this.#load.counting().filter(({ isMark, state }) => !isMark && state === 'new');
  }

  counts(): Published {
    const all = this.#load.counting();
    const skipped = all.filter(({ isMark }) => isMark).length;
    const unchanged = all.filter(({ state }) => state === 'unchanged').length;
    return {
      ...nothingPublished,
      inserted: all.length - skipped - unchanged,
      unchanged,
      duplicates: this.#load.received - all.length,
      retired: this.#retired.length,
      skipped,
    };
  }

  /** Made when the log is whole. */
  #versions(): Map<Key, Loaded[]> {
    if (this.#byVersion === undefined) {
      this.#byVersion = new Map();
      for (const loaded of this.#load.counting()) {
        const version = loaded.isMark ? undefined : this.#version(loaded.row);
        if (version === undefined) continue;
        const others = this.#byVersion.get(version);
        if (others) others.push(loaded);
        else this.#byVersion.set(version, [loaded]);
      }
    }
    return this.#byVersion;
  }
}

/** The name of the first value of a key that a row is without. */
export function missingKey(row: Row, rules: MergeRules, columns: readonly Column[]): string | undefined {
  if (rules.nullKeys === 'group') return undefined;
  const part = [...rules.primaryKey, ...rules.mergeKey].find((each) => each && reader(each, columns)(row) === null);
  return part && [part.column, ...part.fields].join('.');
}
