// Pages of which an operator made several parts, and not all have come: they are kept until they are whole.
import { type PagePart, type Position, type Rows, wholePage } from '../core/index.js';

type Part<T> = Rows<T> & { readonly part: PagePart };

interface Unfinished<T> {
  readonly position: Position;
  readonly parts: Map<string, Part<T>>;
  /** How much of the page the parts are, but for the rounding. */
  share: number;
  bytes: number;
}

/** What came of a part. */
export interface Added<T> {
  /** By how much more is kept. */
  readonly pages: number;
  readonly bytes: number;
  /** All parts of the page in their order when it is whole: they are kept no more. */
  readonly whole: readonly Rows<T>[];
}

export class UnfinishedPages<T> {
  readonly #pages = new Map<string, Unfinished<T>>();

  get positions(): Position[] {
    return [...this.#pages.values()].map(({ position }) => position);
  }

  /** Takes a part; one that came before is replaced. */
  add(rows: Part<T>): Added<T> {
    const { position, part } = rows;
    const name = `${position.page} ${position.walk}`;
    const known = this.#pages.get(name);
    const page = known ?? { position, parts: new Map<string, Part<T>>(), share: 0, bytes: 0 };
    this.#pages.set(name, page);
    const place = `${part.at}/${part.of}`;
    const before = page.parts.get(place);
    const bytes = rows.bytes - (before?.bytes ?? 0);
    page.parts.set(place, rows);
    page.bytes += bytes;
    if (before === undefined) page.share += 1 / part.of;
    const whole = page.share > 1 - 1e-6 ? wholePage([...page.parts.values()]) : undefined;
    if (whole !== undefined) this.#pages.delete(name);
    return { pages: known === undefined ? 1 : 0, bytes, whole: whole ?? [] };
  }

  /** Drops all. Returns what was kept. */
  clear(): { readonly pages: number; readonly bytes: number } {
    const pages = [...this.#pages.values()];
    this.#pages.clear();
    return { pages: pages.length, bytes: pages.reduce((sum, { bytes }) => sum + bytes, 0) };
  }
}
