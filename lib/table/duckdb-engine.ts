// The engine on DuckDB, in three steps: the previous rows, the decision which of them leave and which rows come, and the writing. Memory
// stays within the limit whatever the number of rows: only keys are held, and what does not fit is spilled.
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { OptionError } from '../core/index.js';
import { decide } from './decide.js';
import { Database } from './duckdb.js';
import type { Engine, Publication, Published } from './engine.js';
import { previousRows } from './previous-rows.js';
import { type FileFormat, PublishContext } from './publish-context.js';
import { TableError } from './table-error.js';
import { writeDecision } from './write-decision.js';

export interface DuckDbOptions {
  /**
   * Memory for DuckDB alone, as it writes it. More makes large merges faster.
   * @default '128MB', and twice as much up to '1GB' when a table cannot do with that
   */
  readonly memoryLimit?: string;
  /**
   * Each thread writes a row group of its own, so threads need memory: with too little of it, two are slower than one.
   * @default one for each 128 MB of `memoryLimit`, at most the number of cores
   */
  readonly threads?: number;
}

export class DuckDbEngine implements Engine {
  readonly name = 'duckdb';
  /** To be tried one after the other. */
  readonly #limits: readonly Limits[];
  readonly #format: FileFormat | undefined;

  /** @throws OptionError for a `memoryLimit` that DuckDB would not understand */
  constructor({ memoryLimit, threads }: DuckDbOptions = {}, format?: FileFormat) {
    const limits = memoryLimit === undefined ? defaultLimits : [memoryLimit];
    this.#limits = limits.map((limit) => ({ memoryLimit: limit, threads: threads ?? threadsFor(limit) }));
    this.#format = format;
  }

  async publish(publication: Publication): Promise<Published> {
    const last = this.#limits.length - 1;
    for (const limits of this.#limits.slice(0, last)) {
      try {
        return await this.#publish(publication, limits);
      } catch (error) {
        if (!(error instanceof TableError && error.code === 'ERR_ENGINE_MEMORY')) throw error;
      }
    }
    return await this.#publish(publication, this.#limits[last]!);
  }

  async #publish(publication: Publication, limits: Limits): Promise<Published> {
    const { table, scratch, signal } = publication;
    const database = await Database.open({ ...limits, table, scratch, signal });
    try {
      const context = new PublishContext(database, publication, this.#format, await rowGroupRows(publication));
      return await writeDecision(context, await decide(context, await previousRows(context)));
    } finally {
      database.close();
    }
  }
}

type Limits = Required<DuckDbOptions>;

const defaultLimits = ['128MB', '256MB', '512MB', '1GB'];

const units: Readonly<Record<string, number>> = { K: 1e3, M: 1e6, G: 1e9, T: 1e12 };

/** @throws OptionError for what DuckDB would not understand */
function threadsFor(memoryLimit: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([KMGT])i?B\s*$/i.exec(memoryLimit);
  if (!match) throw new OptionError('memoryLimit', `must be an amount such as 512MB or 2GB, not ${memoryLimit}`);
  const bytes = Number(match[1]) * units[match[2]!.toUpperCase()]!;
  return Math.min(Math.max(Math.floor(bytes / 128e6), 1), availableParallelism());
}

/** Bytes of log that one row group takes in: what a thread holds in memory while it writes. */
const rowGroupBytes = 16 * 1024 * 1024;

async function rowGroupRows({ rowGroupRows, segments, rows }: Publication): Promise<number> {
  if (rowGroupRows !== undefined) return rowGroupRows;
  if (rows === 0) return 122_880;
  const sizes = await Promise.all(segments.map(async (file) => (await stat(file)).size));
  const line = sizes.reduce((sum, size) => sum + size, 0) / rows;
  // DuckDB works in vectors of 2,048 rows.
  const vectors = Math.floor(rowGroupBytes / Math.max(line, 1) / 2048);
  return 2048 * Math.min(Math.max(vectors, 1), 60);
}
