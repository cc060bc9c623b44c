// What the options say of how rows come into a table, read and checked once, before the first row.
import {
  checkNames,
  type DedupSort,
  type DeleteMissing,
  type MergeStrategy,
  type NullKeys,
  OptionError,
  type WriteDisposition,
  type WriteDispositionOption,
} from '../core/index.js';
import type { ColumnHint } from '../schema/index.js';
import { TableError } from './table-error.js';

export interface WriteOptions {
  /**
   * `append` adds the rows to those of the table, `replace` puts them in the place of those, `merge` puts them together by a key: as an
   * object it also says how (docs/tables.md). @default 'append'
   */
  readonly writeDisposition?: WriteDispositionOption;
  /**
   * The column or columns that tell rows apart, or fields within columns (`owner.id`). Must be in every row. Of the rows with the same
   * key in one run the last counts. @default those that `columns` declares as such
   */
  readonly primaryKey?: string | readonly string[];
  /**
   * For `delete-insert`: rows of the table leave when one with the same values in these columns came. For `scd2`: only versions with
   * values that came can end. @default those that `columns` declares as such
   */
  readonly mergeKey?: string | readonly string[];
  /** A column that marks rows as deleted upstream: true, or for other types any value but NULL. @default the one that `columns` declares as such */
  readonly hardDelete?: string;
  /** Which of the rows with the same key in one run counts. @default the last one, or what `columns` declares */
  readonly dedupSort?: DedupSort;
  /** What becomes of rows of the table that a full read did not bring. Needs a primary key. @default 'keep' */
  readonly deleteMissing?: DeleteMissing;
  /**
   * Tells, when the source has completed, whether it brought only a part of what there is: then no row is taken for missing.
   * @default a source that completes brought everything
   */
  readonly partial?: () => boolean;
  /**
   * Begins the table anew: what the disposition makes of the rows that come takes the place of all that is there. @default false
   */
  readonly refresh?: boolean;
  /** Rows without a key, or with NULL in it: an error, or rows of one group. @default 'error' */
  readonly nullKeys?: NullKeys;
}

/** Everything decided that can be before the columns are known. Columns by the names that the options give. */
export interface WriteRules {
  readonly disposition: WriteDisposition;
  readonly strategy: MergeStrategy;
  readonly primaryKey: readonly string[];
  readonly mergeKey: readonly string[];
  readonly hardDelete?: string;
  readonly dedupSort?: DedupSort;
  readonly deduplicated: boolean;
  readonly deleteMissing: 'keep' | 'soft' | 'hard';
  /** The column for the time of a soft deletion. */
  readonly deletedAt: string;
  readonly partial: () => boolean;
  readonly nullKeys: NullKeys;
  readonly validity?: Validity;
  /** Whether a `replace` takes rows as the strategy of a merge does. */
  readonly refreshes?: true;
}

/** The columns of a table that keeps versions, and what they hold. Instants as ISO text in UTC. */
export interface Validity {
  readonly from: string;
  readonly to: string;
  /** What `to` has in a valid version. */
  readonly active: string | null;
  /** @default when the run began */
  readonly boundary?: string;
  /** @default all columns tell versions apart */
  readonly rowVersion?: string;
}

const strategies: readonly MergeStrategy[] = ['delete-insert', 'upsert', 'insert-only', 'scd2'];
const dispositions: readonly WriteDisposition[] = ['append', 'replace', 'merge'];
/** What an object may say, beside disposition and strategy. */
const ownKeys: Readonly<Record<MergeStrategy, readonly string[]>> = {
  'delete-insert': ['deduplicated'],
  upsert: [],
  'insert-only': [],
  scd2: ['validityColumnNames', 'activeRecordTimestamp', 'boundaryTimestamp', 'rowVersionColumnName'],
};

/**
 * @throws OptionError `ERR_INVALID_OPTION`; TableError `ERR_TABLE_NO_KEY` for a merge that needs a key and has none
 */
