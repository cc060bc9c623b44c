// Publishing one table in two steps: the engine writes the new file beside the old one; then it is put in its place.
import { stat } from 'node:fs/promises';
import type { Shape } from '../schema/index.js';
import { files, type Stage, syncFile } from '../stage/index.js';
import { placeFile } from './coming-files.js';
import { prepareDatabase } from './database/prepare-database.js';
import { prepareDirectory } from './directory/prepare-directory.js';
import { draftPath } from './layout.js';
import {
  type PendingTable,
  type PublishOptions,
  published,
  publishTask,
  settled,
  type Target,
} from './publish-task.js';
import { writeError } from './write-error.js';

export type { PendingTable, PublishedTable, Target } from './publish-task.js';

/**
 * Has the engine write what the stage holds of a table. Readers see the old file until it is placed, and then the new one, whole. A load
 * that the published file has already, after a crash between the rename and the clearing of the stage, is not applied again.
 * @throws TableError; the published file is the old one then
 */
export async function prepareTable(
  target: Target,
  shape: Shape,
  stage: Stage,
  options: PublishOptions,
): Promise<PendingTable> {
  const { directory, database } = target;
  if (database !== undefined) return await prepareDatabase(target, database, shape, stage, options);
  if (directory !== undefined) return await prepareDirectory({ ...target, directory }, shape, stage, options);
  const task = await publishTask(target, shape, stage, options);
  const { path, table } = target;
  if ('settled' in task) {
    // A rename of which the disk remembers only one half leaves the draft as well.
    await files.rm(draftPath(path), { force: true }).catch(() => undefined);
    return settled(task.settled);
  }
  const { schema, changes, previous, publication } = task;
  const { scratch } = publication;
  const destination = draftPath(path);
  // What cannot be removed now is removed by the next run; it must not hide what went wrong.
  const discard = (): Promise<void> => files.rm(destination, { force: true }).catch(() => undefined);
  try {
    // Nothing in it outlives the process: its name need not be durable.
    await files.mkdir(scratch, { recursive: true });
    const old = previous && {
      previous: { file: path, columns: previous.schema.columns, rows: previous.rows, bytes: previous.bytes },
    };
    const counts = await target.engine.publish({ ...publication, destination, ...old });
    if (counts.written === false) {
      await discard();
      return settled(published(counts, schema, [], previous));
    }
    await syncFile(destination);
    return {
      isSettled: false,
      // With these counts in the journal, a run that finds its own load published can still say what it did.
      coming: [{ path, published: { table, counts } }],
      place: async () => {
        try {
          await stage.check();
          await placeFile({ path });
        } catch (error) {
          throw writeError(table, path, error);
        }
      },
      finish: async () => published(counts, schema, changes, { file: path, bytes: (await stat(path)).size }),
      discard,
    };
  } catch (error) {
    await discard();
    throw writeError(table, path, error);
  } finally {
    await files.rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  }
}
