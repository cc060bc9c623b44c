// Hands the rows of one walk to several takers: the parent's own table, and the children that are asked for with its rows.
import { Observable, Subject, type Subscription } from 'rxjs';
import { currentFlow, type Row, type Rows } from '../../core/index.js';
import { HeldPressure } from './held-pressure.js';
import { flowWith, inFlow } from './own-flow.js';

/** Milliseconds after which the walk begins although a taker is missing: its table is complete already, and takes nothing. */
const patience = 10_000;

/** A parent in one run. Its walk begins when all takers are there, so that none misses a page. */
export class ParentLink {
  /** To be subscribed to once by each taker. */
  readonly rows: Observable<Rows<Row>>;
  readonly #source: Observable<Rows<Row>>;
  readonly #subject = new Subject<Rows<Row>>();
  #missing: number;
  #takers = 0;
  #timer: NodeJS.Timeout | undefined;
  #connection: Subscription | undefined;
  #held: HeldPressure | undefined;

  constructor(source: Observable<Rows<Row>>, takers: number) {
    this.#source = source;
    this.#missing = takers;
    this.rows = new Observable((subscriber) => {
      subscriber.add(this.#subject.subscribe(subscriber));
      this.#takers += 1;
      this.#missing -= 1;
      const flow = currentFlow();
      if (this.#missing === 0) this.#connect();
      else this.#timer ??= setTimeout(() => inFlow(flow, () => this.#connect()), patience);
      return () => {
        this.#takers -= 1;
        if (this.#takers > 0) return;
        clearTimeout(this.#timer);
        this.#connection?.unsubscribe();
      };
    });
  }

  /** Counts a page as held until what it returns is called. */
  hold({ bytes }: Rows<Row>): () => void {
    this.#held?.add(1, bytes);
    return () => this.#held?.release(1, bytes);
  }

  /**
   * An earlier run may have taken in a page of the parent and not all the children of its rows: so the parent is read from its start
   * again. Its own table skips what it has, and so do the children.
   */
  #connect(): void {
    clearTimeout(this.#timer);
    if (this.#connection) return;
    const flow = currentFlow();
    this.#held = flow && new HeldPressure(flow.pressure);
    const own = flow && flowWith(flow, { saved: () => undefined, ...(this.#held && { pressure: this.#held }) });
    this.#connection = inFlow(own, () => this.#source.subscribe(this.#subject));
  }
}
