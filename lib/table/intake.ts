// One table's part in a run: takes pages in as they come, writes them to the log, commits now and then, and publishes at the end.
import type { Observable, Subscriber, Subscription } from 'rxjs';
import { isPristine, type Json, type Receipt, type Rows, withFlow } from '../core/index.js';
import { columnPolicy, Shape, type TableEncoder } from '../schema/index.js';
import type { Stage, TableLog } from '../stage/index.js';
import type { Checkpoint } from './checkpoint.js';
import { prepareTable, type Target } from './publish.js';
import type { Member, Outcome, Pending, Session } from './session.js';
import type { TableInfo } from './table-info.js';
import { requiredKeys } from './write-rules.js';

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
  readonly #started: number;
  /** Pages that came and are not yet written: each is counted in the pressure. */
  #queue: Rows<T>[] = [];
  #source: Subscription | undefined;
  #isPristine = false;
  #log: TableLog | undefined;
  #stage: Stage | undefined;
  #encoder: TableEncoder | undefined;
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
    this.#started = this.#session.flow.clock.now();
  }

  /** Joins the run and subscribes to the source inside its flow. */
  async start(source: Observable<Rows<T>>): Promise<void> {
    try {
      const { target } = this.#options;
      const stage = await this.#session.join(this);
      const log = stage.table(this.table);
      const previous = await target.inspect(this.path, stage.loadId);
      if (this.#stopped) return;
      if (!stage.isComplete(this.table)) this.#dropUnfit(log);
      const encoder = this.#makeEncoder(previous, log.recoveredShape);
      log.shapeSource = { version: () => encoder.shape.version, json: () => encoder.shape.toJSON() };
      this.#encoder = encoder;
      this.#stage = stage;
      this.#log = log;
      await this.#session.ready(this);
      if (this.#stopped) return;
      if (stage.isComplete(this.table)) this.#session.complete(this);
      else this.#subscribe(source);
    } catch (error) {
      this.#session.fail(error);
    }
  }

  #dropUnfit(log: TableLog): void {
    const { fingerprint } = this.#options.target;
    const { rows } = log;
    if (fingerprint === undefined || !log.made(fingerprint)) return;
    const message =
      `The rows of "${this.table}" are made in another way than in the run that was cut short: its ${rows} rows do not fit ` +
      'any more, and the table begins anew.';
    this.#session.flow.meter.report({ type: 'note', message });
  }

  #makeEncoder(previous: TableInfo | undefined, recovered: Json | undefined): TableEncoder {
    const { target } = this.#options;
    const { disposition, columns = columnPolicy() } = target;
    const isOpen = Object.values(columns.contract).every((mode) => mode === 'evolve');
    // Rows that replace all others need not fit their columns, unless a contract says so.
    const adding = disposition === 'replace' && isOpen ? undefined : previous?.shape;
    const shape = recovered === undefined ? adding : Shape.fromJSON(recovered, columns.shape);
    const exists = previous !== undefined && adding !== undefined;
    return columns.encoder({ table: this.table, keys: requiredKeys(target), ...(shape && { shape }), exists });
  }

  partial(): boolean {
    return this.#options.target.partial();
  }

  committed(log: TableLog): void {
    // Another table of the run may commit before this one has begun.
    if (this.#stage === undefined || log.committedRows === this.#receiptRows) return;
    this.#receiptRows = log.committedRows;
    const { table } = this;
    this.#session.flow.meter.report({ type: 'commit', table, rows: log.committedRows });
    this.#subscriber.next(this.#receipt(log.committedRows));
  }

  async prepare(stage: Stage, signal: AbortSignal): Promise<Pending> {
    const { meter } = this.#session.flow;
    const { table } = this;
    meter.report({ type: 'publish', table, step: 'started' });
    const pending = await prepareTable(this.#options.target, this.#encoder!.shape, stage, signal);
    return {
      ...pending,
      finish: async () => {
        const { counts, files, bytes, schema, schemaChanges } = await pending.finish();
        meter.report({ type: 'publish', table, step: 'finished' });
        const { written: _, ...rows } = counts;
        const result = { ...rows, files, bytes, schema, schemaChanges };
        return { ...this.#receipt(stage.table(table).rows), ...result, published: true };
      },
    };
  }

  /**
   * The rows of pages that are in come again, as they are now. With a merge the later ones count; all other tables would have them twice,
   * so that they are skipped by their pages' numbers.
   */
  takeAgain(walk: string): void {
    if (this.#options.target.disposition === 'merge') this.#log?.walks.takeAgain(walk);
  }

  stop(): void {
    // What has come is committed with the rest.
    this.#absorb();
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearImmediate(this.#soon);
    this.#source?.unsubscribe();
    const { pressure } = this.#session.flow;
    for (const { bytes } of this.#queue.splice(0)) pressure.release(1, bytes);
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
          flow.pressure.add(1, rows.bytes);
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
      while (this.#queue.length > 0 && !this.#log!.full && !this.#mustWait()) this.#write(this.#queue.shift()!);
    } catch (error) {
      this.#session.fail(error);
    }
    this.#busy = false;
    if (this.#stopped) return;
    // The commit that must be waited for calls again.
    if (this.#queue.length === 0) this.#completeWhenDone();
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
    this.#log!.drained().then(
      () => {
        this.#busy = false;
        this.#absorb();
      },
      (error: unknown) => this.#session.fail(error),
    );
  }

  #write(page: Rows<T>): void {
    const { meter, pressure } = this.#session.flow;
    const { position, bytes } = page;
    try {
      if (!this.#log!.walks.isReplay(position)) {
        const { chunk, rows, longestLine, issues, discarded } = this.#encoder!.encode(page.rows, {
          page: position.page,
          ...(this.#isPristine && page.raw && { raw: page.raw }),
        });
        this.#log!.append(position, { data: chunk, rows, longestLine });
        this.#log!.addDiscarded(discarded.length, issues.filter(({ action }) => action === 'value discarded').length);
        meter.report({ type: 'rows', table: this.table, rows, bytes: chunk.length });
        this.#pages += 1;
        this.#bytes += bytes;
        this.#commitWhenDue();
      }
    } finally {
      pressure.release(1, bytes);
    }
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

  #receipt(rows: number): Receipt {
    const { meter, clock } = this.#session.flow;
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
      positions: this.#log!.walks.positions(),
      discarded: this.#log!.discarded,
      counts: meter.counts,
      notes: meter.notes,
      seconds: (clock.now() - this.#started) / 1000,
    };
  }
}
