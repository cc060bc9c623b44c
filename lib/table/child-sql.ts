// The SQL by which child tables follow their table. Each function makes one query; nothing here runs anything.
import { links, rootPlace } from '../schema/index.js';
import { rowNumber, whereBit } from './merge-sql.js';
import { places, variable } from './set-sql.js';
import { identifier, literal } from './sql-text.js';

const id = identifier(links.id);
const root = identifier(links.root);

/** Which rows of a log the table has taken: `place` in the log, and `id`. */
export function selectAccepted(accepted: string): string {
  return `SELECT ${rowNumber} AS place, ${id} AS id FROM (${accepted})`;
}

/** The ids of rows that a table had and has no more: of those whose bit is set, all that do not come again. */
export function selectGone(previous: string, leaving: string, coming: readonly string[]): string {
  const left = `SELECT ${id} AS id FROM (${whereBit(previous, leaving, 1)}) WHERE ${id} IS NOT NULL`;
  return left + coming.map((relation) => ` EXCEPT SELECT ${id} FROM (${relation})`).join('');
}

/** The places of accepted rows, as a set. */
export function acceptedPlaces(file: string, rows: number): string {
  return `SELECT ${places('place', rows)} FROM read_parquet(${literal(file)})`;
}

/** Whether a line in the log of a child table belongs to a row whose place is in a set. */
export function belongsTo(set: string): string {
  return `get_bit(${variable(set)}, ${identifier(rootPlace)}::INTEGER) = 1`;
}

/** The places of published child rows that belong to rows named in `files`, as a set. */
export function placesOf(previous: string, rows: number, files: readonly string[]): string {
  const named = files.map((file) => `SELECT id FROM read_parquet(${literal(file)})`).join(' UNION ALL ');
  return `SELECT ${places(rowNumber, rows)} FROM (${previous}) WHERE ${root} IN (${named})`;
}
