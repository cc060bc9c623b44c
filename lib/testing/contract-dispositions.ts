// The cases of the contract about append, replace and merge.
import type { ContractCase, Load } from './contract-type.js';

const merge: Omit<Load, 'pages'> = { writeDisposition: 'merge', primaryKey: 'id' };
const append: Omit<Load, 'pages'> = { writeDisposition: 'append' };
const replace: Omit<Load, 'pages'> = { writeDisposition: 'replace' };

export const dispositionCases: readonly ContractCase[] = [
  {
    name: 'append adds the rows of each run, also those that are there already',
    needs: ['append'],
    loads: [
      { ...append, pages: [[{ id: 1, part: 'a' }], [{ id: 2, part: 'a' }]] },
      { ...append, pages: [[{ id: 2, part: 'a' }]] },
    ],
    rows: [
      { id: 1, part: 'a' },
      { id: 2, part: 'a' },
      { id: 2, part: 'a' },
    ],
    receipt: { rows: 1, inserted: 1, updated: 0, unchanged: 0, duplicates: 0, total: 3 },
  },
  {
    name: 'replace leaves the rows of the last run alone',
    needs: ['replace'],
    loads: [
      { ...replace, pages: [[{ id: 1 }, { id: 2 }]] },
      { ...replace, pages: [[{ id: 3 }]] },
    ],
    rows: [{ id: 3 }],
    receipt: { rows: 1, inserted: 1, updated: 0, unchanged: 0, duplicates: 0, total: 1 },
  },
  {
    name: 'merge inserts, updates and keeps rows by their key, and counts them',
    needs: ['merge'],
    loads: [
      { ...merge, pages: [[1, 2, 3, 4].map((id) => ({ id, name: `n${id}`, note: null }))] },
      {
        ...merge,
        pages: [
          [
            { id: 2, name: 'new', note: null },
            { id: 3, name: 'n3', note: null },
          ],
          [
            { id: 4, name: 'n4', note: 'x' },
            { id: 5, name: 'n5', note: null },
          ],
        ],
      },
    ],
    rows: [
      { id: 1, name: 'n1', note: null },
      { id: 2, name: 'new', note: null },
      { id: 3, name: 'n3', note: null },
      { id: 4, name: 'n4', note: 'x' },
      { id: 5, name: 'n5', note: null },
    ],
    receipt: { rows: 4, inserted: 1, updated: 2, unchanged: 1, duplicates: 0, total: 5 },
  },
  {
    name: 'merge takes several columns for the key',
    needs: ['merge'],
    loads: [
      {
        writeDisposition: 'merge',
        primaryKey: ['id', 'part'],
        pages: [
          [
            { id: 1, part: '11', n: 1 },
            { id: 11, part: '1', n: 2 },
          ],
        ],
      },
      {
        writeDisposition: 'merge',
        primaryKey: ['id', 'part'],
        pages: [
          [
            { id: 11, part: '1', n: 3 },
            { id: 1, part: '1', n: 4 },
          ],
        ],
      },
    ],
    rows: [
      { id: 1, part: '11', n: 1 },
      { id: 11, part: '1', n: 3 },
      { id: 1, part: '1', n: 4 },
    ],
    receipt: { inserted: 1, updated: 1, unchanged: 0, duplicates: 0, total: 3 },
  },
  {
    name: 'merge takes texts of any script for the key, and tells them apart',
    needs: ['merge'],
    loads: [
      { ...merge, pages: [['é', 'e\u0301', 'É', ' é', '🙂', ''].map((id) => ({ id, n: 1 }))] },
      { ...merge, pages: [['é', '🙂', ''].map((id) => ({ id, n: 2 }))] },
    ],
    rows: [
      { id: 'é', n: 2 },
      { id: 'e\u0301', n: 1 },
      { id: 'É', n: 1 },
      { id: ' é', n: 1 },
      { id: '🙂', n: 2 },
      { id: '', n: 2 },
    ],
    receipt: { inserted: 0, updated: 3, total: 6 },
  },
  {
    name: 'within one run the last row with a key wins, and the others are counted',
    needs: ['merge'],
    loads: [
      {
        ...merge,
        pages: [
          [
            { id: 1, n: 1 },
            { id: 2, n: 1 },
            { id: 1, n: 2 },
          ],
          [{ id: 1, n: 3 }],
        ],
      },
    ],
    rows: [
      { id: 1, n: 3 },
      { id: 2, n: 1 },
    ],
    receipt: { rows: 4, inserted: 2, updated: 0, unchanged: 0, duplicates: 2, total: 2 },
  },
  {
    name: 'a merge of the same rows changes nothing',
    needs: ['merge'],
    loads: [
      { ...merge, pages: [[{ id: 1, x: 0.1, y: null, z: 'é' }]] },
      { ...merge, pages: [[{ id: 1, x: 0.1, y: null, z: 'é' }]] },
    ],
    rows: [{ id: 1, x: 0.1, y: null, z: 'é' }],
    receipt: { inserted: 0, updated: 0, unchanged: 1, duplicates: 0, total: 1 },
  },
  {
    name: 'a run without rows leaves an appended table as it is',
    needs: ['append'],
    loads: [
      { ...append, pages: [[{ id: 1 }]] },
      { ...append, pages: [[]] },
    ],
    rows: [{ id: 1 }],
    receipt: { rows: 0, inserted: 0, total: 1 },
  },
  {
    name: 'a run without rows leaves a merged table as it is',
    needs: ['merge'],
    loads: [
      { ...merge, pages: [[{ id: 1 }]] },
      { ...merge, pages: [] },
    ],
    rows: [{ id: 1 }],
    receipt: { rows: 0, inserted: 0, updated: 0, unchanged: 0, total: 1 },
  },
  {
    name: 'a run without rows empties a replaced table',
    needs: ['replace'],
    loads: [
      { ...replace, pages: [[{ id: 1 }]] },
      { ...replace, pages: [[]] },
    ],
    rows: [],
    receipt: { rows: 0, inserted: 0, total: 0 },
  },
];
