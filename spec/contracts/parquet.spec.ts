// The Parquet sink, on both engines, passes the contract suite.
import { join } from 'node:path';
import { tableSinkContract } from '../../lib/testing/index.js';
import { parquet } from '../../sinks/index.js';
import { readParquetTable } from './read-table.js';

for (const engine of ['duckdb', 'parquetjs'] as const) {
  tableSinkContract(
    { describe, it },
    {
      name: `parquet on ${engine}`,
      make: (folder, options) => parquet(join(folder, 'table.parquet'), { ...options, engine }),
      read: (folder) => readParquetTable(join(folder, 'table.parquet')),
    },
  );
}
