// The buffers in which the rows of a stage's tables wait to be written: shared by all of them, so that memory does not grow with their number.

/** Bytes of a buffer: so much is gathered into one write. */
const large = 1024 * 1024;
/** Of those there are at most so many; tables beyond them write in smaller pieces. */
const mostLarge = 8;
const small = 64 * 1024;
/** Small ones that are kept for the next rows. */
const mostSpare = 64;

/** Bytes that may wait over all tables before each of them may have less. */
const waitingOfAll = 16 * 1024 * 1024;
const waitingOfOne = 4 * 1024 * 1024;
const waitingWhenMany = 128 * 1024;

export class WriteBuffers {
  readonly #large: Uint8Array[] = [];
  readonly #small: Uint8Array[] = [];
  #made = 0;
  /** Bytes that wait to be written, over all tables. */
  waiting = 0;

  /** Bytes of one table that may wait. */
  get allowance(): number {
    return this.waiting < waitingOfAll ? waitingOfOne : waitingWhenMany;
  }

  /** A buffer for so many bytes and more that may follow; `undefined` when there is none that has room for more of them. */
  take(bytes: number): Uint8Array | undefined {
    if (bytes > large / 2) return undefined;
    const kept = this.#large.pop();
    if (kept !== undefined) return kept;
    if (this.#made < mostLarge) {
      this.#made += 1;
      return Buffer.allocUnsafeSlow(large);
    }
    return bytes > small / 2 ? undefined : (this.#small.pop() ?? Buffer.allocUnsafeSlow(small));
  }

  /** Takes a buffer back whose bytes are written. */
  give(buffer: Uint8Array): void {
    if (buffer.length === large) this.#large.push(buffer);
    else if (this.#small.length < mostSpare) this.#small.push(buffer);
  }

  /** A buffer that will not come back. */
  lost(buffer: Uint8Array): void {
    if (buffer.length === large) this.#made -= 1;
  }

  /** Lets go of what is kept for the next rows. */
  clear(): void {
    this.#made -= this.#large.length;
    this.#large.length = 0;
    this.#small.length = 0;
  }
}
