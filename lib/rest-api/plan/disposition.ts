// How the rows of a resource come into its table, from dlt's words to the options of a sink.
import { OptionError, type WriteDispositionOption } from '../../core/index.js';
import { type ColumnOptions, columnPolicy } from '../../schema/index.js';
import type { WriteOptions } from '../../table/index.js';
import { TableError } from '../../table/table-error.js';
import { writeRules } from '../../table/write-rules.js';
import type { Path } from '../check/problem.js';
import { camelCase, snakeCase } from '../compile/camel-case.js';
import { type DispositionConfig, replaceStrategies } from '../config/disposition-schema.js';
import type { WithoutRowHints } from './row-hints.js';

export type DispositionPlan = Pick<WriteOptions, 'primaryKey' | 'mergeKey' | 'deleteMissing' | 'nullKeys'> & {
  readonly writeDisposition: WriteDispositionOption;
};

type LiteralDisposition = WithoutRowHints<DispositionConfig>;

/** Whether the resource is not to be read at all. */
export function isSkipped({ write_disposition: given }: LiteralDisposition): boolean {
  return (typeof given === 'object' ? given.disposition : given) === 'skip';
}

/** @param columns What is declared of the columns: keys, too. */
export function planDisposition(config: LiteralDisposition, columns: ColumnOptions): DispositionPlan {
  const { write_disposition: given = 'append', delete_missing: missing, null_keys: nullKeys } = config;
  const primaryKey = keyOf(config.primary_key);
  const mergeKey = keyOf(config.merge_key);
  const hasKey = declaresKey({ ...columns, ...(primaryKey && { primaryKey }), ...(mergeKey && { mergeKey }) });
  return {
    writeDisposition: dispositionOf(given, hasKey),
    ...(primaryKey !== undefined && { primaryKey }),
    ...(mergeKey !== undefined && { mergeKey }),
    ...(missing !== undefined && { deleteMissing: missing as NonNullable<WriteOptions['deleteMissing']> }),
    ...(nullKeys !== undefined && { nullKeys }),
  };
}

/** Whether rows can be told apart by a key. */
export function declaresKey({
  primaryKey,
  mergeKey,
  ...columns
}: ColumnOptions & Omit<DispositionPlan, 'writeDisposition'>): boolean {
  if (primaryKey !== undefined || mergeKey !== undefined) return true;
  return columnPolicy(columns).hints.some((hint) => hint.primaryKey || hint.mergeKey);
}

/** What is wrong with the rules of a table, and where in the resource it stands. */
export function dispositionFault(
  plan: DispositionPlan & ColumnOptions,
  table: string,
): { readonly path: Path; readonly message: string } | undefined {
  try {
    writeRules(plan, columnPolicy(plan).hints, table);
    return undefined;
  } catch (error) {
    if (error instanceof TableError) {
      return { path: ['write_disposition'], message: 'needs a "primary_key"; to keep all rows, use "append"' };
    }
    if (!(error instanceof OptionError)) throw error;
    const [option = '', ...within] = error.option.split('.');
    const key = keyOfOption[option];
    // Columns say by themselves what is wrong with them.
    if (key === undefined) return undefined;
    return { path: [key, ...within.map(snakeCase)], message: snakeCase(error.message.slice(error.option.length + 2)) };
  }
}

const keyOfOption: Readonly<Record<string, string>> = {
  writeDisposition: 'write_disposition',
  primaryKey: 'primary_key',
  mergeKey: 'merge_key',
  deleteMissing: 'delete_missing',
  hardDelete: 'columns',
  dedupSort: 'columns',
};

/** As in dlt, rows without a key cannot be told apart: merging them is adding them. */
function dispositionOf(
  given: NonNullable<LiteralDisposition['write_disposition']>,
  hasKey: boolean,
): WriteDispositionOption {
  const { disposition, ...how } = typeof given === 'string' ? { disposition: given } : given;
  if (disposition === 'skip') return 'append';
  const set = Object.fromEntries(Object.entries(how).filter(([, value]) => value !== null && value !== undefined));
  const strategy = 'strategy' in set ? set['strategy'] : 'delete-insert';
  // dlt's strategies for replace are about databases: a file is always replaced by one rename.
  if (disposition === 'replace' && replaceStrategies.some((one) => one === strategy)) return 'replace';
  if (disposition === 'merge' && strategy === 'delete-insert' && !hasKey) return 'append';
  if (Object.keys(set).length === 0) return disposition;
  return { disposition, ...camelCase(set) } as WriteDispositionOption;
}

function keyOf(key: string | readonly string[] | null | undefined): string | readonly string[] | undefined {
  if (key == null || key.length === 0) return undefined;
  return Array.isArray(key) && key.length === 1 ? key[0] : key;
}
