// Publishing a table together with its child tables: the table is decided first, and placed last, so that whatever a crash leaves can be
// finished.
import { join } from 'node:path';
import { appliedLoads, type ChildTable, NestedEncoder, type TableEncoder } from '../schema/index.js';
import { files, type Stage } from '../stage/index.js';
import { removeChildDrafts } from './abandoned.js';
import { childTarget } from './child-target.js';
import type { ComingTable } from './coming-files.js';
import { prepareDeadLetters } from './dead-letters.js';
import type { ManifestEntry } from './directory/manifest.js';
import { nothingPublished, type Published } from './engine.js';
import { prepareTable } from './publish.js';
import {
  type PendingTable,
  type PublishedTable,
  type PublishOptions,
  published,
  settled,
  type Target,
} from './publish-task.js';
import { TableError } from './table-error.js';
import type { TableInfo } from './table-info.js';

/** What came of publishing a table and its child tables. */
export interface PublishedFamily extends PublishedTable {
  readonly children?: readonly PublishedChild[];
}

export interface PublishedChild extends PublishedTable {
  readonly table: string;
}

export interface PendingFamily extends Omit<PendingTable, 'finish' | 'manifest' | 'coming'> {
  /** Those of its tables that have no new version. */
  readonly settled: readonly string[];
  /** The plain files that come to their places together. @default none do */
  readonly coming?: ComingTable;
  /** What the manifest of the folder is to say of the tables, when all are placed. */
  readonly manifest?: ManifestEntry | readonly ManifestEntry[];
  finish(): Promise<PublishedFamily>;
}

/**
 * As `prepareTable`, with the child tables that the encoder has found.
 * @throws TableError
 */
export async function prepareFamily(
  target: Target,
  encoder: TableEncoder,
  stage: Stage,
  options: PublishOptions,
): Promise<PendingFamily> {
  const children = encoder instanceof NestedEncoder ? encoder.children : [];
  // Those of a run that died may not come any more.
  if (stage.isKnown) await removeChildDrafts(target, stage.loadId, children);
  const tables =
    children.length === 0
      ? alone(target, await prepareTable(target, encoder.shape, stage, options))
      : await new Family(target, encoder, children, stage).prepare(options);
  return target.deadLetters === undefined ? tables : await withDeadLetters(tables, target, target.deadLetters, stage);
}

function alone({ table, path }: Target, { coming, ...pending }: PendingTable): PendingFamily {
  const settled = pending.isSettled ? [table] : [];
  return { ...pending, settled, ...(coming && { coming: { path, files: coming } }) };
}

/** The dead letters are placed before the table, for the same reason. */
async function withDeadLetters(
  tables: PendingFamily,
  target: Target,
  path: string,
  stage: Stage,
): Promise<PendingFamily> {
  try {
    const letters = await prepareDeadLetters(target, path, stage);
    return {
      ...tables,
      isSettled: tables.isSettled && letters.isSettled,
      ...(isPlain(target) && {
        coming: { path: target.path, files: [...letters.coming, ...(tables.coming?.files ?? [])] },
      }),
      place: async () => {
        await letters.place();
        await tables.place();
      },
      discard: async () => {
        await letters.discard();
        await tables.discard();
      },
    };
  } catch (error) {
    await tables.discard();
    throw error;
  }
}

/** Whether the table is a file. What is another's moment is not noted with such. */
function isPlain({ directory, database }: Target): boolean {
  return directory === undefined && database === undefined;
}

class Family {
  readonly #target: Target;
  readonly #encoder: TableEncoder;
  readonly #children: readonly ChildTable[];
  readonly #stage: Stage;
  readonly #folder: string;

  constructor(target: Target, encoder: TableEncoder, children: readonly ChildTable[], stage: Stage) {
    this.#target = target;
    this.#encoder = encoder;
    this.#children = children;
    this.#stage = stage;
    this.#folder = join(stage.folder, 'family');
  }

