// Compares the values that a table gave back with those that the contract expects.
import assert from 'node:assert/strict';
import type { Row } from '../core/index.js';

/** A number by its digits, whether it comes back as a number, a `bigint` or a text: `1.50` is `1.5`. */
export class Digits {
  constructor(readonly text: string) {}
}

/** An instant, in UTC, to the microsecond. */
export class Instant {
  constructor(readonly text: string) {}
}

/** Any instant, such as the time of a run. */
export class AnyInstant {}

/** @throws AssertionError when the rows are not the expected ones, in any order of rows and columns. A missing value is NULL. */
export function assertRows(actual: readonly Row[] | undefined, expected: readonly Row[]): void {
  assert.ok(actual !== undefined, 'no table was published');
  const columns = [...new Set([...actual, ...expected].flatMap((row) => Object.keys(row)))].sort();
  const shownExpected = expected.map((row) => columns.map((name) => [name, shown(row[name], row[name])]));
  const rest = [...actual];
  const shownActual = expected.flatMap((row, at) => {
    const found = rest.findIndex((other) => sameId(other, row));
    const [other] = found < 0 ? [] : rest.splice(found, 1);
    return other === undefined ? [] : [columns.map((name) => [name, shown(other[name], expected[at]![name])])];
  });
  const unexpected = rest.map((row) => columns.map((name) => [name, shown(row[name], undefined)]));
  assert.deepEqual([...shownActual, ...unexpected], shownExpected);
}

/** Rows of the contract have an `id`, and `part` beside it where that is not enough. */
function sameId(one: Row, other: Row): boolean {
  return ['id', 'part'].every((name) => String(one[name] ?? '') === String(other[name] ?? ''));
}

/** A value in a form in which equal values are equal: `expected` says what it stands for. */
function shown(value: unknown, expected: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (expected instanceof Digits) return value instanceof Digits ? digits(value.text) : digits(value);
  if (expected instanceof Instant) return instant(value instanceof Instant ? value.text : value);
  if (expected instanceof AnyInstant) {
    return value instanceof AnyInstant || String(instant(value)).startsWith('instant ') ? 'some instant' : value;
  }
  if (typeof value === 'bigint') return `number ${value}`;
  if (typeof value === 'number') return `number ${Object.is(value, -0) ? '-0' : value}`;
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value))
    return value.map((item, at) => shown(item, Array.isArray(expected) ? expected[at] : undefined));
  if (typeof value === 'object') {
    const names = [...new Set([...Object.keys(value), ...Object.keys((expected as object) ?? {})])].sort();
    const member = (source: unknown, name: string) => (source as Readonly<Record<string, unknown>> | undefined)?.[name];
    return names.map((name) => [name, shown(member(value, name), member(expected, name))]);
  }
  return value;
}

function digits(value: unknown): unknown {
  const parts = /^(-?)0*(\d+?)(?:\.(\d*?)0*)?$/.exec(String(value));
  return parts ? `digits ${parts[1]}${parts[2]}${parts[3] ? `.${parts[3]}` : ''}` : value;
}

function instant(value: unknown): unknown {
  const text = value instanceof Date ? value.toISOString() : String(value);
  const parts = /^(\S{10})[T ](\d\d:\d\d:\d\d)(?:\.(\d*?)0*)?(?:Z|\+00(?::?00)?)$/.exec(text);
  return parts ? `instant ${parts[1]}T${parts[2]}${parts[3] ? `.${parts[3]}` : ''}Z` : value;
}
