// The stage of one run: a folder with a lock, one journal, and the segments of each table. Whatever happens to the process, the
// next run finds the last commit there, whole.
import { join } from 'node:path';
import type { Json, SluiceError } from '../core/index.js';
import { type DropOptions, dropUnfit, removeLoad } from './dropped-load.js';
import { syncFolder } from './durable.js';
import { filePrefix } from './file-prefix.js';
import { takeLock } from './folder-lock.js';
import { begin, Journal, newRun, type StartRecord } from './journal.js';
import { writeLoad } from './load-file.js';
import type { Lock } from './lock.js';
import { type Recovered, recover } from './recovery.js';
import { removeEmpty, removeLeftovers } from './set-aside.js';
import { SharedFiles } from './shared-files.js';
import { ioError } from './stage-error.js';
import { StagedTables } from './staged-tables.js';
import { TableLog } from './table-log.js';

export interface StageOptions extends DropOptions {
  /** `<out>/.sluice/<name>`; created when it is not there. */
  readonly folder: string;
  /** A segment that has this many bytes is followed by a new one. @default 16 MiB */
  readonly rotateBytes?: number;
}

export class Stage {
  readonly folder: string;
  /** Names the run, also across resumes. */
  readonly loadId: string;
  /** When the run began, as ISO text; of a resumed run the first part. */
  readonly startedAt: string;
  /** Whether it goes on with the rows of an earlier run that did not come to its end. */
  readonly resumed: boolean;
  /** Whether what such a run had staged was damaged and is set aside: the load is the same, and begins anew. */
  readonly isDamaged: boolean;
  /** The load whose rows this run has dropped before it began. */
  readonly dropped: string | undefined;
  readonly #lock: Lock;
  readonly #journal: Journal;
  readonly #tables = new Map<string, TableLog>();
  readonly #recovered: readonly string[];
  /** What the journal says, but how far the walks have come. */
  readonly #staged: StagedTables;
  readonly #rotateBytes: number | undefined;
  readonly #shared: SharedFiles;
  readonly #isBegun: boolean;
  #committed = false;
  #closed = false;
  #failure: SluiceError | undefined;

  private constructor(
    lock: Lock,
    journal: Journal,
    { loadId, startedAt }: StartRecord,
    found: Recovered | undefined,
    options: StageOptions & { readonly dropped: string | undefined },
  ) {
    this.folder = options.folder;
    this.#shared = new SharedFiles(options.folder);
    this.loadId = loadId;
    this.startedAt = startedAt;
    this.isDamaged = found?.isDamaged ?? false;
    this.dropped = options.dropped;
    this.resumed = found !== undefined && !this.isDamaged;
    this.#lock = lock;
    this.#journal = journal;
    this.#staged = found?.staged ?? new StagedTables();
    this.#isBegun = this.#staged.isBegun;
    this.#recovered = [...this.#staged.tables.keys()];
    this.#rotateBytes = options.rotateBytes;
  }

  /**
   * Opens the stage and goes on from its last commit: whatever was written after that is cut off. A stage that is damaged (a checksum
   * does not fit, a file is too short) is set aside as `<folder>.damaged`, said in a note to the meter, and begun anew; under the same load
   * id, if that is still known. One that does not fit the run is dropped, which a note says, and a new load begins.
   * @throws StageError `ERR_STAGE_LOCKED`, `ERR_STAGE_VERSION`, `ERR_STAGE_IO`
   */
  static async open(options: StageOptions): Promise<Stage> {
    const { folder } = options;
    try {
      const lock = await takeLock(folder);
      try {
        const recovered = await recover(folder, options.meter);
        const dropped = recovered && (await dropUnfit(folder, recovered, options));
        const found = dropped === undefined ? recovered : undefined;
        const start = found?.start ?? newRun();
        if (found === undefined) await removeLeftovers(folder);
        const journal = await Journal.open(folder, found?.journalBytes ?? 0);
        if (found === undefined) await begin(journal, start);
        return new Stage(lock, journal, start, found, { ...options, dropped });
      } catch (error) {
        await lock.release();
        throw error;
      }
    } catch (error) {
      throw ioError(folder, `the stage ${folder} cannot be opened`, error);
    }
  }

  /** Whether the source of a table has completed, in an earlier run: what remains is to publish. */
  isComplete(table: string): boolean {
    return this.#staged.complete.has(table);
  }

  /** Whether an earlier run may have put tables of this load in their places. */
  get isBegun(): boolean {
    return this.#isBegun;
  }

  /** Whether an earlier run had this load: some of its tables may be published. */
  get isKnown(): boolean {
    return this.resumed || this.isDamaged;
  }

  /** The loads that earlier runs have begun here: this one, and one that was dropped. */
  get earlierLoads(): readonly string[] {
    return [...(this.isKnown ? [this.loadId] : []), ...(this.dropped === undefined ? [] : [this.dropped])];
  }

  /** Notes that the load of a table is published: there is nothing to be staged of it. */
  notePublished(table: string): void {
    this.#staged.complete.add(table);
    this.#staged.published.add(table);
  }

  /**
   * Whether `notePublished` was told so, in this run or in one that it goes on from, and no rows came again: they do of a table by row when another
   * one of its source must be read anew.
   */
  isPublished(table: string): boolean {
    return this.#staged.published.has(table) && this.table(table).rows === 0;
  }

  /** Tables that an earlier run has staged here. */
  get recoveredTables(): readonly string[] {
    return this.#recovered;
  }

