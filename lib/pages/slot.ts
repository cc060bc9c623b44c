// One page that was asked for and not yet emitted.
import type { Subscription } from 'rxjs';
import type { Flow, HttpResponse, Json, Request, RequestError } from '../core/index.js';
import type { Guard } from './guard.js';

/** What is known of the request for one page. */
export type Phase =
  /** To be asked for, or to be asked for again. */
  | 'idle'
  | 'asked'
  /** Answered; waits for its turn. */
  | 'came'
  | 'failed';

/** One page between its request and its emission. Outlives the run in which its request failed. */
export class Slot {
  phase: Phase = 'idle';
  /** How often it was asked for. */
  attempts = 0;
  response: HttpResponse | undefined;
  error: RequestError | undefined;
  /** Whether it was made once more with renewed credentials. */
  refreshed = false;
  /** How often the run had renewed the credentials when it was asked for last. */
  renewals = 0;
  #checked = false;
  subscription: Subscription | undefined;
  #held = 0;
  state: Json;
  readonly page: number;
  readonly request: Request;
  /** Whether it asks for a page that came before. */
  readonly isAgain: boolean;
  /** Whether the walk ends with it, as far as can be told before its turn. */
  isEnd = false;

  /** @param isAgain Whether it asks for a page that came before: then the guard is not shown the request. */
  constructor(state: Json, page: number, request: Request, isAgain = false) {
    this.#checked = isAgain;
    this.isAgain = isAgain;
    this.state = state;
    this.page = page;
    this.request = request;
  }

  /** Shows the request to the guard, once. @throws PaginationError */
  check(guard: Guard): void {
    if (!this.#checked) guard.request(this.request, this.page);
    this.#checked = true;
  }

  asked(renewals: number): void {
    this.phase = 'asked';
    this.renewals = renewals;
    this.attempts += 1;
  }

  came(response: HttpResponse): void {
    this.phase = 'came';
    this.response = response;
  }

  failed(error: RequestError): void {
    this.phase = 'failed';
    this.error = error;
  }

  /** Makes it a page to be asked for again, as if no answer had come. */
  refresh(): void {
    this.refreshed = true;
    this.subscription?.unsubscribe();
    this.subscription = undefined;
    this.response = undefined;
    this.error = undefined;
    this.isEnd = false;
    this.phase = 'idle';
  }

  /** Counts a page that waits for its turn as pressure: it is in memory. */
  hold(flow: Flow | undefined): void {
    if (!flow || this.#held > 0 || !this.response) return;
    this.#held = 1;
    flow.pressure.add(1, this.response.bytes);
  }

  release(flow: Flow | undefined): void {
    if (!flow || this.#held === 0 || !this.response) return;
    this.#held = 0;
    flow.pressure.release(1, this.response.bytes);
  }

  /** Ends its part in a run. A request in flight is aborted, and is to be made again. */
  leave(flow: Flow | undefined): void {
    this.subscription?.unsubscribe();
    this.subscription = undefined;
    if (this.phase !== 'came') this.phase = 'idle';
    this.release(flow);
  }
}
