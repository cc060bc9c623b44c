// Writes one value as JSON for the log, where `JSON.stringify` would lose it or refuse it. Slow, and only for such rows.
import { toUSVString } from 'node:util';
import { isExactNumber } from '../core/index.js';
import { base64, isPlainObject, plainValue } from './plain.js';
import { isUnwritable } from './unwritable.js';

/**
 * The JSON of a value, without loss: a `bigint` as bare digits, which the engine reads exactly; longer decimals, which it would
 * round, as text; NaN and the infinities as text, bytes as base64, -0 as `-0.0`; a lone surrogate, which no UTF-8 holds, as U+FFFD.
 * Returns `undefined` where `JSON.stringify` leaves something out.
 */
export function logJson(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(toUSVString(value));
    case 'number':
      if (Object.is(value, -0)) return '-0.0';
      return Number.isFinite(value) ? String(value) : `"${value}"`;
    case 'bigint':
      return String(value);
    case 'boolean':
      return String(value);
    case 'object':
      return value === null ? 'null' : objectJson(value);
    default:
      return undefined;
  }
}

function objectJson(value: object): string | undefined {
  if (Array.isArray(value)) return `[${value.map((item) => logJson(item) ?? 'null').join(',')}]`;
  if (isPlainObject(value)) return membersJson(Object.entries(value));
  // No row that is written has one; a dead letter may.
  if (isUnwritable(value)) return JSON.stringify(String(value));
  if (value instanceof Uint8Array) return `"${base64(value)}"`;
  return isExactNumber(value) ? `"${value.text}"` : logJson(plainValue(value));
}

/** The JSON of an object with these members. */
export function membersJson(members: readonly (readonly [key: string, value: unknown])[]): string {
  const parts: string[] = [];
  for (const [key, value] of members) {
    const json = logJson(value);
    if (json !== undefined) parts.push(`${JSON.stringify(toUSVString(key))}:${json}`);
  }
  return `{${parts.join(',')}}`;
}
