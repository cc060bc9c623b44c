// The cases of the contract about rows that go: marked as deleted upstream, or missing in a full read.
import type { ContractCase, Load } from './contract-type.js';
import { AnyInstant } from './contract-value.js';

const merge: Omit<Load, 'pages'> = { writeDisposition: 'merge', primaryKey: 'id' };
const marked: Omit<Load, 'pages'> = { ...merge, hardDelete: 'gone' };

export const deletionCases: readonly ContractCase[] = [
  {
    name: 'a mark that is true deletes the row of the table, and is no row itself',
    needs: ['merge', 'hard delete'],
    loads: [
      { ...marked, pages: [[1, 2, 3].map((id) => ({ id, gone: false }))] },
      {
        ...marked,
        pages: [
          [
            { id: 1, gone: true },
            { id: 2, gone: false },
            { id: 3, gone: null },
            { id: 9, gone: true },
          ],
        ],
      },
    ],
    rows: [
      { id: 2, gone: false },
      { id: 3, gone: null },
    ],
    receipt: { rows: 4, inserted: 0, updated: 1, unchanged: 1, deleted: 1, skipped: 2, total: 2 },
  },
  {
    name: 'a mark of another type deletes unless it is NULL',
    needs: ['merge', 'hard delete'],
    loads: [
      { ...marked, pages: [[1, 2].map((id) => ({ id, gone: null }))] },
      {
        ...marked,
        pages: [
          [
            { id: 1, gone: '2024-01-01T00:00:00Z' },
            { id: 2, gone: null },
          ],
        ],
      },
    ],
    rows: [{ id: 2, gone: null }],
    receipt: { deleted: 1, skipped: 1, total: 1 },
  },
  {
    name: 'false marks no row, also where a text made the column one of texts',
    needs: ['merge', 'hard delete'],
    loads: [
      { ...marked, pages: [[1, 2, 3].map((id) => ({ id, gone: false }))] },
      {
        ...marked,
        pages: [
          [
            { id: 1, gone: 'yes' },
            { id: 2, gone: false },
            { id: 3, gone: true },
            { id: 4, gone: false },
          ],
        ],
      },
    ],
    rows: [
      { id: 2, gone: 'false' },
      { id: 4, gone: 'false' },
    ],
    receipt: { inserted: 1, unchanged: 1, deleted: 2, skipped: 2, total: 2 },
  },
  ...(['hard', 'soft'] as const).map(
    (deleteMissing): ContractCase => ({
      name: `rows that a full read does not bring are ${deleteMissing === 'hard' ? 'removed' : 'given the time of it'}`,
      needs: ['merge', 'delete missing'],
      loads: [
        { ...merge, deleteMissing, pages: [[1, 2, 3].map((id) => ({ id, n: 1 }))] },
        {
          ...merge,
          deleteMissing,
          pages: [
            [
              { id: 2, n: 1 },
              { id: 3, n: 2 },
            ],
            [{ id: 4, n: 1 }],
          ],
        },
      ],
      rows: [
        ...(deleteMissing === 'soft' ? [{ id: 1, n: 1, _deleted_at: new AnyInstant() }] : []),
        { id: 2, n: 1 },
        { id: 3, n: 2 },
        { id: 4, n: 1 },
      ],
      receipt: {
        inserted: 1,
        updated: 1,
        unchanged: 1,
        deleted: deleteMissing === 'hard' ? 1 : 0,
        softDeleted: deleteMissing === 'soft' ? 1 : 0,
        total: deleteMissing === 'hard' ? 3 : 4,
      },
    }),
  ),
  {
    name: 'a soft-deleted row that comes again is as any other, and one that does not keeps its time',
    needs: ['merge', 'delete missing'],
    loads: [
      { ...merge, deleteMissing: { mode: 'soft', column: 'left' }, pages: [[{ id: 1 }, { id: 2 }]] },
      { ...merge, deleteMissing: { mode: 'soft', column: 'left' }, pages: [[]] },
      { ...merge, deleteMissing: { mode: 'soft', column: 'left' }, pages: [[{ id: 2 }]] },
    ],
    rows: [{ id: 1, left: new AnyInstant() }, { id: 2 }],
    receipt: { updated: 1, softDeleted: 0, deleted: 0, total: 2 },
  },
  {
    name: 'no row is missing when only a part was read',
    needs: ['merge', 'delete missing'],
    loads: [
      { ...merge, deleteMissing: 'hard', pages: [[{ id: 1 }, { id: 2 }]] },
      { ...merge, deleteMissing: 'hard', partial: () => true, pages: [[{ id: 3 }]] },
    ],
    rows: [{ id: 1 }, { id: 2 }, { id: 3 }],
    receipt: { inserted: 1, deleted: 0, total: 3 },
  },
  {
    name: 'no row is missing when one was discarded',
    needs: ['merge', 'scd2', 'delete missing'],
    loads: [
      { ...merge, deleteMissing: 'hard', pages: [[1, 2, 3].map((id) => ({ id, n: id }))] },
      {
        ...merge,
        deleteMissing: 'hard',
        schemaContract: { data_type: 'discard_row' },
        pages: [
          [
            { id: 1, n: 'no number' },
            { id: 2, n: 2 },
          ],
        ],
      },
    ],
    rows: [1, 2, 3].map((id) => ({ id, n: id })),
    receipt: { rows: 1, unchanged: 1, deleted: 0, total: 3 },
  },
];
