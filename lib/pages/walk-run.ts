// One run of a walk, from one of its places to its end, to a request that failed, or to being stopped: the only loop over
// pages. A trampoline, so a client that answers at once costs no stack.
import { Observable, type Subscriber } from 'rxjs';
import { AbortedError, deliver, type HttpResponse, type Json, type Page, type RequestError } from '../core/index.js';
import { emptyTooEarly } from './empty-too-early.js';
import { PaginationError } from './pagination-error.js';
import type { PageFacts } from './paginator.js';
import { isEmpty } from './read-body.js';
import { actOn } from './response-action.js';
import type { Slot } from './slot.js';
import { withoutCredentials } from './stored-state.js';
import { TotalWatch } from './total-watch.js';
import { isRefusal, maybeBeyondEnd, notSkippable, tooManySkipped } from './walk-errors.js';
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
  /** Whether it is the place of an earlier run, which the server may not know any more. */
  readonly isSaved: boolean;
}

/** Starts a run. `source` is the observable that it belongs to; errors name it. Returns what stops the run. */
export function runWalk(walk: Walk, from: Place, source: Observable<Page>, subscriber: Subscriber<Page>): () => void {
  const run = new WalkRun(walk, from, source, subscriber);
  run.start();
  return () => run.stop();
}

/** A walk that leaves out more pages than this in a row would go on for ever, beyond an end that is a failure. */
const mostSkipped = 100;

