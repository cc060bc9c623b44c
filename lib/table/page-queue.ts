// Pages that came to a table and are not yet written: each is counted in the pressure until it is.
import { isUnderWay, type Position, type Pressure, type Rows } from '../core/index.js';
import { UnfinishedPages } from './unfinished-pages.js';

/** Rows that wait, and how many pages they count for: the parts of a page count for it together. */
interface Waiting<T> {
  readonly rows: Rows<T>;
  readonly pages: number;
}

export class PageQueue<T> {
  readonly #pressure: Pressure;
  readonly #waiting: Waiting<T>[] = [];
  readonly #unfinished = new UnfinishedPages<T>();
  #taken: Position | undefined;

  constructor(pressure: Pressure) {
    this.#pressure = pressure;
  }

  /** Whether nothing can be taken: of unfinished pages parts are missing. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Those that wait, in order. */
  get pages(): readonly Rows<T>[] {
    return this.#waiting.map(({ rows }) => rows);
  }

  /** The pages that `splitPage` has made parts of, and of which not all have come. */
  get unfinished(): readonly Position[] {
    return this.#unfinished.positions;
  }

  push(rows: Rows<T>): void {
    const { part } = rows;
    if (part === undefined) {
      this.#pressure.add(1, rows.bytes);
      this.#waiting.push({ rows, pages: 1 });
      return;
    }
    const { pages, bytes, whole } = this.#unfinished.add({ ...rows, part });
    this.#pressure.add(pages, bytes);
    for (const [index, each] of whole.entries()) this.#waiting.push({ rows: each, pages: index === 0 ? 1 : 0 });
  }

  /**
   * Whether the next rows are of the page that was taken last. As that one counts as in, they are to be written before anything else
   * happens: an operator that makes several rows of one page emits them in one go, or says which parts they are.
   */
  get isRestOfPage(): boolean {
    const next = this.#waiting[0]?.rows.position;
    return next !== undefined && this.#taken !== undefined && isSame(next, this.#taken);
  }

  /** Takes the next page, which is written by `write`: all rows of it that wait, so that none is in when one of them cannot be. */
  take(write: (page: Rows<T>) => void): void {
    const { position } = this.#waiting[0]!.rows;
    const next = this.#waiting.findIndex(({ rows }) => !isSame(rows.position, position));
    const parts = this.#waiting.splice(0, next < 0 ? this.#waiting.length : next);
    try {
      write(joined(parts.map(({ rows }) => rows)));
      this.#taken = position;
    } finally {
      for (const part of parts) this.#release(part);
    }
  }

  /** Drops the rows of pages that are being handed on: the rest of their rows does not come any more, so the next run asks for them again. */
  dropUnfinished(): void {
    const { pages, bytes } = this.#unfinished.clear();
    this.#pressure.release(pages, bytes);
    for (let last = this.#waiting.at(-1); last && isUnderWay(last.rows.position); last = this.#waiting.at(-1)) {
      this.#waiting.pop();
      this.#release(last);
    }
  }

  clear(): void {
    this.dropUnfinished();
    for (const waiting of this.#waiting.splice(0)) this.#release(waiting);
  }

  #release({ rows, pages }: Waiting<T>): void {
    this.#pressure.release(pages, rows.bytes);
  }
}

function isSame(one: Position, other: Position): boolean {
  return one.page === other.page && one.walk === other.walk;
}

/** The parts of a page as one. */
function joined<T>(parts: readonly Rows<T>[]): Rows<T> {
  const [first] = parts;
  if (parts.length === 1) return first!;
  const { raw: _, ...page } = first!;
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  return { ...page, bytes, rows: parts.flatMap(({ rows }) => rows) };
}
