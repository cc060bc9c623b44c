// Random runs on a partitioned table, against a model in plain JavaScript. SLUICE_RUNS says how many sequences are tried.
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import type { WriteDispositionOption } from '../../../lib/core/index.js';
import { load } from '../../sinks/parquet-file.js';
import { currentFiles, directoryRows } from './directory-rows.js';

type Thing = {
  readonly id: number;
  readonly country: string | null;
  readonly at: string | null;
  readonly n: number;
};

interface Load {
  readonly how: 'append' | 'replace' | 'merge' | 'insert-only' | 'missing';
  readonly rows: readonly Thing[];
}

const thing: fc.Arbitrary<Thing> = fc.record({
  id: fc.integer({ min: 0, max: 9 }),
  country: fc.constantFrom(
    ...[
      null,
      '',
      'DE',
      'de',
      'a/b=c %',
      'ü🚀',
      '__HIVE_DEFAULT_PARTITION__',
      'NULL',
      'null',
      '.',
      '01',
      "it's",
      'a\0b',
    ],
  ),
  at: fc.constantFrom(
    null,
    '2024-01-31T23:30:00Z',
    '2024-02-01T00:30:00+01:00',
    '0001-05-01T00:00:00Z',
    '9999-12-31T00:00:00Z',
  ),
  n: fc.integer({ min: 0, max: 3 }),
});
const aLoad: fc.Arbitrary<Load> = fc.record({
  how: fc.constantFrom('append', 'replace', 'merge', 'merge', 'merge', 'insert-only', 'missing'),
  rows: fc.array(thing, { maxLength: 6 }),
});
const layouts = fc.constantFrom(
  { partitionBy: 'country' },
  { partitionBy: { column: 'at', transform: 'month' } },
  { partitionBy: ['country', { column: 'at', transform: 'day' }], fileMaxItems: 2 },
  { layout: 'directory', fileMaxItems: 3 },
  { layout: 'directory', fileMaxBytes: 900 },
  { partitionBy: ['n'] },
) as fc.Arbitrary<object>;

describe('a table in a directory against a model', function () {
  this.timeout(120_000);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-directory-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('holds the rows of the model after any sequence of runs, and no other file', async () => {
    let number = 0;
    const sequence = fc.array(fc.tuple(aLoad, layouts), { minLength: 2, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(sequence, layouts, fc.boolean(), async (loads, layout, changes) => {
        number += 1;
        const out = join(folder, String(number));
        const path = join(out, 'things');
        let model: Thing[] = [];
        for (const [{ how, rows }, other] of loads) {
          const options = {
            columns: { at: { data_type: 'timestamp' } },
            ...(changes ? other : layout),
            ...optionsOf(how),
          } as const;
          const receipt = await load(path, [rows.slice(0, 3), rows.slice(3)], options);
          model = apply(model, rows, how);
          expect(receipt.total).to.equal(model.length);
          // Without rows there may be no column but the declared one.
          const columns = model.length === 0 ? 'true AS row' : shownColumns;
          const found = await directoryRows(path, columns);
          expect(found.map(shown).sort()).to.deep.equal(model.map(shown).sort());
          const all = existsSync(path) ? await readdir(path, { recursive: true, withFileTypes: true }) : [];
          const files = all
            .filter((each) => each.isFile())
            .map((each) => join(each.parentPath ?? each.path, each.name));
          expect(files.sort()).to.deep.equal((await currentFiles(path)).map((file) => join(out, file)));
        }
        expect((await readdir(out)).filter((name) => !/^(things|_manifest\.json)$/.test(name))).to.deep.equal([]);
      }),
      { numRuns: Number(process.env['SLUICE_RUNS'] ?? 12) },
    );
  });
});

function optionsOf(how: Load['how']): {
  writeDisposition: WriteDispositionOption;
  primaryKey?: string;
  deleteMissing?: 'hard';
} {
  if (how === 'append') return { writeDisposition: 'append' };
  if (how === 'replace') return { writeDisposition: 'replace', primaryKey: 'id' };
  if (how === 'missing') return { writeDisposition: 'merge', primaryKey: 'id', deleteMissing: 'hard' };
  const strategy = how === 'insert-only' ? how : 'delete-insert';
  return { writeDisposition: { disposition: 'merge', strategy }, primaryKey: 'id' };
}

function apply(model: readonly Thing[], rows: readonly Thing[], how: Load['how']): Thing[] {
  if (how === 'append') return [...model, ...rows];
  const last = rows.filter(({ id }, at) => !rows.slice(at + 1).some((row) => row.id === id));
  const isIn = (list: readonly Thing[], id: number): boolean => list.some((row) => row.id === id);
  switch (how) {
    case 'replace':
    case 'missing':
      return last;
    case 'insert-only':
      return [...model, ...last.filter(({ id }) => !isIn(model, id))];
    default:
      return [...model.filter(({ id }) => !isIn(last, id)), ...last];
  }
}

const shownColumns = `id, country, strftime("at", '%Y-%m-%dT%H:%M:%SZ') AS at, n`;

/** Rows in a form in which equal ones are equal: partition columns come back as text. */
function shown({ id, country, at, n }: Thing | Record<string, unknown>): string {
  const instant = typeof at === 'string' ? new Date(at).getTime() : null;
  return JSON.stringify([Number(id), country, instant, Number(n)]);
}
