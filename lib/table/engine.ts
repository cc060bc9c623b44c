// What a table engine is asked to do: read the log with the final types, remove duplicates, merge, write one file.
import type { WriteDisposition } from '../core/index.js';
import type { ColumnType, TableSchema } from '../schema/index.js';
import type { Audit } from './audited-table.js';
import type { Kinship } from './kinship.js';
import type { MergeRules } from './merge-rules.js';
import type { ParquetLayout } from './parquet-layout.js';

/** One publish, everything decided: an engine adds no policy of its own. */
export interface Publication {
  readonly table: string;
  readonly format: 'parquet' | 'arrow' | 'csv' | 'jsonl' | 'duckdb';
  readonly disposition: WriteDisposition;
  /** Column names; empty for a table without a key. */
  readonly primaryKey: readonly string[];
  /** What a merge goes by. @default `keyRules`: the primary key alone */
  readonly rules?: MergeRules;
  /** The published columns, in order, with their final types. */
  readonly schema: TableSchema;
  /** Key-value metadata for the file. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The log, in order: files of JSON lines, cut to their committed lengths. */
  readonly segments: readonly string[];
  /** Segments that `Engine.seal` has typed already, by their paths. @default none */
  readonly parts?: ReadonlyMap<string, SealedPart>;
  /** Rows in the log. */
  readonly rows: number;
  /** Size in bytes of the longest line in the log. */
  readonly longestLine: number;
  /** Whether the published columns differ from those of the previous file, so that it is written even when no row changed. */
  readonly schemaChanged?: boolean;
  /** The table as it is published now, with the types it has there. */
  readonly previous?: {
    readonly file: string;
    readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
    readonly rows: number;
    readonly bytes: number;
  };
  /** Where to write. The caller syncs it and renames it. */
  readonly destination: string;
  /** A folder for spilling, on the same disk. Removed by the caller. */
  readonly scratch: string;
  /** What it has to tell its child tables, or what its table has told it. @default it is alone */
  readonly kinship?: Kinship;
  /** How a Parquet file is laid out. @default `defaultLayout` */
  readonly layout?: ParquetLayout;
  /** Looks at the table before it is published. */
  readonly audit?: Audit;
  readonly signal: AbortSignal;
}

/** What came of it. */
export interface Published {
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly duplicates: number;
  readonly deleted: number;
  readonly softDeleted: number;
  readonly retired: number;
  readonly skipped: number;
  readonly total: number;
  /** `false` when nothing changed, so no file was written and the previous one stays. */
  readonly written?: false;
}

/** Nothing came of it, of a table without rows. */
export const nothingPublished: Published = {
  inserted: 0,
  updated: 0,
  unchanged: 0,
  duplicates: 0,
  deleted: 0,
  softDeleted: 0,
  retired: 0,
  skipped: 0,
  total: 0,
};

/** A segment of the log as a Parquet file. */
export interface SealedPart {
  readonly file: string;
  /** The columns that it has, with the types that were the final ones when it was made. */
  readonly columns: TableSchema['columns'];
}

/** A segment to be typed before all rows have come. */
export interface SealRequest
  extends Pick<Publication, 'table' | 'schema' | 'longestLine' | 'destination' | 'scratch' | 'layout' | 'signal'> {
  readonly segment: string;
}

export interface Engine {
  readonly name: string;
  /** Loads what publishing needs, so that the time is used for which a server is waited for. Never throws: `publish` says what is wrong. */
  warmUp?(): void;
  publish(publication: Publication): Promise<Published>;
  /**
   * Writes segments as `publish` reads them fastest, one after the other. Only for engines to which that is of use.
   * @param next The request that follows, asked for when the one before is carried out; nothing ends it.
   */
  seal?(first: SealRequest, next: () => Promise<SealRequest | undefined>): Promise<void>;
}
