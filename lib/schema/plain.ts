// Values that are not JSON, as a program may put them into rows: which JSON stands for them in the log.
import { isExactNumber } from '../core/index.js';

/** Whether a value is an object as JSON has them. Anything else that is no list goes through `plainValue`. */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** An integer or a decimal with more digits than a double holds, as its text; `undefined` for anything else. */
export function exactText(value: object): string | undefined {
  if (isExactNumber(value)) return value.text;
  // The numbers of lossless-json, for programs that parse with it themselves.
  if ('isLosslessNumber' in value && value.isLosslessNumber === true) return String(value);
  return undefined;
}

/**
 * What `JSON.stringify` would write for an object that is neither plain nor a list, before it does: a date as its ISO text, what
 * has `toJSON` as that says, boxed values unboxed, other objects with their own properties. Beyond that: a `Map` as an object and
 * a `Set` as a list, which `JSON.stringify` would lose.
 */
export function plainValue(value: object): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if ('toJSON' in value && typeof value.toJSON === 'function') return value.toJSON();
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, inner]) => [String(key), inner]));
  if (value instanceof Set) return [...value];
  if (value instanceof Number || value instanceof String || value instanceof Boolean) return value.valueOf();
  return Object.fromEntries(Object.entries(value));
}

/** The base64 text of bytes. */
export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
