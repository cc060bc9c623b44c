// Rows as Arrow record batches that a program asks for, one after the other.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordBatch } from 'apache-arrow';
import type { Observable } from 'rxjs';
import { AbortedError, type Row, type Rows } from '../lib/core/index.js';
import { readArrowBatches, run } from '../lib/table/index.js';
import { type ArrowOptions, arrow } from './arrow.js';

export interface ArrowBatchesOptions
  extends Omit<ArrowOptions, 'ipc' | 'primaryKey' | 'writeDisposition' | 'checkpoint' | 'table'> {
  /** The column or columns that tell rows apart: of rows with the same key only the last is given. @default none */
  readonly primaryKey?: string | readonly string[];
  /** Where the rows are kept until the last batch is read. @default the system's folder for temporary files */
  readonly temporaryFolder?: string;
  /** Stops the source, and the iteration. */
  readonly signal?: AbortSignal;
}

/**
 * Subscribes to the source and gives its rows as Arrow record batches, all of one schema: that of the whole stream, so the first batch comes
 * when the source has completed. Until then the rows are on disk, in a folder that is removed when the iteration ends, whichever way.
 * Memory holds one batch: the next is read when it is asked for. A stream without rows has no batches.
 *
 * @example
 * for await (const batch of arrowBatches(pages(api, '/v1/projects').pipe(select('data')))) console.log(batch.numRows);
 * @throws in the iteration the source's error; TableError, StageError and SchemaError as `arrow`; AbortedError `ERR_ABORTED`; OptionError
 * for `batchRows`
 */
export async function* arrowBatches<T = Row>(
  source: Observable<Rows<T>>,
  { temporaryFolder = tmpdir(), highWaterMark, signal, ...options }: ArrowBatchesOptions = {},
): AsyncGenerator<RecordBatch, void> {
  const folder = await mkdtemp(join(temporaryFolder, 'sluice-to-arrow-'));
  try {
    const sink = arrow<T>(join(folder, 'rows.arrow'), { ...options, writeDisposition: 'replace' });
    const limits = { ...(signal && { signal }), ...(highWaterMark !== undefined && { highWaterMark }) };
    const { files } = await run(source.pipe(sink), limits);
    for (const file of files) {
      for await (const batch of readArrowBatches(file)) {
        if (signal?.aborted) throw new AbortedError();
        yield batch;
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
