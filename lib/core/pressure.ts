// How the sink gates the source: counts what the sink has received and not yet absorbed, and tells the walk when to go on.

/** Below which amounts the walk may ask for its next page. */
export interface HighWater {
  /** Pages received and not yet absorbed. @default 16 */
  readonly pages: number;
  /** Bytes of those pages. @default 64 MiB */
  readonly bytes: number;
}

export const defaultHighWater: HighWater = { pages: 16, bytes: 64 * 1024 * 1024 };

/** The pressure in one flow. What is added must be released once, also when the work fails. */
export class Pressure {
  #pages = 0;
  #bytes = 0;
  readonly #waiting = new Set<() => void>();
  readonly highWater: HighWater;

  constructor(highWater: Partial<HighWater> = {}) {
    this.highWater = { ...defaultHighWater, ...highWater };
  }

  get pages(): number {
    return this.#pages;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether one more page may be asked for while `inFlight` others are being fetched. */
  allows(inFlight = 0): boolean {
    return this.#pages + inFlight < this.highWater.pages && this.#bytes < this.highWater.bytes;
  }

  add(pages: number, bytes: number): void {
    this.#pages += pages;
    this.#bytes += bytes;
  }

  release(pages: number, bytes: number): void {
    this.#pages -= pages;
    this.#bytes -= bytes;
    if (this.#waiting.size === 0 || !this.allows()) return;
    const callbacks = [...this.#waiting];
    this.#waiting.clear();
    for (const callback of callbacks) callback();
  }

  /** Calls back once, at the next release that leaves room. Returns a function that takes the callback back. */
  onRoom(callback: () => void): () => void {
    this.#waiting.add(callback);
    return () => this.#waiting.delete(callback);
  }
}
