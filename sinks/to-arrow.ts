// Rows as Arrow record batches for a program that wants no file.
import type { RecordBatch } from 'apache-arrow';
import { Observable, type OperatorFunction } from 'rxjs';
import type { Row, Rows } from '../lib/core/index.js';
import { type ArrowBatchesOptions, arrowBatches } from './arrow-batches.js';

export interface ToArrowOptions extends Omit<ArrowBatchesOptions, 'signal'> {}

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
      const emit = async (): Promise<void> => {
        for await (const batch of arrowBatches(source, { ...options, signal: stop.signal })) subscriber.next(batch);
      };
      emit().then(
        () => subscriber.complete(),
        (error: unknown) => subscriber.error(error),
      );
      return () => stop.abort();
    });
}
