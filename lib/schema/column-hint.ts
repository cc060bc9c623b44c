// What is declared of a column, however it was declared.
import type { ColumnType } from './type.js';

/** What is declared of a column. */
export interface ColumnHint {
  readonly name: string;
  /** Wins over what is found in the rows. */
  readonly type?: ColumnType;
  readonly nullable?: boolean;
  readonly description?: string;
  readonly primaryKey?: boolean;
  readonly mergeKey?: boolean;
  readonly unique?: boolean;
  /** Of the rows with one key, the first in this order of the column's values is kept. */
  readonly dedupSort?: 'asc' | 'desc';
  /** Marks rows that are deleted upstream. */
  readonly hardDelete?: boolean;
}
