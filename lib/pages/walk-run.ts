// One run of a walk, from one of its places to its end, to a request that failed, or to being stopped: the only loop over
// pages. A trampoline, so a client that answers at once costs no stack. Pages that can be asked for ahead are fetched side
// by side and emitted in order.
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
import { PaginationError } from './pagination-error.js';
import type { PageFacts, Paginator } from './paginator.js';
import { actOn, type ResponseAction } from './response-action.js';
import { Slot } from './slot.js';
import { withoutCredentials } from './stored-state.js';
import { describeRequest } from './walk-key.js';

/** What all runs of one walk have in common. */
export interface Walk {
  readonly client: Client;
  readonly paginator: Paginator;
  readonly base: Request;
  readonly key: string;
  readonly flow: Flow | undefined;
  readonly guard: Guard;
  readonly finder: RecordFinder;
  readonly actions: readonly ResponseAction[];
  /** How many requests may be in flight, where they are known ahead. */
  readonly concurrency: number;
}

/** Where a run starts. */
export interface Place {
  /** Pages that were asked for and not emitted: some have come, the others are to be asked for again. */
  readonly slots: readonly Slot[];
  /** When there are none: the paginator's state of the next page, `null` after the last. */
  readonly next: Json;
  /** When there are none: the number of the next page. */
  readonly page: number;
  /** How many pages the walk has, when a page has told. */
  readonly expected: number | undefined;
}

/** Starts a run. `source` is the observable that it belongs to; errors name it. Returns what stops the run. */
export function runWalk(walk: Walk, from: Place, source: Observable<Page>, subscriber: Subscriber<Page>): () => void {
  const run = new WalkRun(walk, from, source, subscriber);
  run.start();
  return () => run.stop();
}

class WalkRun {
  #slots: Slot[];
  #next: Json;
  #page: number;
  #expected: number | undefined;
  #pumping = false;
  #again = false;
  #leaveQueue: (() => void) | undefined;
  readonly #walk: Walk;
  readonly #source: Observable<Page>;
  readonly #subscriber: Subscriber<Page>;
  readonly #aborted = () => this.#subscriber.error(new AbortedError());

  constructor(walk: Walk, from: Place, source: Observable<Page>, subscriber: Subscriber<Page>) {
    this.#walk = walk;
    this.#slots = [...from.slots];
    this.#next = from.next;
    this.#page = from.page;
    this.#expected = from.expected;
    this.#source = source;
    this.#subscriber = subscriber;
  }

