// The options that all table sinks share, and what they say of the table.
import { type HighWater, OptionError } from '../core/index.js';
import { type ColumnOptions, columnPolicy } from '../schema/index.js';
import type { Checkpoint } from './checkpoint.js';
import type { WriteDisposition } from './engine.js';
import { tableName } from './layout.js';
import type { Target } from './publish.js';

export interface TableOptions extends ColumnOptions {
  /** The column or columns that tell rows apart. Must be in every row. Needed for `merge`. @default those that `columns` declares as such */
  readonly primaryKey?: string | readonly string[];
  /**
   * `append` adds the rows to those of the file, `replace` puts them in the place of those, `merge` replaces the rows with the
   * same key and adds the others. @default 'append'
   */
  readonly writeDisposition?: WriteDisposition;
  /** How often rows are made durable. @default every 100 pages, 5 seconds or 32 MiB, whatever comes first */
  readonly checkpoint?: Checkpoint;
  /** How many pages and bytes may be on their way to the file. @default 16 pages, 64 MiB */
  readonly highWaterMark?: Partial<HighWater>;
  /** The table's name in receipts and errors. @default the file's name without its ending */
  readonly table?: string;
}

/**
 * What the options say of the table in a file.
 * @throws OptionError `ERR_INVALID_OPTION`
 */
export function tableTarget(
  path: string,
  options: TableOptions,
): Pick<Target, 'table' | 'path' | 'disposition' | 'primaryKey' | 'columns'> {
  if (path === '') throw new OptionError('path', 'must be the path of a file, such as out/projects.parquet');
  const { table = tableName(path), writeDisposition: disposition = 'append', primaryKey } = options;
  const known = ['append', 'replace', 'merge'];
  if (!known.includes(disposition)) {
    throw new OptionError('writeDisposition', `there is no "${disposition}". Give ${known.join(', ')}`);
  }
  const columns = columnPolicy(options);
  const declared = columns.hints.filter((hint) => hint.primaryKey).map(({ name }) => name);
  return { table, path, disposition, primaryKey: primaryKey === undefined ? declared : [primaryKey].flat(), columns };
}
