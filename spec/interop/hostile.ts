// A table of values that readers stumble over: the rows as a program gives them, and what every reader should find, in the words of read.py.
import { createHash } from 'node:crypto';
import type { Row } from '../../lib/core/index.js';
import { ExactNumber } from '../../lib/index.js';
import type { ColumnDeclaration, ColumnType } from '../../lib/schema/index.js';
import type { Canonical } from './canonical.js';

const text: ColumnType = { kind: 'text' };
const bigint: ColumnType = { kind: 'bigint' };
const list = (item: ColumnType): ColumnType => ({ kind: 'list', item });
const struct = (fields: Record<string, ColumnType>): ColumnType => ({
  kind: 'struct',
  fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
});
const deep = struct({ b: struct({ c: list(struct({ d: struct({ e: list(list(text)) }) })) }) });

/** A value of a row, and what is to be found of it. */
type Case = readonly [given: unknown, found: Canonical];

const same = (...values: string[]): Case[] => values.map((value) => [value, `s:${shortened(value)}`]);
const day = (value: string): Case => [value, `D:${value}`];
const instant = (value: string, found: string): Case => [value, `T:${found}Z`];

const long = 2n ** 63n;
const widest = 10n ** 38n - 1n;
const megabyte = `${'🚀 é\n'.repeat(150_000)}end`;

/** The columns, each with the values of its rows from the first on; a row without one has NULL. */
const columns: Readonly<
  Record<string, { readonly type: ColumnType; readonly cases: readonly Case[]; readonly declared?: ColumnDeclaration }>
> = {
  int8: { type: bigint, cases: [-128, 127, -1, 0].map((value) => [value, `i:${value}`]) },
  int16: { type: bigint, cases: [-32_768, 32_767].map((value) => [value, `i:${value}`]) },
  int32: { type: bigint, cases: [-(2 ** 31), 2 ** 31 - 1, 2 ** 32 - 1].map((value) => [value, `i:${value}`]) },
  int64: {
    type: bigint,
    cases: [-long, long - 1n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n].map((value) => [value, `i:${value}`]),
  },
  uint64: {
    type: { kind: 'decimal', precision: 38, scale: 0 },
    cases: [2n ** 64n - 1n, long, 0n, -long - 1n].map((value) => [value, `d:${value}`]),
  },
  wide: {
    type: { kind: 'decimal', precision: 38, scale: 0 },
    cases: [widest, -widest].map((value) => [value, `d:${value}`]),
  },
  wider: { type: text, cases: [widest + 1n, 2n ** 200n, 1n].map((value) => [value, `s:${value}`]) },
  decimal: {
    type: { kind: 'decimal', precision: 38, scale: 18 },
    declared: { data_type: 'decimal', precision: 38, scale: 18 },
    cases: [
      ['99999999999999999999.999999999999999999', 'd:99999999999999999999.999999999999999999'],
      ['-99999999999999999999.999999999999999999', 'd:-99999999999999999999.999999999999999999'],
      ['0.000000000000000001', 'd:0.000000000000000001'],
      [0, 'd:0.000000000000000000'],
      [-0.5, 'd:-0.500000000000000000'],
    ],
  },
  exact: {
    type: { kind: 'decimal', precision: 38, scale: 20 },
    cases: [
      [new ExactNumber('0.12345678901234567891'), 'd:0.12345678901234567891'],
      [1.5, 'd:1.50000000000000000000'],
    ],
  },
  double: {
    type: { kind: 'double' },
    declared: { data_type: 'double' },
    cases: [
      [-0, 'f:-0'],
      [Number.NaN, 'f:NaN'],
      [Number.POSITIVE_INFINITY, 'f:Infinity'],
      [Number.NEGATIVE_INFINITY, 'f:-Infinity'],
      [Number.MIN_VALUE, 'f:5e-324'],
      [-Number.MAX_VALUE, 'f:-1.7976931348623157e+308'],
      [0.1, 'f:0.1'],
      [1e21, 'f:1e+21'],
      [2 ** 53, 'f:9007199254740992'],
    ],
  },
  bool: {
    type: { kind: 'bool' },
    cases: [
      [true, 'b:true'],
      [false, 'b:false'],
    ],
  },
  date: {
    type: { kind: 'date' },
    cases: ['0001-01-01', '9999-12-31', '1582-10-04', '1582-10-15', '1969-12-31', '1970-01-01', '2024-02-29'].map(day),
  },
  at: {
    type: { kind: 'timestamp' },
    cases: [
      instant('0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000000'),
      instant('9999-12-31T23:59:59.999999Z', '9999-12-31T23:59:59.999999'),
      instant('1582-10-10T12:00:00Z', '1582-10-10T12:00:00.000000'),
      instant('1969-12-31T23:59:59.999999Z', '1969-12-31T23:59:59.999999'),
      instant('2024-03-31T01:30:00.000001+02:00', '2024-03-30T23:30:00.000001'),
      instant('2024-01-01 00:00:00-12:00', '2024-01-01T12:00:00.000000'),
      instant('2024-10-27T00:30:00', '2024-10-27T00:30:00.000000'),
    ],
  },
  leap: {
    type: text,
    cases: same('2016-12-31T23:59:60Z', '2024-01-01T24:00:00Z', '2024-01-01T00:00:00.123456789Z', '2024-02-30'),
  },
  text: {
    type: text,
    cases: [
      ...same(
        '',
        ' ',
        'a\0b',
        '\0',
        '👩‍👩‍👧‍👦🏳️‍🌈',
        'e\u0301\u0323',
        'مرحبا\u200f',
        '\r\n\t',
        '"\',;\\',
        'NULL',
        '\uFEFFbom',
        '\u2028\u2029',
        megabyte,
      ),
      ['\ud83d alone', 's:\ufffd alone'],
    ],
  },
  bytes: {
    type: { kind: 'binary' },
    cases: [
      [new Uint8Array(), 'h:'],
      [new Uint8Array([0, 255, 10]), 'h:00ff0a'],
    ],
  },
  deep: {
    type: struct({ a: deep }),
    cases: [
      [
        { a: { b: { c: [{ d: { e: [['x', null], [], null] } }, null] } } },
        { a: { b: { c: [{ d: { e: [['s:x', null], [], null] } }, null] } } },
      ],
      [{ a: null }, { a: null }],
      [{ a: { b: { c: [] } } }, { a: { b: { c: [] } } }],
    ],
  },
  lists: {
    type: list(list(bigint)),
    cases: [
      [[], []],
      [[[]], [[]]],
      [
        [null, [1, null]],
        [null, ['i:1', null]],
      ],
    ],
  },
  mixed: {
    type: { kind: 'json' },
    cases: [
      [[1, 'a', null], 's:[1,"a",null]'],
      [{ k: {} }, 's:{"k":{}}'],
      ['"', 's:"\\""'],
    ],
  },
  nothing: { type: text, cases: [] },
};

