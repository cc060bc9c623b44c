// Publishing a table that is a directory. The new files are written apart, renamed into the directory, and count when the manifest names
// them, which is one rename. A run that dies is finished by the next one: the manifest says on which side of that rename it was.
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { Json } from '../../core/index.js';
import { appliedLoads, type Shape } from '../../schema/index.js';
import { files, makeFolder, type Stage, syncFile, syncFolder } from '../../stage/index.js';
import type { Published } from '../engine.js';
import {
  type Directory,
  type PendingTable,
  type PublishOptions,
  published,
  publishTask,
  settled,
  type Target,
} from '../publish-task.js';
import { writeError } from '../write-error.js';
import type { DirectoryResult } from './directory-engine.js';
import { readDirectoryInfo } from './directory-info.js';
import { lockManifest, type ManifestFile, type ManifestTable } from './manifest.js';
import { Partition, partitionPath } from './partition.js';
import { draftsOf, notePlaced, notePlacing, type Placing, removeDrafts, removeFiles } from './placing.js';

/** What the journal keeps of a publish, for a run that finds it half done. */
interface Prepared extends Published, Placing {}

/** Has the new files written. Nobody sees them before they are placed, and readers of the manifest not before it names them. */
export async function prepareDirectory(
  target: Target & { readonly directory: Directory },
  shape: Shape,
  stage: Stage,
  options: PublishOptions,
): Promise<PendingTable> {
  const { path, table, directory } = target;
  const folder = dirname(resolve(path));
  const drafts = draftsOf(target);
  const discard = (): Promise<void> => removeDrafts(drafts);
  try {
    await removeLeft(target, stage);
    const task = await publishTask(target, shape, stage, options);
    if ('settled' in task) {
      await discard();
      return settled(task.settled);
    }
    const { schema, changes, previous, publication, metadata } = task;
    const entry = (await readDirectoryInfo(path, stage.loadId))?.entry;
    await makeFolder(drafts);
    await files.mkdir(publication.scratch, { recursive: true });
    // What a child table was once that its table did not know any more is only removed.
    const old = previous &&
      entry && {
        previous: {
          schema: previous.schema,
          partitions: entry.partition_by.map((field) => new Partition(field)),
          files: entry.files,
          folder,
        },
      };
    const result = await directory.engine.publish({ publication, changes, metadata, drafts, ...old });
    if (result.counts.written === false) {
      await discard();
      return settled(published(result.counts, schema, [], previous));
    }
    for (const { draft } of result.added) await syncFile(draft);
    const added = addedFiles(target, stage.loadId, result);
    const kept = new Set(result.kept.map((file) => file.path));
    const removed = (entry?.files ?? []).map((file) => file.path).filter((each) => !kept.has(each));
    const all = [...result.kept, ...added];
    const manifestTable: ManifestTable = {
      format: target.format,
      load_id: stage.loadId,
      rows: result.counts.total,
      partition_by: directory.engine.partitions.map(({ column, transform }) => ({ column, transform })),
      metadata: metadata(schema),
      files: all,
    };
    return {
      isSettled: false,
      manifest: { folder, name: basename(path), table: manifestTable },
      async place() {
        try {
          const placing: Placing = { added: added.map((file) => file.path), removed };
          const prepared: Prepared = { ...result.counts, ...placing };
          await stage.prepare(table, prepared as unknown as Json);
          await notePlacing(drafts, placing);
          await stage.check();
          await place(folder, added, result);
        } catch (error) {
          throw writeError(table, path, error);
        }
      },
      async finish() {
        await removeFiles(path, removed, true);
        await notePlaced(drafts);
        await discard();
        const bytes = all.reduce((sum, file) => sum + file.bytes, 0);
        return published(result.counts, schema, changes, {
          file: path,
          files: all.map((file) => join(folder, file.path)),
          bytes,
        });
      },
      discard,
    };
  } catch (error) {
    await discard();
    throw writeError(table, path, error);
  } finally {
    await files.rm(join(stage.folder, 'scratch'), { recursive: true, force: true }).catch(() => undefined);
  }
}

/**
 * Removes what a run of this load has left of a table that died while it published, and that is not noted beside its drafts: an older Sluice
 * says so in the journal alone, and where that has lost it, names tell.
 */
async function removeLeft({ path, table }: Target, stage: Stage): Promise<void> {
  if (!stage.isKnown) return;
  const info = await readDirectoryInfo(path, stage.loadId);
  const loads = appliedLoads(info?.metadata);
  const prepared = stage.table(table).prepared as unknown as Prepared | undefined;
  const left = loads.includes(stage.loadId) ? prepared?.removed : prepared?.added;
  // Each name is of the load that wrote the file.
  const found = left ?? (await filesOf(path, [stage.loadId, ...loads]));
  const named = new Set(info?.entry.files.map((file) => file.path));
  await removeFiles(
    path,
    found.filter((each) => !named.has(each)),
    info !== undefined,
  );
  // The lock of the manifest may be left, too.
  await (await lockManifest(dirname(resolve(path))))();
}

/** The files in a directory that these loads wrote. */
async function filesOf(path: string, loads: readonly string[]): Promise<string[]> {
  const known = new Set(loads);
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  const own = entries.filter(
    (entry) => entry.isFile() && known.has(/^(.+)\.\d+\.parquet$/.exec(entry.name)?.[1] ?? ''),
  );
  const folder = dirname(resolve(path));
  return own.map((entry) =>
    relative(folder, join(resolve(entry.parentPath ?? entry.path), entry.name)).replaceAll(sep, '/'),
  );
}

function addedFiles({ path, table, directory }: Target, loadId: string, { added }: DirectoryResult): ManifestFile[] {
  const { partitions } = directory!.engine;
  return added.map(({ rows, bytes, partition }, number) => {
    const folders = partitionPath(partitions, partition, table);
    const name = `${loadId}.${number}.parquet`;
    const parts = [basename(path), ...(folders === '' ? [] : [folders]), name];
    return { path: parts.join('/'), rows, bytes, ...(partitions.length > 0 && { partition }) };
  });
}

async function place(
  folder: string,
  added: readonly ManifestFile[],
  { added: drafts }: DirectoryResult,
): Promise<void> {
  const folders = new Set<string>();
  for (const [at, file] of added.entries()) {
    const to = join(folder, file.path);
    if (!folders.has(dirname(to))) await makeFolder(dirname(to));
    folders.add(dirname(to));
    await files.rename(drafts[at]!.draft, to);
  }
  for (const each of folders) await syncFolder(each);
}
