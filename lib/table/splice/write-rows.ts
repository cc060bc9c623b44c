// Writes rows that come one after the other into Parquet, in their order.
import { join } from 'node:path';
import { files, moveFile } from '../../stage/index.js';
import type { ComingRows } from '../decision.js';
import * as sql from '../merge-sql.js';
import type { PublishContext } from '../publish-context.js';
import { checkRead, checkWritten } from '../row-count.js';
import { assemble, type Part } from './assemble.js';
import { readFooter } from './footer.js';

/**
 * Writes the rows into files in the scratch folder, named after `name`, and gives their row groups in order. Rows that have files already are
 * taken from there.
 *
 * DuckDB with one thread writes half a row group and more of a later relation before the last rows of an earlier one when those are fewer (seen
 * in 1.5.5). So a relation of so many rows begins a file of its own.
 */
export async function writeParts(
  context: PublishContext,
  relations: readonly ComingRows[],
  name: string,
  purpose: 'final' | 'quick' = 'final',
): Promise<readonly Part[]> {
  const parts: Part[] = [];
  for (const [index, together] of inOrder(relations, context.rowGroupRows).entries()) {
    const written = together[0]!.files ?? [join(context.publication.scratch, `${name}-${index}.parquet`)];
    if (together[0]!.files === undefined) await copyRows(context, together, written[0]!, purpose);
    for (const file of written) {
      const footer = await readFooter(file);
      parts.push({ footer, from: 0, to: footer.groups.length });
    }
  }
  return parts;
}

/** Writes the publication's file of these rows alone. */
export async function writeAnew(context: PublishContext, relations: readonly ComingRows[]): Promise<void> {
  await writeFile(context, relations, context.publication.destination, 'final');
}

/** Writes one file of these rows alone, in their order. Only files for the `final` purpose are taken as they are. */
export async function writeFile(
  context: PublishContext,
  relations: readonly ComingRows[],
  destination: string,
  purpose: 'final' | 'quick',
): Promise<void> {
  const { signal } = context.publication;
  const all: readonly ComingRows[] = purpose === 'final' ? relations : relations.map(({ files: _, ...rows }) => rows);
  const [together = [], ...others] = inOrder(all, context.rowGroupRows);
  const [file, ...more] = together[0]?.files ?? [];
  if (others.length > 0 || more.length > 0) {
    const parts = await writeParts(context, all, 'anew', purpose);
    await assemble({ parts, fields: parts.at(-1)!.footer.fields, destination, signal });
    const taken = new Set(all.flatMap((each) => each.files ?? []));
    for (const { footer } of parts) if (!taken.has(footer.file)) await files.rm(footer.file);
  } else if (file !== undefined) {
    await moveFile(file, destination);
  } else {
    await copyRows(context, together, destination, purpose);
  }
}

/**
 * Writes rows into one Parquet file.
 * @throws TableError `ERR_TABLE_ROWS` when they are not as many as there should be
 */
export async function copyRows(
  context: PublishContext,
  relations: readonly ComingRows[],
  file: string,
  purpose: 'final' | 'quick',
): Promise<void> {
  checkRows(context, relations, await context.copy(queryOf(context, relations), file, purpose));
}

/** @throws TableError `ERR_TABLE_ROWS` when not as many rows of these relations were written as there should be */
export function checkRows({ publication }: PublishContext, relations: readonly ComingRows[], written: number): void {
  const rows = relations.reduce((sum, each) => sum + each.rows, 0);
  if (relations.some(({ isLog }) => isLog)) checkRead(publication, publication.rows - rows + written);
  checkWritten(publication, rows, written);
}

/** The relations by files: each but the first of a file has fewer rows than half a row group. Those that have files stand alone. */
function inOrder(relations: readonly ComingRows[], full: number): readonly (readonly ComingRows[])[] {
  const all: ComingRows[][] = [];
  for (const relation of relations) {
    const last = all.at(-1);
    const isFirst = last === undefined || last[0]!.files !== undefined || relation.files !== undefined;
    if (isFirst || relation.rows >= full / 2) all.push([relation]);
    else last.push(relation);
  }
  return all;
}

function queryOf({ columns }: PublishContext, relations: readonly ComingRows[]): string {
  return sql.concatenated(relations.map(({ relation }) => sql.withoutPlace(relation, columns)));
}
