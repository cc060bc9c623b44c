// Tables of one run that would get into each other's way.
import { dirname, resolve } from 'node:path';
import { OptionError } from '../core/index.js';
import { TableError } from './table-error.js';

/** A table as the run knows it. */
export interface Named {
  readonly table: string;
  readonly path: string;
  /** The file for rows that its contract leaves out. @default there is none */
  readonly deadLetters?: string;
}

/** What the run is to know of a table. */
export function namedBy({ table, path, deadLetters }: Named): Named {
  return { table, path, ...(deadLetters !== undefined && { deadLetters }) };
}

/** A file or folder that a table of the run writes. */
interface Taken {
  readonly path: string;
  /** In words, for a person. */
  readonly what: string;
}

/** The tables of a run. To ask for one takes no longer when there are many. */
export class TableNames {
  readonly #tables = new Map<string, Named>();
  readonly #files = new Map<string, Taken>();
  /** Folders in which tables lie, and one that does. */
  readonly #folders = new Map<string, Taken>();

  get all(): readonly Named[] {
    return [...this.#tables.values()];
  }

  /** The table that is called so. */
  named(table: string): Named | undefined {
    return this.#tables.get(table);
  }

  /** Takes a table in, or returns the error for one whose name or path another one has: they would share a log, or a file. */
  add(name: Named): OptionError | undefined {
    const clash = filesOf(name).map((file) => this.#clashOf(file));
    const error = clash.find((each) => each !== undefined) ?? this.#twin(name);
    if (error !== undefined) return error;
    this.#tables.set(name.table, name);
    for (const file of filesOf(name)) this.#take(file);
    return undefined;
  }

  #take(file: Taken): void {
    const own = resolve(file.path);
    this.#files.set(own, file);
    for (const folder of foldersOf(own)) if (!this.#folders.has(folder)) this.#folders.set(folder, file);
  }

  #clashOf({ path, what }: Taken): OptionError | undefined {
    const own = resolve(path);
    const same = this.#files.get(own);
    if (same !== undefined) {
      const both = same.what === what ? `two of them are ${what}` : `${same.what}, and ${what}`;
      const message = `two sinks of this run write to ${path} (${both}). Give each a path of its own`;
      return new OptionError(what === theDeadLetters ? 'deadLetters' : 'path', message);
    }
    // A table that is a folder has nothing in it but its own files.
    const outer = foldersOf(own).find((folder) => this.#files.has(folder));
    const inner = this.#folders.get(own);
    if (outer !== undefined) return within(path, this.#files.get(outer)!.path);
    return inner === undefined ? undefined : within(inner.path, path);
  }

  #twin({ table, path }: Named): OptionError | undefined {
    const twin = this.#tables.get(table);
    if (twin === undefined) return undefined;
    const message = `two tables of this run are called "${table}": ${twin.path} and ${path}. Give one of them another name, such as table: '${table}_2'`;
    return new OptionError('table', message);
  }
}

const theDeadLetters = 'dead letters';

function filesOf({ path, deadLetters }: Named): readonly Taken[] {
  const table = { path, what: 'a table' };
  return deadLetters === undefined ? [table] : [table, { path: deadLetters, what: theDeadLetters }];
}

/** All folders that a file lies in, from the nearest on. */
function foldersOf(file: string): readonly string[] {
  const folder = dirname(file);
  return folder === file ? [] : [folder, ...foldersOf(folder)];
}

function within(inner: string, outer: string): OptionError {
  const message = `${inner} lies in ${outer}, which another sink of this run writes to. Give each a path of its own`;
  return new OptionError('path', message);
}

/** The error for a child table whose name another table of the run has. */
export function childClash(child: string, owner: Named): TableError {
  const message = `has a child table ${child}, and another table of the run is called so, too. Give one of them another name by its option table.`;
  return new TableError('ERR_TABLE_PATH', owner.table, message);
}
