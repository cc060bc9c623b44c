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

/** What the journal keeps of a publish, for a run that finds it half done. Paths are from the manifest's folder. */
interface Prepared extends Published {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** Has the new files written. Nobody sees them before they are placed, and readers of the manifest not before it names them. */
export async function prepareDirectory(
  target: Target & { readonly directory: Directory },
  shape: Shape,
  stage: Stage,
  options: PublishOptions,
): Promise<PendingTable> {
  const { path, table, directory } = target;
  const folder = dirname(resolve(path));
  const drafts = draftsOf(path);
  const discard = (): Promise<void> => removeDrafts(path);
  try {
    await recover(target, stage, folder);
    const task = await publishTask(target, shape, stage, options);
    if ('settled' in task) {
      await discard();
      return settled(task.settled);
    }
    const { schema, changes, previous, publication, metadata } = task;
    const entry = previous === undefined ? undefined : (await readDirectoryInfo(path, stage.loadId))?.entry;
    await discard();
    await makeFolder(drafts);
    await makeFolder(publication.scratch);
    const old = entry && {
      previous: {
        schema: previous!.schema,
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
      manifest: { folder, name: basename(path), table: manifestTable },
      async place() {
        try {
          const prepared: Prepared = { ...result.counts, added: added.map((file) => file.path), removed };
          await stage.prepare(table, prepared as unknown as Json);
          await stage.check();
          await place(folder, added, result);
        } catch (error) {
          throw writeError(table, path, error);
        }
      },
      async finish() {
        await remove(folder, path, removed);
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

/** Removes what a run has left of a table that it published: the files that were replaced, and those that were written apart. */
export async function finishDirectory(target: Target, stage: Stage): Promise<void> {
  await recover(target, stage, dirname(resolve(target.path)));
  await removeDrafts(target.path);
}

function draftsOf(path: string): string {
  return join(dirname(resolve(path)), '.sluice', `${basename(path)}.drafts`);
}

/** What cannot be removed now is removed by the next run; it must not hide what went wrong. */
async function removeDrafts(path: string): Promise<void> {
  await files.rm(draftsOf(path), { recursive: true, force: true }).catch(() => undefined);
}

/**
 * What a run has left that died while it published. Its files count when the manifest names its load, and then those are removed that they
 * replaced; or they do not, and are removed themselves. Both may be interrupted, and are done again then.
 */
async function recover({ path, table }: Target, stage: Stage, folder: string): Promise<void> {
  if (!stage.isKnown) return;
  const info = await readDirectoryInfo(path, stage.loadId);
  const loads = appliedLoads(info?.metadata);
  const prepared = stage.table(table).prepared as unknown as Prepared | undefined;
  const left = loads.includes(stage.loadId) ? prepared?.removed : prepared?.added;
  // Where the journal has lost what it said, names tell: each is of the load that wrote it.
  const found = left ?? (await filesOf(path, [stage.loadId, ...loads]));
  const named = new Set(info?.entry.files.map((file) => file.path));
  await remove(
    folder,
    path,
    found.filter((each) => !named.has(each)),
  );
  // The lock of the manifest may be left, too.
  await (await lockManifest(folder))();
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

/** Removes files, and the folders of partitions that are empty then. */
async function remove(folder: string, path: string, removed: readonly string[]): Promise<void> {
  const folders = new Set<string>();
  for (const each of removed) {
    const file = join(folder, each);
    await files.rm(file, { force: true });
    folders.add(dirname(file));
  }
  const table = resolve(path);
  for (const each of folders) {
    if (await isThere(each)) await syncFolder(each);
    for (let at = each; at.startsWith(table + sep); at = dirname(at)) {
      try {
        await files.rmdir(at);
      } catch {
        break;
      }
    }
  }
}

async function isThere(folder: string): Promise<boolean> {
  return await readdir(folder).then(
    () => true,
    () => false,
  );
}
