// How many files of a stage are open at a time, over all of its tables: a system lets a process have about a thousand, and some 256.

/** Segments that stay open between their writes. */
const mostKept = 64;
/** Files that are worked on at a time; the platform has four threads for that. */
const mostAtWork = 16;

export class OpenFiles {
  #kept = 0;
  #working = 0;
  readonly #waiting: (() => void)[] = [];

  /** Whether so many are open that no other should stay so. */
  get crowded(): boolean {
    return this.#kept > mostKept;
  }

  opened(): void {
    this.#kept += 1;
  }

  closed(): void {
    this.#kept -= 1;
  }

  /** Does work that may open a file, when it is its turn. Such work must not wait for other such work. */
  async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#working >= mostAtWork) await new Promise<void>((go) => this.#waiting.push(go));
    else this.#working += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#working -= 1;
      else next();
    }
  }
}
