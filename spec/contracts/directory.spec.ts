// The Parquet sink passes the contract suite when its table is a directory, with files as they come and with files of seven rows.
import { join } from 'node:path';
import { tableSinkContract } from '../../lib/testing/index.js';
import { parquet } from '../../sinks/index.js';
import { readDirectoryTable } from './read-table.js';

for (const [name, layout] of [
  ['parquet in a directory', { layout: 'directory' }],
  ['parquet in a directory, files of seven rows', { fileMaxItems: 7 }],
] as const) {
  tableSinkContract(
    { describe, it },
    {
      name,
      make: (folder, options) => parquet(join(folder, 'table'), { ...options, ...layout }),
      read: (folder) => readDirectoryTable(join(folder, 'table')),
    },
  );
}
