// What a refused call of the file system means for a table.
import { adviceFor } from '../stage/index.js';
import { TableError } from './table-error.js';

/** The error of a file system call, with the table and what to do. */
export function writeError(table: string, path: string, error: unknown): unknown {
  if ((error as { syscall?: unknown }).syscall === undefined) return error;
  const message = `${path} cannot be written: ${(error as Error).message}. ${adviceFor(error)}`.trimEnd();
  return new TableError('ERR_TABLE_WRITE', table, message, { cause: error });
}
