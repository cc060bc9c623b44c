// The Arrow sink passes the contract suite.
import { join } from 'node:path';
import { tableSinkContract } from '../../lib/testing/index.js';
import { arrow } from '../../sinks/index.js';
import { readArrowTable } from './read-table.js';

tableSinkContract(
  { describe, it },
  {
    name: 'arrow',
    make: (folder, options) => arrow(join(folder, 'table.arrow'), options),
    read: (folder) => readArrowTable(join(folder, 'table.arrow')),
  },
);
