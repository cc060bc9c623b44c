// What a cursor is read from when that is not the rows: the body, the headers or the request of their page.
import { type MonoTypeOperatorFunction, tap } from 'rxjs';
import { keepsPristine, type Page } from '../../core/index.js';
import type { IncrementalPlan } from '../incremental/cursor-plan.js';

/** The pages of one walk, from where they come until their rows are taken in. */
export class PageFacts {
  readonly #from: IncrementalPlan['cursorFrom'];
  readonly #pages = new Map<number, unknown>();

  constructor(from: IncrementalPlan['cursorFrom']) {
    this.#from = from;
  }

  /** Remembers what is needed of the pages that pass. */
  note(): MonoTypeOperatorFunction<Page> {
    const from = this.#from;
    if (from === 'rows') return (pages) => pages;
    return keepsPristine(tap((page) => this.#pages.set(page.position.page, page[from])));
  }

  /** What there is to read of a page; once. */
  of(page: number): unknown {
    const facts = this.#pages.get(page);
    this.#pages.delete(page);
    return facts;
  }
}
