// A random sequence of runs on a random table, against a model in plain JavaScript.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Receipt, Row } from '../../lib/core/index.js';
import { load, readRows } from './parquet-file.js';

/** What a run does: rows on pages, and how they come into the table. */
interface Load {
  readonly writeDisposition: 'append' | 'replace' | 'merge';
  readonly pages: readonly (readonly Row[])[];
}

const text = fc.constantFrom('', 'a', 'ü🚀', "it's", 'null', '1');
const value = {
  org: fc.constantFrom('a', 'b', 'ä'),
  id: fc.integer({ min: 0, max: 6 }),
  count: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  name: fc.option(text),
  owner: fc.option(fc.record({ id: fc.integer(), tags: fc.array(text, { maxLength: 2 }) })),
};
const row = fc.record(value, { requiredKeys: ['org', 'id'] }) as fc.Arbitrary<Row>;
const aLoad: fc.Arbitrary<Load> = fc.record({
  writeDisposition: fc.constantFrom('append', 'merge', 'merge', 'replace'),
  pages: fc.array(fc.array(row, { maxLength: 4 }), { minLength: 1, maxLength: 4 }),
});

const numRuns = 12;

describe('the parquet sink against a model', function () {
  this.timeout(20_000 + numRuns * 10_000);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-model-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('holds the rows of the model, in its order, after any sequence of runs', async () => {
    let number = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(aLoad, { minLength: 1, maxLength: 4 }), async (loads) => {
        number += 1;
        const file = join(folder, `${number}.parquet`);
        let model: Row[] = [];
        for (const { writeDisposition, pages } of loads) {
          const receipt = await load(file, pages, { primaryKey: ['org', 'id'], writeDisposition });
          const expected = apply(model, pages.flat(), writeDisposition);
          model = expected.rows;
          expect(countsOf(receipt)).to.deep.equal(expected.counts);
          const written = receipt.files.length === 0 ? [] : await readRows(file);
          expect(written.map(canonical)).to.deep.equal(model.map(canonical));
        }
      }),
      { numRuns },
    );
  });
});

type Counts = Pick<Receipt, 'inserted' | 'updated' | 'unchanged' | 'duplicates' | 'total'>;

function countsOf({ inserted, updated, unchanged, duplicates, total }: Receipt): Counts {
  return { inserted, updated, unchanged, duplicates, total };
}

function apply(before: Row[], rows: Row[], disposition: Load['writeDisposition']): { rows: Row[]; counts: Counts } {
  if (disposition === 'append') {
    const all = [...before, ...rows];
    const counts = { inserted: rows.length, updated: 0, unchanged: 0, duplicates: 0, total: all.length };
    return { rows: all, counts };
  }
  const last = rows.filter((row, index) => !rows.slice(index + 1).some((later) => keyOf(later) === keyOf(row)));
  const duplicates = rows.length - last.length;
  if (disposition === 'replace') {
    return { rows: last, counts: { inserted: last.length, updated: 0, unchanged: 0, duplicates, total: last.length } };
  }
  const isUnchanged = (row: Row): boolean => {
    const same = before.filter((other) => keyOf(other) === keyOf(row));
    return same.length === 1 && JSON.stringify(canonical(same[0]!)) === JSON.stringify(canonical(row));
  };
  const inserted = last.filter((row) => !before.some((other) => keyOf(other) === keyOf(row)));
  const unchanged = last.filter(isUnchanged);
  const written = last.filter((row) => !unchanged.includes(row));
  const kept = before.filter((row) => !written.some((other) => keyOf(other) === keyOf(row)));
  const all = [...kept, ...written];
  const updated = last.length - inserted.length - unchanged.length;
  const counts = { inserted: inserted.length, updated, unchanged: unchanged.length, duplicates, total: all.length };
  return { rows: all, counts };
}

function keyOf(row: Row): string {
  return JSON.stringify([row['org'], String(row['id'])]);
}

/** A row with all its columns, numbers as text, as DuckDB shows 64 bits in JSON. */
function canonical(row: Row): Row {
  const { org, id, count = null, name = null, owner = null } = row;
  return JSON.parse(
    JSON.stringify({ org, id, count, name, owner }, (_, each: unknown) =>
      typeof each === 'number' || typeof each === 'bigint' ? String(each) : each,
    ),
  );
}
