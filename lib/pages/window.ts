// The pages of a walk between their request and their turn: makes the requests, as many at once as are allowed, and keeps
// what has come in order.
import { Subscription } from 'rxjs';
import {
  type Flow,
  type Json,
  type Page,
  type Reading,
  type RecordFinder,
  type Request,
  RequestError,
  withFlow,
} from '../core/index.js';
import type { Client } from '../http/client-type.js';
import type { Guard } from './guard.js';
import { PaginationError } from './pagination-error.js';
import type { Paginator } from './paginator.js';
import type { ResponseAction } from './response-action.js';
import { Slot } from './slot.js';
import { describeRequest, requestKey } from './walk-key.js';

/** What all runs of one walk have in common. */
export interface Walk {
  readonly client: Client;
  readonly paginator: Paginator;
  readonly base: Request;
  readonly key: Page['position']['walk'];
  readonly flow: Flow | undefined;
  readonly guard: Guard;
  readonly finder: RecordFinder;
  readonly actions: readonly ResponseAction[];
  readonly reading: Reading;
  /** How many requests may be in flight, where they are known ahead. */
  readonly concurrency: number;
}

export interface WindowEvents {
  /** A page has come or failed, or there is room again: there may be something to do. */
  readonly changed: () => void;
  /** Something went wrong that is no failed request. */
  readonly broken: (error: unknown) => void;
  /** Whether the walk ends with a page that has come before its turn. */
  readonly isEnd: (slot: Slot) => boolean;
}

/** The next page when the window is empty. */
export interface NextPage {
  readonly state: Json;
  readonly page: number;
}

export class Window {
  #slots: Slot[];
  #leaveQueue: (() => void) | undefined;
  /** How often the credentials were renewed, on from what the pages of an earlier run have seen. */
  #renewals: number;
  readonly #walk: Walk;
  readonly #events: WindowEvents;
  /** What the run's pressure knows the walk's server by. */
  readonly #server: string;

  constructor(walk: Walk, slots: readonly Slot[], events: WindowEvents) {
    this.#walk = walk;
    this.#slots = [...slots];
    this.#renewals = Math.max(0, ...slots.map(({ renewals }) => renewals));
    this.#events = events;
    this.#server = URL.canParse(walk.base.url) ? new URL(walk.base.url).origin : '';
    for (const slot of slots) slot.hold(walk.flow);
  }

  /** The page whose turn it is, if it was asked for. */
  get head(): Slot | undefined {
    return this.#slots[0];
  }

  /** Whether the head, if there is one, is the page that `next` names. What `next` knows beside the request becomes its state. */
  goesOnWith(next: Json): boolean {
    const { head } = this;
    if (!head || JSON.stringify(head.state) === JSON.stringify(next)) return true;
    const { paginator, base } = this.#walk;
    if (next === null || requestKey(paginator.request(base, next)) !== requestKey(head.request)) return false;
    head.state = next;
    return true;
  }

  get inFlight(): number {
    return this.#slots.reduce((sum, slot) => sum + (slot.phase === 'asked' ? 1 : 0), 0);
  }

  /** Takes the head out: its turn has come. */
  take(): void {
    this.#slots.shift()?.release(this.#walk.flow);
  }

  /**
   * Puts a page that was taken out back, to be asked for again with other credentials. Pages that were in flight at the same
   * time share one renewal.
   */
  refresh(slot: Slot): void {
    if (slot.renewals === this.#renewals) {
      this.#renewals += 1;
      this.#walk.client.renew?.();
    }
    slot.refresh();
    this.#slots.unshift(slot);
  }

  /** Drops every page, and aborts its request. Gives them back, so that a later window can go on with them. */
  clear(): readonly Slot[] {
    const slots = this.#slots;
    this.#slots = [];
    this.#leaveQueue?.();
    this.#leaveQueue = undefined;
    for (const slot of slots) slot.leave(this.#walk.flow);
    return slots;
  }

  /**
   * Asks for one more page, if there is one that may be asked for now, and says whether it did. Where the sink has no room,
   * it waits for that. `expected`: how many pages the walk has, where that is known.
   */
  askNext(next: NextPage, expected: number): boolean {
    const { flow, concurrency } = this.#walk;
    if (this.inFlight >= concurrency) return false;
    const end = this.#slots.findIndex((slot) => slot.isEnd);
    const idle = this.#slots.find((slot, index) => slot.phase === 'idle' && (end < 0 || index < end));
    const state = idle ? idle.state : this.head ? this.#ahead(expected) : next.state;
    if (state === null) return false;
    // Pages that wait for this one are pressure themselves: to wait for room here would be to wait for ever.
    const awaited = idle !== undefined && idle === this.head && this.#slots.length > 1;
    if (flow && !awaited && !flow.pressure.allows(this.inFlight, this.#server)) {
      this.#leaveQueue ??= flow.pressure.onRoom(() => {
        this.#leaveQueue = undefined;
        this.#events.changed();
      }, this.#server);
      return false;
    }
    this.#ask(idle ?? this.#open(state, next.page));
    return true;
  }

  /** The state of the page after the last that was asked for, when it may be asked for before that one has come. */
  #ahead(expected: number): Json {
    const { paginator, concurrency, guard } = this.#walk;
    const last = this.#slots.at(-1) as Slot;
    // Pages that have come before their turn leave their place to others, so that one slow answer does not stop all.
    if (this.#slots.length >= 2 * concurrency || last.page + 1 >= Math.min(expected, guard.maxPages)) return null;
    // A server that has just refused one request is not sent more of them; and beyond the end there is nothing.
    if (this.#slots.some((slot) => slot.phase === 'failed' || slot.isEnd)) return null;
    return paginator.ahead?.(last.state) ?? null;
  }

  #open(state: Json, page: number): Slot {
    const { paginator, base, guard } = this.#walk;
    const last = this.#slots.at(-1);
    const number = last ? last.page + 1 : page;
    const slot = new Slot(state, number, paginator.request(base, state), paginator.isAgain?.(state));
    if (!last) slot.check(guard);
    this.#slots.push(slot);
    return slot;
  }

  #ask(slot: Slot): void {
    const { client, flow, reading } = this.#walk;
    slot.asked(this.#renewals);
    // Made before the request, so that a request that fails at once finds it.
    const subscription = new Subscription();
    slot.subscription = subscription;
    const came = flow?.pressure.ask(this.#server);
    if (came) subscription.add(came);
    const send = () =>
      client.send(slot.request, reading).subscribe({
        next: (response) => {
          came?.();
          slot.came(response);
        },
        error: (error) => {
          came?.();
          if (error instanceof RequestError) slot.failed(error);
          else this.#events.broken(error);
          this.#events.changed();
        },
        complete: () => {
          came?.();
          if (slot.phase === 'asked') this.#events.broken(silent(slot));
          if (slot !== this.head) {
            slot.isEnd = slot.phase === 'came' && this.#events.isEnd(slot);
            slot.hold(flow);
          }
          this.#events.changed();
        },
      });
    subscription.add(flow ? withFlow(flow, send) : send());
  }
}

function silent(slot: Slot): PaginationError {
  const message = `${describeRequest(slot.request)}: the client completed without a response`;
  return new PaginationError('ERR_PAGINATION_RESPONSE', message);
}
