// A table in plain JavaScript: what each disposition and strategy makes of it. The specs hold the sinks to it.
import type { Row } from '../../lib/core/index.js';

/** What a table is written with; the same for all its loads. */
export interface ModelOptions {
  readonly disposition: 'append' | 'replace' | 'delete-insert' | 'upsert' | 'insert-only' | 'scd2';
  readonly primaryKey: readonly string[];
  readonly mergeKey: readonly string[];
  readonly nullKeys: 'error' | 'group';
  readonly hardDelete?: string;
  readonly dedupSort?: { readonly column: string; readonly order: 'asc' | 'desc' };
  readonly deleteMissing: 'keep' | 'soft' | 'hard';
  readonly rowVersion?: string;
}

export interface ModelLoad {
  readonly rows: readonly Row[];
  readonly partial: boolean;
  /** Names the load, in the place of its time. */
  readonly now: string;
}

/** A row of the table, with what the dispositions add to it. */
export interface ModelRow {
  readonly row: Row;
  readonly deleted: boolean;
  readonly from: string | null;
  readonly to: string | null;
}

export interface ModelCounts {
  inserted: number;
  updated: number;
  unchanged: number;
  duplicates: number;
  deleted: number;
  softDeleted: number;
  retired: number;
  skipped: number;
}

export interface ModelResult {
  readonly rows: readonly ModelRow[];
  readonly counts: ModelCounts;
}

export function applyLoad(before: readonly ModelRow[], load: ModelLoad, options: ModelOptions): ModelResult {
  const counts: ModelCounts = {
    inserted: 0,
    updated: 0,
    unchanged: 0,
    duplicates: 0,
    deleted: 0,
    softDeleted: 0,
    retired: 0,
    skipped: 0,
  };
  const { disposition } = options;
  if (disposition === 'append') {
    counts.inserted = load.rows.length;
    return { rows: [...before, ...load.rows.map(plain)], counts };
  }
  const counting = dedup(load.rows, options);
  counts.duplicates = load.rows.length - counting.length;
  if (disposition === 'replace') {
    counts.inserted = counting.length;
    return { rows: counting.map(plain), counts };
  }
  const rows =
    disposition === 'scd2'
      ? versions(before, counting, load, options, counts)
      : merged(before, counting, load, options, counts);
  return { rows, counts };
}

function merged(
  before: readonly ModelRow[],
  counting: readonly Row[],
  load: ModelLoad,
  options: ModelOptions,
  counts: ModelCounts,
): ModelRow[] {
  const hasKey = options.primaryKey.length > 0;
  const key = (row: Row): string | undefined => (hasKey ? keyOf(row, options.primaryKey, options) : undefined);
  const came = new Map(counting.map((row) => [key(row), row]));
  const replaced = new Set(load.rows.map((row) => keyOf(row, options.mergeKey, options)));
  const missing = load.partial ? 'keep' : options.deleteMissing;
  const met = new Set<Row>();
  const settled = new Set<Row>();
  const rows: ModelRow[] = [];
  for (const old of before) {
    const at = key(old.row);
    const next = at === undefined ? undefined : came.get(at);
    if (next !== undefined) {
      met.add(next);
      if (options.disposition === 'insert-only') {
        rows.push(old);
      } else if (isMark(next, options)) {
        counts.deleted += 1;
      } else if (!old.deleted && canonical(old.row) === canonical(next)) {
        counts.unchanged += 1;
        settled.add(next);
        rows.push(old);
      }
    } else if (missing === 'soft' && !old.deleted) {
      counts.softDeleted += 1;
      rows.push({ ...old, deleted: true });
    } else if (missing === 'hard') {
      counts.deleted += 1;
    } else if (options.mergeKey.length > 0 && has(replaced, keyOf(old.row, options.mergeKey, options))) {
      counts.deleted += 1;
    } else {
      rows.push(old);
    }
  }
  for (const row of counting) {
    if (isMark(row, options) || (options.disposition === 'insert-only' && met.has(row))) {
      counts.skipped += 1;
    } else if (!settled.has(row)) {
      if (met.has(row)) counts.updated += 1;
      else counts.inserted += 1;
      rows.push(plain(row));
    }
  }
  return rows;
}

