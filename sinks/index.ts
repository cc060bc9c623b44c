// The door to the sinks.
export { type ParquetOptions, parquet } from './parquet.js';
