// The loads that are killed: each a configuration, what the API lists before and in that load, and the rows that the tables must come to. One
// more disposition is one more entry.
import type { RestApiConfig } from '../../../lib/rest-api/index.js';
import type { ParquetOptions } from '../../../sinks/index.js';
import { type ListedRow, type Listings, pageSize } from './paged-api.js';

export interface Scenario {
  readonly name: string;
  /** What is loaded: the resources of a configuration, or `/rows` by a chain of operators into the table `rows` with these options. */
  readonly source:
    | {
        readonly resources: RestApiConfig['resources'];
        /** Keys of the first resource that are functions, as JavaScript. */
        readonly functions?: Readonly<Record<string, string>>;
      }
    | { readonly chain: ParquetOptions };
  /** What the API lists in a first load, which is not killed, and in the one that is. */
  readonly listings: readonly [Listings, Listings];
  /**
   * The rows of each table after the first load and so many of the second, and whether their order is part of it. A process that is killed
   * when its load is published and its stage removed has done its load: the next one does another.
   */
  readonly tables: Readonly<
    Record<
      string,
      {
        readonly rows: (loads: number) => readonly ListedRow[];
        readonly ordered?: boolean;
        /** What of its columns is compared, in SQL. @default all */
        readonly columns?: string;
      }
    >
  >;
  /** What else stays in the output folder. */
  readonly leaves?: readonly string[];
}

/** Pages of the load that is killed. */
export const pageCount = Number(process.env['SLUICE_CRASH_PAGES'] ?? 200);

const list = (pages: number, phase: number, id: (index: number) => number = (index) => index): ListedRow[] =>
  Array.from({ length: pages * pageSize }, (_, index) => ({
    id: id(index),
    at: phase * 100_000 + index,
    text: `ü${phase}.${index}`,
    part: index % 3,
  }));

const before = list(3, 0);
const loaded = list(pageCount, 1);
/** Keys come again, so that later pages replace rows of earlier ones and of the table before. */
const repeating = list(pageCount, 1, (index) => index % (pageCount * 2));

const times = (loads: number, rows: readonly ListedRow[]): ListedRow[] => Array(loads).fill(rows).flat();

/** The last row of each key. */
const lastOf = (...lists: readonly (readonly ListedRow[])[]): ListedRow[] => [
  ...new Map(lists.flat().map((row) => [row['id'], row])).values(),
];

interface OneTable {
  /** What the configuration says of it, or the options of the sink. */
  readonly resource?: object;
  readonly chain?: ParquetOptions;
  readonly rows: readonly ListedRow[];
  readonly result: (loads: number) => readonly ListedRow[];
  readonly ordered?: boolean;
  readonly columns?: string;
}

const oneTable = (name: string, { resource, chain, rows, result, ...more }: OneTable): Scenario => ({
  name,
  source: chain ? { chain } : { resources: [{ name: 'rows', ...resource }] },
  listings: [{ '/rows': before }, { '/rows': rows }],
  tables: { rows: { rows: result, ...more } },
});

const parents = list(pageCount / 50, 1);
const childrenOf = (parent: ListedRow): ListedRow[] =>
  list(7, 2).map((row, index) => ({ ...row, id: Number(parent['id']) * 1000 + index, of: parent['id']! }));

/** Go into one table or another, each by what it says. */
const events = list(pageCount / 10, 3);

/** Which of the tables that are named by row it goes to: one of them only comes in the second half of a load. */
const half = (pageCount * pageSize) / 2;
const isLate = (row: ListedRow): boolean => Number(row['at']) % 100_000 >= half;
const inTable = (name: string, rows: readonly ListedRow[]): ListedRow[] =>
  rows.filter((row) => ['appended', 'merged', isLate(row) ? 'late' : 'replaced'][Number(row['part'])] === name);

/** Of versions that are kept, the ones that count now. */
const versions = 'id, "at", text, part, _dlt_valid_to IS NULL AS current';
const withCurrent = (rows: readonly ListedRow[], current: boolean): ListedRow[] =>
  rows.map((row) => ({ ...row, current: String(current) }));

