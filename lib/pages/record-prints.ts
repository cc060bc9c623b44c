// Short prints of records, small enough to be stored with a position: they tell whether records came before.
import { createHash, type Hash, hash } from 'node:crypto';
import { unreadOf } from '../core/index.js';

/** Characters of one print: 24 bits. */
const length = 4;

/** The print of a record: the same for the same JSON. */
function printOf(record: unknown): string {
  return hashOf(record, 'sha1').slice(0, length);
}

/** What tells one list of records from another: the same for the same JSON. */
export function printOfAll(records: unknown): string {
  return hashOf(records, 'sha256').slice(0, 22);
}

/** How many records of a page are looked at. */
const sampled = 8;

/**
 * What tells a page from others: how many records it has, and some of them, spread over it. `undefined` where those do not differ from each
 * other, and so say nothing.
 */
export function printOfPage(records: readonly unknown[]): string | undefined {
  const step = Math.max(1, (records.length - 1) / (sampled - 1));
  const places = Array.from({ length: Math.min(sampled, records.length) }, (_, index) => Math.round(index * step));
  const unread = unreadOf(records);
  const joined = unread?.isCanonical
    ? joinedBytes(places.map((place) => unread.bytes(place)))
    : joinedTexts(places.map((place) => jsonOf(records[place]) ?? printOfAll(records[place])));
  return joined && `${records.length} ${hash('sha256', joined, 'base64url')}`;
}

/** `undefined` where there is none, or one comes twice. */
function joinedTexts(texts: readonly string[]): string | undefined {
  const isTwice = texts.some((text, index) => texts.indexOf(text) < index);
  return isTwice || texts.length === 0 ? undefined : texts.join('\n');
}

/** The same of texts in UTF-8. */
function joinedBytes(texts: readonly Buffer[]): Buffer | undefined {
  if (texts.length === 0) return undefined;
  const joined = Buffer.allocUnsafe(texts.reduce((sum, { length }) => sum + length + 1, -1));
  let end = 0;
  for (const [index, text] of texts.entries()) {
    for (let other = 0; other < index; other += 1)
      if (texts[other]!.length === text.length && texts[other]!.equals(text)) return undefined;
    if (index > 0) joined[end++] = 0x0a;
    end += text.copy(joined, end);
  }
  return joined;
}

function hashOf(value: unknown, algorithm: 'sha1' | 'sha256'): string {
  const json = jsonOf(value);
  if (json !== undefined) return hash(algorithm, json, 'base64url');
  const deep = createHash(algorithm);
  addDeep(value, deep);
  return deep.digest('base64url');
}

/** `undefined` where the value is nested too deep for a function that calls itself. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    // A bigint, which few records have, and for which all are written at half the speed.
  }
  try {
    return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? inner.toString() : inner)) ?? '';
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Adds a value that is nested too deep for a function that calls itself. */
function addDeep(value: unknown, hash: Hash): void {
  const left: unknown[] = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next !== 'object' || next === null) {
      hash.update(`${typeof next} ${String(next)}\n`);
      continue;
    }
    const entries = Object.entries(next);
    hash.update(`${Array.isArray(next) ? 'list' : 'object'} ${entries.length}\n`);
    for (const [name, inner] of entries) {
      hash.update(`${JSON.stringify(name)}\n`);
      left.push(inner);
    }
  }
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