  async prepare(options: PublishOptions): Promise<PendingFamily> {
    const before = await this.#target.inspect(this.#target.path, this.#stage.loadId);
    // The table is placed last: then its child tables are in their places, too.
    const isDone =
      this.#stage.isPublished(this.#target.table) || appliedLoads(before?.metadata).includes(this.#stage.loadId);
    const pending: PendingTable[] = [];
    try {
      await this.#clear();
      await files.mkdir(this.#folder, { recursive: true });
      pending.push(await this.#root(before, options));
      for (const child of this.#children) {
        pending.push(isDone ? await this.#placed(child) : await this.#child(child, before, { signal: options.signal }));
      }
    } catch (error) {
      await discardAll(pending);
      throw error;
    } finally {
      await this.#clear().catch(() => undefined);
    }
    const [root, ...rest] = pending as [PendingTable, ...PendingTable[]];
    const names = [this.#target, ...this.#children].map(({ table }) => table);
    return {
      isSettled: pending.every(({ isSettled }) => isSettled),
      settled: names.filter((_, at) => pending[at]!.isSettled),
      manifest: pending.flatMap(({ manifest }) => manifest ?? []),
      coming: { path: this.#target.path, files: [...rest, root].flatMap(({ coming }) => coming ?? []) },
      place: async () => {
        for (const each of [...rest, root]) await each.place();
      },
      finish: async () => {
        const children = await Promise.all(rest.map((each) => each.finish()));
        const named = children.map((child, at) => ({ table: this.#children[at]!.table, ...child }));
        return { ...(await root.finish()), children: named };
      },
      discard: () => discardAll(pending),
    };
  }

  #root(before: TableInfo | undefined, options: PublishOptions): Promise<PendingTable> {
    const children = this.#children.map(({ path, table }) => ({ path, table }));
    const changed = JSON.stringify(children) !== JSON.stringify(before?.metadata?.children ?? []);
    const kinship = { role: 'root', children, changed, folder: this.#folder } as const;
    return prepareTable({ ...this.#target, kinship }, this.#encoder.shape, this.#stage, options);
  }

  async #child(child: ChildTable, before: TableInfo | undefined, options: PublishOptions): Promise<PendingTable> {
    const rootRows = this.#stage.table(this.#target.table).rows;
    const kinship = { role: 'child', folder: this.#folder, rootRows } as const;
    const target = { ...childTarget(this.#target, child), kinship };
    const isKnown = before?.metadata?.children?.some(({ table }) => table === child.table) ?? false;
    if (isKnown) return await prepareTable(target, child.encoder.shape, this.#stage, options);
    await this.#checkStranger(target);
    return await prepareTable(
      { ...target, inspect: this.#ofThisLoad(target) },
      child.encoder.shape,
      this.#stage,
      options,
    );
  }

  /** A child table that the table does not know is left over from one that is gone; anything else must not be overwritten. */
  async #checkStranger({ path, table, inspect }: Target): Promise<void> {
    const info = await inspect(path, this.#stage.loadId);
    if (info === undefined || info.metadata?.table === table) return;
    throw new TableError(
      'ERR_TABLE_PATH',
      this.#target.table,
      `its child table ${table} would be written to ${path}, where there is another table. Move that away, or keep the list as JSON by declaring its column: data_type: 'json'`,
    );
  }

  /** Finds what this load has published, and nothing else. */
  #ofThisLoad({ inspect }: Target): Target['inspect'] {
    return async (path, loadId) => {
      const info = await inspect(path, loadId);
      return appliedLoads(info?.metadata).includes(loadId) ? info : undefined;
    };
  }

  /** Its rows are in. */
  async #placed(child: ChildTable): Promise<PendingTable> {
    const target = childTarget(this.#target, child);
    const info = await target.inspect(target.path, this.#stage.loadId);
    const total = info?.rows ?? 0;
    const counts = (this.#stage.table(child.table).prepared as Published | undefined) ?? { ...nothingPublished, total };
    return settled(published(counts, info?.schema ?? { columns: [] }, [], info));
  }

  async #clear(): Promise<void> {
    await files.rm(this.#folder, { recursive: true, force: true });
  }
}

async function discardAll(pending: readonly PendingTable[]): Promise<void> {
  for (const each of pending) await each.discard();
}
