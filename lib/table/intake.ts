// A source's part in a run: takes pages in as they come, has them written to the log, commits now and then, and publishes at the end.
import type { Observable, Subscriber, Subscription } from 'rxjs';
import { isConfined, isPristine, type Position, type Receipt, type Rows, withFlow } from '../core/index.js';
import type { Checkpoint } from './checkpoint.js';
import type { Destination, DestinationPlan } from './destination.js';
import type { Making } from './making.js';
import type { Member, Outcome, Pending } from './member.js';
import { PageQueue } from './page-queue.js';
import type { Target } from './publish-task.js';
import type { Session } from './session.js';
import type { Named } from './table-clash.js';
import { TableError } from './table-error.js';
import { warmUpSoon } from './warm-up.js';

export interface IntakeOptions<T> {
  readonly plan: DestinationPlan<T>;
  readonly checkpoint: Required<Checkpoint>;
  readonly session: Session;
}

export class Intake<T> implements Member {
  readonly name: Named;
  readonly making: Making;
  readonly #options: IntakeOptions<T>;
  readonly #session: Session;
  readonly #subscriber: Subscriber<Receipt>;
  readonly #started = performance.now();
  readonly #queue: PageQueue<T>;
  #source: Subscription | undefined;
  #isPristine = false;
  #destination: Destination<T> | undefined;
  #stopped = false;
  #completed = false;
  /** Set while tables are being opened that pages wait for. */
  #opening: Promise<void> | undefined;
  #busy = false;
  #soon: NodeJS.Immediate | undefined;

  constructor(options: IntakeOptions<T>, subscriber: Subscriber<Receipt>) {
    this.#options = options;
    this.#session = options.session;
    this.#session.pace.keep(options.checkpoint);
    this.#subscriber = subscriber;
    this.name = options.plan;
    this.making = options.plan;
    this.#queue = new PageQueue(this.#session.flow.pressure);
  }

  /** Joins the run and subscribes to the source inside its flow. */
  async start(source: Observable<Rows<T>>): Promise<void> {
    try {
      const { plan } = this.#options;
      const stage = await this.#session.join(this);
      const destination = await plan.open({ session: this.#session, stage, started: this.#started });
      if (this.#stopped) return;
      this.#destination = destination;
      await this.#session.ready(this);
      if (this.#stopped) return;
      if (stage.isComplete(plan.table)) this.#session.complete(this);
      else this.#subscribe(source);
    } catch (error) {
      this.#session.fail(error);
    }
  }

  get tables(): readonly string[] {
    return this.#destination?.tables ?? [];
  }

  get targets(): readonly Target[] {
    return this.#destination?.targets ?? [];
  }

  partial(): boolean {
    return this.#options.plan.partial();
  }

  committed(): void {
    // Another member of the run may commit before this one has begun.
    for (const receipt of this.#destination?.committed() ?? []) this.#subscriber.next(receipt);
  }

  goOn(): void {
    this.#absorb();
  }

  prepare(signal: AbortSignal): Promise<Pending> {
    return this.#destination!.prepare(signal);
  }

  /**
   * The rows of pages that are in come again, as they are now. With a merge the later ones count; all other tables would have them twice,
   * so that they are skipped by their pages' numbers.
   */
  takeAgain(walk: string): void {
    if (this.#destination?.takesAgain) this.#destination.log.walks.takeAgain(walk);
  }

  stop(): void {
    this.#queue.dropUnfinished();
    // What has come is committed with the rest.
    this.#absorb();
    this.#stopped = true;
    clearImmediate(this.#soon);
    this.#source?.unsubscribe();
    if (this.#opening === undefined) this.#queue.clear();
  }

  async settled(): Promise<void> {
    // What is wrong with a table that was being opened is not what ended the run.
    await this.#opening?.then(() => this.#absorbRest()).catch(() => undefined);
    this.#queue.clear();
  }

  /** Writes what waited for tables when the run ended. */
  async #absorbRest(): Promise<void> {
    await this.#open();
    while (!this.#queue.isEmpty) this.#queue.take((page) => this.#write(page, false));
  }

  async idle(): Promise<void> {
    await this.#destination?.idle();
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
    const flow = this.#session.flowOf(this.#options.plan.table, { isConfined: isConfined(source) });
    withFlow(flow, () => {
      this.#source = source.subscribe({
        next: (rows) => {
          if (this.#stopped) return;
          this.#destination!.log.expect(rows.position.walk);
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
    else this.#source?.add(warmUpSoon(this.#destination!));
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
      while (
        !this.#queue.isEmpty &&
        (this.#queue.isRestOfPage || !(this.#destination!.full || this.#session.pace.isFull))
      ) {
        const isRest = this.#queue.isRestOfPage;
        const opening = isRest ? undefined : this.#open();
        if (opening) {
          this.#opening = opening;
          this.#absorbAfter(opening.then(() => this.#opened()));
          return;
        }
        this.#queue.take((page) => this.#write(page, isRest));
      }
    } catch (error) {
      this.#session.fail(error);
    }
    this.#busy = false;
    if (this.#stopped) return;
    // The commit that must be waited for calls again.
    if (this.#queue.isEmpty) this.#completeWhenDone();
    else if (!this.#session.pace.isFull) this.#absorbAfter(this.#destination!.drained());
  }

  /** Opens what the pages that wait need: all of them before the next is written, so that nothing comes between the rows of one. */
  #open(): Promise<void> | undefined {
    const { walks } = this.#destination!.log;
    return this.#destination!.open(this.#queue.pages.filter(({ position }) => !walks.isReplay(position)));
  }

  #opened(): void {
    if (!this.#stopped) this.#opening = undefined;
  }

  #absorbAfter(work: Promise<void>): void {
    this.#busy = true;
    work.then(
      () => {
        this.#busy = false;
        this.#absorb();
      },
      (error: unknown) => this.#session.fail(error),
    );
  }

  #write(page: Rows<T>, isRest: boolean): void {
    const destination = this.#destination!;
    if (destination.log.walks.isReplay(page.position)) return;
    const { raw, ...changed } = page;
    destination.write(this.#isPristine && raw ? page : changed);
    this.#session.pace.took(isRest ? 0 : 1, page.bytes);
  }

  #completeWhenDone(): void {
    if (!this.#completed) return;
    this.#completed = false;
    const [missing] = this.#queue.unfinished;
    if (missing !== undefined) {
      this.#session.fail(partsAreMissing(this.name.table, missing));
      return;
    }
    this.#destination!.allCame?.();
    this.#session.complete(this);
  }
}

function partsAreMissing(table: string, { page }: Position): TableError {
  const message = `page ${page} of a walk did not come with all of its parts, and its source has completed. An operator must pass on every part that splitPage() makes, also an empty one. Nothing is published; the next run asks for that page again.`;
  return new TableError('ERR_TABLE_ROWS', table, message);
}