export function writeRules(options: WriteOptions, hints: readonly ColumnHint[], table: string): WriteRules {
  const given = options.writeDisposition ?? 'append';
  const { disposition, strategy, ...rest } = typeof given === 'string' ? { disposition: given } : withStrategy(given);
  oneOf('writeDisposition', disposition, dispositions);
  const how = strategy ?? 'delete-insert';
  oneOf('writeDisposition.strategy', how, strategies);
  const known = disposition === 'merge' ? ownKeys[how] : [];
  for (const key of Object.keys(rest)) {
    if (!known.includes(key)) throw unknownKey(key, disposition, how, known);
  }
  if (strategy !== undefined && disposition !== 'merge')
    throw new OptionError('writeDisposition.strategy', `is for merge; ${disposition} has none`);
  const rules: WriteRules = {
    disposition,
    strategy: how,
    ...keysOf(options, hints),
    ...sortOf(options, hints),
    deduplicated: 'deduplicated' in rest && rest.deduplicated === true,
    ...missingOf(options),
    partial: options.partial ?? (() => false),
    nullKeys: options.nullKeys ?? 'error',
    ...(disposition === 'merge' && how === 'scd2' && { validity: validityOf(rest) }),
  };
  oneOf('nullKeys', rules.nullKeys, ['error', 'group']);
  check(rules, table);
  return options.refresh === true ? { ...rules, disposition: 'replace', refreshes: true } : rules;
}

type Given = Exclude<WriteDispositionOption, string>;

interface AnyDisposition {
  readonly disposition: WriteDisposition;
  readonly strategy?: MergeStrategy;
  readonly deduplicated?: boolean;
  readonly validityColumnNames?: readonly string[];
  readonly activeRecordTimestamp?: string | Date | null;
  readonly boundaryTimestamp?: string | Date;
  readonly rowVersionColumnName?: string;
}

function withStrategy(given: Given): AnyDisposition {
  if (typeof given !== 'object' || given === null)
    throw new OptionError('writeDisposition', `must be ${dispositions.join(', ')}, or an object with a disposition`);
  return given;
}

function keysOf(
  { primaryKey, mergeKey, hardDelete }: WriteOptions,
  hints: readonly ColumnHint[],
): Pick<WriteRules, 'primaryKey' | 'mergeKey' | 'hardDelete'> {
  const declared = (hint: 'primaryKey' | 'mergeKey' | 'hardDelete') =>
    hints.filter((each) => each[hint] === true).map(({ name }) => name);
  const marks = hardDelete === undefined ? declared('hardDelete') : [hardDelete];
  if (marks.length > 1)
    throw new OptionError('hardDelete', `only one column can mark deleted rows, and these do: ${marks.join(', ')}`);
  const [mark] = marks;
  return {
    primaryKey: names('primaryKey', primaryKey) ?? declared('primaryKey'),
    mergeKey: names('mergeKey', mergeKey) ?? declared('mergeKey'),
    ...(mark !== undefined && { hardDelete: mark }),
  };
}

function names(option: string, given: string | readonly string[] | undefined): readonly string[] | undefined {
  if (given === undefined) return undefined;
  const list = [given].flat();
  if (list.some((name) => typeof name !== 'string' || name === ''))
    throw new OptionError(option, 'must be the name of a column, or a list of them');
  const twice = list.find((name, at) => list.indexOf(name) !== at);
  if (twice !== undefined) throw new OptionError(option, `names the column "${twice}" twice`);
  return list;
}

function sortOf({ dedupSort }: WriteOptions, hints: readonly ColumnHint[]): Pick<WriteRules, 'dedupSort'> {
  const declared = hints.flatMap(({ name, dedupSort: order }) => (order ? [{ column: name, order }] : []));
  const all = dedupSort === undefined ? declared : [dedupSort];
  if (all.length > 1)
    throw new OptionError(
      'dedupSort',
      `only one column can sort, and these do: ${all.map(({ column }) => column).join(', ')}`,
    );
  const [sort] = all;
  if (sort === undefined) return {};
  checkNames(sort, ['column', 'order'], 'dedupSort');
  oneOf('dedupSort.order', sort.order, ['asc', 'desc']);
  return { dedupSort: sort };
}

