// The cases of the contract about merges that keep versions of rows: `scd2`.
import type { ContractCase, Load } from './contract-type.js';
import { Instant } from './contract-value.js';

type How = Omit<Load, 'pages'>;

const [first, second, third] = ['2024-01-01T00:00:00Z', '2024-02-01T00:00:00Z', '2024-03-01T00:00:00Z'] as const;

function versions(boundaryTimestamp: string, more: object = {}): How {
  return { writeDisposition: { disposition: 'merge', strategy: 'scd2', boundaryTimestamp, ...more } };
}

const instant = (text: string): Instant => new Instant(text);

/** A version of a row: `part` differs from version to version. */
const version = (id: number, part: string, from: string, to?: string) => ({
  id,
  part,
  _dlt_valid_from: instant(from),
  _dlt_valid_to: to === undefined ? null : instant(to),
});

export const versionCases: readonly ContractCase[] = [
  {
    name: 'scd2 ends versions that changed or did not come, begins new ones, and lets the others be',
    needs: ['merge', 'scd2'],
    loads: [
      { ...versions(first), pages: [[1, 2, 3].map((id) => ({ id, part: 'a' }))] },
      {
        ...versions(second),
        pages: [
          [
            { id: 1, part: 'a' },
            { id: 2, part: 'b' },
            { id: 4, part: 'a' },
          ],
        ],
      },
    ],
    rows: [
      version(1, 'a', first),
      version(2, 'a', first, second),
      version(3, 'a', first, second),
      version(2, 'b', second),
      version(4, 'a', second),
    ],
    receipt: { rows: 3, inserted: 2, updated: 0, unchanged: 1, retired: 2, deleted: 0, total: 5 },
  },
  {
    name: 'scd2 takes a row in again that was gone, and knows the same row when it comes twice',
    needs: ['merge', 'scd2'],
    loads: [
      { ...versions(first), pages: [[{ id: 1, part: 'a' }]] },
      { ...versions(second), pages: [[]] },
      {
        ...versions(third, { validityColumnNames: ['_dlt_valid_from', '_dlt_valid_to'] }),
        pages: [
          [
            { id: 1, part: 'a' },
            { id: 1, part: 'a' },
          ],
        ],
      },
    ],
    rows: [version(1, 'a', first, second), version(1, 'a', third)],
    receipt: { inserted: 1, unchanged: 0, duplicates: 1, retired: 0, total: 2 },
  },
  {
    name: 'scd2 ends only versions whose merge key came',
    needs: ['merge', 'merge key', 'scd2'],
    loads: [
      { ...versions(first), mergeKey: 'id', pages: [[1, 2].map((id) => ({ id, part: 'a' }))] },
      { ...versions(second), mergeKey: 'id', pages: [[{ id: 1, part: 'b' }]] },
    ],
    rows: [version(1, 'a', first, second), version(2, 'a', first), version(1, 'b', second)],
    receipt: { inserted: 1, retired: 1, total: 3 },
  },
  {
    name: 'scd2 of a part of the rows ends only versions whose primary key came',
    needs: ['merge', 'scd2'],
    loads: [
      { ...versions(first), primaryKey: 'id', pages: [[1, 2].map((id) => ({ id, part: 'a' }))] },
      {
        ...versions(second),
        primaryKey: 'id',
        partial: () => true,
        pages: [
          [
            { id: 1, part: 'b' },
            { id: 1, part: 'c' },
          ],
        ],
      },
    ],
    rows: [version(1, 'a', first, second), version(2, 'a', first), version(1, 'c', second)],
    receipt: { inserted: 1, duplicates: 1, retired: 1, total: 3 },
  },
  {
    name: 'scd2 gives its columns other names and values',
    needs: ['merge', 'scd2'],
    loads: [first, second].map((at) => ({
      ...versions(at, { validityColumnNames: ['since', 'until'], activeRecordTimestamp: '9999-12-31' }),
      pages: [[{ id: 1, part: at === first ? 'a' : 'b' }]],
    })),
    rows: [
      { id: 1, part: 'a', since: instant(first), until: instant(second) },
      { id: 1, part: 'b', since: instant(second), until: instant('9999-12-31T00:00:00Z') },
    ],
    receipt: { inserted: 1, retired: 1, total: 2 },
  },
  {
    name: 'scd2 goes by a column that tells versions apart',
    needs: ['merge', 'scd2'],
    loads: [
      {
        ...versions(first, { rowVersionColumnName: 'version' }),
        pages: [[1, 2].map((id) => ({ id, part: 'a', version: `${id}-a` }))],
      },
      {
        ...versions(second, { rowVersionColumnName: 'version' }),
        pages: [
          [
            { id: 1, part: 'changed, but not its version', version: '1-a' },
            { id: 2, part: 'b', version: '2-b' },
          ],
        ],
      },
    ],
    rows: [
      { ...version(1, 'a', first), version: '1-a' },
      { ...version(2, 'a', first, second), version: '2-a' },
      { ...version(2, 'b', second), version: '2-b' },
    ],
    receipt: { inserted: 1, unchanged: 1, retired: 1, total: 3 },
  },
  {
    name: 'scd2 ends the version of a row that is marked as deleted',
    needs: ['merge', 'merge key', 'scd2', 'hard delete'],
    loads: [
      { ...versions(first), mergeKey: 'id', pages: [[1, 2].map((id) => ({ id, part: 'a', gone: false }))] },
      { ...versions(second), mergeKey: 'id', hardDelete: 'gone', pages: [[{ id: 1, part: 'a', gone: true }]] },
    ],
    rows: [
      { ...version(1, 'a', first, second), gone: false },
      { ...version(2, 'a', first), gone: false },
    ],
    receipt: { inserted: 0, retired: 1, skipped: 1, total: 2 },
  },
  {
    name: 'scd2 takes no version for another because of columns that came later, or became wider',
    needs: ['merge', 'scd2', 'new columns', 'widening'],
    loads: [
      { ...versions(first), pages: [[{ id: 1, part: 'a', n: 1 }]] },
      {
        ...versions(second),
        pages: [
          [
            { id: 1, part: 'a', n: 1, more: null },
            { id: 2, part: 'a', n: 1.5, more: 'x' },
          ],
        ],
      },
    ],
    rows: [
      { ...version(1, 'a', first), n: 1, more: null },
      { ...version(2, 'a', second), n: 1.5, more: 'x' },
    ],
    receipt: { inserted: 1, unchanged: 1, retired: 0, total: 2 },
  },
];
