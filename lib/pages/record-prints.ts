// Short prints of records, small enough to be stored with a position: they tell whether records came before.
import { createHash } from 'node:crypto';

/** Characters of one print: 24 bits. */
const length = 4;

/** The print of a record: the same for the same JSON. */
function printOf(record: unknown): string {
  const exact = (_: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value);
  return createHash('sha1')
    .update(JSON.stringify(record, exact) ?? '')
    .digest('base64url')
    .slice(0, length);
}

/** The prints of records, in one text. `undefined` where they do not tell the records apart, and so cannot say whether one came before. */
export function printsOf(records: readonly unknown[]): string | undefined {
  const prints = records.map(printOf);
  return prints.length > 0 && new Set(prints).size === prints.length ? prints.join('') : undefined;
}

/** Whether the last of the records with these prints is among `records`. */
export function hasLast(prints: string, records: readonly unknown[]): boolean {
  const last = prints.slice(-length);
  return records.some((record) => printOf(record) === last);
}

/** Whether each of `records` is among those with these prints. */
export function areAll(prints: string, records: readonly unknown[]): boolean {
  const known = new Set(prints.match(new RegExp(`.{${length}}`, 'g')));
  return records.every((record) => known.has(printOf(record)));
}

/** Whether `records` begin as those with these prints do. */
export function beginAlike(prints: string, records: readonly unknown[]): boolean {
  const common = Math.min(records.length, prints.length / length);
  return common > 0 && records.slice(0, common).map(printOf).join('') === prints.slice(0, common * length);
}
