// One run of a walk, from one of its places to its end, to its first failed request, or to being stopped: the only loop
// over pages. A trampoline, so a client that answers at once costs no stack.
import { Observable, type Subscriber, Subscription } from 'rxjs';
import {
  AbortedError,
  type Flow,
  type HttpResponse,
  type Json,
  type Page,
  type RecordFinder,
  type Request,
  RequestError,
  withFlow,
} from '../core/index.js';
import type { Client } from '../http/client-type.js';
import type { Guard } from './guard.js';
import type { PageFacts, Paginator } from './paginator.js';

/** What all runs of one walk have in common. */
export interface Walk {
  readonly client: Client;
  readonly paginator: Paginator;
  readonly base: Request;
  readonly key: string;
  readonly flow: Flow | undefined;
  readonly guard: Guard;
  readonly finder: RecordFinder;
}

/** Where a run starts. */
export interface Place {
  /** The paginator's state of the next page; `null` after the last. */
  readonly next: Json;
  /** The number of the next page. */
  readonly page: number;
  /** Whether that page was asked for before, without success. */
  readonly asked: boolean;
}

/** Starts a run. `source` is the observable that it belongs to; errors name it. Returns what stops the run. */
export function runWalk(walk: Walk, from: Place, source: Observable<Page>, subscriber: Subscriber<Page>): () => void {
  const run = new WalkRun(walk, from, source, subscriber);
  run.start();
  return () => run.stop();
}

class WalkRun {
  #place: Place;
  #request: Subscription | undefined;
  #pumping = false;
  #again = false;
  #leaveQueue: (() => void) | undefined;
  readonly #aborted = () => this.#subscriber.error(new AbortedError());
  readonly #walk: Walk;
  readonly #source: Observable<Page>;
  readonly #subscriber: Subscriber<Page>;

  constructor(walk: Walk, from: Place, source: Observable<Page>, subscriber: Subscriber<Page>) {
    this.#walk = walk;
    this.#place = from;
    this.#source = source;
    this.#subscriber = subscriber;
  }

  start(): void {
    const signal = this.#walk.flow?.signal;
    if (signal?.aborted) {
      this.#aborted();
      return;
    }
    signal?.addEventListener('abort', this.#aborted, { once: true });
    this.#pump();
  }

  stop(): void {
    this.#walk.flow?.signal.removeEventListener('abort', this.#aborted);
    this.#leaveQueue?.();
    this.#request?.unsubscribe();
  }

  readonly #pump = (): void => {
    this.#again = true;
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#again && !this.#subscriber.closed) {
        this.#again = false;
        this.#step();
      }
    } catch (error) {
      this.#subscriber.error(error);
    } finally {
      this.#pumping = false;
    }
  };

  #step(): void {
    if (this.#request) return;
    if (this.#place.next === null) {
      this.#subscriber.complete();
      return;
    }
    const { flow } = this.#walk;
    if (flow && !flow.pressure.allows()) {
      this.#leaveQueue ??= flow.pressure.onRoom(() => {
        this.#leaveQueue = undefined;
        this.#pump();
      });
      return;
    }
    this.#ask(this.#place.next);
  }

  #ask(state: Json): void {
    const { client, paginator, base, guard, flow } = this.#walk;
    const request = paginator.request(base, state);
    if (!this.#place.asked) guard.request(request, this.#place.page);
    this.#place = { ...this.#place, asked: true };
    let response: HttpResponse | undefined;
    const subscription = new Subscription();
    this.#request = subscription;
    const send = () =>
      client.send(request).subscribe({
        next: (value) => {
          response = value;
        },
        error: (error) => this.#failed(error),
        complete: () => {
          this.#request = undefined;
          if (response) this.#came(response, state);
          this.#pump();
        },
      });
    subscription.add(flow ? withFlow(flow, send) : send());
  }

  #came(response: HttpResponse, state: Json): void {
    const { paginator, finder, guard, flow, key } = this.#walk;
    const { page } = this.#place;
    try {
      const facts: PageFacts = { records: finder.find(response.body) };
      guard.response(response, page, facts.records);
      const next = paginator.next(response, state, facts);
      const total = paginator.total?.(response, state);
      this.#place = { next, page: page + 1, asked: false };
      const position = { walk: key, page, next };
      flow?.meter.report({ type: 'page', position, ...(total !== undefined && { total }) });
      this.#subscriber.next({ ...response, position });
    } catch (error) {
      this.#subscriber.error(error);
    }
  }

  #failed(error: unknown): void {
    if (!(error instanceof RequestError)) {
      this.#subscriber.error(error);
      return;
    }
    const walk = this.#walk;
    const place = this.#place;
    const resume = () => {
      const source: Observable<Page> = new Observable((subscriber) => runWalk(walk, place, source, subscriber));
      return source;
    };
    this.#subscriber.error(error.with({ resume, walk: this.#source }));
  }
}
