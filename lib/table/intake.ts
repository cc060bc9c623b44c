// One table's part in a run: takes pages in as they come, writes them to the log, commits now and then, and publishes at the end.
import type { Observable, Subscriber, Subscription } from 'rxjs';
import { isPristine, type Receipt, type Rows, withFlow } from '../core/index.js';
import type { Stage, TableLog } from '../stage/index.js';
import type { Checkpoint } from './checkpoint.js';
import type { Member, Outcome, Pending } from './member.js';
import { PageQueue } from './page-queue.js';
import { prepareFamily } from './prepare-family.js';
import { isPartial, type PublishedTable, type Target } from './publish-task.js';
import { ruleNotes } from './rule-notes.js';
import { Sealer } from './sealer.js';
import type { Session } from './session.js';
import { TableLogs } from './table-logs.js';
import { warmUpSoon } from './warm-up.js';

export interface IntakeOptions {
  readonly target: Target;
  readonly checkpoint: Required<Checkpoint>;
  readonly session: Session;
}

export class Intake<T> implements Member {
  readonly path: string;
  readonly table: string;
  readonly #options: IntakeOptions;
  readonly #session: Session;
  readonly #subscriber: Subscriber<Receipt>;
  readonly #started = performance.now();
  readonly #queue: PageQueue<T>;
  #source: Subscription | undefined;
  #isPristine = false;
  #logs: TableLogs | undefined;
  #stage: Stage | undefined;
  #sealer: Sealer | undefined;
  #stopped = false;
  #completed = false;
  #busy = false;
  /** Since the last commit. */
  #pages = 0;
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Immediate | undefined;
  #committing = false;
  #receiptRows = -1;

  constructor(options: IntakeOptions, subscriber: Subscriber<Receipt>) {
    this.#options = options;
    this.#session = options.session;
    this.#subscriber = subscriber;
    this.path = options.target.path;
    this.table = options.target.table;
    this.#queue = new PageQueue(this.#session.flow.pressure);
  }

