// A random sequence of runs on a table with child tables, against a model in plain JavaScript that keeps the lists where they were.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Row } from '../../lib/core/index.js';
import type { ParquetOptions } from '../../sinks/index.js';
import { directoryRows } from '../table/directory/directory-rows.js';
import { load, readRows } from './parquet-file.js';

interface Item {
  readonly a: number;
  readonly m?: readonly number[];
}

interface Order {
  readonly id: number;
  readonly v: number;
  readonly gone: boolean | null;
  readonly l: readonly Item[];
}

const item: fc.Arbitrary<Item> = fc.record(
  { a: fc.integer({ min: 0, max: 2 }), m: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 2 }) },
  { requiredKeys: ['a'] },
);
const order: fc.Arbitrary<Order> = fc.record({
  id: fc.integer({ min: 0, max: 3 }),
  v: fc.integer({ min: 0, max: 1 }),
  gone: fc.constantFrom(null, false, false, true),
  l: fc.array(item, { maxLength: 2 }),
});
const runs = fc.array(fc.array(fc.array(order, { maxLength: 3 }), { minLength: 1, maxLength: 2 }), {
  minLength: 1,
  maxLength: 3,
});

/** How rows come in, and what the table holds after it. */
interface Way {
  readonly options: ParquetOptions;
  readonly apply: (table: readonly Order[], came: readonly Order[]) => Order[];
}

const lastOfEach = (came: readonly Order[]) => [...new Map(came.map((row) => [row.id, row])).values()];
const others = (table: readonly Order[], came: readonly Order[]) =>
  table.filter(({ id }) => !came.some((row) => row.id === id));

const ways: Readonly<Record<string, Way>> = {
  append: { options: { writeDisposition: 'append' }, apply: (table, came) => [...table, ...came] },
  'replace without a key': { options: { writeDisposition: 'replace' }, apply: (_, came) => [...came] },
  'replace with a key': {
    options: { writeDisposition: 'replace', primaryKey: 'id' },
    apply: (_, came) => lastOfEach(came),
  },
  'delete-insert': {
    options: { writeDisposition: 'merge', primaryKey: 'id' },
    apply: (table, came) => [...others(table, came), ...lastOfEach(came)],
  },
  'delete-insert by a merge key': {
    options: { writeDisposition: 'merge', mergeKey: 'id' },
    apply: (table, came) => [...others(table, came), ...came],
  },
  upsert: {
    options: { writeDisposition: { disposition: 'merge', strategy: 'upsert' }, primaryKey: 'id' },
    apply: (table, came) => [...others(table, came), ...lastOfEach(came)],
  },
  'insert-only': {
    options: { writeDisposition: { disposition: 'merge', strategy: 'insert-only' }, primaryKey: 'id' },
    apply: (table, came) => [...table, ...others(lastOfEach(came), table)],
  },
  'hard deletes': {
    options: { writeDisposition: 'merge', primaryKey: 'id', hardDelete: 'gone' },
    apply: (table, came) => [...others(table, came), ...lastOfEach(came).filter(({ gone }) => gone !== true)],
  },
  'the first of each key in an order': {
    options: { writeDisposition: 'merge', primaryKey: 'id', dedupSort: { column: 'v', order: 'desc' } },
    apply: (table, came) => {
      const best = came.filter(
        (row, at) =>
          !came.some((other, later) => other.id === row.id && (other.v > row.v || (other.v === row.v && later > at))),
      );
      return [...others(table, came), ...best];
    },
  },
  'missing rows deleted': {
    options: { writeDisposition: 'merge', primaryKey: 'id', deleteMissing: 'hard' },
    apply: (_, came) => lastOfEach(came),
  },
};

/** Where the rows go. */
const places: Readonly<Record<string, ParquetOptions>> = {
  'by duckdb': { engine: 'duckdb' },
  'by parquetjs': { engine: 'parquetjs' },
  'in a directory': { layout: 'directory' },
};

const numRuns = Number(process.env['SLUICE_RUNS'] ?? 2);

