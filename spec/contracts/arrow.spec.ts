// The Arrow sink passes the contract suite, as a file and as a stream.
import { join } from 'node:path';
import { tableSinkContract } from '../../lib/testing/index.js';
import { arrow } from '../../sinks/index.js';
import { readArrowTable } from './read-table.js';

for (const [name, file] of [
  ['arrow', 'table.arrow'],
  ['arrow as a stream', 'table.arrows'],
] as const) {
  tableSinkContract(
    { describe, it },
    {
      name,
      make: (folder, options) => arrow(join(folder, file), options),
      read: (folder) => readArrowTable(join(folder, file)),
    },
  );
}
