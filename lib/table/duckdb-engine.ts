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
      this.#limits.use((limits) => this.#publish(each, limits), { large }),
    );
  }

  async seal(first: SealRequest, next: () => Promise<SealRequest | undefined>): Promise<void> {
    let request: SealRequest | undefined = first;
    await this.#limits.use(async (limits) => {
      const database = await Database.open({ ...limits, ...first });
      try {
        for (; request !== undefined; request = await next()) {
          const { segment, destination, layout } = request;
          const publication = { ...request, ...sealing, segments: [segment] };
          const context = new PublishContext(database, publication, undefined, layout?.rowGroupRows ?? sealedRows);
          await context.copy(logQuery(context), destination, 'final');
        }
      } finally {
        database.close();
      }
    });
  }

  async #publish(publication: Publication, limits: MemoryLimit): Promise<Published> {
    const { table, scratch, signal } = publication;
    const format = this.#format;
    const published = format === undefined ? await PublishedFile.open(publication) : undefined;
    let database: Database | undefined;
    try {
      database = await Database.open({ ...limits, table, scratch, signal });
      const groupRows = await rowGroupRows(publication, published);
      const context = new PublishContext(database, publication, format, groupRows, published);
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

/** What a seal is as a publication. */
const sealing = { format: 'parquet', disposition: 'append', primaryKey: [], metadata: {}, rows: 1 } as const;
/** One row group for a segment of usual rows. */
const sealedRows = 122_880;

/** Bytes of log that one row group takes in: what a thread holds in memory while it writes. */
const rowGroupBytes = 16 * 1024 * 1024;

/**
 * How many rows a row group gets. Where the published file has groups of about that size, as many as they have: the engine writes rows fastest in
 * the pieces that it reads them in.
 */
export async function rowGroupRows(
  { layout, segments, rows }: Publication,
  published?: Pick<PublishedFile, 'groupRows'>,
): Promise<number> {
  if (layout?.rowGroupRows !== undefined) return layout.rowGroupRows;
  if (rows === 0) return 122_880;
  const sizes = await Promise.all(segments.map(async (file) => (await stat(file)).size));
  const line = sizes.reduce((sum, size) => sum + size, 0) / rows;
  // DuckDB works in vectors of 2,048 rows.
  const vectors = Math.floor(rowGroupBytes / Math.max(line, 1) / 2048);
  const usual = 2048 * Math.min(Math.max(vectors, 1), 60);
  const before = published?.groupRows ?? 0;
  return before % 2048 === 0 && before >= usual / 2 && before <= usual * 2 ? before : usual;
}

/** Bytes of a published file from which on two threads are worth their memory. */
const largeFile = 32 * 1024 * 1024;

async function isLarge({ previous }: Publication): Promise<boolean> {
  return previous !== undefined && (await stat(previous.file)).size >= largeFile;
}
