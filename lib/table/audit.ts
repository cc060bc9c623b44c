// A look at a table in SQL before it is published (write, audit, publish): whoever looks can stop it.
import { AbortedError, type ReceiptColumn } from '../core/index.js';
import { type Column, displayType, quoteIdentifier } from '../schema/index.js';
import type { AuditCounts } from './audited-table.js';
import type { Database } from './duckdb.js';
import type { Publication } from './engine.js';
import { TableError } from './table-error.js';

/**
 * Shows the rows of a query as the table, and lets them be looked at.
 * @throws TableError `ERR_TABLE_AUDIT`, with what the audit threw as `cause`
 */
export async function auditTable(
  database: Database,
  { audit, table, schema, signal }: Pick<Publication, 'audit' | 'table' | 'schema' | 'signal'>,
  rows: string,
  counts: AuditCounts,
): Promise<void> {
  if (audit === undefined) return;
  const { connection } = database;
  const view = `temp.${quoteIdentifier(table)}`;
  await database.run(`CREATE TEMP VIEW ${quoteIdentifier(table)} AS ${rows}`);
  try {
    await audit({
      table,
      counts,
      columns: schema.columns.map(shown),
      query: async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJS(),
      connection,
    });
  } catch (cause) {
    if (signal.aborted) throw new AbortedError(undefined, { cause });
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `the audit stopped the publish: ${reason}. Readers see the table as it was. The rows are kept in the stage: run again with another audit to publish them, or remove the stage to drop them.`;
    throw new TableError('ERR_TABLE_AUDIT', table, message, { cause });
  }
  await database.run(`DROP VIEW ${view}`);
}

function shown({ name, type, nullable }: Column): ReceiptColumn {
  return { name, type: displayType(type), nullable };
}
