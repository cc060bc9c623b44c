// How much memory DuckDB gets: what the user says, or more and more until it is enough.
import { availableParallelism } from 'node:os';
import { withCauseOfNeed } from './duckdb.js';
import { bytesOf } from './memory-amount.js';
import { TableError } from './table-error.js';

export interface DuckDbOptions {
  /**
   * Memory for DuckDB alone, as it writes it. More makes large merges faster.
   * @default '128MB', or '256MB' when the published file is large, and twice as much up to '1GB' when a table cannot do with that
   */
  readonly memoryLimit?: string;
  /**
   * Each thread writes a row group of its own, so threads need memory: with too little of it, two are slower than one.
   * @default one for each 128 MB of `memoryLimit`, at most the number of cores
   */
  readonly threads?: number;
}

export interface MemoryLimit extends Required<DuckDbOptions> {
  /** Whether all is to be done in small pieces: the last attempt. */
  readonly careful?: true;
}

const defaultLimits = ['128MB', '256MB', '512MB', '1GB'];

export class MemoryLimits {
  /** To be tried one after the other. */
  readonly #limits: readonly string[];
  readonly #threads: number | undefined;

  /** @throws OptionError for a `memoryLimit` that DuckDB would not understand */
  constructor({ memoryLimit, threads }: DuckDbOptions = {}) {
    if (memoryLimit !== undefined) bytesOf(memoryLimit);
    this.#limits = memoryLimit === undefined ? defaultLimits : [memoryLimit];
    this.#threads = threads;
  }

  /**
   * Does the work with the first limit; when that is not enough, all over again with one thread, then with more memory, and, where it can be
   * `careful`, in small pieces. Work that is `large` starts with the second limit, which has memory for two threads. Errors tell of a
   * `longestLine` of megabytes.
   */
  async use<T>(
    work: (limit: MemoryLimit) => Promise<T>,
    { large = false, careful = false, longestLine = 0 } = {},
  ): Promise<T> {
    const all = this.#attempts(large, careful);
    for (const limit of all.slice(0, -1)) {
      try {
        return await work(limit);
      } catch (error) {
        if (!(error instanceof TableError && error.code === 'ERR_ENGINE_MEMORY')) throw error;
      }
    }
    try {
      return await work(all.at(-1)!);
    } catch (error) {
      if (longestLine < 1e6) throw error;
      throw withCauseOfNeed(error, `the largest row has ${(longestLine / 1e6).toFixed(1)} MB as JSON`);
    }
  }

  #attempts(large: boolean, careful: boolean): readonly MemoryLimit[] {
    const limits = this.#limits.slice(large && this.#limits.length > 1 ? 1 : 0);
    const first = this.#threads ?? threadsFor(limits[0]!);
    // Each thread takes memory of its own: where there was too little, one is what needs least.
    const rest = this.#threads ?? 1;
    const later = first > rest ? limits : limits.slice(1);
    return [
      { memoryLimit: limits[0]!, threads: first },
      ...later.map((memoryLimit) => ({ memoryLimit, threads: rest })),
      ...(careful ? [{ memoryLimit: limits.at(-1)!, threads: rest, careful } as const] : []),
    ];
  }
}

function threadsFor(memoryLimit: string): number {
  return Math.min(Math.max(Math.floor(bytesOf(memoryLimit) / 128e6), 1), availableParallelism());
}
