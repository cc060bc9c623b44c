// When a run commits: so often that what is not durable never exceeds one checkpoint, over all of its tables.
import { longestTimer } from '../core/index.js';
import type { Checkpoint } from './checkpoint.js';

/** What came with pages. */
interface Amount {
  readonly pages: number;
  readonly bytes: number;
}

const none: Amount = { pages: 0, bytes: 0 };

export interface CommitPaceOptions {
  /** Makes durable what came before the call. Never fails. */
  readonly commit: () => Promise<void>;
  /** There is room again. */
  readonly done: () => void;
}

export class CommitPace {
  readonly #options: CommitPaceOptions;
  #checkpoint: Required<Checkpoint> | undefined;
  /** What came since the last commit began. */
  #came = none;
  /** What the commit under way makes durable. */
  #committing = none;
  #isCommitting = false;
  #isStopped = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CommitPaceOptions) {
    this.#options = options;
  }

  /** A table has this checkpoint: a run goes by the smallest of its tables. */
  keep(checkpoint: Required<Checkpoint>): void {
    const { pages, seconds, bytes } = this.#checkpoint ?? checkpoint;
    this.#checkpoint = {
      pages: Math.min(pages, checkpoint.pages),
      seconds: Math.min(seconds, checkpoint.seconds),
      bytes: Math.min(bytes, checkpoint.bytes),
    };
  }

  /** Whether nothing more may be taken in before the commit under way is done. */
  get isFull(): boolean {
    const pages = this.#came.pages + this.#committing.pages;
    const bytes = this.#came.bytes + this.#committing.bytes;
    return this.#isCommitting && this.#reaches(1, { pages, bytes });
  }

  /** Notes that a page was taken in, or a further part of one (`pages` is 0). A commit begins at half of the checkpoint, so that the other half has room meanwhile. */
  took(pages: number, bytes: number): void {
    this.#came = { pages: this.#came.pages + pages, bytes: this.#came.bytes + bytes };
    this.#commitWhenDue();
  }

  /** No commit begins any more. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #reaches(share: number, { pages, bytes }: Amount): boolean {
    const checkpoint = this.#checkpoint!;
    return pages >= share * checkpoint.pages || bytes >= share * checkpoint.bytes;
  }

  /** Milliseconds. */
  get #halfTime(): number {
    return Math.min(this.#checkpoint!.seconds * 500, longestTimer);
  }

  #commitWhenDue(): void {
    if (this.#isStopped || this.#isCommitting) return;
    if (this.#reaches(1 / 2, this.#came)) this.#begin();
    else this.#timer ??= setTimeout(() => this.#begin(), this.#halfTime).unref();
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isCommitting = true;
    this.#committing = this.#came;
    this.#came = none;
    this.#options.commit().then(() => {
      this.#isCommitting = false;
      this.#committing = none;
      if (this.#came !== none) this.#commitWhenDue();
      this.#options.done();
    });
  }
}
