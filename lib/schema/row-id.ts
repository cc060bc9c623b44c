// The ids that tie the rows of child tables to their parents: the ones that dlt computes.
import { createHash } from 'node:crypto';
import { logJson, membersJson } from './log-json.js';

/**
 * The id of the row with this key: dlt's for `upsert`. Rows with the same key have the same id.
 * @param key Names and values of the key's columns.
 */
export function idOfKey(key: readonly (readonly [name: string, value: unknown])[]): string {
  return digest(membersJson([...key].sort(([one], [other]) => (one < other ? -1 : 1))));
}

/** The id of a row by all that is in it. */
export function idOfContent(row: unknown): string {
  return digest(logJson(row) ?? '');
}

/** The id of the row at this place of a load. */
export function idOfPlace(load: string, place: number): string {
  return digest(`${load}_${place}`);
}

/** The id of a list's item: dlt's. */
export function idOfItem(parentId: string, table: string, index: number): string {
  return digest(`${parentId}_${table}_${index}`);
}

/** 80 bits: two of a billion rows are alike with a probability of 1 to 2 million. */
function digest(text: string): string {
  const hash = createHash('shake128', { outputLength: 10 }).update(text).digest('base64');
  return hash.slice(0, 14);
}
