// What a run that died was about to publish, and of which nothing comes when its source is read anew: what was written of it is removed.
import type { ChildName } from '../schema/index.js';
import { files, type Stage } from '../stage/index.js';
import { draftedChildren } from './interrupted-publish.js';
import { draftPath } from './layout.js';
import type { Target } from './publish-task.js';

/** Removes what is written of a load that this table will not have. What is published stays. */
export async function removeAbandoned(target: Target, stage: Stage): Promise<void> {
  const { directory, database, deadLetters, path } = target;
  if (deadLetters !== undefined) await files.rm(draftPath(deadLetters), { force: true });
  // Of a directory it was removed when that was opened.
  if (directory !== undefined || database !== undefined) return;
  await removeChildDrafts(target, stage);
  await files.rm(draftPath(path), { force: true });
}

/** Removes the drafts of child tables of this load, but for those that come again. The draft of the table itself names them: it must be there still. */
export async function removeChildDrafts(
  target: Target,
  stage: Stage,
  coming: readonly ChildName[] = [],
): Promise<void> {
  const stay = new Set(coming.map(({ table }) => table));
  for (const { table, path } of await draftedChildren(target, stage.loadId))
    if (!stay.has(table)) await files.rm(draftPath(path), { force: true });
}