function missingOf({ deleteMissing = 'keep' }: WriteOptions): Pick<WriteRules, 'deleteMissing' | 'deletedAt'> {
  if (typeof deleteMissing !== 'string') checkNames(deleteMissing, ['mode', 'column'], 'deleteMissing');
  const mode = typeof deleteMissing === 'string' ? deleteMissing : deleteMissing.mode;
  oneOf('deleteMissing', mode, typeof deleteMissing === 'string' ? ['keep', 'soft', 'hard'] : ['soft']);
  const { column = '_deleted_at' } = typeof deleteMissing === 'string' ? {} : deleteMissing;
  return { deleteMissing: mode, deletedAt: column };
}

function validityOf({
  validityColumnNames: columns = ['_dlt_valid_from', '_dlt_valid_to'],
  activeRecordTimestamp: active = null,
  boundaryTimestamp: boundary,
  rowVersionColumnName: rowVersion,
}: Omit<AnyDisposition, 'disposition'>): Validity {
  const [from, to] = columns;
  if (columns.length !== 2 || !from || !to || from.toLowerCase() === to.toLowerCase())
    throw new OptionError('writeDisposition.validityColumnNames', 'must be the names of two columns');
  return {
    from,
    to,
    active: active === null ? null : instant('activeRecordTimestamp', active),
    ...(boundary != null && { boundary: instant('boundaryTimestamp', boundary) }),
    ...(rowVersion !== undefined && { rowVersion }),
  };
}

/** As ISO text in UTC. Without an offset it is taken for UTC, as in the rows. */
function instant(option: string, value: string | Date): string {
  const text = typeof value === 'string' && !/(Z|[+-]\d\d:?\d\d)$/i.test(value) ? utc(value) : value;
  const date = new Date(text);
  if (Number.isNaN(date.getTime()))
    throw new OptionError(
      `writeDisposition.${option}`,
      `must be an instant such as 2024-01-31T12:00:00Z, not ${String(value)}`,
    );
  return date.toISOString();
}

function utc(text: string): string {
  const [day = '', time = '00:00:00'] = text.trim().split(/[T ]/);
  return `${day}T${time}Z`;
}

function check(rules: WriteRules, table: string): void {
  const { disposition, strategy, primaryKey, mergeKey, deleteMissing } = rules;
  if (deleteMissing !== 'keep') {
    if (disposition !== 'merge')
      throw new OptionError(
        'deleteMissing',
        `is for merge; ${disposition === 'replace' ? 'replace keeps no row that did not come' : 'append knows no row again'}`,
      );
    if (strategy === 'scd2') throw new OptionError('deleteMissing', 'scd2 ends the versions of missing rows by itself');
    if (strategy === 'insert-only') throw new OptionError('deleteMissing', 'insert-only changes no row of the table');
  }
  if (disposition !== 'merge') return;
  if (strategy === 'upsert' || strategy === 'insert-only') {
    if (mergeKey.length > 0)
      throw new OptionError('mergeKey', `is for delete-insert and scd2; ${strategy} goes by the primary key`);
  }
  const needed =
    strategy === 'scd2'
      ? true
      : strategy === 'delete-insert' && deleteMissing === 'keep'
        ? primaryKey.length + mergeKey.length > 0
        : primaryKey.length > 0;
  if (!needed) {
    const message = `merge needs a primary key, such as primaryKey: 'id'. To keep all rows, use writeDisposition: 'append'.`;
    throw new TableError('ERR_TABLE_NO_KEY', table, message);
  }
}

function oneOf(option: string, value: string, known: readonly string[]): void {
  if (!known.includes(value)) throw new OptionError(option, `there is no "${value}". Give ${known.join(', ')}`);
}

function unknownKey(key: string, disposition: string, strategy: string, known: readonly string[]): OptionError {
  const what = disposition === 'merge' ? strategy : disposition;
  const has = known.length > 0 ? `it has ${known.join(', ')}` : 'it has no options of its own';
  return new OptionError(`writeDisposition.${key}`, `${what} has no such option; ${has}`);
}

/** What must be in every row. */
export function requiredKeys({
  disposition,
  refreshes,
  primaryKey,
  mergeKey,
  nullKeys,
  validity,
}: WriteRules): readonly string[] {
  if (nullKeys === 'group') return [];
  if (disposition !== 'merge' && !refreshes) return primaryKey;
  return [
    ...new Set([...primaryKey, ...mergeKey, ...(validity?.rowVersion === undefined ? [] : [validity.rowVersion])]),
  ];
}
