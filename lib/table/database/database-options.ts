// The options of a table in a database file, and what they come to.
import { OptionError } from '../../core/index.js';
import { MemoryLimits } from '../memory-limits.js';
import type { Target } from '../publish-task.js';
import { databasePath, readDatabaseInfo, tableOfPath } from './database-table.js';

export interface DatabaseOptions {
  /** The table's name in the database. */
  readonly table: string;
  /** The schema that it is in; made when it is not there. @default 'main' */
  readonly schema?: string;
  /** Memory for DuckDB while it publishes, such as `512MB`. @default '128MB', and twice as much up to '1GB' when a table cannot do with that */
  readonly memoryLimit?: string;
}

/**
 * What the options say of a table in a database file.
 * @throws OptionError `ERR_INVALID_OPTION`
 */
export function databaseOf(
  file: string,
  { table, schema = 'main', memoryLimit }: DatabaseOptions,
): Pick<Target, 'path' | 'table' | 'inspect'> & Required<Pick<Target, 'database'>> {
  if (file === '' || file === ':memory:') {
    throw new OptionError('path', 'must be the path of a database file, such as out/shop.duckdb');
  }
  for (const [option, name] of Object.entries({ table, schema })) {
    if (typeof name === 'string' && name !== '' && !name.startsWith('_sluice_')) continue;
    throw new OptionError(option, 'must be a name in the database, such as orders');
  }
  const limits = new MemoryLimits(memoryLimit === undefined ? {} : { memoryLimit });
  const target = { file, schema };
  return {
    table,
    path: databasePath({ ...target, name: table }),
    database: { ...target, limits },
    inspect: (path) => readDatabaseInfo(tableOfPath(path, target)),
  };
}
