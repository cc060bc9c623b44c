// One run of a walk, from one of its places to its end, to a request that failed, or to being stopped: the only loop over
// pages. A trampoline, so a client that answers at once costs no stack.
import { Observable, type Subscriber } from 'rxjs';
import { AbortedError, type HttpResponse, type Json, type Page, type RequestError } from '../core/index.js';
import { PaginationError } from './pagination-error.js';
import type { PageFacts } from './paginator.js';
import { actOn } from './response-action.js';
import type { Slot } from './slot.js';
import { withoutCredentials } from './stored-state.js';
import { describeRequest } from './walk-key.js';
import { type Walk, Window } from './window.js';

/** Where a run starts. */
export interface Place {
  /** Pages that were asked for and not emitted: some have come, the others are to be asked for again. */
  readonly slots: readonly Slot[];
  /** When there are none: the paginator's state of the next page, `null` after the last. */
  readonly next: Json;
  /** When there are none: the number of the next page. */
  readonly page: number;
  /** How many pages the walk has; `Infinity` until a page has told. */
  readonly expected: number;
}

/** Starts a run. `source` is the observable that it belongs to; errors name it. Returns what stops the run. */
export function runWalk(walk: Walk, from: Place, source: Observable<Page>, subscriber: Subscriber<Page>): () => void {
  const run = new WalkRun(walk, from, source, subscriber);
  run.start();
  return () => run.stop();
}

class WalkRun {
  #next: Json;
  #page: number;
  #expected: number;
  #pumping = false;
  #again = false;
  readonly #window: Window;
  readonly #walk: Walk;
  readonly #source: Observable<Page>;
  readonly #subscriber: Subscriber<Page>;
  readonly #fail = (error: unknown) =>
    this.#subscriber.error(error instanceof PaginationError ? error.redacted(this.#redact) : error);
  /** A parameter may have any name, and a page may repeat it anywhere: only the client knows its secrets. */
  readonly #redact = (text: string) => this.#walk.client.redact?.(text) ?? text;
  readonly #abort = () => this.#fail(new AbortedError());

  constructor(walk: Walk, from: Place, source: Observable<Page>, subscriber: Subscriber<Page>) {
    this.#walk = walk;
    this.#next = from.next;
    this.#page = from.page;
    this.#expected = from.expected;
    this.#source = source;
    this.#subscriber = subscriber;
    this.#window = new Window(walk, from.slots, { changed: () => this.#pump(), broken: this.#fail });
  }

  start(): void {
    const signal = this.#walk.flow?.signal;
    signal?.addEventListener('abort', this.#abort, { once: true });
    if (signal?.aborted) this.#abort();
    else this.#pump();
  }

  stop(): void {
    this.#walk.flow?.signal.removeEventListener('abort', this.#abort);
    this.#window.clear();
  }

  #pump(): void {
    this.#again = true;
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#again && !this.#subscriber.closed) {
        this.#again = false;
        if (this.#step()) this.#again = true;
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#pumping = false;
    }
  }

