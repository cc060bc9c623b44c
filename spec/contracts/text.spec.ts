// The sinks for CSV and JSON lines pass the contract suite, one of them compressed.
import { join } from 'node:path';
import { tableSinkContract } from '../../lib/testing/index.js';
import { csv, jsonl } from '../../sinks/index.js';
import { readTextTable } from './read-table.js';

tableSinkContract(
  { describe, it },
  {
    name: 'csv',
    make: (folder, options) => csv(join(folder, 'table.csv'), options),
    read: (folder) => readTextTable('csv', join(folder, 'table.csv')),
  },
);

tableSinkContract(
  { describe, it },
  {
    name: 'jsonl, compressed',
    make: (folder, options) => jsonl(join(folder, 'table.jsonl.gz'), options),
    read: (folder) => readTextTable('jsonl', join(folder, 'table.jsonl.gz')),
  },
);
