// What `sink` may be on a resource: options of the sink that writes its table, in snake_case. Sinks check values themselves.
import { z } from 'zod';
import { type TableFormat, tableFormats } from '../table-file.js';
import { keys, name } from './keys.js';

export const checkpointSchema = keys({
  pages: z.int().min(1).optional().describe('Default: 100.'),
  seconds: z.number().positive().optional().describe('Default: 5.'),
  bytes: z.int().min(1).optional().describe('Of the pages as they came. Default: 33554432.'),
}).describe('How often rows are made durable: when any of these has come together.');

export const sinkSchema = keys({
  format: z
    .enum(tableFormats as [TableFormat, ...TableFormat[]])
    .optional()
    .describe('What the table is written as. Default: parquet.'),
  compression: z.enum(['zstd', 'snappy', 'gzip', 'lz4_raw', 'brotli', 'uncompressed']).optional(),
  row_group_rows: z.int().min(2048).optional().describe('Rows in a row group of a Parquet file.'),
  engine: z.enum(['duckdb', 'parquetjs']).optional().describe('What writes a Parquet file. Default: duckdb.'),
  batch_rows: z.int().min(1).optional().describe('Most rows in a record batch of an Arrow file.'),
  memory_limit: name.optional().describe('Memory of the engine while it publishes, such as 512MB.'),
});

export type SinkConfig = z.input<typeof sinkSchema>;
