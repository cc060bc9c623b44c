// How a Parquet file is laid out: the options of the sink, checked, and what DuckDB is told of them.
import { OptionError } from '../core/index.js';
import { metadataKey } from '../schema/index.js';
import { identifier, literal } from './sql-text.js';

export type ParquetCompression = 'zstd' | 'snappy' | 'gzip' | 'lz4' | 'lz4_raw' | 'brotli' | 'none' | 'uncompressed';

/** What is written from now on; row groups that are copied from the published file stay as they were written. */
export interface ParquetLayoutOptions {
  /** How pages are compressed. `lz4` is the one that readers agree on, named `LZ4_RAW` in files. @default 'zstd' */
  readonly compression?: ParquetCompression;
  /** For zstd, from 1 (fast) to 22 (small). @default 3 */
  readonly compressionLevel?: number;
  /**
   * Rows in a row group. At least 2048. @default as many as take 16 MiB as JSON, at most 122880, or as many as the published file has where that is
   * between half and twice that; of rows of 32 KB and more as many as take 4 MiB; for parquetjs 10000
   */
  readonly rowGroupRows?: number;
  /** Whether values that come again are stored once for a row group, where that is smaller. @default true */
  readonly dictionary?: boolean;
  /**
   * Whether each row group tells the bounds and the number of NULLs of each column, by which readers skip row groups: in all columns, none, or the named
   * ones. @default true
   */
  readonly statistics?: boolean | readonly string[];
  /**
   * Whether columns with a dictionary get a bloom filter, by which readers skip row groups that do not have a value; or its share of false
   * positives, above 0 and below 1. @default true: 0.01
   */
  readonly bloomFilters?: boolean | number;
  /** Texts for the file's key-value metadata. The key `sluice` is taken. @default none */
  readonly metadata?: Readonly<Record<string, string>>;
  /**
   * Timestamps as instants (`isAdjustedToUTC`), or as local date and time in UTC, for readers that know no instants. @default 'instant'
   */
  readonly timestamps?: 'instant' | 'local';
}

/** A layout whose options have been checked. */
export interface ParquetLayout {
  readonly compression?: string;
  readonly compressionLevel?: number;
  readonly rowGroupRows?: number;
  readonly dictionary: boolean;
  readonly statistics: boolean | readonly string[];
  readonly bloomFilters: boolean | number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly timestamps: 'instant' | 'local';
}

export const defaultLayout: ParquetLayout = {
  dictionary: true,
  statistics: true,
  bloomFilters: true,
  metadata: {},
  timestamps: 'instant',
};

const compressions = ['zstd', 'snappy', 'gzip', 'lz4', 'lz4_raw', 'brotli', 'none', 'uncompressed'];

/**
 * Checks the options of a layout.
 * @throws OptionError `ERR_INVALID_OPTION` for a value that no file can have, and for options that contradict one another
 */
export function parquetLayout(options: ParquetLayoutOptions): ParquetLayout {
  const { compression, compressionLevel, rowGroupRows, metadata = {}, timestamps = 'instant' } = options;
  const { dictionary = true, statistics = true, bloomFilters = dictionary } = options;
  if (compression !== undefined && !compressions.includes(compression)) {
    throw new OptionError('compression', `there is no ${JSON.stringify(compression)}. Give ${compressions.join(', ')}`);
  }
  checkLevel(compressionLevel, compression ?? 'zstd');
  if (rowGroupRows !== undefined && !(Number.isSafeInteger(rowGroupRows) && rowGroupRows >= 2048)) {
    throw new OptionError('rowGroupRows', `must be a whole number of rows, at least 2048, not ${rowGroupRows}`);
  }
  checkSwitch('dictionary', dictionary, typeof dictionary === 'boolean', 'true or false');
  const isNames = Array.isArray(statistics) && statistics.every((name) => typeof name === 'string');
  checkSwitch('statistics', statistics, typeof statistics === 'boolean' || isNames, 'true, false or names of columns');
  checkBloomFilters(bloomFilters, dictionary);
  checkMetadata(metadata);
  const isKnown = timestamps === 'instant' || timestamps === 'local';
  checkSwitch('timestamps', timestamps, isKnown, "'instant' or 'local'");
  return {
    ...(compression !== undefined && { compression: duckDbNames[compression] ?? compression }),
    ...(compressionLevel !== undefined && { compressionLevel }),
    ...(rowGroupRows !== undefined && { rowGroupRows }),
    dictionary,
    statistics,
    bloomFilters,
    metadata,
    timestamps,
  };
}

