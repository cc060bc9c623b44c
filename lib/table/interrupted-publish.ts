// What is left of a publish when its process died and its rows are damaged: tables that are in their places already, drafts of others, and tables that have
// no new version. All drafts are whole and durable, and the last are named in the stage, before the first table is put in its place.
import { dirname } from 'node:path';
import type { Meter } from '../core/index.js';
import { appliedLoads } from '../schema/index.js';
import { files, type Stage, syncFolder } from '../stage/index.js';
import { childTarget } from './child-target.js';
import { placeDeadLettersDraft } from './dead-letters.js';
import { draftPath } from './layout.js';
import type { Member } from './member.js';
import type { Target } from './publish-task.js';
import type { TableInfo } from './table-info.js';

/**
 * Finishes what a process that died had begun to publish of this load, and whose rows are damaged since. A table that has the load is done: its source
 * is not asked for rows that it would not take.
 */
export async function finishPublish(stage: Stage, members: readonly Member[], meter: Meter): Promise<void> {
  const { loadId } = stage;
  // What is complete is published from its log.
  const open = members.filter(({ name }) => !stage.isComplete(name.table));
  if (open.length === 0) return;
  const placed = await Promise.all(members.flatMap(({ targets }) => targets).map((target) => isPlaced(target, loadId)));
  if (!placed.includes(true)) return;
  for (const { name, targets } of open) {
    for (const target of targets) await finishTable(target, stage, meter);
    if (targets.length > 0 && targets.every(({ table }) => stage.isComplete(table))) stage.notePublished(name.table);
  }
}

async function finishTable(target: Target, stage: Stage, meter: Meter): Promise<void> {
  const { loadId } = stage;
  await placeDrafts(target, loadId);
  if (!stage.isSettled(target.table) && !(await hasLoad(target, loadId))) return;
  stage.notePublished(target.table);
  const message = `The table "${target.table}" has the rows of the run ${loadId} already: it is not loaded again.`;
  meter.report({ type: 'note', message });
}

/** Whether a load is published in a table. */
export async function hasLoad({ path, inspect }: Target, loadId: string): Promise<boolean> {
  return isOf(loadId, await inspect(path, loadId));
}

/** Whether a load is published in a table, or in one of its child tables. */
async function isPlaced(target: Target, loadId: string): Promise<boolean> {
  if (await hasLoad(target, loadId)) return true;
  for (const child of await draftedChildren(target, loadId)) if (await hasLoad(child, loadId)) return true;
  return false;
}

/** Puts in its place what is drafted of a load: child tables first, as a publish does. Of a table without a draft nothing is changed. */
async function placeDrafts(target: Target, loadId: string): Promise<void> {
  if ((await draftOf(target, loadId)) === undefined) return;
  if (target.deadLetters !== undefined) await placeDeadLettersDraft(target.deadLetters, loadId);
  for (const table of [...(await draftedChildren(target, loadId)), target]) {
    if ((await draftOf(table, loadId)) === undefined) continue;
    await files.rename(draftPath(table.path), table.path);
    await syncFolder(dirname(table.path));
  }
}

/** The child tables that the draft of a table names, if it is one of this load. */
export async function draftedChildren(target: Target, loadId: string): Promise<Target[]> {
  const draft = await draftOf(target, loadId);
  return (draft?.metadata?.children ?? []).map((child) => childTarget(target, child));
}

/** What a draft says, if it is one of this load. One that cannot be read is none. */
async function draftOf({ path, inspect, directory, database }: Target, loadId: string): Promise<TableInfo | undefined> {
  if (directory !== undefined || database !== undefined) return undefined;
  const info = await inspect(draftPath(path), loadId).catch(() => undefined);
  return isOf(loadId, info) ? info : undefined;
}

function isOf(loadId: string, info: TableInfo | undefined): boolean {
  return appliedLoads(info?.metadata).includes(loadId);
}
