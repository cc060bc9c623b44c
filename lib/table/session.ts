// One run: the stage, pressure, meter and abort signal that all its tables share; commits, and the publishing at its end.
import {
  AbortedError,
  type Clock,
  type Flow,
  type HighWater,
  Meter,
  type Position,
  Pressure,
  type Receipt,
  systemClock,
} from '../core/index.js';
import { Stage } from '../stage/index.js';
import { CommitPace } from './commit-pace.js';
import { finishPublish } from './interrupted-publish.js';
import { stageFolder } from './layout.js';
import { unfitness } from './making.js';
import type { Member, Outcome } from './member.js';
import { publishTogether } from './publish-together.js';
import { childClash, type Named, TableNames } from './table-clash.js';
import { closeUntil, TableLocks, whenClosed } from './table-locks.js';

export interface SessionOptions {
  readonly highWaterMark?: Partial<HighWater>;
  readonly meter?: Meter;
  readonly clock?: Clock;
  /** Aborts the run from outside. */
  readonly signal?: AbortSignal;
  /** The stage's folder. @default `.sluice/<file names>` in the folder of the first table */
  readonly stage?: string;
  /** A segment of a log that has this many bytes is followed by a new one. @default 16 MiB */
  readonly segmentBytes?: number;
  /** Called when the run is over. */
  readonly ended?: () => void;
}