  /** Joins the run and subscribes to the source inside its flow. */
  async start(source: Observable<Rows<T>>): Promise<void> {
    try {
      const { target } = this.#options;
      const stage = await this.#session.join(this);
      const { meter, clock } = this.#session.flow;
      const claim = (child: string) => this.#session.claim(child, this);
      const logs = await TableLogs.open({ target, stage, meter, now: () => clock.now(), claim });
      if (this.#stopped) return;
      this.#stage = stage;
      this.#logs = logs;
      if (target.engine.seal) {
        const sealer = new Sealer({ target, stage, shape: logs.encoder.shape });
        logs.log.onFinished = () => sealer.offer(stage.finishedSegments(this.table));
        this.#sealer = sealer;
      }
      await this.#session.ready(this);
      if (this.#stopped) return;
      if (stage.isComplete(this.table)) this.#session.complete(this);
      else this.#subscribe(source);
    } catch (error) {
      this.#session.fail(error);
    }
  }

  partial(): boolean {
    return this.#options.target.partial();
  }

  committed(log: TableLog): void {
    // Another table of the run may commit before this one has begun.
    if (this.#stage === undefined || log.committedRows === this.#receiptRows) return;
    this.#receiptRows = log.committedRows;
    const { table } = this;
    this.#sealer?.offer(this.#stage.finishedSegments(table));
    this.#session.flow.meter.report({ type: 'commit', table, rows: log.committedRows });
    this.#subscriber.next(this.#receipt(log.committedRows));
  }

  async prepare(stage: Stage, signal: AbortSignal): Promise<Pending> {
    const { meter } = this.#session.flow;
    const { table } = this;
    meter.report({ type: 'publish', table, step: 'started' });
    const { target } = this.#options;
    if (target.deleteMissing !== 'keep' && isPartial(stage, table)) {
      const message = `No row of the table "${table}" was taken for missing, since only a part of the rows was read, or some were discarded.`;
      meter.report({ type: 'note', message });
    }
    const parts = await this.#sealer?.parts();
    const options = { signal, ...(parts && { parts }) };
    const pending = await prepareFamily(target, this.#logs!.encoder, stage, options);
    return {
      ...pending,
      finish: async () => {
        const { children = [], ...result } = await pending.finish();
        for (const message of ruleNotes(target, result.schema, result.schemaChanges)) {
          meter.report({ type: 'note', message });
        }
        meter.report({ type: 'publish', table, step: 'finished' });
        const ofChildren = children.map((child) => this.#published(stage.table(child.table), child.table, child));
        return {
          ...this.#published(stage.table(table), table, result),
          ...(ofChildren.length > 0 && { children: ofChildren }),
        };
      },
    };
  }

  /**
   * The rows of pages that are in come again, as they are now. With a merge the later ones count; all other tables would have them twice,
   * so that they are skipped by their pages' numbers.
   */
  takeAgain(walk: string): void {
    if (this.#options.target.disposition === 'merge') this.#logs?.log.walks.takeAgain(walk);
  }

  stop(): void {
    this.#queue.dropUnfinished();
    // What has come is committed with the rest.
    this.#absorb();
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearImmediate(this.#soon);
    this.#source?.unsubscribe();
    this.#queue.clear();
  }

  async idle(): Promise<void> {
    await this.#sealer?.stop();
  }

  ended(outcome: Outcome): void {
    this.stop();
    if ('receipt' in outcome) {
      this.#subscriber.next(outcome.receipt);
      this.#subscriber.complete();
    } else {
      this.#subscriber.error(outcome.error);
    }
  }

  #subscribe(source: Observable<Rows<T>>): void {
    this.#isPristine = isPristine(source);
    const flow = this.#session.flowOf(this.table);
    withFlow(flow, () => {
      this.#source = source.subscribe({
        next: (rows) => {
          if (this.#stopped) return;
          this.#queue.push(rows);
          this.#absorbSoon();
        },
        error: (error: unknown) => this.#session.fail(error),
        complete: () => {
          this.#completed = true;
          this.#absorbSoon();
        },
      });
    });
    // A source that failed while it was being subscribed to.
    if (this.#stopped) this.#source?.unsubscribe();
    else this.#source?.add(warmUpSoon(this.#options.target.engine));
  }

  /**
   * Absorbs when the walk has sent its next request: so that the server works on that while the rows of this page are encoded.
   */
  #absorbSoon(): void {
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined;
      this.#absorb();
    });
  }

  /** Writes what has come, as long as the log has room. Room in the flow makes the walk ask for the next page, which may come at once. */
  #absorb(): void {
    if (this.#busy || this.#stopped) return;
    this.#busy = true;
    try {
      while (!this.#queue.isEmpty && (this.#queue.isRestOfPage || !(this.#logs!.full || this.#mustWait()))) {
        const isRest = this.#queue.isRestOfPage;
        this.#queue.take((page) => this.#write(page, isRest));
      }
    } catch (error) {
      this.#session.fail(error);
    }
    this.#busy = false;
    if (this.#stopped) return;
    // The commit that must be waited for calls again.
    if (this.#queue.isEmpty) this.#completeWhenDone();
    else if (!this.#mustWait()) this.#absorbLater();
  }

  /** Whether another commit is due while one is under way: so that a crash costs two checkpoints at most, however slow the disk. */
  #mustWait(): boolean {
    return this.#committing && this.#isDue();
  }

  #isDue(): boolean {
    const { pages, bytes } = this.#options.checkpoint;
    return this.#pages >= pages || this.#bytes >= bytes;
  }

  #absorbLater(): void {
    this.#busy = true;
    this.#logs!.drained().then(
      () => {
        this.#busy = false;
        this.#absorb();
      },
      (error: unknown) => this.#session.fail(error),
    );
  }

  #write(page: Rows<T>, isRest: boolean): void {
    const logs = this.#logs!;
    if (logs.log.walks.isReplay(page.position)) return;
    const { raw, ...changed } = page;
    const written = logs.write(this.#isPristine && raw ? page : changed);
    this.#session.flow.meter.report({ type: 'rows', table: this.table, ...written });
    if (!isRest) this.#pages += 1;
    this.#bytes += page.bytes;
    this.#commitWhenDue();
  }

  #commitWhenDue(): void {
    if (this.#isDue()) this.#commit();
    else this.#timer ??= setTimeout(() => this.#commit(), this.#options.checkpoint.seconds * 1000).unref();
  }

  #commit(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#committing || this.#stopped) return;
    this.#committing = true;
    this.#pages = 0;
    this.#bytes = 0;
    this.#session.commit().then(() => {
      this.#committing = false;
      if (this.#pages > 0 && !this.#stopped) this.#commitWhenDue();
      this.#absorb();
    });
  }

  #completeWhenDone(): void {
    if (!this.#completed) return;
    this.#completed = false;
    clearTimeout(this.#timer);
    this.#session.complete(this);
  }

  #published(log: TableLog, table: string, { counts, files, bytes, schema, schemaChanges }: PublishedTable): Receipt {
    const { written: _, ...rows } = counts;
    const result = { ...rows, files, bytes, schema, schemaChanges };
    return { ...this.#receipt(log.rows, log), ...result, table, published: true };
  }

  #receipt(rows: number, log = this.#logs!.log): Receipt {
    const { meter } = this.#session.flow;
    return {
      table: this.table,
      published: false,
      loadId: this.#stage!.loadId,
      rows,
      inserted: 0,
      updated: 0,
      unchanged: 0,
      duplicates: 0,
      deleted: 0,
      softDeleted: 0,
      retired: 0,
      skipped: 0,
      total: 0,
      files: [],
      bytes: 0,
      schema: [],
      schemaChanges: [],
      positions: log.committedPositions,
      discarded: log.discarded,
      counts: meter.counts,
      notes: meter.notes,
      seconds: (performance.now() - this.#started) / 1000,
    };
  }
}
