// Rows into several sinks in one pass over the source.
import { Observable, type OperatorFunction, Subject, type Subscriber, type Subscription } from 'rxjs';
import {
  confinedWith,
  currentFlow,
  type Flow,
  filesOfAll,
  OptionError,
  type Position,
  type Receipt,
  type Row,
  type Rows,
  withFlow,
} from '../lib/core/index.js';
import { confinedChain, inRun } from '../lib/table/index.js';

/**
 * Gives every page to all of the sinks; the source is subscribed to once, when all of them listen. The slowest sets the pace: the source is
 * asked for more when all have taken in what came. The tables of the sinks are those of one run: they share a stage and a load id, all are
 * published when the source has completed, and a run that was cut short goes on with all of them.
 *
 * Emits the receipts of commits as they come, and last one for all: that of the first sink, with the files and bytes of all, and each sink's
 * own in `receipts`.
 *
 * @example
 * pages(api, '/v1/projects').pipe(
 *   select('data'),
 *   tee(parquet('out/projects.parquet'), jsonl('out/projects.jsonl.gz', { table: 'projects_lines' })),
 * )
 * @throws OptionError `ERR_INVALID_OPTION` without a sink; in the chain what the sinks throw
 */
export function tee<T = Row>(
  ...sinks: readonly OperatorFunction<Rows<T>, Receipt>[]
): OperatorFunction<Rows<T>, Receipt> {
  if (sinks.length === 0) throw new OptionError('tee', 'needs at least one sink');
  const tee: OperatorFunction<Rows<T>, Receipt> = (source) => {
    const teed = new Observable<Receipt>((subscriber) => {
      const tap = new Tap(source, sinks);
      const last = new Map<number, Receipt>();
      const chains = sinks.map((sink) => tap.listener.pipe(sink));
      inRun(chains, (chain, index) => {
        const subscription = chain.subscribe({
          next: (receipt) => {
            if (receipt.published) last.set(index, receipt);
            else subscriber.next(receipt);
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            tap.ended();
            if (tap.open === 0)
              finish(
                subscriber,
                [...last].sort(([one], [other]) => one - other),
              );
          },
        });
        subscriber.add(subscription);
      });
      return () => tap.stop();
    });
    return confinedChain(teed, [source, ...sinks]);
  };
  return confinedWith(tee, sinks);
}

function finish(subscriber: Subscriber<Receipt>, last: readonly (readonly [number, Receipt])[]): void {
  const receipts = last.map(([, receipt]) => receipt);
  const [first] = receipts;
  if (first !== undefined) {
    subscriber.next({ ...first, ...filesOfAll(receipts), receipts });
  }
  subscriber.complete();
}

/** The source, subscribed to once for a number of sinks. */
class Tap<T> {
  /** For each sink to subscribe to. */
  readonly listener: Observable<Rows<T>>;
  /** Sinks that have not ended. */
  open: number;
  readonly #source: Observable<Rows<T>>;
  readonly #pages = new Subject<Rows<T>>();
  readonly #flows: (Flow | undefined)[] = [];
  /** Sinks that neither listen nor have ended. */
  #awaited: number;
  #subscription: Subscription | undefined;
  #isOn = false;
  #timer: NodeJS.Immediate | undefined;

  constructor(source: Observable<Rows<T>>, sinks: readonly OperatorFunction<Rows<T>, Receipt>[]) {
    this.#source = source;
    this.open = sinks.length;
    this.#awaited = sinks.length;
    const listener = new Observable<Rows<T>>((subscriber) => {
      const subscription = this.#pages.subscribe(subscriber);
      this.#listens();
      return subscription;
    });
    // The pages come to all sinks in one flow: when one has operators of the program's, that is to be found there later, too.
    this.listener = confinedWith(listener, [source, ...sinks]);
  }

  ended(): void {
    this.open -= 1;
    // A sink that had no need of the source, because it has all of it from a run before.
    if (this.#isOn) return;
    this.#awaited -= 1;
    if (this.#awaited === 0) this.#turnOn();
  }

  stop(): void {
    clearImmediate(this.#timer);
    this.#subscription?.unsubscribe();
  }

  #listens(): void {
    const flow = currentFlow();
    this.#flows.push(flow);
    this.#awaited -= 1;
    if (this.#awaited === 0) this.#turnOn();
    // The sinks of one run begin to listen in one go; some of them may have all of the source from a run before.
    else if (flow !== undefined) this.#timer ??= setImmediate(() => this.#turnOn());
  }

  #turnOn(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    clearImmediate(this.#timer);
    const subscribe = (): void => {
      this.#subscription = this.#source.subscribe(this.#pages);
    };
    const flow = this.#flows.find((each) => each !== undefined);
    if (flow === undefined) subscribe();
    else withFlow({ ...flow, saved: (walk) => this.#saved(walk) }, subscribe);
  }

  /** Where all sinks can go on. */
  #saved(walk: string): Position | undefined {
    const positions = this.#flows.map((flow) => flow?.saved(walk));
    return positions.reduce(
      (one, other) => (one && other && other.page < one.page ? other : one && other),
      positions[0],
    );
  }
}
