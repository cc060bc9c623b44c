// The cases of the contract about values and columns.
import { ExactNumber, type Row } from '../core/index.js';
import type { Ability, ContractCase, ContractOptions, Load } from './contract-type.js';
import { Digits, Instant } from './contract-value.js';

/** The cases for a sink; `how` is a disposition that it knows. */
export function valueCases(how: ContractOptions): readonly ContractCase[] {
  const written = (
    name: string,
    needs: readonly Ability[],
    sent: readonly Row[],
    rows: readonly Row[] = sent,
  ): ContractCase => ({
    name,
    needs,
    loads: [{ ...how, pages: [sent] }],
    rows,
  });
  return [
    written(
      'NULL and missing come back as NULL',
      [],
      [{ id: 1, a: null, b: 'x' }, { id: 2 }, { id: 3, a: 1, b: null }],
    ),
    written(
      'booleans come back',
      [],
      [
        { id: 1, a: true },
        { id: 2, a: false },
        { id: 3, a: null },
      ],
    ),
    written(
      'texts come back, whatever is in them',
      [],
      texts.map((a, id) => ({ id, a })),
    ),
    written(
      'integers of 64 bits come back',
      [],
      [
        { id: 1, a: 9223372036854775807n, b: Number.MAX_SAFE_INTEGER },
        { id: 2, a: -9223372036854775808n, b: Number.MIN_SAFE_INTEGER },
        { id: 3, a: 9007199254740993n, b: 0 },
      ],
    ),
    written(
      'integers beyond 64 bits and long decimals come back, digit by digit',
      ['decimal'],
      [
        { id: 1, a: 9223372036854775808n, b: new ExactNumber('0.12345678901234567890') },
        { id: 2, a: -170141183460469231731687303715n, b: new ExactNumber('-12345678901234567.5') },
        { id: 3, a: 1, b: 0.1 },
      ],
      [
        { id: 1, a: new Digits('9223372036854775808'), b: new Digits('0.1234567890123456789') },
        { id: 2, a: new Digits('-170141183460469231731687303715'), b: new Digits('-12345678901234567.5') },
        { id: 3, a: new Digits('1'), b: new Digits('0.1') },
      ],
    ),
    written(
      'doubles come back',
      [],
      doubles.map((a, id) => ({ id, a })),
    ),
    written(
      'dates and times come back',
      [],
      [
        { id: 1, day: '2024-02-29', time: '23:59:59.999999' },
        { id: 2, day: '0001-01-01', time: '00:00:00' },
        { id: 3, day: '9999-12-31', time: '12:30:00.5' },
        { id: 4, day: '1969-12-31', time: null },
      ],
    ),
    written(
      'timestamps come back as instants, to the microsecond, whatever their offset',
      [],
      instants.map(([at], id) => ({ id, at })),
      instants.map(([, instant], id) => ({ id, at: new Instant(instant) })),
    ),
    written(
      'bytes come back',
      ['bytes'],
      [
        { id: 1, a: new Uint8Array([0, 127, 128, 255]) },
        { id: 2, a: new Uint8Array() },
        { id: 3, a: null },
      ],
    ),
    written(
      'lists and objects come back, with NULL and nothing in all places',
      ['nested'],
      [
        { id: 1, list: [1, null, 3], tags: ['a', 'é'], owner: { name: 'Ada', at: { city: 'London', zip: null } } },
        { id: 2, list: [], tags: [null], owner: { name: null, at: null } },
        { id: 3, list: null, tags: null, owner: null },
      ],
    ),
    written(
      'lists of objects and lists of lists come back',
      ['nested'],
      [
        {
          id: 1,
          items: [
            { sku: 'a', n: 1 },
            { sku: 'b', n: null },
          ],
          grid: [[1, 2], [], null, [null]],
        },
        { id: 2, items: [], grid: [[]] },
        { id: 3, items: null, grid: null },
      ],
    ),
    written(
      'columns keep their names, whatever they are',
      [],
      [
        {
          id: 1,
          'with space': 1,
          'a.b': 2,
          'a,b': 3,
          '"quoted"': 4,
          größe: 5,
          '1': 6,
          select: 7,
          constructor: 8,
          名前: 9,
        },
      ],
    ),
    written('a long text comes back whole', [], [{ id: 1, a: 'long é '.repeat(20_000) }]),
    written(
      'many columns come back',
      [],
      [Object.fromEntries([['id', 1], ...Array.from({ length: 300 }, (_, n) => [`c${n}`, n])])],
    ),
    written('many rows over many pages come back', [], many, many),
    ...laterRuns(how),
  ];
}

