// Rows into a file of JSON lines: appended, replaced, or merged on a key.
import type { OperatorFunction } from 'rxjs';
import type { Receipt, Row, Rows } from '../lib/core/index.js';
import { type TextOptions, textSink } from '../lib/table/index.js';

export interface JsonlOptions extends TextOptions {}

/**
 * Writes rows into a file of JSON lines: one object for each row, with all columns in their order. Compressed when the path ends
 * with `.gz` or `.zst`.
 *
 * Integers of any size are numbers; decimals with a fraction are texts, since most readers would round them; bytes are base64,
 * instants ISO text in UTC. Guarantees the same as `parquet`. The types of the columns are kept in `.sluice/` beside the file, so
 * that a later run adds to it without a loss; a file that something else wrote or changed can only be replaced.
 *
 * @example
 * pages(api, '/v1/projects').pipe(select('data'), jsonl('out/projects.jsonl.gz', { primaryKey: 'id', writeDisposition: 'merge' }))
 * @throws as `parquet`
 */
export function jsonl<T = Row>(path: string, options: JsonlOptions = {}): OperatorFunction<Rows<T>, Receipt> {
  return textSink('jsonl', path, options);
}
