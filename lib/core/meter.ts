// Counts what happens in a run and tells whoever listens: the progress display, the receipt, a log.
import { type Observable, Subject } from 'rxjs';
import type { Position } from './page.js';

/** One thing that happened. `walk` and `table` name the walk and the table it happened to. */
export type Progress =
  | { readonly type: 'request'; readonly method: string; readonly url: string }
  | { readonly type: 'response'; readonly status: number; readonly bytes: number; readonly milliseconds: number }
  | { readonly type: 'retry'; readonly attempt: number; readonly wait: number; readonly reason: string }
  /** A request is held back. `wait` is in milliseconds, as far as can be seen; the next `request` ends it. */
  | { readonly type: 'wait'; readonly wait: number; readonly reason: string }
  | { readonly type: 'page'; readonly position: Position; readonly total?: number }
  | { readonly type: 'rows'; readonly table: string; readonly rows: number; readonly bytes: number }
  | { readonly type: 'commit'; readonly table: string; readonly rows: number }
  | { readonly type: 'publish'; readonly table: string; readonly step: 'started' | 'finished' }
  /** Something a person should know, such as what was detected, or that a walk goes on from a saved position. */
  | { readonly type: 'note'; readonly message: string };

/** The totals so far. */
export interface Counts {
  readonly requests: number;
  readonly retries: number;
  readonly pages: number;
  readonly rows: number;
  /** Bytes of response bodies, after decompression. */
  readonly bytes: number;
}

/** More notes than these are for the progress only. */
const keptNotes = 100;

export class Meter {
  #requests = 0;
  #retries = 0;
  #pages = 0;
  #rows = 0;
  #bytes = 0;
  readonly #notes = new Set<string>();
  readonly #events = new Subject<Progress>();

  /** Everything reported from now on. A listener that throws does not disturb the run. */
  readonly events: Observable<Progress> = this.#events.asObservable();

  report(event: Progress): void {
    switch (event.type) {
      case 'request':
        this.#requests += 1;
        break;
      case 'response':
        this.#bytes += event.bytes;
        break;
      case 'retry':
        this.#retries += 1;
        break;
      case 'page':
        this.#pages += 1;
        break;
      case 'rows':
        this.#rows += event.rows;
        break;
      case 'note':
        if (this.#notes.size < keptNotes) this.#notes.add(event.message);
        break;
    }
    if (this.#events.observed) this.#events.next(event);
  }

  /** What a person should know, each once; the first hundred. */
  get notes(): readonly string[] {
    return [...this.#notes];
  }

  get counts(): Counts {
    return {
      requests: this.#requests,
      retries: this.#retries,
      pages: this.#pages,
      rows: this.#rows,
      bytes: this.#bytes,
    };
  }
}
