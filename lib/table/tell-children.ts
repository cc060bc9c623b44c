// Leaves word for the child tables: which rows of the log the table has taken, and which of its rows are gone.
import { join } from 'node:path';
import { selectAccepted, selectGone } from './child-sql.js';
import { type Decision, leavingRows } from './decision.js';
import type { PublishContext } from './publish-context.js';
import { literal } from './sql-text.js';

/** Rows of the log that the table has afterwards; when there is no such file, all of them. */
export function acceptedFile(folder: string): string {
  return join(folder, 'accepted.parquet');
}

/** Rows that the table had, and that it has no more; when there is no such file, none. */
export function goneFile(folder: string): string {
  return join(folder, 'gone.parquet');
}

export async function tellChildren(
  { database, publication }: PublishContext,
  { accepted, previous, leaving, coming }: Decision,
): Promise<void> {
  const { kinship } = publication;
  if (kinship?.role !== 'root') return;
  const { folder } = kinship;
  const write = (query: string, file: string) => database.run(`COPY (${query}) TO ${literal(file)} (FORMAT parquet)`);
  if (accepted !== undefined) await write(selectAccepted(accepted), acceptedFile(folder));
  if (previous !== undefined && leaving > 0) {
    const come = coming.map(({ relation }) => relation);
    await write(selectGone(previous.relation, leavingRows, come), goneFile(folder));
  }
}
