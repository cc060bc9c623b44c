// The words in which options say how rows come into a table. They are dlt's.

/** What becomes of the rows that a table has when others come. */
export type WriteDisposition = 'append' | 'replace' | 'merge';

/** How a merge puts the rows that came together with those of the table. */
export type MergeStrategy = 'delete-insert' | 'upsert' | 'insert-only' | 'scd2';

/** Rows with a key that came leave the table, and those that came take their place. */
export interface DeleteInsertDisposition {
  readonly disposition: 'merge';
  readonly strategy?: 'delete-insert';
  /** Whether no primary key comes twice in a run: then none is looked for, and all rows are written. @default false */
  readonly deduplicated?: boolean;
}

/** Rows with a primary key that came are updated, the others inserted. */
export interface UpsertDisposition {
  readonly disposition: 'merge';
  readonly strategy: 'upsert';
}

/** Only rows with a primary key that the table does not have come in; a row that is there never changes. */
export interface InsertOnlyDisposition {
  readonly disposition: 'merge';
  readonly strategy: 'insert-only';
}

/** The table keeps every version of a row, each with the time from which and until which it was the one that was read. */
export interface Scd2Disposition {
  readonly disposition: 'merge';
  readonly strategy: 'scd2';
  /** The columns for both times. @default ['_dlt_valid_from', '_dlt_valid_to'] */
  readonly validityColumnNames?: readonly [from: string, to: string];
  /** What the second has in a version that is valid. An instant, such as `9999-12-31`. @default null */
  readonly activeRecordTimestamp?: string | Date | null;
  /** When the versions that come begin and those that go end. An instant. @default when the run began */
  readonly boundaryTimestamp?: string | Date;
  /** A column of the rows that tells their versions apart, such as a hash. @default all columns */
  readonly rowVersionColumnName?: string;
}

/** Everything that says how rows come into a table. */
export type WriteDispositionOption =
  | WriteDisposition
  | { readonly disposition: 'append' | 'replace' }
  | DeleteInsertDisposition
  | UpsertDisposition
  | InsertOnlyDisposition
  | Scd2Disposition;

/** Of the rows with one primary key in a run, the first in this order of the column's values counts; NULL comes last. */
export interface DedupSort {
  readonly column: string;
  readonly order: 'asc' | 'desc';
}

/**
 * What becomes of rows of the table that a full read did not bring: nothing, they get the time at which that was noticed in a column,
 * or they are removed.
 */
export type DeleteMissing = 'keep' | 'soft' | 'hard' | SoftDelete;

export interface SoftDelete {
  readonly mode: 'soft';
  /** @default '_deleted_at' */
  readonly column?: string;
}

/** Rows with NULL in a key: an error, or rows of one group, as if NULL were a value. */
export type NullKeys = 'error' | 'group';
