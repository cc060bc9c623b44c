// The cases of the contract about the strategies and the keys of a merge: what leaves the table, what comes, and what is counted.
import type { ContractCase, Load } from './contract-type.js';

type How = Omit<Load, 'pages'>;

const merge: How = { writeDisposition: 'merge', primaryKey: 'id' };
const upsert: How = { ...merge, writeDisposition: { disposition: 'merge', strategy: 'upsert' } };
const insertOnly: How = { ...merge, writeDisposition: { disposition: 'merge', strategy: 'insert-only' } };
const byDay: How = { writeDisposition: 'merge', mergeKey: 'day' };
const marked: How = { ...merge, hardDelete: 'gone' };

export const mergeCases: readonly ContractCase[] = [
  {
    name: 'a merge key removes the rows of the table that have it, and all rows that came are added',
    needs: ['merge', 'merge key'],
    loads: [
      {
        ...byDay,
        pages: [
          [
            { id: 1, day: 'mon' },
            { id: 2, day: 'mon' },
            { id: 3, day: 'tue' },
          ],
        ],
      },
      {
        ...byDay,
        pages: [
          [
            { id: 4, day: 'mon' },
            { id: 4, part: 'again', day: 'mon' },
            { id: 5, day: 'wed' },
          ],
        ],
      },
    ],
    rows: [
      { id: 3, day: 'tue' },
      { id: 4, day: 'mon' },
      { id: 4, part: 'again', day: 'mon' },
      { id: 5, day: 'wed' },
    ],
    receipt: { rows: 3, inserted: 3, updated: 0, deleted: 2, total: 4 },
  },
  {
    name: 'with both keys rows leave by either, and the last row of each primary key counts',
    needs: ['merge', 'merge key'],
    loads: [
      {
        ...merge,
        mergeKey: 'day',
        pages: [
          [
            { id: 1, day: 'mon', n: 1 },
            { id: 2, day: 'mon', n: 1 },
            { id: 3, day: 'tue', n: 1 },
            { id: 4, day: 'wed', n: 1 },
          ],
        ],
      },
      {
        ...merge,
        mergeKey: 'day',
        pages: [
          [
            { id: 2, day: 'mon', n: 1 },
            { id: 3, day: 'thu', n: 2 },
            { id: 5, day: 'fri', n: 1 },
            { id: 5, day: 'fri', n: 2 },
          ],
        ],
      },
    ],
    rows: [
      { id: 4, day: 'wed', n: 1 },
      { id: 2, day: 'mon', n: 1 },
      { id: 3, day: 'thu', n: 2 },
      { id: 5, day: 'fri', n: 2 },
    ],
    receipt: { rows: 4, inserted: 1, updated: 1, unchanged: 1, duplicates: 1, deleted: 1, total: 4 },
  },
  {
    name: 'upsert updates and inserts, and removes nothing',
    needs: ['merge'],
    loads: [
      { ...upsert, pages: [[1, 2].map((id) => ({ id, n: 1, note: 'x' }))] },
      {
        ...upsert,
        pages: [
          [
            { id: 2, n: 2, note: null },
            { id: 3, n: 2, note: 'y' },
          ],
        ],
      },
    ],
    rows: [
      { id: 1, n: 1, note: 'x' },
      { id: 2, n: 2, note: null },
      { id: 3, n: 2, note: 'y' },
    ],
    receipt: { inserted: 1, updated: 1, unchanged: 0, deleted: 0, total: 3 },
  },
  {
    name: 'a merge may be told that no key comes twice',
    needs: ['merge'],
    loads: [1, 2].map((n) => ({
      ...merge,
      writeDisposition: { disposition: 'merge', strategy: 'delete-insert', deduplicated: true },
      pages: [[n, n + 1].map((id) => ({ id, n }))],
    })),
    rows: [
      { id: 1, n: 1 },
      { id: 2, n: 2 },
      { id: 3, n: 2 },
    ],
    receipt: { inserted: 1, updated: 1, duplicates: 0, total: 3 },
  },
  {
    name: 'insert-only adds rows with a new key, and changes none',
    needs: ['merge', 'insert-only'],
    loads: [
      { ...insertOnly, pages: [[{ id: 1, n: 1 }]] },
      {
        ...insertOnly,
        pages: [
          [
            { id: 1, n: 2 },
            { id: 2, n: 1 },
            { id: 2, n: 2 },
          ],
        ],
      },
    ],
    rows: [
      { id: 1, n: 1 },
      { id: 2, n: 2 },
    ],
    receipt: { rows: 3, inserted: 1, updated: 0, duplicates: 1, skipped: 1, total: 2 },
  },
  {
    name: 'insert-only takes no row that is marked as deleted, and removes none',
    needs: ['merge', 'insert-only', 'hard delete'],
    loads: [
      { ...insertOnly, pages: [[{ id: 1, gone: false }]] },
      {
        ...insertOnly,
        hardDelete: 'gone',
        pages: [
          [
            { id: 1, gone: true },
            { id: 2, gone: true },
            { id: 3, gone: false },
          ],
        ],
      },
    ],
    rows: [
      { id: 1, gone: false },
      { id: 3, gone: false },
    ],
    receipt: { inserted: 1, deleted: 0, skipped: 2, total: 2 },
  },
  {
    name: 'within one run the row that counts decides whether it is deleted',
    needs: ['merge', 'hard delete'],
    loads: [
      {
        ...marked,
        pages: [
          [
            { id: 1, gone: false },
            { id: 1, gone: true },
            { id: 2, gone: true },
            { id: 2, gone: false },
          ],
        ],
      },
    ],
    rows: [{ id: 2, gone: false }],
    receipt: { rows: 4, inserted: 1, duplicates: 2, skipped: 1, total: 1 },
  },
  {
    name: 'of the rows with one key in a run the first in the given order counts, NULL last, and of equal ones the last',
    needs: ['merge', 'dedup sort'],
    loads: [
      {
        ...merge,
        dedupSort: { column: 'n', order: 'desc' },
        pages: [
          [
            { id: 1, n: 2, note: 'a' },
            { id: 1, n: 3, note: 'b' },
            { id: 1, n: 1, note: 'c' },
            { id: 2, n: 1, note: 'a' },
            { id: 2, n: null, note: 'b' },
            { id: 3, n: 1, note: 'a' },
            { id: 3, n: 1, note: 'b' },
          ],
        ],
      },
    ],
    rows: [
      { id: 1, n: 3, note: 'b' },
      { id: 2, n: 1, note: 'a' },
      { id: 3, n: 1, note: 'b' },
    ],
    receipt: { inserted: 3, duplicates: 4, total: 3 },
  },
  {
    name: 'the order may be ascending, and a mark in it is sorted like a row',
    needs: ['merge', 'hard delete', 'dedup sort'],
    loads: [
      { ...marked, pages: [[{ id: 1, at: 'z', gone: false }]] },
      {
        ...marked,
        dedupSort: { column: 'at', order: 'asc' },
        pages: [
          [
            { id: 1, at: 'ä', gone: false },
            { id: 1, at: 'a', gone: true },
            { id: 2, at: '\uFFFD', gone: false },
            { id: 2, at: '🙂', gone: true },
          ],
        ],
      },
    ],
    rows: [{ id: 2, at: '\uFFFD', gone: false }],
    receipt: { inserted: 1, deleted: 1, duplicates: 2, skipped: 1, total: 1 },
  },
  {
    name: 'a key may be a field within an object',
    needs: ['merge', 'nested'],
    loads: [
      {
        writeDisposition: 'merge',
        primaryKey: ['owner.id', 'part'],
        pages: [
          [
            { id: 1, part: 'a', owner: { id: 7, name: 'Ada' } },
            { id: 2, part: 'b', owner: { id: 7, name: 'Ada' } },
          ],
        ],
      },
      {
        writeDisposition: 'merge',
        primaryKey: ['owner.id', 'part'],
        pages: [[{ id: 3, part: 'a', owner: { id: 7, name: 'Ada L.' } }]],
      },
    ],
    rows: [
      { id: 2, part: 'b', owner: { id: 7, name: 'Ada' } },
      { id: 3, part: 'a', owner: { id: 7, name: 'Ada L.' } },
    ],
    receipt: { inserted: 0, updated: 1, total: 2 },
  },
  {
    name: 'NULL in a key is a group of its own when it may be',
    needs: ['merge', 'null keys'],
    loads: [
      {
        writeDisposition: 'merge',
        primaryKey: ['key', 'more'],
        nullKeys: 'group',
        pages: [
          [
            { id: 1, key: 'a', more: null },
            { id: 2, key: null, more: null },
            { id: 3, key: 'null', more: null },
          ],
        ],
      },
      {
        writeDisposition: 'merge',
        primaryKey: ['key', 'more'],
        nullKeys: 'group',
        pages: [[{ id: 4 }, { id: 5 }, { id: 6, key: 'a' }]],
      },
    ],
    rows: [
      { id: 3, key: 'null', more: null },
      { id: 5, key: null, more: null },
      { id: 6, key: 'a', more: null },
    ],
    receipt: { inserted: 0, updated: 2, duplicates: 1, total: 3 },
  },
];
