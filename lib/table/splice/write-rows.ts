// Writes rows that come one after the other into Parquet, in their order.
import { join } from 'node:path';
import type { ComingRows } from '../decision.js';
import * as sql from '../merge-sql.js';
import type { PublishContext } from '../publish-context.js';
import { assemble, type Part } from './assemble.js';
import { readFooter } from './footer.js';

/**
 * Writes the rows into files in the scratch folder, named after `name`, and gives their row groups in order.
 *
 * DuckDB with one thread writes half a row group and more of a later relation before the last rows of an earlier one when those are fewer (seen
 * in 1.5.5). So a relation of so many rows begins a file of its own.
 */
export async function writeParts(
  context: PublishContext,
  relations: readonly ComingRows[],
  name: string,
): Promise<readonly Part[]> {
  const parts: Part[] = [];
  for (const [index, together] of inOrder(relations, context.rowGroupRows).entries()) {
    const file = join(context.publication.scratch, `${name}-${index}.parquet`);
    await context.copy(queryOf(context, together), file, 'final');
    const footer = await readFooter(file);
    parts.push({ footer, from: 0, to: footer.groups.length });
  }
  return parts;
}

/** Writes the publication's file of these rows alone. */
export async function writeAnew(context: PublishContext, relations: readonly ComingRows[]): Promise<void> {
  const { destination, signal } = context.publication;
  if (inOrder(relations, context.rowGroupRows).length === 1) {
    await context.copy(queryOf(context, relations), destination, 'final');
    return;
  }
  const parts = await writeParts(context, relations, 'anew');
  await assemble({ parts, fields: parts[0]!.footer.fields, destination, signal });
}

/** The relations by files: each but the first of a file has fewer rows than half a row group. */
function inOrder(relations: readonly ComingRows[], full: number): readonly (readonly ComingRows[])[] {
  const files: ComingRows[][] = [];
  for (const relation of relations) {
    const last = files.at(-1);
    if (last === undefined || relation.rows >= full / 2) files.push([relation]);
    else last.push(relation);
  }
  return files;
}

function queryOf({ columns }: PublishContext, relations: readonly ComingRows[]): string {
  return sql.concatenated(relations.map(({ relation }) => sql.withoutPlace(relation, columns)));
}
