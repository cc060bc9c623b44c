// Rows as Arrow record batches for a program that wants no file.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordBatch } from 'apache-arrow';
import { Observable, type OperatorFunction, type Subscriber } from 'rxjs';
import type { Row, Rows } from '../lib/core/index.js';
import { readArrowBatches, run } from '../lib/table/index.js';
import { type ArrowOptions, arrow } from './arrow.js';

/** Options about a table that is there already. */
type OfATable = 'writeDisposition' | 'mergeKey' | 'hardDelete' | 'deleteMissing' | 'partial' | 'checkpoint' | 'table';

export interface ToArrowOptions extends Omit<ArrowOptions, 'primaryKey' | OfATable> {
  /** The column or columns that tell rows apart: of rows with the same key only the last is emitted. @default none */
  readonly primaryKey?: string | readonly string[];
  /** Where the rows are kept until the source completes. @default the system's folder for temporary files */
  readonly temporaryFolder?: string;
}

/**
 * Emits the rows as Arrow record batches, all of one schema: that of the whole stream, so the first batch comes when the source
 * has completed. Until then the rows are on disk, in a folder that is removed on completion, error and unsubscription.
 * Memory holds one batch, beside those that the operators below hold on to. A stream without rows has no batches.
 *
 * @example
 * pages(api, '/v1/projects').pipe(select('data'), toArrow()).subscribe((batch) => console.log(batch.numRows))
 * @throws in the chain the source's error; TableError, StageError and SchemaError as `arrow`, OptionError for `batchRows`
 */
export function toArrow<T = Row>(options: ToArrowOptions = {}): OperatorFunction<Rows<T>, RecordBatch> {
  return (source) =>
    new Observable((subscriber) => {
      const stop = new AbortController();
      emit(source, options, subscriber, stop.signal).then(
        () => subscriber.complete(),
        (error: unknown) => subscriber.error(error),
      );
      return () => stop.abort();
    });
}

async function emit<T>(
  source: Observable<Rows<T>>,
  { temporaryFolder = tmpdir(), highWaterMark, ...options }: ToArrowOptions,
  subscriber: Subscriber<RecordBatch>,
  signal: AbortSignal,
): Promise<void> {
  const folder = await mkdtemp(join(temporaryFolder, 'sluice-to-arrow-'));
  try {
    const sink = arrow<T>(join(folder, 'rows.arrow'), { ...options, writeDisposition: 'replace' });
    const { files } = await run(source.pipe(sink), { signal, ...(highWaterMark !== undefined && { highWaterMark }) });
    for (const file of files) {
      for await (const batch of readArrowBatches(file)) {
        if (signal.aborted) return;
        subscriber.next(batch);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