export class Session {
  readonly flow: Flow;
  /** Is told of all that the tables take in, and has it made durable. */
  readonly pace = new CommitPace({
    commit: () => this.#commit(),
    done: () => {
      for (const member of this.#members) member.goOn();
    },
  });
  readonly #options: SessionOptions;
  readonly #controller = new AbortController();
  readonly #members: Member[] = [];
  readonly #complete = new Set<Member>();
  readonly #ready = new Set<Member>();
  readonly #waiting: (() => void)[] = [];
  /** All tables but child tables. */
  readonly #names = new TableNames();
  readonly #claims = new Map<string, Named>();
  #opening: Promise<Stage> | undefined;
  #stage: Stage | undefined;
  readonly #locks = new TableLocks();
  #commits: Promise<void> = Promise.resolve();
  #publishing: Promise<void> | undefined;
  #state: 'running' | 'publishing' | 'ending' = 'running';
  readonly #abort = (): void => this.fail(new AbortedError());

  constructor(options: SessionOptions = {}) {
    this.#options = options;
    const loadId = (): string | undefined => this.#stage?.loadId;
    this.flow = {
      get loadId() {
        return loadId();
      },
      pressure: new Pressure(options.highWaterMark),
      meter: options.meter ?? new Meter(),
      clock: options.clock ?? systemClock,
      signal: this.#controller.signal,
      saved: () => undefined,
      forget: (walk) => this.#forget(walk),
    };
    options.signal?.addEventListener('abort', this.#abort);
  }

  /** The flow in which a table's source is subscribed to: a walk in it goes on where the table needs it. */
  flowOf(table: string, { isConfined }: Pick<Flow, 'isConfined'>): Flow {
    const loadId = (): string | undefined => this.#stage?.loadId;
    return {
      ...this.flow,
      get loadId() {
        return loadId();
      },
      saved: (walk) => this.#saved(walk, table),
      isConfined,
    };
  }

  /**
   * Resolves when all tables are ready that have joined: of a source that several share, none may miss what comes when the first
   * subscribes. Never, when the run ends before.
   */
  ready(member: Member): Promise<void> {
    this.#ready.add(member);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#members.some((each) => !this.#ready.has(each))) return;
      const waiting = this.#waiting.splice(0);
      const start = (): void => {
        for (const go of waiting) go();
      };
      if (this.#stage!.isKnown)
        finishPublish(this.#stage!, this.#members, this.flow.meter).then(start, (error: unknown) => this.fail(error));
      else start();
    });
  }

  /** Whether it still takes members. */
  get running(): boolean {
    return this.#state === 'running';
  }

  /**
   * Takes a table in. Resolves with the stage, which all tables share that join in one go or later; never when the run ends before:
   * then the member is told by `ended`.
   */
  join(member: Member): Promise<Stage> {
    const clash = this.#names.add(member.name);
    this.#members.push(member);
    if (clash !== undefined) this.fail(clash);
    else if (this.#options.signal?.aborted) this.#abort();
    else this.#opening ??= this.#open();
    const joined = this.#opening?.then((stage) => this.#lock(member.name, stage));
    return new Promise((resolve) => {
      joined?.then(
        (stage) => {
          if (this.running) resolve(stage);
        },
        (error: unknown) => this.fail(error),
      );
    });
  }

  /**
   * Takes in another table of a member, which has appeared with its rows.
   * @throws OptionError when another table of the run has its name or a file of it; StageError `ERR_STAGE_LOCKED` when another run writes it
   */
  async admit(name: Named): Promise<void> {
    const claimed = this.#claims.get(name.table);
    if (claimed !== undefined) throw childClash(name.table, claimed);
    const clash = this.#names.add(name);
    if (clash !== undefined) throw clash;
    await this.#lock(name, this.#stage!);
  }

  /** Notes that a child table belongs to a table. @throws TableError `ERR_TABLE_PATH` when another table of the run is called so */
  claim(child: string, owner: Named): void {
    const other = this.#claims.get(child) ?? this.#names.named(child);
    if (other !== undefined && other !== owner) throw childClash(child, owner);
    this.#claims.set(child, owner);
  }

  /** A member's source has completed. When all have, the tables are published. */
  complete(member: Member): void {
    this.#complete.add(member);
    if (!this.running || this.#complete.size < this.#members.length) return;
    this.#state = 'publishing';
    this.pace.stop();
    this.#publishing = this.#publish().then(
      (receipts) => this.#end((member) => ({ receipt: receipts.get(member)! })),
      async (error: unknown) => {
        // What still runs in the background would write into a stage that another run may have by then.
        for (const each of this.#members) await each.idle();
        await this.#stage?.close().catch(() => undefined);
        await this.#locks.release();
        this.#end(() => ({ error }));
      },
    );
  }

  /** Ends the run early. What was taken in is committed, so that the next run goes on from there. */
  fail(error: unknown): void {
    if (this.#state === 'ending') return;
    const publishing = this.#state === 'publishing';
    // Before the signal: a source that it stops fails at once, and comes here again.
    if (!publishing) this.#state = 'ending';
    this.#controller.abort();
    const folders = [this.#folder(), ...this.#names.all.map(({ path }) => stageFolder([path]))];
    // Publishing is interrupted by the signal, and ends by itself.
    if (publishing) {
      closeUntil(folders, this.#publishing!);
      return;
    }
    this.pace.stop();
    for (const member of this.#members) member.stop();
    const end = this.#close();
    closeUntil(folders, end);
    end.finally(() => this.#end(() => ({ error })));
  }

  #folder(): string {
    return this.#options.stage ?? stageFolder(this.#members.map(({ name }) => name.path));
  }

  async #open(): Promise<Stage> {
    // Subscriptions made in one go belong to one run, and give it its name.
    await Promise.resolve();
    const folder = this.#folder();
    await whenClosed(folder, () => this.running);
    if (!this.running) throw new AbortedError();
    const { segmentBytes } = this.#options;
    this.#stage = await Stage.open({
      folder,
      meter: this.flow.meter,
      unfit: (staged) =>
        unfitness(
          this.#members.map(({ making }) => making),
          staged,
        ),
      ...(segmentBytes !== undefined && { rotateBytes: segmentBytes }),
    });
    if (this.#stage.resumed) {
      const message = `Going on with the run ${this.#stage.loadId}, which did not come to its end.`;
      this.flow.meter.report({ type: 'note', message });
    }
    return this.#stage;
  }

  async #lock({ path }: Named, stage: Stage): Promise<Stage> {
    const folder = stageFolder([path]);
    await this.#locks.take(folder, () => this.#state !== 'ending' && folder !== stage.folder);
    return stage;
  }

  /** The page from which all tables can go on: for a walk that feeds several, the earliest. */
  #saved(walk: string, table: string): Position | undefined {
    const marks = (this.#stage?.openTables ?? []).flatMap(({ walks }) => walks.restart(walk) ?? []);
    // Another walk of that name may feed another table, and be ahead: a table to which nothing came yet needs the first page.
    if (this.#stage?.table(table).walks.isEmpty) return undefined;
    const positions = marks.map(({ position }) => position);
    return positions.reduce(
      (one, other) => (one && other && other.page < one.page ? other : one && other),
      positions[0],
    );
  }

  /**
   * A table that holds this walk alone begins anew. Elsewhere the rows of other walks are among its own: there its pages are told by their
   * numbers when they come again.
   */
  #forget(walk: string): void {
    for (const log of this.#stage?.openTables ?? []) if (log.walks.hasOnly(walk)) log.reset();
    for (const member of this.#members) member.takeAgain(walk);
  }

  /** Makes durable what all tables took in before the call. A failure ends the run. */
  #commit(): Promise<void> {
    this.#commits = this.#commits
      .then(async () => {
        if (this.running) await this.#commitNow();
      })
      .catch((error: unknown) => this.fail(error));
    return this.#commits;
  }

  async #commitNow(): Promise<void> {
    await this.#stage!.commit();
    for (const member of this.#members) member.committed();
  }

  async #publish(): Promise<Map<Member, Receipt>> {
    const stage = this.#stage!;
    await this.#commits;
    for (const log of stage.openTables) log.sayHow();
    await this.#commitNow();
    const partial = this.#members.filter((member) => member.partial());
    await stage.markComplete(
      this.#members.flatMap(({ tables }) => tables),
      partial.flatMap(({ tables }) => tables),
    );
    const receipts = await publishTogether(this.#members, stage, this.#controller.signal);
    // Before the stage is gone: as long as it is there, the next run takes them again, and leaves none behind.
    await this.#locks.release();
    await stage.clear();
    return receipts;
  }

  /** Waits for what is under way, commits what was taken in, and closes the stage. */
  async #close(): Promise<void> {
    await this.#opening?.catch(() => undefined);
    await this.#commits;
    for (const member of this.#members) await member.settled();
    // A commit that fails here is the failure that ended the run, or leaves the commit before it.
    await this.#stage?.commit().catch(() => undefined);
    for (const member of this.#members) await member.idle();
    await this.#stage?.close().catch(() => undefined);
    await this.#locks.release();
  }

  #end(outcome: (member: Member) => Outcome): void {
    this.#state = 'ending';
    this.#options.signal?.removeEventListener('abort', this.#abort);
    this.#options.ended?.();
    for (const member of this.#members) member.ended(outcome(member));
  }
}