class WalkRun {
  #next: Json;
  #page: number;
  #expected: number;
  /** Whether it starts from the place of an earlier run, and nothing has come of that yet. */
  #isSaved: boolean;
  readonly #total = new TotalWatch();
  /** Pages left out one after the other. */
  #skipped = 0;
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
    this.#isSaved = from.isSaved;
    this.#source = source;
    this.#subscriber = subscriber;
    this.#window = new Window(walk, from.slots, {
      changed: () => this.#pump(),
      broken: this.#fail,
      isEnd: (slot) => this.#isEnd(slot),
    });
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
    if (verdict.action === 'pass') this.#deliver(slot, verdict.response ?? response, verdict.response !== undefined);
    else if (verdict.action === 'fail') this.#giveUp(slot, verdict.error);
    else if (verdict.action === 'restart') this.#restart(slot, verdict.error);
    else if (verdict.action === 'refresh') this.#refresh(slot, verdict.error);
    else if (verdict.action === 'ignore') this.#moveOn(slot, null);
    else this.#skip(slot, () => this.#nextOf(slot, response, this.#facts(slot, response)));
  }

  /** A failed request ends the run; others that are in flight come home first, so that none is made twice. */
  #failed(slot: Slot, error: RequestError): boolean {
    if (error.transient && this.#window.inFlight > 0) return false;
    this.#window.take();
    const verdict = actOn(this.#walk, error);
    if (verdict.action === 'pass') {
      if (verdict.response) this.#deliver(slot, verdict.response, true);
      else if (this.#isSaved && isRefusal(error)) this.#startOver(slot, error);
      else if (!this.#pastRefusal(slot, error))
        this.#giveUp(slot, this.#isCounted(slot, error) ? maybeBeyondEnd(error) : error);
    } else if (verdict.action === 'fail') this.#giveUp(slot, verdict.error);
    else if (verdict.action === 'restart') this.#restart(slot, verdict.error);
    else if (verdict.action === 'refresh') this.#refresh(slot, verdict.error);
    else if (verdict.action === 'ignore') this.#moveOn(slot, null);
    else
      this.#skip(slot, () => {
        throw notSkippable(slot.request, error, this.#walk.paginator.name);
      });
    return true;
  }

  #restart(slot: Slot, error: RequestError): void {
    if (this.#isSaved) this.#startOver(slot, error);
    else this.#giveUp(slot, error);
  }

  /** A cursor or a link of an earlier run may have expired: to ask for it again would fail for ever. */
  #startOver(slot: Slot, error: RequestError): void {
    const { paginator, base, guard, flow, key } = this.#walk;
    this.#note(
      `starts from its first page, since the server refuses the place after page ${slot.page - 1}, where an earlier run stopped: ${error.reason}`,
    );
    this.#window.clear();
    this.#isSaved = false;
    this.#next = paginator.initial(base);
    this.#page = 0;
    guard.startOver();
    flow?.forget?.(key);
  }

  /** Whether the paginator knows what a refusal means: that a guess of its own was wrong, or that this is the end. */
  #pastRefusal(slot: Slot, error: RequestError): boolean {
    const next = isRefusal(error) ? this.#walk.paginator.refused?.(error, slot.state) : undefined;
    if (next === undefined || (next === null && this.#isBeforeEnd(slot))) return false;
    this.#moveOn(slot, next);
    // What was refused is no page.
    this.#page = slot.page;
    return true;
  }

  /** Whether a page was refused that is only known by counting. */
  #isCounted({ page, state }: Slot, error: RequestError): boolean {
    return page > 0 && isRefusal(error) && this.#walk.paginator.ahead?.(state) !== undefined;
  }

  /** Whether by the total at least one page comes after this one. */
  #isBeforeEnd({ page }: Slot): boolean {
    return Number.isFinite(this.#expected) && this.#expected - page > 1;
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

  /** Leaves a page out. What comes after it is known ahead, or told by `told`: its records say nothing. */
  #skip(slot: Slot, told: () => Json): void {
    const ahead = this.#walk.paginator.ahead?.(slot.state);
    const next = ahead === undefined ? told() : slot.page + 1 < this.#expected ? ahead : null;
    this.#skipped += 1;
    if (this.#skipped > mostSkipped && next !== null) throw tooManySkipped(slot.request, mostSkipped);
    this.#moveOn(slot, next);
  }

  #deliver(slot: Slot, response: HttpResponse, isRewritten: boolean): void {
    const { paginator, guard, flow, key } = this.#walk;
    slot.check(guard);
    const facts = { ...this.#facts(slot, response), isRewritten };
    this.#skipped = 0;
    const probe = paginator.isProbe?.(response, slot.state, facts) ?? false;
    if (!probe) guard.response(response, slot.page, facts.records, slot.isAgain);
    const next = this.#nextOf(slot, response, facts);
    const note = flow && paginator.explain?.(response, slot.state, facts);
    if (note) this.#note(note);
    const total = paginator.total?.(response, slot.state, facts);
    const isEnd = next === null && !probe && isEmpty(response, facts.records);
    const missing = isEnd ? (total ?? this.#expected) - slot.page : 0;
    if (Number.isFinite(missing) && missing > 1 && slot.page > 0) {
      this.#giveUp(slot, emptyTooEarly(response, missing, this.#redact));
      return;
    }
    if (Number.isFinite(missing) && missing > 0)
      this.#note(
        `page ${slot.page} is empty and taken for the end, although by the total it has records: they were deleted meanwhile, are not shown, or are not what the total counts`,
      );
    if (next === null && !probe && slot.page > 0 && response.body === undefined && !paginator.ahead)
      this.#note(
        `page ${slot.page} has no body (${response.status}), although the page before it named it: it is taken for the end`,
      );
    this.#moveOn(slot, next);
    if (probe) {
      this.#page = slot.page;
      return;
    }
    this.#total.saw(paginator.count?.(response, slot.state));
    if (next === null && this.#total.fell !== undefined) this.#note(this.#total.fell);
    this.#expected = total === undefined ? this.#expected : Math.max(total, slot.page + 1);
    const position = { walk: key, page: slot.page, next };
    flow?.meter.report({ type: 'page', position, ...(total !== undefined && { total: this.#expected }) });
    deliver(response, position, (page) => this.#subscriber.next(page));
  }

  /** Where a response action might make another page of it, or the paginator cannot read it, that is seen when its turn comes. */
  #isEnd({ response, state, page }: Slot): boolean {
    const { paginator, finder, actions } = this.#walk;
    if (!response || actions.length > 0) return false;
    const records = finder.peek(response.body);
    try {
      return paginator.next(response, state, { records, page, ...this.#known() }) === null;
    } catch {
      return false;
    }
  }

  #known(): Pick<PageFacts, 'expected'> {
    return Number.isFinite(this.#expected) ? { expected: this.#expected } : {};
  }

  #facts({ page }: Slot, response: HttpResponse): PageFacts {
    return { records: this.#walk.finder.find(response.body), page, ...this.#known() };
  }

  /** Tells what a person should know of this walk. */
  #note(what: string): void {
    const message = this.#redact(`${describeRequest(this.#walk.base)}: ${what}`);
    this.#walk.flow?.meter.report({ type: 'note', message });
  }

  #nextOf(slot: Slot, response: HttpResponse, facts: PageFacts): Json {
    const { paginator, client, base } = this.#walk;
    return withoutCredentials(paginator.next(response, slot.state, facts), client, base);
  }

  /** Makes `next` the page after `slot`. Pages that were asked for ahead and are not that page are dropped. */
  #moveOn(slot: Slot, next: Json): void {
    if (!this.#window.goesOnWith(next)) this.#window.clear();
    this.#next = next;
    this.#page = slot.page + 1;
    this.#isSaved = false;
  }

  #giveUp(slot: Slot, error: RequestError): void {
    slot.phase = 'idle';
    const walk = this.#walk;
    const slots = [slot, ...this.#window.clear()];
    const place: Place = { slots, next: null, page: 0, expected: this.#expected, isSaved: this.#isSaved };
    const resume = () => {
      const source: Observable<Page> = new Observable((subscriber) => runWalk(walk, place, source, subscriber));
      return source;
    };
    this.#fail(error.with({ attempts: slot.attempts, resume, walk: this.#source }));
  }
}
