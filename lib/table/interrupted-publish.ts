// What is left of a publish when its process died and its rows are damaged: tables that are in their places already, drafts of others, and tables that have
// no new version. All drafts are whole and durable, and the last are named in the stage, before the first table is put in its place.
import { dirname } from 'node:path';
import type { Meter } from '../core/index.js';
import { appliedLoads } from '../schema/index.js';
import { files, type Stage, syncFolder } from '../stage/index.js';
import { childTarget } from './child-target.js';
import { hasDeadLetters, placeDeadLettersDraft } from './dead-letters.js';
import { draftPath } from './layout.js';
import type { Member } from './member.js';
import type { Target } from './publish-task.js';
import type { TableInfo } from './table-info.js';

/**
 * Finishes what a process that died had begun to publish of this load, and whose rows are damaged since. A table that has the load is done: its source
 * is not asked for rows that it would not take.
 */
export async function finishPublish(stage: Stage, members: readonly Member[], meter: Meter): Promise<void> {
  // What is complete is published from its log.
  const open = members.filter(({ name }) => !stage.isComplete(name.table));
  if (open.length === 0) return;
  const placed = await Promise.all(members.flatMap(({ targets }) => targets).map((target) => isPlaced(target, stage)));
  if (!placed.includes(true)) return;
  for (const { name, targets } of open) {
    for (const target of targets) await finishTable(target, stage, meter);
    if (targets.length > 0 && targets.every(({ table }) => stage.isComplete(table))) stage.notePublished(name.table);
  }
}

async function finishTable(target: Target, stage: Stage, meter: Meter): Promise<void> {
  const { loadId } = stage;
  await placeDrafts(target, stage);
  if (!(await hasLoad(target, loadId)) && !(await isSettled(target, stage))) return;
  stage.notePublished(target.table);
  const message = `The table "${target.table}" has the rows of the run ${loadId} already: it is not loaded again.`;
  meter.report({ type: 'note', message });
}

/** Whether a load is published in a table. */
export async function hasLoad({ path, inspect }: Target, loadId: string): Promise<boolean> {
  return isOf(loadId, await inspect(path, loadId));
}

/** Whether a table had nothing to change, and what its child tables had is in its place. */
async function isSettled(target: Target, stage: Stage): Promise<boolean> {
  if (!stage.isSettled(target.table)) return false;
  for (const child of await comingChildren(target, stage))
    if (!stage.isSettled(child.table) && !(await hasLoad(child, stage.loadId))) return false;
  return true;
}

/** Whether a load is published in a table, in one of its child tables, or in its dead letters. */
async function isPlaced(target: Target, stage: Stage): Promise<boolean> {
  const { loadId } = stage;
  if (await hasLoad(target, loadId)) return true;
  if (target.deadLetters !== undefined && (await hasDeadLetters(target.deadLetters, loadId))) return true;
  for (const child of await comingChildren(target, stage)) if (await hasLoad(child, loadId)) return true;
  return false;
}

/**
 * Puts in its place what is drafted of a load: child tables first, as a publish does. Of a table without a draft nothing is changed, unless it had
 * nothing to change itself.
 */
async function placeDrafts(target: Target, stage: Stage): Promise<void> {
  const { loadId } = stage;
  if (!stage.isSettled(target.table) && (await draftOf(target, loadId)) === undefined) return;
  if (target.deadLetters !== undefined) await placeDeadLettersDraft(target.deadLetters, loadId);
  for (const table of [...(await comingChildren(target, stage)), target]) {
    if ((await draftOf(table, loadId)) === undefined) continue;
    await files.rename(draftPath(table.path), table.path);
    await syncFolder(dirname(table.path));
  }
}

/** The child tables that the load has: a table that has nothing to change keeps those that it has. */
async function comingChildren(target: Target, stage: Stage): Promise<Target[]> {
  if (!stage.isSettled(target.table)) return await draftedChildren(target, stage.loadId);
  const info = await target.inspect(target.path, stage.loadId);
  return childrenOf(target, info);
}

/** The child tables that the draft of a table names, if it is one of this load. */
export async function draftedChildren(target: Target, loadId: string): Promise<Target[]> {
  return childrenOf(target, await draftOf(target, loadId));
}

function childrenOf(target: Target, info: TableInfo | undefined): Target[] {
  return (info?.metadata?.children ?? []).map((child) => childTarget(target, child));
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
