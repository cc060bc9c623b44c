// What `sink` may be on a resource: options of the sink that writes its table, in snake_case. Sinks check values themselves.
import * as z from 'zod';
import { type TableFormat, tableFormats } from '../table-format.js';
import { keys, name } from './keys.js';

export const checkpointSchema = keys({
  pages: z.int().min(1).optional().describe('Default: 100.'),
  seconds: z.number().positive().optional().describe('Default: 5.'),
  bytes: z.int().min(1).optional().describe('Of the pages as they came. Default: 33554432.'),
}).describe('How often rows are made durable: when any of these has come together.');

const partitionField = keys({
  column: name,
  transform: z.enum(['identity', 'year', 'month', 'day', 'hour']).optional().describe('Default: identity.'),
});

export const sinkSchema = keys({
  format: z
    .enum(tableFormats as [TableFormat, ...TableFormat[]])
    .optional()
    .describe('What the table is written as. Default: parquet.'),
  database: z
    .string()
    .regex(/^[^/\\]+$/, 'must be the name of a file in the folder of the tables, without a folder of its own')
    .optional()
    .describe('With the format duckdb: the database file in the folder of the tables. Default: tables.duckdb.'),
  schema: name.optional().describe('With the format duckdb: the schema in the database. Default: main.'),
  layout: z
    .enum(['file', 'directory'])
    .optional()
    .describe('A directory holds files of which each run adds some; Parquet only. Default: file.'),
  partition_by: z
    .union([name, z.array(name.or(partitionField)), partitionField])
    .optional()
    .describe('Folders of a directory, as Hive makes them: by a column, or by a part of a date.'),
  file_max_items: z.int().min(1).optional().describe('Most rows in a file of a directory.'),
  file_max_bytes: z.int().min(1).optional().describe('Most bytes in a file of a directory, about.'),
  file_max_seconds: z
    .int()
    .min(1)
    .optional()
    .describe('Seconds of the span in which the rows of a file of a directory came, such as 3600.'),
  compression: z
    .enum(['zstd', 'snappy', 'gzip', 'lz4', 'lz4_raw', 'brotli', 'none', 'uncompressed'])
    .optional()
    .describe('How the pages of a Parquet file are compressed. Default: zstd.'),
  compression_level: z.int().min(1).max(22).optional().describe('For zstd, from fast to small. Default: 3.'),
  row_group_rows: z.int().min(2048).optional().describe('Rows in a row group of a Parquet file.'),
  dictionary: z
    .union([z.boolean(), z.array(name)])
    .optional()
    .describe('Whether values that come again are stored once (Parquet, default: true); or in which columns (Arrow).'),
  statistics: z
    .union([z.boolean(), z.array(name)])
    .optional()
    .describe(
      'Whether row groups of a Parquet file tell the bounds of all columns, or of the named ones. Default: true.',
    ),
  bloom_filters: z
    .union([z.boolean(), z.number().gt(0).lt(1)])
    .optional()
    .describe('Whether columns of a Parquet file get bloom filters, or their share of false positives. Default: 0.01.'),
  metadata: z.record(z.string(), z.string()).optional().describe('Texts for the metadata of a Parquet file.'),
  timestamps: z
    .enum(['instant', 'local'])
    .optional()
    .describe('Timestamps of a Parquet file as instants, or as local time in UTC. Default: instant.'),
  engine: z.enum(['duckdb', 'parquetjs']).optional().describe('What writes a Parquet file. Default: duckdb.'),
  ipc: z.enum(['file', 'stream']).optional().describe('Whether an Arrow file has a footer. Default: file.'),
  batch_rows: z.int().min(1).optional().describe('Most rows in a record batch of an Arrow file.'),
  memory_limit: name.optional().describe('Memory of the engine while it publishes, such as 512MB.'),
});

export type SinkConfig = z.input<typeof sinkSchema>;
