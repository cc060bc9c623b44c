// A table that a run which died was about to publish, and of which nothing comes when its source is read anew: what was written of it is removed.
import { files, type Stage } from '../stage/index.js';
import { finishDirectory } from './directory/prepare-directory.js';
import { draftedChildren } from './interrupted-publish.js';
import { draftPath } from './layout.js';
import type { Target } from './publish-task.js';

/** Removes what is written of a load that this table will not have. What is published stays. */
export async function removeAbandoned(target: Target, stage: Stage): Promise<void> {
  const { directory, database, deadLetters, path } = target;
  if (deadLetters !== undefined) await files.rm(draftPath(deadLetters), { force: true });
  if (database !== undefined) return;
  if (directory !== undefined) {
    await finishDirectory(target, stage);
    return;
  }
  // The table's own last: it names the others.
  for (const child of await draftedChildren(target, stage.loadId))
    await files.rm(draftPath(child.path), { force: true });
  await files.rm(draftPath(path), { force: true });
}