function laterRuns({ writeDisposition, primaryKey }: ContractOptions): ContractCase[] {
  const load = (rows: readonly Row[]): Load => ({ writeDisposition, ...(primaryKey && { primaryKey }), pages: [rows] });
  const grows = writeDisposition === 'replace' ? [] : [true];
  return grows.flatMap(
    () =>
      [
        {
          name: 'a new column appears, and older rows have NULL in it',
          needs: ['new columns'],
          loads: [load([{ id: 1, a: 'x' }]), load([{ id: 2, b: 5 }])],
          rows: [
            { id: 1, a: 'x', b: null },
            { id: 2, a: null, b: 5 },
          ],
        },
        {
          name: 'integers widen to doubles, and anything to text, without losing a digit',
          needs: ['widening'],
          loads: [load([{ id: 1, a: 1, b: 100, c: 1.5, d: true }]), load([{ id: 2, a: 2.5, b: 'x', c: 'y', d: 'z' }])],
          rows: [
            { id: 1, a: 1, b: '100', c: '1.5', d: 'true' },
            { id: 2, a: 2.5, b: 'x', c: 'y', d: 'z' },
          ],
        },
        {
          name: 'a column of NULL alone becomes what comes later',
          needs: ['widening'],
          loads: [load([{ id: 1, a: null }]), load([{ id: 2, a: 7 }])],
          rows: [
            { id: 1, a: null },
            { id: 2, a: 7 },
          ],
        },
        {
          name: 'an object gets a new key, and a wider one, in a later run',
          needs: ['nested', 'widening'],
          loads: [load([{ id: 1, o: { a: 1 } }]), load([{ id: 2, o: { a: 1.5, b: ['x'] } }])],
          rows: [
            { id: 1, o: { a: 1, b: null } },
            { id: 2, o: { a: 1.5, b: ['x'] } },
          ],
        },
      ] satisfies ContractCase[],
  );
}

const texts = [
  '',
  ' ',
  'é',
  'e\u0301',
  '🙂👩‍👩‍👧',
  '日本語',
  'ע',
  'a\nb\r\nc',
  'tab\t"quote" \'single\' \\ ,;',
  'null',
  'NULL',
  '\uFEFFmark',
  '\u2028',
  'nul \u0000 inside',
];

const doubles = [1.5, 0.1, -2.25, 1e300, 5e-324, 1.7976931348623157e308, 123456789.123, -0];

const instants: readonly (readonly [sent: string, instant: string])[] = [
  ['2024-02-29T10:00:00Z', '2024-02-29T10:00:00Z'],
  ['2024-02-29T10:00:00.123456Z', '2024-02-29T10:00:00.123456Z'],
  ['2024-02-29T10:00:00+02:00', '2024-02-29T08:00:00Z'],
  ['2024-02-29T23:30:00.5-0130', '2024-03-01T01:00:00.5Z'],
  ['1901-01-01T00:00:00.000001Z', '1901-01-01T00:00:00.000001Z'],
  ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
  ['9999-12-31T23:59:59.999999Z', '9999-12-31T23:59:59.999999Z'],
];

const many: readonly Row[] = Array.from({ length: 3000 }, (_, id) => ({
  id,
  name: `name ${id}`,
  odd: id % 2 === 1 ? id : null,
}));
