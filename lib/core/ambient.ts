// A value that whatever runs within something finds, without its being handed on.
import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Of the values that are set, one within another, the innermost is found; those that are set elsewhere in the process never are.
 */
export class Ambient<T> {
  /** From its first `run` on, each promise of the whole process costs more: on Node 20 some hundredths of the processor time of a run. */
  readonly #kept = new AsyncLocalStorage<T>();
  #now: { readonly value: T; readonly kept: T | undefined } | undefined;

  /** The value that was set last for what is running. */
  get(): T | undefined {
    const kept = this.#kept.getStore();
    // What runs in another asynchronous context than that in which the value was set does not belong to it.
    return this.#now !== undefined && this.#now.kept === kept ? this.#now.value : kept;
  }

  /** What `work` does finds the value, and so does all that it starts, whenever that runs. */
  run<R>(value: T, work: () => R): R {
    return this.#within(undefined, () => this.#kept.run(value, work));
  }

  /** What `work` does finds the value until it returns. What it starts and what runs later does not: that is to be given the value again. */
  runNow<R>(value: T, work: () => R): R {
    return this.#within({ value, kept: this.#kept.getStore() }, work);
  }

  #within<R>(now: { readonly value: T; readonly kept: T | undefined } | undefined, work: () => R): R {
    const outer = this.#now;
    this.#now = now;
    try {
      return work();
    } finally {
      this.#now = outer;
    }
  }
}
