// The door to the sinks.

export type { Audit, AuditedTable } from '../lib/table/index.js';
export { type ArrowOptions, arrow } from './arrow.js';
export { type ArrowBatchesOptions, arrowBatches } from './arrow-batches.js';
export { type CsvOptions, csv } from './csv.js';
export { type DuckDbSinkOptions, duckdb } from './duckdb.js';
export { type JsonlOptions, jsonl } from './jsonl.js';
export { type ParquetOptions, parquet } from './parquet.js';
export { tee } from './tee.js';
export { type ToArrowOptions, toArrow } from './to-arrow.js';
