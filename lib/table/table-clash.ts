// Tables of one run that would get into each other's way.
import { resolve } from 'node:path';
import { OptionError } from '../core/index.js';
import { TableError } from './table-error.js';

/** A table as the run knows it. */
export interface Named {
  readonly table: string;
  readonly path: string;
}

/** The error for a table whose name or path another one of the run has: they would share a log, or a file. */
export function clashWith({ table, path }: Named, others: readonly Named[]): OptionError | undefined {
  if (others.some((other) => resolve(other.path) === resolve(path))) {
    return new OptionError('path', `two sinks of this run write to ${path}. Give each a path of its own`);
  }
  const twin = others.find((other) => other.table === table);
  if (twin === undefined) return undefined;
  const message = `two tables of this run are called "${table}": ${twin.path} and ${path}. Give one of them another name, such as table: '${table}_2'`;
  return new OptionError('table', message);
}

/** The error for a child table whose name another table of the run has. */
export function childClash(child: string, owner: Named): TableError {
  const message = `has a child table ${child}, and another table of the run is called so, too. Give one of them another name by its option table.`;
  return new TableError('ERR_TABLE_PATH', owner.table, message);
}
