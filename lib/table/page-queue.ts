// Pages that came to a table and are not yet written: each is counted in the pressure until it is.
import { isUnderWay, type Position, type Pressure, type Rows } from '../core/index.js';

export class PageQueue<T> {
  readonly #pressure: Pressure;
  #pages: Rows<T>[] = [];
  #taken: Position | undefined;

  constructor(pressure: Pressure) {
    this.#pressure = pressure;
  }

  get isEmpty(): boolean {
    return this.#pages.length === 0;
  }

  /** Those that wait, in order. */
  get pages(): readonly Rows<T>[] {
    return this.#pages;
  }

  push(page: Rows<T>): void {
    this.#pressure.add(1, page.bytes);
    this.#pages.push(page);
  }

  /**
   * Whether the next rows are of the page that was taken last. As that one counts as in, they are to be written before anything else
   * happens: an operator that makes several rows of one page emits them in one go.
   */
  get isRestOfPage(): boolean {
    const [next] = this.#pages;
    return next?.position.page === this.#taken?.page && next?.position.walk === this.#taken?.walk;
  }

  /** Takes the next rows, which are written by `write`. */
  take(write: (page: Rows<T>) => void): void {
    const page = this.#pages.shift()!;
    try {
      write(page);
      this.#taken = page.position;
    } finally {
      this.#pressure.release(1, page.bytes);
    }
  }

  /** Drops the rows of pages that are being handed on: the rest of their rows does not come any more, so the next run asks for them again. */
  dropUnfinished(): void {
    for (let last = this.#pages.at(-1); last && isUnderWay(last.position); last = this.#pages.at(-1)) {
      this.#pages.pop();
      this.#pressure.release(1, last.bytes);
    }
  }

  clear(): void {
    for (const { bytes } of this.#pages.splice(0)) this.#pressure.release(1, bytes);
  }
}
