// The names of the options that sinks have beside those that all of them share.
import { namesOf } from '../core/index.js';
import type { ArrowFormatOptions } from './arrow-format.js';
import type { LayoutOptions } from './directory/directory-options.js';
import type { ParquetLayoutOptions } from './parquet-layout.js';

export type OwnOptions = 'parquet' | 'arrow' | 'text' | 'duckdb';

export const ownOptions: Readonly<Record<OwnOptions, readonly string[]>> = {
  parquet: namesOf<LayoutOptions & ParquetLayoutOptions & { engine: unknown; memoryLimit: unknown }>({
    layout: true,
    partitionBy: true,
    fileMaxItems: true,
    fileMaxBytes: true,
    fileMaxSeconds: true,
    compression: true,
    compressionLevel: true,
    rowGroupRows: true,
    dictionary: true,
    statistics: true,
    bloomFilters: true,
    metadata: true,
    timestamps: true,
    engine: true,
    memoryLimit: true,
  }),
  arrow: namesOf<ArrowFormatOptions & { memoryLimit: unknown }>({
    batchRows: true,
    ipc: true,
    dictionary: true,
    memoryLimit: true,
  }),
  text: ['memoryLimit'],
  duckdb: ['schema', 'memoryLimit'],
};
