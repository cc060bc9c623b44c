// The engine on DuckDB, in three steps: the previous rows, the decision which of them leave and which rows come, and the writing. Memory
// stays within the limit whatever the number of rows: only keys are held, and what does not fit is spilled.
import { stat } from 'node:fs/promises';
import { decide } from './decide.js';
import { Database, preload } from './duckdb.js';
import type { Engine, Publication, Published, SealRequest } from './engine.js';
import { logQuery } from './loaded-rows.js';
import { type DuckDbOptions, type MemoryLimit, MemoryLimits } from './memory-limits.js';
import { willMerge } from './merge-rules.js';
import { previousRows } from './previous-rows.js';
import { type FileFormat, PublishContext } from './publish-context.js';
import { mayBeWide, rowGroups, sealedGroups } from './row-groups.js';
import { removeSlices, sliced } from './slices.js';
import { PublishedFile } from './splice/published-file.js';
import { tellChildren } from './tell-children.js';
import { orWithUniqueKeys } from './unique-keys.js';
import { writeDecision } from './write-decision.js';

export class DuckDbEngine implements Engine {
  readonly name = 'duckdb';
  readonly #limits: MemoryLimits;
  readonly #format: FileFormat | undefined;

  /** @throws OptionError for a `memoryLimit` that DuckDB would not understand */
  constructor(options: DuckDbOptions = {}, format?: FileFormat) {
    this.#limits = new MemoryLimits(options);
    this.#format = format;
  }

  warmUp(): void {
    preload();
  }

  async publish(publication: Publication): Promise<Published> {
    const large = await isLarge(publication);
    return await orWithUniqueKeys(publication, (each) =>
      this.#limits.use((limits) => this.#publish(each, limits), {
        large,
        careful: true,
        longestLine: each.longestLine,
      }),
    );
  }

  async seal(first: SealRequest, next: () => Promise<SealRequest | undefined>): Promise<void> {
    let request: SealRequest | undefined = first;
    await this.#limits.use(async (limits) => {
      const database = await Database.open({ ...limits, ...first, isWide: mayBeWide(first) });
      try {
        for (; request !== undefined; request = await next()) await seal(database, request);
      } finally {
        database.close();
      }
    });
  }

  async #publish(given: Publication, limits: MemoryLimit): Promise<Published> {
    const { table, scratch, signal } = given;
    const { careful = false } = limits;
    const format = this.#format;
    const published = format === undefined ? await PublishedFile.open(given) : undefined;
    let database: Database | undefined;
    try {
      const groups = await rowGroups(given, { ...published?.ofRows(careful), careful });
      const publication = groups.isWide ? await sliced(given) : given;
      database = await Database.open({ ...limits, table, scratch, signal, isWide: groups.isWide });
      const context = new PublishContext(database, publication, format, groups, published);
      if (!willMerge(publication, context.rules)) await published?.beginEarly(published.footer.groups.length);
      const decision = await decide(context, await previousRows(context));
      await tellChildren(context, decision);
      return await writeDecision(context, decision);
    } finally {
      database?.close();
      await published?.giveUp();
    }
  }
}

async function seal(database: Database, request: SealRequest): Promise<void> {
  const { segment, destination } = request;
  const log = { ...request, ...sealing, segments: [segment] };
  const groups = await sealedGroups(log);
  const publication = groups.isWide ? await sliced(log) : log;
  try {
    const context = new PublishContext(database, publication, undefined, groups);
    await context.copy(logQuery(context), destination, 'final');
  } finally {
    await removeSlices(log, publication);
  }
}

/** What a seal is as a publication. */
const sealing = { format: 'parquet', disposition: 'append', primaryKey: [], metadata: {}, rows: 1 } as const;
/** Bytes of a published file from which on two threads are worth their memory. */
const largeFile = 32 * 1024 * 1024;

async function isLarge({ previous }: Publication): Promise<boolean> {
  return previous !== undefined && (await stat(previous.file)).size >= largeFile;
}