const count = Math.max(...Object.values(columns).map(({ cases }) => cases.length)) + 1;

/** What the columns should be. */
export const hostileTypes: Readonly<Record<string, ColumnType>> = {
  id: bigint,
  ...Object.fromEntries(Object.entries(columns).map(([name, { type }]) => [name, type])),
};

export const hostileDeclarations: Readonly<Record<string, ColumnDeclaration>> = Object.fromEntries(
  Object.entries(columns).flatMap(([name, { declared }]) => (declared ? [[name, declared]] : [])),
);

/** The rows as they are given. The last has NULL everywhere but in its key. */
export const hostileRows: readonly Row[] = rowsOf((it) => (it === undefined ? null : it[0]));

/** What is to be found. */
export const expectedHostile = rowsOf((it) => (it === undefined ? null : it[1])) as readonly Record<
  string,
  Canonical
>[];

function rowsOf(part: (it: Case | undefined) => unknown): Row[] {
  return Array.from({ length: count }, (_, index) => {
    const cells = Object.entries(columns).map(([name, { cases }]) => [name, part(cases[index])]);
    return { id: part([index, `i:${index}`]), ...Object.fromEntries(cells) };
  });
}

/** Texts of some length are told by their hash. */
export function shortened(value: string): string {
  if (value.length <= 1000) return value;
  return `#${createHash('sha256').update(value).digest('hex')}`;
}

/** What is to be found in a CSV file, where all is text. */
export const expectedInCsv: readonly Record<string, Canonical>[] = expectedHostile.map((row) =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === null ? null : `s:${inCsv(value)}`])),
);

/** What is to be found in JSON lines: numbers and texts. */
export const expectedInJson: readonly Record<string, Canonical>[] = expectedHostile.map((row) =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, inJson(value, hostileTypes[name])])),
);

function inCsv(value: Canonical): string {
  if (typeof value !== 'string') return JSON.stringify(natural(value));
  const content = value.slice(2);
  if (value.startsWith('d:') && content.includes('.')) return content.replace(/\.?0+$/, '');
  if (value.startsWith('f:')) return inDuckDb(content);
  if (value.startsWith('T:')) return content.replace(/\.?0+Z$/, 'Z');
  return value.startsWith('h:') ? Buffer.from(content, 'hex').toString('base64') : content;
}

function inDuckDb(double: string): string {
  if (double === 'NaN') return 'nan';
  if (double.endsWith('Infinity')) return double.replace('Infinity', 'inf');
  return /^-?\d+$/.test(double) ? `${double}.0` : double;
}

function inJson(value: Canonical, type: ColumnType | undefined): Canonical {
  if (type?.kind === 'json' && typeof value === 'string') return words(JSON.parse(value.slice(2)));
  if (typeof value !== 'string') return value;
  if (value.startsWith('d:'))
    return type?.kind === 'decimal' && type.scale > 0 ? `s:${inCsv(value)}` : `i:${value.slice(2)}`;
  if (value.startsWith('f:') && /NaN|Inf/.test(value)) return `s:${value.slice(2)}`;
  return /^[ibsf]:/.test(value) ? value : `s:${inCsv(value)}`;
}

/** A value of JSON in the words of read.py. */
function words(value: unknown): Canonical {
  if (value === null) return null;
  if (Array.isArray(value)) return value.map(words);
  if (typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, it]) => [key, words(it)]));
  return typeof value === 'number' ? `i:${value}` : `s:${value}`;
}

/** A list or a struct as JSON. */
function natural(value: Canonical): unknown {
  if (value === null) return null;
  if (Array.isArray(value)) return value.map(natural);
  if (typeof value === 'string') return value.startsWith('i:') ? Number(value.slice(2)) : value.slice(2);
  return Object.fromEntries(Object.entries(value).map(([key, it]) => [key, natural(it)]));
}
