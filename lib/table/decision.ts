// What a publish comes to: which rows of the published table leave it, and which rows come.
import type { Database } from './duckdb.js';
import type { Published } from './engine.js';

/** The rows of the published table, ready to be queried. */
export interface PreviousRows {
  /** The Parquet file that holds them: the published one, or a copy of one in another format. */
  readonly file: string;
  /** A query that gives the published columns in their final types, and the place of each row in the file as `__sluice_row`. */
  readonly relation: string;
  readonly rows: number;
}

/** Rows that come, in their order. */
export interface ComingRows {
  /** A query that gives the published columns in their final types, and may give others. */
  readonly relation: string;
  readonly rows: number;
  /**
   * Parquet files that hold these rows, in their order and nothing else, each as the published file stores them: they may be taken as they
   * are. At least one, and the last has the published file's metadata.
   */
  readonly files?: readonly string[];
  /** Whether the query reads the log itself: then `rows` is how many were logged, and how many are read is known when they are written. */
  readonly isLog?: true;
}

/**
 * Every disposition and strategy comes to this: some previous rows leave, the others stay as they are and in their order, and after them
 * come others. A row that is changed leaves and comes. Nothing of it is written yet; it holds for the database that it was made with, until
 * that is restarted.
 */
export interface Decision {
  /** `undefined` when there is no published table, or when all of it is replaced. */
  readonly previous: PreviousRows | undefined;
  /** How many previous rows leave. When above 0, the database's variable `leaving` is a BIT with a 1 at the place of each. */
  readonly leaving: number;
  /** One after the other, after the rows that stay. */
  readonly coming: readonly ComingRows[];
  /** Those that are not 0. */
  readonly counts: Partial<Omit<Published, 'total' | 'written'>>;
  /**
   * For the child tables: a query that gives the rows of the log that the table has afterwards, those that were there already unchanged
   * among them, and their places in the log as `__sluice_row`. All rows of the log when absent.
   */
  readonly accepted?: string;
}

/** The variable that holds the places of the rows that leave, for filters. */
export const leavingRows = 'leaving';
/** The same, to be read: a query of a variable takes its time to look at a set of many rows. */
export const leavingPlaces = 'SELECT places FROM leaving';

/** Keeps the places of the rows that leave, which a query gives as a set. */
export async function keepLeaving(database: Database, query: string): Promise<void> {
  await database.run(`CREATE OR REPLACE TEMP TABLE leaving(places) AS ${query}`);
  await database.run(`SET VARIABLE ${leavingRows} = (${leavingPlaces})`);
}

/** Rows in the table when the decision is carried out. */
export function totalOf({ previous, leaving, coming }: Decision): number {
  return (previous?.rows ?? 0) - leaving + coming.reduce((sum, { rows }) => sum + rows, 0);
}
