// What a person should know of a run in which nothing failed.
import type { Receipt } from '../core/index.js';
import type { CompiledResource } from './compile/compile.js';
import { deadLetterFile } from './dead-letters.js';
import { mostKnown } from './incremental/boundary.js';

export interface RunNote {
  readonly resource: string;
  readonly message: string;
}

/** @param receipts those of the resource's tables, by their names */
export function notesOn(resource: CompiledResource, receipts: readonly (readonly [string, Receipt])[]): RunNote[] {
  const { name } = resource.plan;
  const ofTables = receipts.flatMap(([table, receipt]) =>
    notesOnTable(resource, receipt).map((message) => ({ resource: table, message })),
  );
  return [...notesOnResource(resource, receipts.length).map((message) => ({ resource: name, message })), ...ofTables];
}

function notesOnTable({ plan, tables }: CompiledResource, { table, total, files }: Receipt): string[] {
  const notes: string[] = [];
  const { writeDisposition } = tables?.sinkOf(table) ?? plan.sink;
  if (writeDisposition === 'replace' && total === 0 && files.length > 0)
    notes.push(`the table "${table}" is empty now: it was replaced, and the resource gave no rows`);
  if (files.length === 0)
    notes.push(`the table "${table}" has no file yet: no row has come, so its columns are not known`);
  return notes;
}

function notesOnResource(
  { plan, selection: { unmatched }, failures, cursors }: CompiledResource,
  tables: number,
): string[] {
  const notes = unmatched === undefined ? [] : [unmatched];
  // Where only what is new is read, nothing new is nothing to look at.
  if (tables === 0 && cursors?.state === undefined) notes.push('no row has come, so none of its tables is known');
  if (failures.count > 0)
    notes.push(`rows of its parent that were left out: ${failures.count}; they are in ${deadLetterFile(plan)}`);
  if (plan.incremental?.boundaryKey !== undefined && (cursors?.state?.seen?.length ?? 0) >= mostKnown)
    notes.push(
      `${mostKnown} rows or more have the furthest value of its cursor; of those beyond that, the next run reads some again. With a primary key and "merge" that does no harm`,
    );
  return notes;
}
