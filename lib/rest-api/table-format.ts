// The formats of tables, by name.

/** What a table may be written as: also the ending of its file. Of `duckdb` it is a table in a database file, which others share. */
export type TableFormat =
  | 'parquet'
  | 'arrow'
  | 'csv'
  | 'csv.gz'
  | 'csv.zst'
  | 'jsonl'
  | 'jsonl.gz'
  | 'jsonl.zst'
  | 'duckdb';

/** All of them, for whoever offers a choice. */
export const tableFormats: readonly TableFormat[] = [
  'parquet',
  'arrow',
  'csv',
  'csv.gz',
  'csv.zst',
  'jsonl',
  'jsonl.gz',
  'jsonl.zst',
  'duckdb',
];

/** Of `duckdb`: the database file in the folder of the tables, where the configuration does not name another. */
export const defaultDatabase = 'tables.duckdb';
