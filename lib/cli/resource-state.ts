// How far one resource has come, from the events of its run.
import type { Progress } from '../core/index.js';

/** `read`: no page is missing, as far as can be seen; the table is written when all resources are. */
export type Phase = 'starting' | 'reading' | 'read' | 'publishing' | 'done';

/** A wait before a request. `until` is in milliseconds since 1970. */
export interface Waiting {
  readonly until: number;
  readonly reason: string;
}

/** Seconds of work over which the speed is measured: what happens now, not what happened an hour ago. */
const window = 10;

/** So many pages are thought to have come without a wait: one wait at the beginning says little of how many there will be. */
const trusted = 10;

export class ResourceState {
  readonly name: string;
  phase: Phase = 'starting';
  /** That came in now; a run that goes on from another has more behind it. */
  pages = 0;
  /** Of the whole walk, once a page has told; not when there are several walks, as for the rows of a parent. */
  totalPages: number | undefined;
  /** How many of those are behind it, those of earlier runs too. */
  reachedPages = 0;
  rows = 0;
  requests = 0;
  retries = 0;
  waiting: Waiting | undefined;
  readonly started: number;
  readonly #limit: number;
  #ended: number | undefined;
  /** Requests without an answer. */
  #open = 0;
  /** Whether there is an answer that is not taken in yet. */
  #arrived = false;
  #walk: string | undefined;
  /** What had been done at some times of the last seconds of work, the oldest first. */
  #marks: { readonly at: number; readonly rows: number; readonly pages: number }[] = [];
  /** Milliseconds of waiting that are over, and since when it waits now. */
  #waited = 0;
  #waitingSince: number | undefined;

  /** @param options `limit`: the run reads at most this many pages of it. */
  constructor(name: string, now: number, { limit }: { readonly limit?: number | undefined } = {}) {
    this.name = name;
    this.#limit = limit ?? Number.POSITIVE_INFINITY;
    this.started = now;
    this.#marks = [{ at: this.#worked(now), rows: 0, pages: 0 }];
  }

  take(event: Progress, now: number): void {
    switch (event.type) {
      case 'request':
        this.requests += 1;
        this.phase = 'reading';
        this.#goOn(now);
        this.#open += 1;
        break;
      case 'response':
        this.#open = Math.max(0, this.#open - 1);
        this.#arrived = true;
        break;
      case 'retry':
        this.retries += 1;
        // One that failed without an answer is not open any more either.
        if (!this.#arrived) this.#open = Math.max(0, this.#open - 1);
        this.#arrived = false;
        this.#wait(event, now);
        break;
      case 'wait':
        this.#wait(event, now);
        break;
      case 'page':
        this.pages += 1;
        if (event.position.next === null) this.phase = 'read';
        this.#place(event);
        break;
      case 'rows':
        this.rows += event.rows;
        this.#arrived = false;
        this.#mark(now);
        break;
      case 'publish':
        this.#goOn(now);
        this.phase = event.step === 'started' ? 'publishing' : 'done';
        if (event.step === 'finished') this.#ended = now;
        break;
    }
  }

  /** Where the page is that comes next: asked for, answered and not yet taken in, or neither. */
  get onItsWay(): 'asked' | 'answered' | undefined {
    return this.#arrived ? 'answered' : this.#open > 0 ? 'asked' : undefined;
  }

  /** Of the last seconds of work, waits left out; of the whole time, once it is done. */
  rowsPerSecond(now: number): number {
    if (this.#ended !== undefined) return (this.rows * 1000) / Math.max(this.#ended - this.started, 1);
    const { at, rows } = this.#marks[0]!;
    return ((this.rows - rows) * 1000) / Math.max(this.#worked(now) - at, 1);
  }

  /** Seconds since it began, and until its end. */
  seconds(now: number): number {
    return ((this.#ended ?? now) - this.started) / 1000;
  }

  /** Seconds until the end, as far as it can be known: at the speed of the last seconds, and with as many waits as there were so far. */
  remaining(now: number): number | undefined {
    if (this.totalPages === undefined || this.phase !== 'reading') return undefined;
    const { at, pages } = this.#marks[0]!;
    const done = this.pages - pages;
    if (done === 0) return undefined;
    const work = (this.#worked(now) - at) / done;
    const waits = this.#waited / (this.pages + trusted);
    return ((work + waits) / 1000) * (this.totalPages - this.reachedPages);
  }

  #wait({ wait, reason }: { readonly wait: number; readonly reason: string }, now: number): void {
    this.waiting = { until: now + wait, reason };
    this.#waitingSince ??= now;
  }

  #goOn(now: number): void {
    this.waiting = undefined;
    if (this.#waitingSince !== undefined) this.#waited += now - this.#waitingSince;
    this.#waitingSince = undefined;
  }

  /** The time without the waits. */
  #worked(now: number): number {
    return (this.#waitingSince ?? now) - this.#waited;
  }

  #place({ position, total }: Progress & { readonly type: 'page' }): void {
    this.#walk ??= position.walk;
    this.reachedPages = position.page + 1;
    if (position.walk !== this.#walk) {
      this.#walk = '';
      this.totalPages = undefined;
    } else if (total !== undefined) this.totalPages = Math.max(Math.min(total, this.#limit), this.reachedPages);
  }

  #mark(now: number): void {
    const { rows, pages } = this;
    const at = this.#worked(now);
    this.#marks.push({ at, rows, pages });
    // One mark that is older than the window stays: from it on is measured.
    while (this.#marks.length > 2 && this.#marks[1]!.at < at - window * 1000) this.#marks.shift();
    // Many small pages: a few hundred marks are enough.
    if (this.#marks.length > 400) this.#marks = this.#marks.filter((_, index) => index % 2 === 0);
  }
}
