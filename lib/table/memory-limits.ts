// How much memory DuckDB gets: what the user says, or more and more until it is enough.
import { availableParallelism } from 'node:os';
import { OptionError } from '../core/index.js';
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

export type MemoryLimit = Required<DuckDbOptions>;

const defaultLimits = ['128MB', '256MB', '512MB', '1GB'];

export class MemoryLimits {
  /** To be tried one after the other. */
  readonly #limits: readonly MemoryLimit[];

  /** @throws OptionError for a `memoryLimit` that DuckDB would not understand */
  constructor({ memoryLimit, threads }: DuckDbOptions = {}) {
    const limits = memoryLimit === undefined ? defaultLimits : [memoryLimit];
    this.#limits = limits.map((limit) => ({ memoryLimit: limit, threads: threads ?? threadsFor(limit) }));
  }

  /**
   * Does the work with the first limit; when that is not enough, all over again with the next. Work that is `large` starts with the second one, which
   * has memory for two threads.
   */
  async use<T>(work: (limit: MemoryLimit) => Promise<T>, { large = false } = {}): Promise<T> {
    const last = this.#limits.length - 1;
    for (const limit of this.#limits.slice(Math.min(large ? 1 : 0, last), last)) {
      try {
        return await work(limit);
      } catch (error) {
        if (!(error instanceof TableError && error.code === 'ERR_ENGINE_MEMORY')) throw error;
      }
    }
    return await work(this.#limits[last]!);
  }
}

const units: Readonly<Record<string, number>> = { K: 1e3, M: 1e6, G: 1e9, T: 1e12 };

/** @throws OptionError for what DuckDB would not understand */
function threadsFor(memoryLimit: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([KMGT])i?B\s*$/i.exec(memoryLimit);
  if (!match) throw new OptionError('memoryLimit', `must be an amount such as 512MB or 2GB, not ${memoryLimit}`);
  const bytes = Number(match[1]) * units[match[2]!.toUpperCase()]!;
  return Math.min(Math.max(Math.floor(bytes / 128e6), 1), availableParallelism());
}
