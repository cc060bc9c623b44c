// What a sink emits: proof of what became durable.
import type { Counts } from './meter.js';
import type { Position } from './page.js';

/** A column as the receipt shows it. `type` is written as in SQL, for example `BIGINT` or `STRUCT(id BIGINT, name VARCHAR)`. */
export interface ReceiptColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
}

/** One difference between the table's schema before and after the run. */
export interface SchemaChange {
  readonly column: string;
  readonly change: 'added' | 'widened' | 'nullable';
  readonly from?: string;
  readonly to: string;
}

/**
 * What became durable. A sink emits one for each commit (`published: false`: the rows are safe in the stage, and a run that
 * dies goes on after them), and a last one when the table is published.
 */
export interface Receipt {
  readonly table: string;
  /** Whether readers of the table see the rows. */
  readonly published: boolean;
  /** Names the run in the file's metadata. */
  readonly loadId: string;
  /** Rows received, in this run and in the earlier ones that it goes on from. */
  readonly rows: number;
  /** Rows whose key was not in the table. All rows for `append` and `replace`. 0 until published, as are the other counts. */
  readonly inserted: number;
  /** Rows whose key was in the table with other values. */
  readonly updated: number;
  /** Rows whose key was in the table with the same values. */
  readonly unchanged: number;
  /** Rows of this run that a later row with the same key replaced. */
  readonly duplicates: number;
  /** Rows of the table that are there no more: deleted upstream, in the place of those with a merge key that came, or missing in a full read. */
  readonly deleted: number;
  /** Rows of the table that got a time of deletion, because a full read did not bring them. */
  readonly softDeleted: number;
  /** Versions that are no longer valid: changed or missing rows of an `scd2` table. */
  readonly retired: number;
  /** Rows of this run that only said that a row is deleted, or that `insert-only` found in the table. */
  readonly skipped: number;
  /** Rows and values that were left out because they were against the table's contract. */
  readonly discarded?: { readonly rows: number; readonly values: number };
  /** Rows in the table after publishing. */
  readonly total: number;
  /** The published files. */
  readonly files: readonly string[];
  /** Size of those files in bytes. */
  readonly bytes: number;
  readonly schema: readonly ReceiptColumn[];
  readonly schemaChanges: readonly SchemaChange[];
  /** What came of each child table, on the receipt of the published table. @default it has none */
  readonly children?: readonly Receipt[];
  /** Those of the sinks that a `tee` feeds, on its last receipt. @default there is one sink */
  readonly receipts?: readonly Receipt[];
  /** The last durable position of each walk that is under way, and of the hundred that were finished last. */
  readonly positions: readonly Position[];
  /** Requests, retries, pages, rows and bytes of this process's part of the run. */
  readonly counts: Counts;
  /** What a person should know of this process's part of the run, such as what was detected and why; the first hundred. */
  readonly notes: readonly string[];
  /** From the subscription to this receipt. */
  readonly seconds: number;
}

/** The files of several tables, and their size: a database in which several of them are counts once. */
export function filesOfAll(receipts: readonly Receipt[]): Pick<Receipt, 'files' | 'bytes'> {
  const sizes = new Map<string, number>();
  for (const { files, bytes } of receipts) {
    const key = JSON.stringify(files);
    // It was looked at when each table was done, and may have grown meanwhile.
    sizes.set(key, Math.max(bytes, sizes.get(key) ?? 0));
  }
  return {
    files: [...new Set(receipts.flatMap(({ files }) => files))],
    bytes: [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0),
  };
}