function versions(
  before: readonly ModelRow[],
  counting: readonly Row[],
  load: ModelLoad,
  options: ModelOptions,
  counts: ModelCounts,
): ModelRow[] {
  const { mergeKey, primaryKey, rowVersion } = options;
  const version = (row: Row): string =>
    rowVersion === undefined ? canonical(row) : JSON.stringify([keyOf(row, primaryKey, options), row[rowVersion]]);
  const ending = mergeKey.length > 0 ? mergeKey : load.partial ? primaryKey : undefined;
  const came = ending && new Set(load.rows.map((row) => keyOf(row, ending, options)));
  const present = new Set(counting.filter((row) => !isMark(row, options)).map(version));
  const valid = new Set<string>();
  const rows = before.map((old): ModelRow => {
    if (old.to !== null) return old;
    if (present.has(version(old.row))) {
      valid.add(version(old.row));
      return old;
    }
    if (came && !has(came, keyOf(old.row, ending!, options))) return old;
    counts.retired += 1;
    return { ...old, to: load.now };
  });
  for (const row of counting) {
    if (isMark(row, options)) counts.skipped += 1;
    else if (valid.has(version(row))) counts.unchanged += 1;
    else {
      counts.inserted += 1;
      rows.push({ ...plain(row), from: load.now });
    }
  }
  return rows;
}

function dedup(rows: readonly Row[], options: ModelOptions): Row[] {
  const { primaryKey, disposition, rowVersion } = options;
  if (primaryKey.length === 0 && disposition !== 'scd2') return [...rows];
  const columns = primaryKey.length > 0 ? primaryKey : rowVersion === undefined ? undefined : [rowVersion];
  const key = (row: Row): string | undefined => (columns ? keyOf(row, columns, options) : canonical(row));
  const winners = new Map<string | undefined, Row>();
  for (const row of rows) {
    const before = winners.get(key(row));
    if (before === undefined || wins(row, before, options)) winners.set(key(row), row);
  }
  const counting = new Set(winners.values());
  return rows.filter((row) => counting.has(row));
}

function wins(later: Row, earlier: Row, { dedupSort }: ModelOptions): boolean {
  if (dedupSort === undefined) return true;
  const [one, other] = [later[dedupSort.column] ?? null, earlier[dedupSort.column] ?? null] as (number | null)[];
  if (one == null || other == null) return other == null;
  return dedupSort.order === 'asc' ? one <= other : one >= other;
}

function isMark(row: Row, { hardDelete }: ModelOptions): boolean {
  const mark = hardDelete === undefined ? null : (row[hardDelete] ?? null);
  return typeof mark === 'boolean' ? mark : mark !== null;
}

/** `undefined` when NULL in it makes the row nobody's. */
function keyOf(row: Row, key: readonly string[], { nullKeys }: Pick<ModelOptions, 'nullKeys'>): string | undefined {
  const values = key.map((path) =>
    path.split('.').reduce<unknown>((value, name) => (value as Row | null | undefined)?.[name] ?? null, row),
  );
  return nullKeys === 'error' && values.includes(null) ? undefined : JSON.stringify(values);
}

function has(keys: ReadonlySet<string | undefined>, key: string | undefined): boolean {
  return key !== undefined && keys.has(key);
}

function plain(row: Row): ModelRow {
  return { row, deleted: false, from: null, to: null };
}

const columns = ['org', 'id', 'owner', 'day', 'n', 'gone', 'name'];

/** A row's columns in one form: numbers as texts, what is missing as NULL. */
export function canonical(row: Row): string {
  return JSON.stringify(
    columns.map((name) => row[name] ?? null),
    (_, value: unknown) => (typeof value === 'number' || typeof value === 'bigint' ? String(value) : value),
  );
}
