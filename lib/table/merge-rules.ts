// What a publish goes by, found among the columns of the table.
import type { MergeStrategy, NullKeys, WriteDisposition } from '../core/index.js';
import { type ColumnPolicy, type ColumnType, resolvePath, type TableSchema, type ValuePath } from '../schema/index.js';
import { TableError } from './table-error.js';
import type { WriteRules } from './write-rules.js';

/** A column or a field that a rule is about; `undefined` when no row and no column has it: it is NULL everywhere. */
export type RuleValue = ValuePath | undefined;

/** How a merge, or the dedup of a replace, goes about its rows: nothing in it is left to be found out. */
export interface MergeRules {
  readonly strategy: MergeStrategy;
  readonly primaryKey: readonly RuleValue[];
  readonly mergeKey: readonly RuleValue[];
  readonly hardDelete?: ValuePath;
  readonly dedupSort?: { readonly by: ValuePath; readonly order: 'asc' | 'desc' };
  /** Whether no key comes twice in the log. */
  readonly deduplicated: boolean;
  /** What becomes of rows that did not come; `keep` when the load is not all there is. */
  readonly missing: 'keep' | 'soft' | 'hard';
  readonly deletedAt: string;
  readonly nullKeys: NullKeys;
  /** The instant of this load, as ISO text. */
  readonly now: string;
  readonly versions?: Versions;
  /** Columns that do not count when rows are compared, such as the load's id. */
  readonly uncompared: readonly string[];
}

/** How versions of rows are kept. */
export interface Versions {
  readonly from: string;
  readonly to: string;
  /** What `to` has in a valid version, as ISO text. */
  readonly active: string | null;
  readonly boundary: string;
  /** What tells versions apart; all columns when absent. */
  readonly rowVersion?: ValuePath;
  /** Whether versions can only end when their key came: by the merge key, or else the primary key. */
  readonly onlyOfKeys: readonly RuleValue[] | undefined;
}

/** What is known of the load that is to be published. */
export interface LoadFacts {
  readonly table: string;
  /** When the run began, as ISO text. */
  readonly startedAt: string;
  /** Whether rows may be missing in it that are there upstream. */
  readonly partial: boolean;
}

/** @throws TableError `ERR_TABLE_NO_KEY` for `scd2` of a load that is only a part, when there is no key to tell which versions ended */
export function mergeRules(
  rules: WriteRules,
  policy: ColumnPolicy,
  { columns }: TableSchema,
  { table, startedAt, partial }: LoadFacts,
): MergeRules {
  const find = (name: string): RuleValue => resolvePath(policy.pathsOf(name), columns);
  const { strategy, deduplicated, deletedAt, nullKeys, dedupSort, hardDelete, validity } = rules;
  const primaryKey = rules.primaryKey.map(find);
  const mergeKey = rules.mergeKey.map(find);
  const by = dedupSort && find(dedupSort.column);
  // Without a merge the column is as any other.
  const marks = rules.disposition === 'merge' || rules.refreshes === true;
  const mark = hardDelete === undefined || !marks ? undefined : find(hardDelete);
  const rowVersion = validity?.rowVersion === undefined ? undefined : find(validity.rowVersion);
  const endKey = mergeKey.length > 0 ? mergeKey : primaryKey;
  if (validity && partial && endKey.length === 0) throw withoutKey(table);
  return {
    strategy,
    primaryKey,
    mergeKey,
    ...(mark && { hardDelete: mark }),
    ...(by && { dedupSort: { by, order: dedupSort.order } }),
    deduplicated,
    missing: partial ? 'keep' : rules.deleteMissing,
    deletedAt,
    nullKeys,
    now: startedAt,
    uncompared: policy.metadata.columns.map(({ name }) => name),
    ...(validity && {
      versions: {
        from: validity.from,
        to: validity.to,
        active: validity.active,
        boundary: validity.boundary ?? startedAt,
        ...(rowVersion && { rowVersion }),
        onlyOfKeys: mergeKey.length > 0 || partial ? endKey : undefined,
      },
    }),
  };
}

/** Rules for a table of which only the primary key is known. */
export function keyRules(primaryKey: readonly string[], { columns }: TableSchema): MergeRules {
  return {
    strategy: 'delete-insert',
    primaryKey: primaryKey.map((name) => resolvePath([[name]], columns)),
    mergeKey: [],
    deduplicated: false,
    missing: 'keep',
    deletedAt: '',
    nullKeys: 'error',
    now: new Date(0).toISOString(),
    uncompared: [],
  };
}

/** Whether rows of the log and of the table are put together by a key, or by what the log is without. Else the log is added. */
export function willMerge(
  { disposition, rows }: { readonly disposition: WriteDisposition; readonly rows: number },
  rules: MergeRules,
): boolean {
  const { primaryKey, mergeKey, missing, versions, hardDelete } = rules;
  if (disposition === 'append') return false;
  if (disposition === 'replace') {
    return rows > 0 && (primaryKey.length > 0 || versions !== undefined || hardDelete !== undefined);
  }
  if (missing !== 'keep' || versions !== undefined) return true;
  return rows > 0 && primaryKey.length + mergeKey.length > 0;
}

const instant: ColumnType = { kind: 'timestamp' };

/** The columns that the rules add to those of the rows. */
export function ownColumns({
  deleteMissing,
  deletedAt,
  validity,
}: WriteRules): readonly { name: string; type: ColumnType }[] {
  const names = [...(validity ? [validity.from, validity.to] : []), ...(deleteMissing === 'soft' ? [deletedAt] : [])];
  return names.map((name) => ({ name, type: instant }));
}

function withoutKey(table: string): TableError {
  const message = `only a part of the rows was read, so that scd2 cannot tell which versions ended. Give a mergeKey or a primaryKey: only versions with a key that came are ended then. The rows are kept in the stage.`;
  return new TableError('ERR_TABLE_NO_KEY', table, message);
}
