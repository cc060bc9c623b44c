// Rows into a CSV file: appended, replaced, or merged on a key.
import type { OperatorFunction } from 'rxjs';
import type { Receipt, Row, Rows } from '../lib/core/index.js';
import { type TextOptions, textSink } from '../lib/table/index.js';

export interface CsvOptions extends TextOptions {}

/**
 * Writes rows into a CSV file (RFC 4180: commas, double quotes, a header). Compressed when the path ends with `.gz` or `.zst`.
 *
 * NULL is nothing between two commas, the empty text is `""`; lists and objects are JSON, bytes base64, instants ISO text in UTC.
 * Guarantees the same as `parquet`. The types of the columns are kept in `.sluice/` beside the file, so that a later run adds to it
 * without a loss; a file that something else wrote or changed can only be replaced.
 *
 * @example
 * pages(api, '/v1/projects').pipe(select('data'), csv('out/projects.csv.gz', { primaryKey: 'id', writeDisposition: 'merge' }))
 * @throws as `parquet`
 */
export function csv<T = Row>(path: string, options: CsvOptions = {}): OperatorFunction<Rows<T>, Receipt> {
  return textSink('csv', path, options);
}
