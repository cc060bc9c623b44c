// What a run that died was about to publish, and of which nothing comes when its source is read anew: what was written of it is removed.
import type { ChildName } from '../schema/index.js';
import { files } from '../stage/index.js';
import { draftedChildren, hasLoad } from './interrupted-publish.js';
import { draftPath } from './layout.js';
import type { Target } from './publish-task.js';

/** Removes what is written of a load that this table will not have. What is published stays. */
export async function removeAbandoned(target: Target, loadId: string): Promise<void> {
  const { directory, database, deadLetters, path } = target;
  if (deadLetters !== undefined) await files.rm(draftPath(deadLetters), { force: true });
  // Of a directory it was removed when that was opened.
  if (directory !== undefined || database !== undefined) return;
  await removeStrangers(target, loadId);
  await removeChildDrafts(target, loadId);
  await files.rm(draftPath(path), { force: true });
}

/** Removes the drafts of child tables of this load, but for those that come again. The draft of the table itself names them: it must be there still. */
export async function removeChildDrafts(
  target: Target,
  loadId: string,
  coming: readonly ChildName[] = [],
): Promise<void> {
  const stay = new Set(coming.map(({ table }) => table));
  for (const { table, path } of await draftedChildren(target, loadId))
    if (!stay.has(table)) await files.rm(draftPath(path), { force: true });
}

/** Removes child tables that are in their places, and that their table does not know, which was to be placed after them. */
async function removeStrangers(target: Target, loadId: string): Promise<void> {
  const children = await draftedChildren(target, loadId);
  if (children.length === 0) return;
  const known = new Set((await target.inspect(target.path, loadId))?.metadata?.children?.map(({ table }) => table));
  for (const child of children)
    if (!known.has(child.table) && (await hasLoad(child, loadId))) await files.rm(child.path, { force: true });
}
