// Values that are not JSON, as a program may put them into rows: which JSON stands for them in the log.
import { isLosslessNumber } from 'lossless-json';
import { ExactNumber } from '../core/index.js';
import { refuseUnwritable } from './unwritable.js';

/** Whether a value is an object as JSON has them. Anything else that is no list goes through `plainValue`. */
export function isPlainObject(value: object): boolean {
  return hasPlainPrototype(value) && typeof (value as { readonly toJSON?: unknown }).toJSON !== 'function';
}

function hasPlainPrototype(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A number of a JSON text that was kept as its digits. */
function numberOf(text: string): number | bigint | ExactNumber {
  if (/^-?\d+$/.test(text)) return BigInt(text);
  // A double holds every number of at most 15 digits.
  return text.replace(/[eE].*/, '').length <= 15 && Number.isFinite(Number(text)) && !/[eE][+-]?\d{3}/.test(text)
    ? Number(text)
    : new ExactNumber(text);
}

/**
 * What `JSON.stringify` would write for an object that is neither plain nor a list, before it does: a date as its ISO text, what
 * has `toJSON` as that says, boxed values unboxed, other objects with their own properties. Beyond that: a `Map` as an object, a
 * `Set` as a list, and the numbers of lossless-json as numbers, for programs that parse with it themselves.
 * @throws Unwritable for a date that is none
 */
export function plainValue(value: object): unknown {
  if (isLosslessNumber(value)) return numberOf(value.value);
  refuseUnwritable(value);
  if (value instanceof Date) return value.toISOString();
  if ('toJSON' in value && typeof value.toJSON === 'function') return withoutToJson(value.toJSON(), value);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, inner]) => [String(key), inner]));
  if (value instanceof Set) return [...value];
  if (value instanceof Number || value instanceof String || value instanceof Boolean) return value.valueOf();
  return Object.fromEntries(Object.entries(value));
}

/** What `toJSON` gave is not asked for its own: a copy of the object, or the object itself, would have it again. */
function withoutToJson(given: unknown, of: object): unknown {
  if (typeof given !== 'object' || given === null || isPlainObject(given)) return given;
  if (given !== of && !hasPlainPrototype(given)) return given;
  return Object.fromEntries(Object.entries(given).filter(([key]) => key !== 'toJSON'));
}

/** The base64 text of bytes. */
export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
