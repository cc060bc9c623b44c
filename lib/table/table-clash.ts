// Tables of one run that would get into each other's way.
import { resolve, sep } from 'node:path';
import { OptionError } from '../core/index.js';
import { TableError } from './table-error.js';

/** A table as the run knows it. */
export interface Named {
  readonly table: string;
  readonly path: string;
}

/** The error for a table whose name or path another one of the run has: they would share a log, or a file. */
export function clashWith({ table, path }: Named, others: readonly Named[]): OptionError | undefined {
  const own = resolve(path);
  for (const other of others) {
    const taken = resolve(other.path);
    if (taken === own)
      return new OptionError('path', `two sinks of this run write to ${path}. Give each a path of its own`);
    // A table that is a folder has nothing in it but its own files.
    if (!own.startsWith(taken + sep) && !taken.startsWith(own + sep)) continue;
    const [outer, inner] = own.length < taken.length ? [path, other.path] : [other.path, path];
    const message = `${inner} lies in ${outer}, which another sink of this run writes to. Give each a path of its own`;
    return new OptionError('path', message);
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