export const scenarios: readonly Scenario[] = [
  oneTable('append', {
    resource: { write_disposition: 'append' },
    rows: loaded,
    result: (loads) => [...before, ...times(loads, loaded)],
    ordered: true,
  }),
  oneTable('replace', {
    resource: { write_disposition: 'replace' },
    rows: loaded,
    result: () => loaded,
    ordered: true,
  }),
  oneTable('merge', {
    resource: { write_disposition: 'merge', primary_key: 'id', endpoint: { path: 'rows', concurrency: 4 } },
    rows: repeating,
    result: () => lastOf(before, repeating),
  }),
  oneTable('insert-only', {
    chain: { writeDisposition: { disposition: 'merge', strategy: 'insert-only' }, primaryKey: 'id' },
    rows: repeating,
    result: () => lastOf(repeating, before),
  }),
  oneTable('scd2', {
    chain: { writeDisposition: { disposition: 'merge', strategy: 'scd2' } },
    rows: loaded,
    result: () => [...withCurrent(before, false), ...withCurrent(loaded, true)],
    columns: versions,
  }),
  oneTable('partitions, append', {
    chain: { partitionBy: ['part'] },
    rows: loaded,
    result: (loads) => [...before, ...times(loads, loaded)],
  }),
  oneTable('partitions, merge', {
    chain: { partitionBy: ['part'], writeDisposition: 'merge', primaryKey: 'id' },
    rows: repeating,
    result: () => lastOf(before, repeating),
  }),
  {
    name: 'incremental append',
    source: {
      resources: [
        {
          name: 'rows',
          write_disposition: 'append',
          endpoint: { path: 'rows', incremental: { cursor_path: 'at', start_param: 'since' } },
        },
      ],
    },
    listings: [{ '/rows': before }, { '/rows': [...before, ...loaded] }],
    tables: { rows: { rows: () => [...before, ...loaded], ordered: true } },
    leaves: ['.sluice', '.sluice/state', '.sluice/state/rows.json'],
  },
  {
    name: 'tables by row',
    source: {
      resources: [{ name: 'rows' }],
      functions: {
        table_name: `(row) => ['appended', 'merged', row.at % 100000 >= ${half} ? 'late' : 'replaced'][row.part]`,
        write_disposition: `(row) => ['append', 'merge', row.at % 100000 >= ${half} ? 'append' : 'replace'][row.part]`,
        primary_key: "(row) => (row.part === 1 ? 'id' : undefined)",
      },
    },
    listings: [{ '/rows': before }, { '/rows': repeating }],
    tables: {
      merged: { rows: () => lastOf(inTable('merged', before), inTable('merged', repeating)) },
      late: { rows: (loads) => times(loads, inTable('late', repeating)), ordered: true },
      replaced: { rows: () => inTable('replaced', repeating), ordered: true },
      appended: {
        rows: (loads) => [...inTable('appended', before), ...times(loads, inTable('appended', repeating))],
        ordered: true,
      },
    },
  },
  {
    name: 'several with children',
    source: {
      resources: [
        { name: 'parents', write_disposition: 'merge', primary_key: 'id' },
        {
          name: 'children',
          write_disposition: 'append',
          endpoint: { path: 'parents/{resources.parents.id}/children' },
        },
        { name: 'rows', write_disposition: 'append' },
        {
          name: 'events',
          write_disposition: 'append',
          table_name: { by: 'item.part == 0 ? "pushes" : "pulls"', tables: ['pushes', 'pulls'] },
        },
      ],
    },
    listings: [
      { '/parents': [], '/rows': before, '/events': before },
      {
        '/parents': parents,
        ...Object.fromEntries(parents.map((row) => [`/parents/${row['id']}/children`, childrenOf(row)])),
        '/rows': list(pageCount / 5, 1),
        '/events': events,
      },
    ],
    tables: {
      parents: { rows: () => parents },
      children: { rows: (loads) => times(loads, parents.flatMap(childrenOf)) },
      rows: { rows: (loads) => [...before, ...times(loads, list(pageCount / 5, 1))], ordered: true },
      pushes: { rows: (loads) => [...before, ...times(loads, events)].filter(({ part }) => part === 0) },
      pulls: { rows: (loads) => [...before, ...times(loads, events)].filter(({ part }) => part !== 0) },
    },
  },
];
