// Whether the records of a resource were found where its configuration says that they are.
import { type MonoTypeOperatorFunction, Observable, tap } from 'rxjs';
import { jsonPath, keepsPristine, type Page, type Row, type Rows } from '../../core/index.js';
import { ResourceError } from '../resource-error.js';

export interface SelectionOptions {
  readonly resource: string;
  /** A JSONPath; `undefined` when the records have to be found. */
  readonly selector: string | undefined;
  /** The table that no rows at all would empty; `undefined` when there is none. */
  readonly empties: string | undefined;
}

/** So many pages may wait for one on which the selector matches. They are empty. */
const mostHeld = 10_000;

/** Over all walks of one resource. */
export class Selection {
  readonly #options: SelectionOptions;
  #pages = 0;
  #found = false;

  constructor(options: SelectionOptions) {
    this.#options = options;
    this.#found = options.selector === undefined;
  }

  /** Looks at pages as they pass. */
  watch(): MonoTypeOperatorFunction<Page> {
    const { selector } = this.#options;
    return keepsPristine(
      tap(({ body }) => {
        this.#pages += 1;
        // Once found is enough: this is not paid for on each page.
        this.#found ||= selector === undefined || jsonPath(selector).first(body) !== undefined;
      }),
    );
  }

  /** An earlier run has read a part: what it found is not known here. */
  goesOn(): void {
    this.#found = true;
  }

  /**
   * Where nothing that matches would empty a table: passes no page on before one has matched, and fails when none does. So nothing of such
   * a walk is kept, and the next run asks again.
   */
  guard(): MonoTypeOperatorFunction<Rows<Row>> {
    const { empties } = this.#options;
    if (empties === undefined || this.#found) return (rows) => rows;
    return keepsPristine(
      (source) =>
        new Observable((subscriber) => {
          const held: Rows<Row>[] = [];
          const release = () => {
            for (const page of held.splice(0)) subscriber.next(page);
          };
          return source.subscribe({
            next: (page) => {
              held.push(page);
              if (this.#found || held.length >= mostHeld) release();
            },
            error: (error: unknown) => subscriber.error(error),
            complete: () => {
              if (this.unmatched) return subscriber.error(this.#fault(empties));
              release();
              subscriber.complete();
            },
          });
        }),
    );
  }

  /** What is to be said when nothing on any page matched the selector. */
  get unmatched(): string | undefined {
    const { selector } = this.#options;
    if (this.#found || this.#pages === 0) return undefined;
    const pages = this.#pages === 1 ? 'its only page' : `any of its ${this.#pages} pages`;
    return `"data_selector" ${JSON.stringify(selector)} matched nothing on ${pages}`;
  }

  #fault(table: string): ResourceError {
    const message = `${this.unmatched}, and "replace" would leave the table "${table}" empty. Correct the selector; or, if the API leaves the list out when there is nothing in it, run once with a full refresh`;
    return new ResourceError('ERR_NOTHING_SELECTED', this.#options.resource, message);
  }
}
