// How the sink gates the source: counts what the sink has received and not yet absorbed, and tells the walk when to go on.

/** Below which amounts the walk may ask for its next page. */
export interface HighWater {
  /** Pages received and not yet absorbed, and those that the same walk has asked for. @default 16 */
  readonly pages: number;
  /** Bytes of those pages, and of all that any walk has asked for, if those are as large as the last ones. @default 64 MiB */
  readonly bytes: number;
}

export const defaultHighWater: HighWater = { pages: 16, bytes: 64 * 1024 * 1024 };

/** The pressure in one flow. What is added must be released once, also when the work fails. */
export class Pressure {
  #pages = 0;
  #bytes = 0;
  /** Requests whose pages have not come, of all walks. */
  #asked = 0;
  /** Those of each server, where there are any. */
  readonly #askedOf = new Map<string, number>();
  /** Bytes that a page to come is likely to have. */
  #likely: number;
  /** Who waits for room, by the server that they wait to ask. */
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly highWater: HighWater;

  constructor(highWater: Partial<HighWater> = {}) {
    this.highWater = { ...defaultHighWater, ...highWater };
    // As long as none has come: so that many walks that begin at once do not bring more than there is room for, however large their pages are.
    this.#likely = this.highWater.bytes / this.highWater.pages;
  }

  get pages(): number {
    return this.#pages;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Whether one more page may be asked for while `inFlight` others are being fetched. A server of which nothing is asked may be asked for one page
   * although others have much to answer: one that is slow, or makes its requests wait, holds back no other.
   */
  allows(inFlight = 0, server = ''): boolean {
    // Whatever its size, one page must be allowed.
    if (this.#pages + this.#asked === 0) return true;
    if (this.#pages + inFlight >= this.highWater.pages || this.#bytes >= this.highWater.bytes) return false;
    return this.#bytes + this.#asked * this.#likely < this.highWater.bytes || !this.#askedOf.has(server);
  }

  /** Counts a page that is asked for. Returns a function to be called when it has come, or does not come any more; more than once does no harm. */
  ask(server = ''): () => void {
    this.#count(server, 1);
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      this.#count(server, -1);
      // What has come is counted first. A page that nobody takes in is never released: others would wait for ever.
      if (this.#waiting.size > 0) queueMicrotask(() => this.#callBack());
    };
  }

  #count(server: string, change: number): void {
    this.#asked += change;
    const own = (this.#askedOf.get(server) ?? 0) + change;
    if (own === 0) this.#askedOf.delete(server);
    else this.#askedOf.set(server, own);
  }

  add(pages: number, bytes: number): void {
    this.#pages += pages;
    this.#bytes += bytes;
    // Pages of several walks may be of several sizes: large ones are forgotten slowly.
    if (bytes > 0) this.#likely = Math.max(bytes / pages, this.#likely * 0.9);
  }

  release(pages: number, bytes: number): void {
    this.#pages -= pages;
    this.#bytes -= bytes;
    this.#callBack();
  }

  #callBack(): void {
    for (const [server, waiting] of [...this.#waiting]) {
      if (!this.allows(0, server)) continue;
      this.#waiting.delete(server);
      for (const callback of waiting) callback();
    }
  }

  /** Calls back once, at the next release that leaves room to ask the server. Returns a function that takes the callback back. */
  onRoom(callback: () => void, server = ''): () => void {
    const waiting = this.#waiting.get(server) ?? new Set();
    this.#waiting.set(server, waiting.add(callback));
    return () => {
      waiting.delete(callback);
      if (waiting.size === 0 && this.#waiting.get(server) === waiting) this.#waiting.delete(server);
    };
  }
}
