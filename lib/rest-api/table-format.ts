// The formats of tables, by name.

/** What a table may be written as: also the ending of its file. */
export type TableFormat = 'parquet' | 'arrow' | 'csv' | 'csv.gz' | 'csv.zst' | 'jsonl' | 'jsonl.gz' | 'jsonl.zst';

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
];
