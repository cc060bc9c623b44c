// A DuckDB database file, open for one piece of work at a time.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { files, hasCode, syncFile, syncFolder } from '../../stage/index.js';
import { Database, type DatabaseOptions, engineError, refusalAdvice } from '../duckdb.js';
import { TableError } from '../table-error.js';
import { writeError } from '../write-error.js';

/** Who waits for a file in this process. DuckDB keeps other processes away, and nobody within one. */
const waiting = new Map<string, Promise<unknown>>();

/**
 * Opens a database file, made when it is not there, as `target`, and closes it when the work is done.
 * @throws TableError `ERR_TABLE_LOCKED` when another program has it open, `ERR_TABLE_CORRUPT` when it is no DuckDB database,
 * `ERR_TABLE_PATH` when it cannot be one, `ERR_TABLE_WRITE` when the disk is full or fails
 */
export async function withDatabaseFile<T>(
  file: string,
  options: Omit<DatabaseOptions, 'attach'>,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const path = resolve(file);
  const before = waiting.get(path) ?? Promise.resolve();
  const mine = before.then(() => use(path, options, work));
  const settled = mine.catch(() => undefined);
  waiting.set(path, settled);
  try {
    return await mine;
  } finally {
    if (waiting.get(path) === settled) waiting.delete(path);
  }
}

async function use<T>(
  attach: string,
  options: Omit<DatabaseOptions, 'attach'>,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await open(attach, options);
  try {
    return await work(database);
  } finally {
    database.close();
  }
}

async function open(attach: string, options: Omit<DatabaseOptions, 'attach'>): Promise<Database> {
  await mkdir(dirname(attach), { recursive: true });
  await create(attach, options);
  const database = await Database.open({ ...options, attach }).catch((error: unknown) => {
    throw openError(attach, options.table, error);
  });
  try {
    await syncFolder(dirname(attach));
    return database;
  } catch (error) {
    database.close();
    throw writeError(options.table, attach, error);
  }
}

/**
 * Makes a database that is not there yet under another name, and gives it its own when it is whole: a process that dies while DuckDB writes
 * the beginning of a file leaves one that nobody can open.
 */
async function create(file: string, options: Omit<DatabaseOptions, 'attach'>): Promise<void> {
  const { scratch, table } = options;
  if (scratch === undefined || existsSync(file)) return;
  try {
    await files.mkdir(scratch, { recursive: true });
    const draft = join(scratch, 'new.duckdb');
    await files.rm(draft, { force: true });
    (await Database.open({ ...options, attach: draft })).close();
    await syncFile(draft);
    // A link, since a rename would take the place of a database that another process has made meanwhile.
    await files.link(draft, file).catch((error: unknown) => {
      // Where there are no links, DuckDB makes it in its place.
      if (!hasCode(error, 'EEXIST', ...noLinks)) throw error;
    });
    await files.rm(draft, { force: true });
  } catch (error) {
    const known = writeError(table, file, error);
    throw known === error ? openError(file, table, error) : known;
  }
}

const noLinks = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV', 'EMLINK'];

function openError(file: string, table: string, cause: unknown): unknown {
  if (cause instanceof TableError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  const [first = ''] = message.split('\n');
  if (/Could not set lock|being used by another process/.test(message)) {
    const holder = /held in (.+?) \(PID (\d+)\)/.exec(message);
    const who = holder === null ? 'another program' : `${holder[1]} (process ${holder[2]})`;
    const advice = `${who} has the database ${file} open. Close it there and run again: the rows are kept in the stage.`;
    return new TableError('ERR_TABLE_LOCKED', table, advice, { cause });
  }
  if (/not a valid DuckDB database|version number|serializ|storage version/i.test(message)) {
    const advice = `${file} cannot be opened as a DuckDB database (${first}). It is left as it is: give another path, or move it away.`;
    return new TableError('ERR_TABLE_CORRUPT', table, advice, { cause });
  }
  if (/No space left on device/.test(message)) return engineError(table, cause);
  const what = `the database ${file} cannot be opened: ${first}. ${refusalAdvice(message)}`.trimEnd();
  return new TableError('ERR_TABLE_PATH', table, what, { cause });
}
