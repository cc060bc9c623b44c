// Values that stand for nothing in JSON although they are there: they must not become NULL unnoticed.
import { types } from 'node:util';

/** Thrown for such a value. */
export class Unwritable extends Error {
  readonly value: unknown;

  constructor(value: unknown) {
    super(`${nameOf(value)} is no value`);
    this.value = value;
  }
}

/** Whether it is a function, a symbol, a promise, or a date that is none. `undefined` is a value that is missing. */
export function isUnwritable(value: unknown): boolean {
  if (typeof value === 'function' || typeof value === 'symbol') return true;
  return types.isPromise(value) || (value instanceof Date && Number.isNaN(value.getTime()));
}

/** @throws Unwritable */
export function refuseUnwritable(value: unknown): void {
  if (isUnwritable(value)) throw new Unwritable(value);
}

/** What it is, and where in the row, for messages. */
export function describeUnwritable({ value }: Unwritable, row: unknown): string {
  const path = pathOf(value, row, 0);
  return `${path === undefined ? 'it' : `"${path}"`} is ${nameOf(value)}`;
}

function nameOf(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'symbol') return 'a symbol';
  return types.isPromise(value) ? 'a promise' : 'an invalid Date';
}

const deepest = 64;

function pathOf(wanted: unknown, within: unknown, depth: number): string | undefined {
  if (within === wanted) return '';
  if (typeof within !== 'object' || within === null || depth > deepest) return undefined;
  const members = within instanceof Map ? [...within] : Object.entries(within);
  for (const [key, value] of members) {
    const path = pathOf(wanted, value, depth + 1);
    if (path !== undefined) return path === '' ? String(key) : `${String(key)}.${path}`;
  }
  return undefined;
}
