// A resource whose rows go to several tables: which of them each row goes to, and what a table may be called.
import type { FullResource } from './defaults.js';

/** Which of the tables a row goes to. */
export interface TableSplit {
  /** An expression in CEL, or a function of the row. */
  readonly by: string | ((row: never) => unknown);
  /** All that it can give; `undefined`: they are found as rows come. */
  readonly tables: readonly string[] | undefined;
}

/** How a resource names its tables by row; `undefined` when it has one. */
export function splitOf({ table_name: given }: Pick<FullResource, 'table_name'>): TableSplit | undefined {
  if (typeof given === 'function') return { by: given, tables: undefined };
  return typeof given === 'object' ? { by: given.by, tables: given.tables } : undefined;
}

/** Tables that a resource is known to have before its rows come. */
export function knownTables({
  table,
  split,
}: {
  readonly table: string;
  readonly split: TableSplit | undefined;
}): readonly string[] {
  return split === undefined ? [table] : (split.tables ?? []);
}

/** Why a table cannot be called so: it would be no file, or one elsewhere than in the folder of the run, or the same as that of another name. */
export function tableNameFault(table: string): string | undefined {
  if (/[\p{Cc}\p{Surrogate}]/u.test(table)) return 'has a character that no file name may have';
  const parts = table.split(/[/\\]/);
  if (parts.includes('')) return 'has no name before, between or after its slashes';
  if (parts.some((part) => part === '..' || part === '.')) return 'leads to another folder';
  if (parts.some((part) => part.toLowerCase().startsWith('.sluice')))
    return 'is in the folder that Sluice keeps its own files in';
  return Buffer.byteLength(table) > mostBytes ? `is longer than ${mostBytes} bytes` : undefined;
}

/** A file name may have 255 on common systems, and the ending and the names of stages come on top. */
const mostBytes = 180;

/** A name by which tables are told apart: databases and some file systems do not do that by upper and lower case. */
export function tableKey(table: string): string {
  return table.toLowerCase();
}
