// What the other folders take from table.
export { type ArrowFormatOptions, arrowFormat, readArrowBatches } from './arrow-format.js';
export { readArrowInfo } from './arrow-info.js';
export { type Checkpoint, defaultCheckpoint } from './checkpoint.js';
export { directoryOf, type LayoutOptions } from './directory/directory-options.js';
export type { PartitionBy, PartitionField, PartitionTransform } from './directory/partition.js';
export { DuckDbEngine } from './duckdb-engine.js';
export type { Engine, Publication, Published } from './engine.js';
export { tableName } from './layout.js';
export type { DuckDbOptions } from './memory-limits.js';
export { ParquetjsEngine } from './parquetjs-engine.js';
export type { Target } from './publish.js';
export { type RunOptions, run } from './run.js';
export { type TableSinkOptions, tableSink } from './sink.js';
export { TableError, type TableErrorCode } from './table-error.js';
export { fileSize, readTableInfo, type TableInfo } from './table-info.js';
export { type TableOptions, tableTarget } from './table-options.js';
export { readTextInfo } from './text-format.js';
export { type TextOptions, textSink } from './text-sink.js';
