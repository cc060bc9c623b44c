// Whether the records of a resource were found where its configuration says that they are.
import { type MonoTypeOperatorFunction, tap } from 'rxjs';
import { jsonPath, keepsPristine, type Page } from '../../core/index.js';

/** Over all walks of one resource. */
export class Selection {
  readonly #selector: string | undefined;
  #pages = 0;
  #found = false;

  constructor(selector: string | undefined) {
    this.#selector = selector;
  }

  /** Looks at pages as they pass. */
  watch(): MonoTypeOperatorFunction<Page> {
    return keepsPristine(
      tap(({ body }) => {
        this.#pages += 1;
        // Once found is enough: this is not paid for on each page.
        this.#found ||= this.#selector === undefined || jsonPath(this.#selector).first(body) !== undefined;
      }),
    );
  }

  /** The selector when nothing on any page matched it. */
  get unmatched(): { readonly selector: string; readonly pages: number } | undefined {
    if (this.#found || this.#pages === 0 || this.#selector === undefined) return undefined;
    return { selector: this.#selector, pages: this.#pages };
  }
}