describe('child tables against a model', function () {
  this.timeout(20_000 + numRuns * 20_000);
  let folder: string;
  let number = 0;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-children-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const cases = Object.entries(ways).flatMap(([name, way]) =>
    Object.entries(places)
      .filter(([, place]) => place.engine !== undefined || name === 'hard deletes')
      .map(([where, place]) => ({ name, where, place, ...way })),
  );
  for (const { name, where, place, options, apply } of cases) {
    it(`come, stay and leave with their rows: ${name}, ${where}`, async () => {
      await fc.assert(
        fc.asyncProperty(runs, async (loads) => {
          number += 1;
          const file = join(folder, `t${number}${place.layout === 'directory' ? '' : '.parquet'}`);
          let model: Order[] = [];
          for (const pages of loads) {
            const receipt = await load(file, rowsOf(pages), { nesting: 'tables', ...place, ...options });
            model = apply(model, pages.flat());
            expect(await joined(file)).to.deep.equal(model.map(canonical).sort());
            for (const child of receipt.children ?? []) {
              expect(child.rows).to.equal(child.inserted + child.updated + child.unchanged + child.duplicates);
            }
          }
        }),
        { numRuns },
      );
    });
  }

  for (const engine of ['duckdb', 'parquetjs'] as const)
    it(`belong to a version of their row: scd2, by ${engine}`, async () => {
      await fc.assert(
        fc.asyncProperty(runs, async (loads) => {
          number += 1;
          const file = join(folder, `t${number}.parquet`);
          let model: { row: Order; ended: boolean }[] = [];
          for (const pages of loads) {
            const writeDisposition = { disposition: 'merge', strategy: 'scd2' } as const;
            await load(file, rowsOf(pages), { nesting: 'tables', engine, writeDisposition, primaryKey: 'id' });
            const came = lastOfEach(pages.flat());
            const same = (one: Order, other: Order) => canonical(one) === canonical(other);
            const stays = (row: Order) => came.some((other) => same(row, other));
            model = model.map(({ row, ended }) => ({ row, ended: ended || !stays(row) }));
            const valid = model.filter(({ ended }) => !ended);
            const begun = came.filter((row) => !valid.some((version) => same(row, version.row)));
            model = [...model, ...begun.map((row) => ({ row, ended: false }))];
            expect(await joined(file)).to.deep.equal(model.map(({ row }) => canonical(row)).sort());
          }
        }),
        { numRuns },
      );
    });
});

/** Without lists that are empty: no table has their rows. */
function rowsOf(pages: readonly (readonly Order[])[]): Row[][] {
  return pages.map((page) => page.map((row) => ({ ...row })));
}

function canonical({ id, v, gone, l }: Order): string {
  return JSON.stringify([id, v, gone, l.map(({ a, m = [] }) => [a, m])]);
}

/** The rows of the table with their lists, from the three files. */
async function joined(file: string): Promise<string[]> {
  const read = async (suffix: string) => {
    const path = file.endsWith('.parquet') ? file.replace('.parquet', `${suffix}.parquet`) : file + suffix;
    if (!existsSync(path)) return [];
    return path.endsWith('.parquet') ? await readRows(path) : await directoryRows(path);
  };
  const [rows, items, numbers] = [await read(''), await read('__l'), await read('__l__m')];
  const of = (children: readonly Row[], parent: unknown) =>
    children
      .filter((child) => child['_dlt_parent_id'] === parent)
      .sort((one, other) => Number(one['_dlt_list_idx']) - Number(other['_dlt_list_idx']));
  const used = new Set<unknown>();
  const orders = rows.map((row) => {
    const l = of(items, row['_dlt_id']).map((child) => {
      used.add(child);
      const m = of(numbers, child['_dlt_id']).map((each) => {
        used.add(each);
        expect(each['_dlt_root_id']).to.equal(row['_dlt_id']);
        return Number(each['value']);
      });
      return { a: Number(child['a']), m };
    });
    return { id: Number(row['id']), v: Number(row['v']), gone: row['gone'] as boolean | null, l };
  });
  // No row is left whose parent is gone, and none belongs to two.
  expect(used.size).to.equal(items.length + numbers.length);
  return orders.map(canonical).sort();
}