  /** Does one thing; whether there may be more to do at once. */
  #step(): boolean {
    const { head } = this.#window;
    if (head?.phase === 'came') {
      this.#window.take();
      this.#came(head, head.response as HttpResponse);
      return true;
    }
    if (head?.phase === 'failed') return this.#failed(head, head.error as RequestError);
    if (!head && this.#next === null) {
      this.#subscriber.complete();
      return false;
    }
    return this.#window.askNext({ state: this.#next, page: this.#page }, this.#expected);
  }

  #came(slot: Slot, response: HttpResponse): void {
    const verdict = actOn(this.#walk, response);
    if (verdict.action === 'pass') this.#deliver(slot, verdict.response ?? response);
    else if (verdict.action === 'fail') this.#giveUp(slot, verdict.error);
    else if (verdict.action === 'refresh') this.#refresh(slot, verdict.error);
    else if (verdict.action === 'ignore') this.#moveOn(slot, null);
    else this.#moveOn(slot, this.#nextOf(slot, response, this.#facts(response)));
  }

  /** A failed request ends the run; others that are in flight come home first, so that none is made twice. */
  #failed(slot: Slot, error: RequestError): boolean {
    if (error.transient && this.#window.inFlight > 0) return false;
    this.#window.take();
    const verdict = actOn(this.#walk, error);
    if (verdict.action === 'pass') {
      if (verdict.response) this.#deliver(slot, verdict.response);
      else this.#giveUp(slot, error);
    } else if (verdict.action === 'fail') this.#giveUp(slot, verdict.error);
    else if (verdict.action === 'refresh') this.#refresh(slot, verdict.error);
    else if (verdict.action === 'ignore') this.#moveOn(slot, null);
    else this.#moveOn(slot, this.#pastFailure(slot, error));
    return true;
  }

  /** Once for each request: a server that refuses fresh credentials refuses them for another reason. */
  #refresh(slot: Slot, error: RequestError): void {
    if (slot.refreshed) {
      this.#giveUp(slot, error);
      return;
    }
    const message = this.#redact(`${describeRequest(slot.request)}: asks once more, with renewed credentials`);
    this.#walk.flow?.meter.report({ type: 'note', message });
    this.#window.refresh(slot);
  }

  #pastFailure(slot: Slot, error: RequestError): Json {
    const { paginator } = this.#walk;
    const next = paginator.ahead?.(slot.state);
    if (next !== undefined) return next;
    throw new PaginationError(
      'ERR_PAGINATION_RESPONSE',
      `${error.method} ${error.url}: ${error.reason}, and this page cannot be skipped: with the paginator ${paginator.name} only the page itself says ` +
        'where the next one is. Use the action ignore to end the walk here, or retry.',
    );
  }

  #deliver(slot: Slot, response: HttpResponse): void {
    const { paginator, guard, flow, key, base } = this.#walk;
    slot.check(guard);
    const facts = this.#facts(response);
    const probe = paginator.isProbe?.(response, slot.state, facts) ?? false;
    if (!probe) guard.response(response, slot.page, facts.records);
    const next = this.#nextOf(slot, response, facts);
    const note = flow && paginator.explain?.(response, slot.state, facts);
    if (note) flow.meter.report({ type: 'note', message: this.#redact(`${describeRequest(base)}: ${note}`) });
    this.#moveOn(slot, next);
    if (probe) {
      this.#page = slot.page;
      return;
    }
    const total = paginator.total?.(response, slot.state);
    this.#expected = total ?? this.#expected;
    const position = { walk: key, page: slot.page, next };
    flow?.meter.report({ type: 'page', position, ...(total !== undefined && { total }) });
    this.#subscriber.next({ ...response, position });
  }

  #facts(response: HttpResponse): PageFacts {
    return { records: this.#walk.finder.find(response.body) };
  }

  #nextOf(slot: Slot, response: HttpResponse, facts: PageFacts): Json {
    const { paginator, client, base } = this.#walk;
    return withoutCredentials(paginator.next(response, slot.state, facts), client, base);
  }

  /** Makes `next` the page after `slot`. Pages that were asked for ahead and are not that page are dropped. */
  #moveOn(slot: Slot, next: Json): void {
    const { head } = this.#window;
    if (head && JSON.stringify(head.state) !== JSON.stringify(next)) this.#window.clear();
    this.#next = next;
    this.#page = slot.page + 1;
  }

  #giveUp(slot: Slot, error: RequestError): void {
    slot.phase = 'idle';
    const walk = this.#walk;
    const place: Place = { slots: [slot, ...this.#window.clear()], next: null, page: 0, expected: this.#expected };
    const resume = () => {
      const source: Observable<Page> = new Observable((subscriber) => runWalk(walk, place, source, subscriber));
      return source;
    };
    this.#fail(error.with({ attempts: slot.attempts, resume, walk: this.#source }));
  }
}
