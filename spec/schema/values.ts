// Random JSON values that lie close to where types change, and what it means that a read value equals one of them.
import fc from 'fast-check';
import { parse as parseLossless } from 'lossless-json';
import { ExactNumber, isExactNumber } from '../../lib/core/exact.js';
import type { ColumnType, Shape } from '../../lib/schema/index.js';
import type { ReadRow, Value } from './log-reader.js';

const dates = ['2024-02-29', '0001-01-01', '9999-12-31', '2023-02-29', '2024-13-01', '1970-01-01'];
const times = ['10:00:00', '23:59:59.999999', '00:00:00.5', '23:59:60', '24:00:00', '10:00'];
const timestamps = [
  '2024-01-01T10:00:00Z',
  '2024-01-01T10:00:00+02:00',
  '2024-01-01 10:00:00.123456-0730',
  '2024-01-01T10:00:00.1234567Z',
  '2024-01-01T10:00:00.1234560Z',
  '1969-12-31T23:59:59.999999',
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999999Z',
  '2024-02-30T10:00:00Z',
];

const digits = fc.stringMatching(/^[1-9]\d{0,24}$/);

export const scalar = fc.oneof(
  fc.constant(null),
  fc.constant(undefined),
  fc.boolean(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -0, 2 ** 53, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, Number.NaN, Number.NEGATIVE_INFINITY),
  fc.double(),
  fc.integer({ min: -99999, max: 99999 }).map((cents) => cents / 100),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n, 2n ** 64n, 10n ** 37n, 10n ** 38n, 2n ** 53n),
  fc.tuple(digits, digits).map(([whole, fraction]) => new ExactNumber(`-${whole}.${fraction}1234567890123456789`)),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...dates, ...times, ...timestamps),
  fc.constantFrom(
    'true',
    '1',
    '1.5',
    'null',
    '{}',
    '[]',
    '',
    '\ud800',
    '\\ud800',
    '\0',
    'NaN',
    "it's",
    '"',
    'é\u0301👩‍👩‍👧',
  ),
);

const key = fc.constantFrom(
  'a',
  'A',
  'b',
  'c',
  'id',
  '',
  'x.y',
  'x y',
  '"',
  "'",
  'é',
  'É',
  '__proto__',
  'select',
  '\ud800',
  '\0',
);
/** Keys that make proper structs, so that these are not all turned into JSON. */
const fieldKey = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('a', 'b', 'c') },
  { weight: 1, arbitrary: key.filter((name) => name !== '__proto__') },
);

const nested: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalar, tie('list'), tie('object')),
  list: fc.array(tie('value'), { maxLength: 3 }),
  object: fc.dictionary(fieldKey, tie('value'), { maxKeys: 3 }),
}))['value'] as fc.Arbitrary<unknown>;

/** Some columns hold one kind of value, as those of APIs mostly do, others anything. */
const kindOfColumn = fc.constantFrom<fc.Arbitrary<unknown>>(
  nested,
  scalar,
  fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null)),
  fc.oneof(
    fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
    fc.integer({ min: -99999, max: 99999 }).map((cents) => cents / 100),
  ),
  fc.constantFrom(...timestamps),
  fc.constantFrom(...dates),
  fc.constantFrom(...times),
  fc.array(fc.oneof(fc.integer(), fc.constant(null)), { maxLength: 3 }),
  fc.record(
    { a: fc.oneof(fc.integer(), fc.double()), b: fc.constantFrom(...timestamps, ...dates) },
    { requiredKeys: [] },
  ),
  fc.array(fc.record({ a: fc.constantFrom(...times, 1, null), b: fc.array(fc.bigInt()) }, { requiredKeys: [] }), {
    maxLength: 2,
  }),
);

/** Rows of a table with up to five columns. */
export const rows: fc.Arbitrary<Record<string, unknown>[]> = fc
  .uniqueArray(fc.tuple(key, kindOfColumn), { maxLength: 5, selector: ([name]) => name })
  .chain((columns) => {
    const model = Object.create(null) as Record<string, fc.Arbitrary<unknown>>;
    for (const [name, values] of columns) model[name] = values;
    return fc.array(fc.record(model, { requiredKeys: [] }), { minLength: 1, maxLength: 6 });
  });

/** Why a row that was read is not the row that was written; `undefined` when it is. */
export function differenceOfRow(
  written: Record<string, unknown>,
  read: ReadRow,
  shape: Shape,
  types: Map<string, ColumnType>,
): string | undefined {
  for (const { name, key: from } of shape.columns) {
    const value = Object.hasOwn(written, from) ? written[from] : undefined;
    const type = types.get(name)!;
    if (!same(value, read[name], type)) return `${name} ${type.kind}: ${show(value)} was read as ${show(read[name])}`;
  }
  return undefined;
}

