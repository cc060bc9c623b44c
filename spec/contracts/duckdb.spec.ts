// The sink for tables in a DuckDB database passes the contract suite.
import { join } from 'node:path';
import { tableSinkContract } from '../../lib/testing/index.js';
import { duckdb } from '../../sinks/index.js';
import { readDatabaseTable } from './read-table.js';

tableSinkContract(
  { describe, it },
  {
    name: 'duckdb',
    make: (folder, options) => duckdb(join(folder, 'things.duckdb'), { ...options, table: 'things' }),
    read: (folder) => readDatabaseTable(join(folder, 'things.duckdb'), 'things'),
  },
);
