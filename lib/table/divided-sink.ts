// The sink of a source whose rows are divided among several tables.
import type { OperatorFunction } from 'rxjs';
import type { Receipt, Rows } from '../core/index.js';
import { dividedTables } from './divided-tables.js';
import type { Division } from './division.js';
import { type IntakeSinkOptions, intakeSink } from './sink.js';

/**
 * The operator that takes pages of rows into the tables that they belong to, which are found as rows come. All are committed together
 * and published together, so that a run that was cut short goes on with all of them. The checkpoint and the high-water mark of the tables' own sinks do
 * not count.
 *
 * Emits the receipts of each table as rows become durable, and a last one for all: its counts are sums, and each table's own is in `receipts`.
 */
export function dividedSink<T>(
  division: Division<T>,
  options: IntakeSinkOptions = {},
): OperatorFunction<Rows<T>, Receipt> {
  return intakeSink(dividedTables(division), options);
}