  start(): void {
    const { flow } = this.#walk;
    if (flow?.signal.aborted) {
      this.#aborted();
      return;
    }
    flow?.signal.addEventListener('abort', this.#aborted, { once: true });
    for (const slot of this.#slots) slot.hold(flow);
    this.#pump();
  }

  stop(): void {
    const { flow } = this.#walk;
    flow?.signal.removeEventListener('abort', this.#aborted);
    this.#leaveQueue?.();
    for (const slot of this.#slots) slot.leave(flow);
  }

  readonly #pump = (): void => {
    this.#again = true;
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#again && !this.#subscriber.closed) {
        this.#again = false;
        if (this.#step()) this.#again = true;
      }
    } catch (error) {
      this.#subscriber.error(error);
    } finally {
      this.#pumping = false;
    }
  };

  /** Does one thing; whether there may be more to do at once. */
  #step(): boolean {
    const [head] = this.#slots;
    if (head?.phase === 'came') {
      this.#slots.shift();
      head.release(this.#walk.flow);
      this.#came(head, head.response as HttpResponse);
      return true;
    }
    if (head?.phase === 'failed') return this.#failed(head, head.error as RequestError);
    if (!head && this.#next === null) {
      this.#subscriber.complete();
      return false;
    }
    return this.#askNext();
  }

  /** Asks for one more page, if there is one that may be asked for now. */
  #askNext(): boolean {
    const { flow } = this.#walk;
    const idle = this.#slots.find((slot) => slot.phase === 'idle');
    const state = idle ? idle.state : this.#slots.length === 0 ? this.#next : this.#ahead();
    if (state === null) return false;
    const inFlight = this.#slots.filter((slot) => slot.phase === 'asked').length;
    if (flow && !flow.pressure.allows(inFlight)) {
      this.#leaveQueue ??= flow.pressure.onRoom(() => {
        this.#leaveQueue = undefined;
        this.#pump();
      });
      return false;
    }
    this.#ask(idle ?? this.#open(state));
    return true;
  }

  /** The state of the page after the last that was asked for, when it may be asked for before that one has come. */
  #ahead(): Json {
    const { paginator, concurrency, guard } = this.#walk;
    const last = this.#slots.at(-1) as Slot;
    const number = last.page + 1;
    const known = number < Math.min(this.#expected ?? Number.POSITIVE_INFINITY, guard.maxPages);
    if (this.#slots.length >= concurrency || !known) return null;
    return paginator.ahead?.(last.state) ?? null;
  }

  #open(state: Json): Slot {
    const page = this.#slots.at(-1)?.page;
    const slot = new Slot(state, page === undefined ? this.#page : page + 1, this.#request(state));
    if (page === undefined) this.#check(slot);
    this.#slots.push(slot);
    return slot;
  }

  #request(state: Json): Request {
    return this.#walk.paginator.request(this.#walk.base, state);
  }

  #check(slot: Slot): void {
    if (!slot.checked) this.#walk.guard.request(slot.request, slot.page);
    slot.checked = true;
  }

  #ask(slot: Slot): void {
    const { client, flow } = this.#walk;
    slot.phase = 'asked';
    // Made before the request, so that a request that fails at once finds it.
    const subscription = new Subscription();
    slot.subscription = subscription;
    const send = () =>
      client.send(slot.request).subscribe({
        next: (response) => slot.came(response),
        error: (error) => {
          if (error instanceof RequestError) slot.failed(error);
          else this.#subscriber.error(error);
          this.#pump();
        },
        complete: () => {
          if (slot.phase === 'asked')
            this.#subscriber.error(
              new PaginationError(
                'ERR_PAGINATION_RESPONSE',
                `${describeRequest(slot.request)}: the client completed without a response`,
              ),
            );
          if (slot !== this.#slots[0]) slot.hold(flow);
          this.#pump();
        },
      });
    subscription.add(flow ? withFlow(flow, send) : send());
  }

  #came(slot: Slot, response: HttpResponse): void {
    const verdict = actOn(this.#walk, response);
    if (verdict.action === 'pass') this.#deliver(slot, verdict.response ?? response);
    else if (verdict.action === 'fail') this.#giveUp(slot, verdict.error);
    else if (verdict.action === 'ignore') this.#moveOn(slot, null);
    else this.#moveOn(slot, this.#walk.paginator.next(response, slot.state, this.#facts(response)));
  }

  /** A failed request ends the run; others that are in flight come home first, so that none is made twice. */
  #failed(slot: Slot, error: RequestError): boolean {
    if (error.transient && this.#slots.some((other) => other.phase === 'asked')) return false;
    this.#slots.shift();
    const verdict = actOn(this.#walk, error);
    if (verdict.action === 'pass') {
      if (verdict.response) this.#deliver(slot, verdict.response);
      else this.#giveUp(slot, error);
    } else if (verdict.action === 'fail') this.#giveUp(slot, verdict.error);
    else if (verdict.action === 'ignore') this.#moveOn(slot, null);
    else this.#moveOn(slot, this.#pastFailure(slot, error));
    return true;
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
    const { paginator, guard, flow, key, client, base } = this.#walk;
    this.#check(slot);
    const facts = this.#facts(response);
    const probe = paginator.isProbe?.(response, slot.state, facts) ?? false;
    if (!probe) guard.response(response, slot.page, facts.records);
    const next = withoutCredentials(paginator.next(response, slot.state, facts), client, base);
    const note = flow && paginator.explain?.(response, slot.state, facts);
    if (note) flow.meter.report({ type: 'note', message: `${describeRequest(this.#walk.base)}: ${note}` });
    this.#moveOn(slot, next);
    if (probe) {
      this.#page = slot.page;
      return;
    }
    this.#expected = paginator.total?.(response, slot.state) ?? this.#expected;
    const position = { walk: key, page: slot.page, next };
    flow?.meter.report({
      type: 'page',
      position,
      ...(this.#expected !== undefined && { total: this.#expected }),
    });
    this.#subscriber.next({ ...response, position });
  }

  #facts(response: HttpResponse): PageFacts {
    return { records: this.#walk.finder.find(response.body) };
  }

  /** Makes `next` the page after `slot`. Pages that were asked for ahead and are not that page are dropped. */
  #moveOn(slot: Slot, next: Json): void {
    const [following] = this.#slots;
    if (following && JSON.stringify(following.state) !== JSON.stringify(next)) {
      for (const each of this.#slots) each.leave(this.#walk.flow);
      this.#slots = [];
    }
    this.#next = next;
    this.#page = slot.page + 1;
  }

  #giveUp(slot: Slot, error: RequestError): void {
    slot.phase = 'idle';
    const slots = [slot, ...this.#slots];
    for (const each of slots) each.leave(this.#walk.flow);
    this.#slots = [];
    const place: Place = { slots, next: null, page: 0, expected: this.#expected };
    const walk = this.#walk;
    const resume = () => {
      const source: Observable<Page> = new Observable((subscriber) => runWalk(walk, place, source, subscriber));
      return source;
    };
    this.#subscriber.error(error.with({ resume, walk: this.#source }));
  }
}
