// The door to the sinks.
export { type ArrowOptions, arrow } from './arrow.js';
export { type ParquetOptions, parquet } from './parquet.js';
export { type ToArrowOptions, toArrow } from './to-arrow.js';