const duckDbNames: Readonly<Record<string, string>> = { lz4: 'lz4_raw', none: 'uncompressed' };

function checkLevel(level: number | undefined, compression: string): void {
  if (level === undefined) return;
  if (compression !== 'zstd') {
    throw new OptionError(
      'compressionLevel',
      `is for zstd; ${compression} has no levels here. Leave one of the two out`,
    );
  }
  if (!(Number.isInteger(level) && level >= 1 && level <= 22)) {
    throw new OptionError('compressionLevel', `must be a whole number from 1 to 22, not ${level}`);
  }
}

function checkBloomFilters(bloomFilters: boolean | number, dictionary: boolean): void {
  const isShare = typeof bloomFilters === 'number' && bloomFilters > 0 && bloomFilters < 1;
  checkSwitch(
    'bloomFilters',
    bloomFilters,
    typeof bloomFilters === 'boolean' || isShare,
    'true, false or a share of false positives above 0 and below 1',
  );
  if (bloomFilters !== false && !dictionary) {
    throw new OptionError(
      'bloomFilters',
      'are made of dictionaries. Leave dictionary: false out, or the bloom filters',
    );
  }
}

function checkMetadata(metadata: unknown): void {
  const isRecord = typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata);
  checkSwitch('metadata', metadata, isRecord, 'an object of texts');
  for (const [key, value] of Object.entries(metadata as object)) {
    if (key === metadataKey) {
      throw new OptionError(
        'metadata',
        `the key "${metadataKey}" is taken by what Sluice keeps of the table. Give another`,
      );
    }
    checkSwitch(`metadata.${key}`, value, typeof value === 'string', 'a text');
  }
  checkKeys(Object.keys(metadata as object));
}

/** DuckDB takes the metadata as the fields of a struct. */
function checkKeys(keys: readonly string[]): void {
  if (keys.some((key) => key === '' || key.includes('\0'))) {
    throw new OptionError('metadata', 'has a key that is empty or has a NUL. Give each a name');
  }
  const taken = new Map<string, string>();
  for (const key of keys) {
    const other = taken.get(key.toLowerCase());
    if (other !== undefined) {
      throw new OptionError('metadata', `"${other}" and "${key}" differ by case only. Give one another name`);
    }
    taken.set(key.toLowerCase(), key);
  }
}

function checkSwitch(option: string, value: unknown, isRight: boolean, wanted: string): void {
  if (!isRight) throw new OptionError(option, `must be ${wanted}, not ${JSON.stringify(value)}`);
}

/** The options of a COPY to Parquet. */
export function copyOptions(
  { compression = 'zstd', compressionLevel, dictionary, bloomFilters }: ParquetLayout,
  rowGroupRows: number,
  metadata: Readonly<Record<string, string>>,
): string {
  const settings = ['FORMAT parquet', `COMPRESSION ${literal(compression)}`, `ROW_GROUP_SIZE ${rowGroupRows}`];
  if (compressionLevel !== undefined) settings.push(`COMPRESSION_LEVEL ${compressionLevel}`);
  if (!dictionary) settings.push('DICTIONARY_SIZE_LIMIT 0');
  if (bloomFilters === false) settings.push('WRITE_BLOOM_FILTER false');
  if (typeof bloomFilters === 'number') settings.push(`BLOOM_FILTER_FALSE_POSITIVE_RATIO ${bloomFilters}`);
  const pairs = Object.entries(metadata).map(([key, value]) => `${identifier(key)}: ${literal(value)}`);
  if (pairs.length > 0) settings.push(`KV_METADATA {${pairs.join(', ')}}`);
  return settings.join(', ');
}
