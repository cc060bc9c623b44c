// What an audit gets of a table that is about to be published.
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Receipt, ReceiptColumn } from '../core/index.js';

/** A table that is about to be published. */
export interface AuditedTable {
  readonly table: string;
  /** What the receipt will say, `total` among it. */
  readonly counts: AuditCounts;
  readonly columns: readonly ReceiptColumn[];
  /**
   * The rows of a query, in which the table is there under its name, all of it and as it will be.
   * @example
   * const audit = async ({ query }) => {
   *   const [nameless] = await query('SELECT count(*) AS n FROM projects WHERE name IS NULL');
   *   if (nameless.n > 0) throw new Error(`${nameless.n} projects have no name`);
   * };
   * rows.pipe(parquet('out/projects.parquet', { audit }))
   */
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** For what `query` cannot do. It is the connection that publishes: leave what you find there as it is. */
  readonly connection: DuckDBConnection;
}

/** Throws, or rejects, to stop the publish. It may be called again, when the publish needs more memory than it had. */
export type Audit = (table: AuditedTable) => void | Promise<void>;

export type AuditCounts = Pick<
  Receipt,
  'inserted' | 'updated' | 'unchanged' | 'duplicates' | 'deleted' | 'softDeleted' | 'retired' | 'skipped' | 'total'
>;
