// What the files of a table in a stage are called.
import { createHash } from 'node:crypto';

/** Characters of a segment's name before its number. */
const longestPrefix = 150;

/** A file name for a table of any name: letters, digits and `-_.` stay, all else is written in hex. Of a long one the end is a hash: no two tables share a file. */
export function filePrefix(table: string): string {
  const prefix = `t-${table.replace(/[^A-Za-z0-9_-]/gu, (char) => `.${char.codePointAt(0)!.toString(16)}.`)}`;
  if (prefix.length <= longestPrefix) return prefix;
  const hash = createHash('sha256').update(table).digest('hex').slice(0, 16);
  return `${prefix.slice(0, longestPrefix - hash.length - 1)}-${hash}`;
}
