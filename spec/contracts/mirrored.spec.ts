// The example of a sink of one's own passes the contract suite, read from its copy.
import { join } from 'node:path';
import { tableSinkContract } from 'sluice/testing';
import { mirrored } from '../../examples/mirrored.js';
import { readParquetTable } from './read-table.js';

tableSinkContract(
  { describe, it },
  {
    name: 'a sink of your own',
    make: (folder, options) => mirrored(join(folder, 'things.parquet'), { ...options, mirror: join(folder, 'mirror') }),
    read: (folder) => readParquetTable(join(folder, 'mirror', 'things.parquet')),
  },
);
