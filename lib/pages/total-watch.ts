// Watches the total of a walk: records that are deleted while a list is read pull those behind them to places that were read already.

export class TotalWatch {
  /** The most records that a page said there are, and by how many a later page said fewer. */
  #most = 0;
  #fell = 0;

  /** A page has come, with its total where it tells one. */
  saw(total: number | undefined): void {
    if (total === undefined) return;
    this.#most = Math.max(this.#most, total);
    this.#fell = Math.max(this.#fell, this.#most - total);
  }

  /** What a person should know at the end of the walk; `undefined` where the total did not fall. */
  get fell(): string | undefined {
    if (this.#fell === 0) return undefined;
    return (
      `the total fell by ${this.#fell} while it was read: records were deleted, and as many of those behind them may have been missed. ` +
      'Read again, or set an overlap of at least that many'
    );
  }
}