  /** The logs that were asked for. */
  get openTables(): readonly TableLog[] {
    return [...this.#tables.values()];
  }

  /** The log of a table; the same one for the same name. */
  table(name: string): TableLog {
    let log = this.#tables.get(name);
    if (log === undefined) {
      log = new TableLog({
        folder: this.folder,
        prefix: filePrefix(name),
        recovered: this.#staged.tables.get(name),
        shared: this.#shared,
        ...(this.#rotateBytes !== undefined && { rotateBytes: this.#rotateBytes }),
      });
      this.#tables.set(name, log);
    }
    return log;
  }

  /**
   * Makes everything that the tables took in before the call durable, all or nothing. Calls must not overlap.
   * @throws StageError `ERR_STAGE_IO`, `ERR_STAGE_LOST`
   */
  async commit(): Promise<void> {
    await this.#write(async () => {
      if (![...this.#tables.values()].some((log) => log.hasNews)) return;
      const marks = [...this.#tables].map(([name, log]) => [name, log.mark()] as const);
      const changed = marks.flatMap(([name, mark]) => (mark === undefined ? [] : [[name, mark] as const]));
      const tables = await Promise.all(changed.map(async ([name, mark]) => [name, await mark] as const));
      await this.#lock.check();
      await this.#journal.append({ type: 'commit', tables: Object.fromEntries(tables) });
      this.#committed = true;
      // The walks of a load may be a hundred thousand, and are not needed when all rows have come.
      this.#staged.commit(Object.fromEntries(tables.map(([name, mark]) => [name, { ...mark, walks: [] }])));
      for (const [name] of tables) this.#tables.get(name)!.committed();
    });
  }

  /** Whether only a part of what there is was read for a table. Known when its source has completed. */
  isPartial(table: string): boolean {
    return this.#staged.partial.has(table);
  }

  /**
   * Records that the sources of these tables have completed. Commit first.
   * @param partial Those of which only a part was read.
   */
  async markComplete(tables: readonly string[], partial: readonly string[] = []): Promise<void> {
    // The publish that follows needs the memory.
    this.#shared.buffers.clear();
    const isNew = tables.some((table) => !this.isComplete(table));
    const record = this.#staged.completion(tables, partial);
    this.#staged.add(record);
    await this.#write(async () => {
      // From here on tables of this load may be published, and all must be known for that whatever happens to the journal. Also where an earlier run
      // has said so: what it wrote may be damaged by now.
      await this.#writeLoad();
      if (isNew) await this.#journal.append(record);
    });
  }

  /**
   * Records that tables are about to be put in their places, and that these have no new version: nothing of them changes. All that there is of the
   * others is durable.
   * @param prepared What `prepare` would be told of some of the others.
   */
  async settle(tables: readonly string[], prepared: ReadonlyMap<string, Json> = new Map()): Promise<void> {
    const record = { type: 'settled' as const, tables };
    const isNews = tables.length > 0 || this.#staged.settled.size > 0;
    this.#staged.add(record);
    await this.#write(async () => {
      if (isNews) await this.#writeLoad();
      const others = [...prepared].map(([table, what]) => ({ type: 'prepared' as const, table, what }));
      await this.#journal.append(record, ...others);
    });
  }

  /** Whether the last run that put tables of the load in their places had no new version of this one. */
  isSettled(table: string): boolean {
    return this.#staged.settled.has(table);
  }

  async #writeLoad(): Promise<void> {
    const positionsOf = (table: string) => this.#tables.get(table)?.committedPositions;
    await writeLoad(this.folder, this.#staged.record(this, positionsOf));
  }

  /**
   * Notes in the journal what is about to be published of a table. A run that finds its load published already knows by that what it did.
   */
  async prepare(table: string, what: Json): Promise<void> {
    await this.#write(() => this.#journal.append({ type: 'prepared', table, what }));
  }

  /** Makes sure that no other run has taken the stage over. @throws StageError `ERR_STAGE_LOST` */
  async check(): Promise<void> {
    await this.#lock.check();
  }

  /** The files of a table's log, in order. */
  segments(name: string): string[] {
    return this.table(name).segments.map((file) => join(this.folder, file));
  }

  /** The segments of a table that get no more rows, be they durable or only written. */
  finishedSegments(name: string): string[] {
    return this.table(name).finishedSegments.map((file) => join(this.folder, file));
  }

  /** Removes the stage: its rows are published. The next run begins anew. */
  async clear(): Promise<void> {
    await this.#release(() => this.#removeAll());
    await removeEmpty(this.folder);
  }

  /** Closes the files and gives the lock back. What was committed stays for the next run; if that is nothing, so does the folder not. */
  async close(): Promise<void> {
    if (this.isKnown || this.#committed || this.#staged.complete.size > 0)
      return await this.#release(async () => undefined);
    await this.clear();
  }

  async #removeAll(): Promise<void> {
    await this.#lock.check();
    await removeLoad(this.folder);
    // From here on the run is over, and must not be repeated because of what could not be removed: the next one does that.
    await syncFolder(this.folder).catch(() => undefined);
    await removeLeftovers(this.folder).catch(() => undefined);
  }

  async #release(before: () => Promise<void>): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      for (const log of this.#tables.values()) await log.close();
      this.#shared.buffers.clear();
      await this.#journal.close();
      await before();
    } catch (error) {
      throw ioError(this.folder, `the stage ${this.folder} cannot be closed`, error);
    } finally {
      // A lock that cannot be removed is taken over when its process is gone or its time is up.
      await this.#lock.release().catch(() => undefined);
    }
  }

  async #write(work: () => Promise<void>): Promise<void> {
    // A commit says only what changed since the one before: after one that failed there can be no other.
    if (this.#failure) throw this.#failure;
    try {
      await work();
    } catch (error) {
      this.#failure = ioError(this.folder, `the stage ${this.folder} cannot be written`, error);
      throw this.#failure;
    }
  }
}