export function show(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    typeof inner === 'bigint' ? `${inner}n` : Object.is(inner, -0) ? '-0' : inner,
  );
}

function same(written: unknown, read: unknown, type: ColumnType): boolean {
  if (written === null || written === undefined) return read === null;
  switch (type.kind) {
    case 'list':
      return (
        Array.isArray(read) &&
        Array.isArray(written) &&
        read.length === written.length &&
        written.every((item, i) => same(item, read[i], type.item))
      );
    case 'struct': {
      const source = written as Record<string, unknown>;
      const names = new Map(Object.keys(source).map((name) => [wellFormed(name), name]));
      const target = read as Record<string, Value>;
      return type.fields.every((field) =>
        same(names.has(field.name) ? source[names.get(field.name)!] : null, target[field.name], field.type),
      );
    }
    case 'json':
      return sameJson(written, parseLossless(String(read), null, { parseNumber: (text) => new ExactNumber(text) }));
    case 'bool':
      return read === written;
    case 'double':
      return Object.is(Number(read), Number(written));
    case 'bigint':
    case 'decimal':
      return canonical(String(read)) === canonical(String(written));
    case 'timestamp':
      return instant(String(read)) === instant(String(written));
    case 'date':
    case 'unknown':
      return read === written;
    case 'time':
      return trimFraction(String(read)) === trimFraction(String(written));
    default:
      return sameText(written, String(read));
  }
}

/** A text column holds a text as it is, or a number or a time in another notation, when it had that type before. */
function sameText(written: unknown, read: string): boolean {
  if (typeof written === 'number' && !Number.isFinite(written))
    return (
      read.toLowerCase().slice(0, 3) === String(written).toLowerCase().slice(0, 3) ||
      String(Number(written)).toLowerCase().startsWith(read.toLowerCase())
    );
  if (typeof written === 'number' || typeof written === 'bigint' || isExactNumber(written))
    return canonical(read) === canonical(String(written));
  if (typeof written !== 'string') return read === String(written);
  if (read === wellFormed(written)) return true;
  return instant(read) === instant(written) || (/^\d\d:/.test(written) && trimFraction(read) === trimFraction(written));
}

function sameJson(written: unknown, read: unknown): boolean {
  if (written === undefined) return read === null;
  if (isExactNumber(read)) {
    if (typeof written === 'number') return canonical(read.text) === canonical(String(written));
    return typeof written === 'bigint' && canonical(read.text) === canonical(String(written));
  }
  if (typeof read === 'string') return sameText(written, read);
  if (Array.isArray(read))
    return (
      Array.isArray(written) && read.length === written.length && read.every((item, i) => sameJson(written[i], item))
    );
  if (typeof read !== 'object' || read === null) return read === written;
  if (typeof written !== 'object' || written === null || Array.isArray(written)) return false;
  const present = Object.entries(written).filter(([, value]) => value !== undefined);
  const target = read as Record<string, unknown>;
  // A struct that became JSON later has all its fields, the missing ones as null.
  const known = new Set(present.map(([name]) => wellFormed(name)));
  return (
    present.every(
      ([name, value]) =>
        (value === null && !Object.hasOwn(target, wellFormed(name))) || sameJson(value, target[wellFormed(name)]),
    ) && Object.keys(target).every((name) => known.has(name) || target[name] === null)
  );
}

/** The digits and the power of ten, so that all notations of a number are the same. */
export function canonical(text: string): string {
  const [all, sign, whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  if (all === undefined) return text.toLowerCase();
  const numerals = (whole + fraction).replace(/^0+/, '');
  const significant = numerals.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${sign}${significant}e${Number(exponent) - fraction.length + numerals.length - significant.length}`;
}

/** Microseconds since 1970 of an ISO text or of what DuckDB prints. */
export function instant(text: string): bigint | string {
  const match = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d(?::?\d\d)?)?$/.exec(text);
  if (!match) return text;
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] = match;
  const local = new Date(0);
  local.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  local.setUTCHours(Number(hour), Number(minute), Number(second));
  const offset =
    zone === 'Z'
      ? 0
      : Number(`${zone[0]}1`) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(':', '') || 0));
  return BigInt(local.getTime() - offset * 60_000) * 1000n + BigInt(fraction.padEnd(6, '0').slice(0, 6));
}

function trimFraction(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** What UTF-8 can hold of a text. */
export function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}
