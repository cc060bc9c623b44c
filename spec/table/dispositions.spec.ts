// Every disposition and strategy against a model in plain JavaScript: random runs on random tables, some of them cut short, on both engines.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { concat, from, lastValueFrom, throwError } from 'rxjs';
import type { Receipt, Row, WriteDispositionOption } from '../../lib/core/index.js';
import { type ParquetOptions, parquet } from '../../sinks/index.js';
import { failureOf, pagesOf, readRows } from '../sinks/parquet-file.js';
import { directoryRows } from './directory/directory-rows.js';
import { applyLoad, canonical, type ModelOptions, type ModelRow } from './disposition-model.js';

/** `SLUICE_RUNS=200 SLUICE_SEED=7` looks for more. */
const numRuns = Number(process.env['SLUICE_RUNS'] ?? 8);
const seed = process.env['SLUICE_SEED'] === undefined ? {} : { seed: Number(process.env['SLUICE_SEED']) };

interface Load {
  readonly pages: readonly (readonly Row[])[];
  readonly partial: boolean;
  readonly engine: 'duckdb' | 'parquetjs';
  /** The source fails after this many pages first, and the load is resumed. */
  readonly cutAfter: number | undefined;
}

const id = fc.integer({ min: 0, max: 3 });
const text = fc.constantFrom('', 'a', 'ü🚀', 'e\u0301', 'é', "it's", 'null');

function rowOf({ nullKeys, rowVersion }: ModelOptions): fc.Arbitrary<Row> {
  const key = <T>(value: fc.Arbitrary<T>) => (nullKeys === 'group' ? fc.option(value) : value);
  return fc.record(
    {
      org: key(fc.constantFrom('a', 'ä')),
      id: key(id),
      owner: key(fc.record({ id: key(id) })),
      day: key(fc.constantFrom('mon', 'tue', 'wed')),
      n: fc.option(fc.integer({ min: 0, max: 2 })),
      gone: fc.option(fc.boolean()),
      name: rowVersion === 'name' ? text : fc.option(text),
    },
    // A table of rows without any key has no column, and is no table.
    { requiredKeys: nullKeys === 'group' ? ['name'] : ['org', 'id', 'owner', 'day', 'name'] },
  ) as fc.Arbitrary<Row>;
}

const keys = fc.constantFrom(['id'], ['org', 'id'], ['owner.id'], ['owner.id', 'org']);
const plain = {
  mergeKey: fc.constant([]),
  nullKeys: fc.constantFrom('error', 'group'),
  hardDelete: fc.constantFrom(undefined, 'gone', 'n'),
  dedupSort: fc.constantFrom(undefined, { column: 'n', order: 'asc' }, { column: 'n', order: 'desc' }),
  deleteMissing: fc.constantFrom('keep', 'soft', 'hard'),
};
const nothing = {
  mergeKey: fc.constant([]),
  deleteMissing: fc.constant('keep'),
  nullKeys: fc.constantFrom('error', 'group'),
};

const strategies: Readonly<Record<ModelOptions['disposition'], fc.Arbitrary<Omit<ModelOptions, 'disposition'>>>> = {
  append: fc.record({ ...nothing, primaryKey: fc.constant([]) }),
  replace: fc.record({ ...nothing, primaryKey: fc.oneof(keys, fc.constant([])), dedupSort: plain.dedupSort }),
  'delete-insert': fc.oneof(
    fc.record({ ...plain, primaryKey: keys, mergeKey: fc.constantFrom([], ['day'], ['day', 'org']) }),
    fc.record({
      ...nothing,
      primaryKey: fc.constant([]),
      mergeKey: fc.constantFrom(['day'], ['owner.id', 'day']),
      hardDelete: plain.hardDelete,
    }),
  ),
  upsert: fc.record({ ...plain, primaryKey: keys }),
  'insert-only': fc.record({ ...plain, primaryKey: keys, deleteMissing: fc.constant('keep') }),
  scd2: fc.record({
    ...plain,
    deleteMissing: fc.constant('keep'),
    primaryKey: fc.oneof(keys, fc.constant([])),
    mergeKey: fc.constantFrom([], ['day'], ['id', 'day']),
    rowVersion: fc.constantFrom(undefined, 'name'),
  }),
} as never;

const layouts: fc.Arbitrary<ParquetOptions | undefined> = fc.constantFrom<ParquetOptions | undefined>(
  undefined,
  undefined,
  { partitionBy: 'day' },
  { layout: 'directory', fileMaxItems: 3 },
);

describe('dispositions against a model', function () {
  this.timeout(60_000 + numRuns * 10_000);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-dispositions-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  for (const disposition of Object.keys(strategies) as ModelOptions['disposition'][]) {
    it(`${disposition}: holds the rows of the model, and counts as it does, after any sequence of runs`, async () => {
      const table = strategies[disposition].chain((chosen) => {
        const options = { disposition, ...chosen };
        // Rows that come again just so are what unchanged rows are made of.
        const pool = fc.array(rowOf(options), { minLength: 3, maxLength: 6 });
        return pool.chain((known) =>
          fc.tuple(fc.constant(options), fc.array(loadOf(options, known), { minLength: 2, maxLength: 4 }), layouts),
        );
      });
      let number = 0;
      await fc.assert(
        fc.asyncProperty(table, async ([options, loads, layout]) => {
          fc.pre(layout?.partitionBy === undefined || hasDay(loads));
          number += 1;
          const name = `${disposition}-${number}`;
          const path = layout === undefined ? join(folder, `${name}.parquet`) : join(folder, name, 'things');
          await check(path, options, loads, layout);
        }),
        { numRuns, ...seed },
      );
    });
  }
});

describe('dispositions of tables of many row groups against a model', function () {
  this.timeout(60_000 + numRuns * 20_000);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-dispositions-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const rows = 14_000;
  const rowAt = (id: number, n: number): Row => ({
    org: id % 2 ? 'a' : 'ä',
    id,
    owner: { id },
    day: `day ${Math.floor(id / 1000)}`,
    n,
    gone: null,
    name: `name ${id} ${n}`,
  });
  const few = (options: ModelOptions): fc.Arbitrary<Load> =>
    fc.record({
      pages: fc
        .tuple(
          fc.integer({ min: 0, max: rows }),
          fc.array(fc.record({ by: fc.nat(40), n: fc.nat(2), gone: fc.boolean() }), { maxLength: 20 }),
        )
        .map(([base, list]) => [list.map(({ by, n, gone }) => ({ ...rowAt(base + by, n), gone }))]),
      partial:
        options.primaryKey.length + options.mergeKey.length > 0
          ? fc.constantFrom(true, true, false)
          : fc.constant(false),
      engine: fc.constant('duckdb' as const),
      cutAfter: fc.constant(undefined),
    });

  for (const disposition of ['append', 'delete-insert', 'upsert', 'insert-only', 'scd2'] as const) {
    it(`${disposition}: holds the rows of the model, also where row groups are copied`, async () => {
      const table = strategies[disposition].chain((chosen) => {
        const options: ModelOptions = { disposition, ...chosen };
        return fc.tuple(fc.constant(options), fc.array(few(options), { minLength: 2, maxLength: 3 }));
      });
      const all = {
        pages: [Array.from({ length: rows }, (_, at) => rowAt(at, 0))],
        partial: false,
        engine: 'duckdb' as const,
        cutAfter: undefined,
      };
      let number = 0;
      await fc.assert(
        fc.asyncProperty(table, async ([options, loads]) => {
          number += 1;
          await check(join(folder, `${disposition}-${number}.parquet`), options, [all, ...loads]);
        }),
        { numRuns: Math.ceil(numRuns / 4), ...seed },
      );
    });
  }
});

function loadOf(options: ModelOptions, known: readonly Row[]): fc.Arbitrary<Load> {
  const canBePartial = options.primaryKey.length + options.mergeKey.length > 0;
  const row = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: rowOf(options) });
  return fc.record({
    pages: fc.array(fc.array(row, { maxLength: 4 }), { minLength: 1, maxLength: 3 }),
    partial: canBePartial ? fc.boolean() : fc.constant(false),
    engine: fc.constantFrom('duckdb' as const, 'duckdb' as const, 'parquetjs' as const),
    cutAfter: fc.constantFrom(undefined, undefined, 0, 1),
  });
}

/** Whether the table has the column from its first row on: it cannot be divided by one that it does not have. */
function hasDay(loads: readonly Load[]): boolean {
  const first = loads.map(({ pages }) => pages.flat()).find((rows) => rows.length > 0);
  return first === undefined || first.some((row) => 'day' in row);
}

async function check(
  file: string,
  options: ModelOptions,
  loads: readonly Load[],
  layout?: ParquetOptions,
): Promise<void> {
  let model: readonly ModelRow[] = [];
  for (const [at, load] of loads.entries()) {
    const now = `2024-01-0${at + 1}T00:00:00.000Z`;
    // Directories are DuckDB's.
    const more: ParquetOptions = layout === undefined ? {} : { ...layout, engine: 'duckdb' };
    const receipt = await run(file, load, { ...sinkOptions(options, load, now), ...more });
    // The model tells rows apart by what they are, not by what they hold.
    const rows = load.pages.flat().map((row) => ({ ...row }));
    const next = applyLoad(model, { rows, partial: load.partial, now }, options);
    model = next.rows;
    expect(countsOf(receipt)).to.deep.equal({ ...next.counts, rows: rows.length, total: model.length });
    const read = layout === undefined ? readRows : directoryRows;
    const written = receipt.files.length === 0 ? [] : await read(file);
    expect(written.map(shown).sort()).to.deep.equal(model.map(shownModel).sort());
  }
}

async function run(file: string, { pages, cutAfter }: Load, options: ParquetOptions): Promise<Receipt> {
  const source = pagesOf(pages);
  if (cutAfter !== undefined && cutAfter < source.length) {
    const cut = concat(
      from(source.slice(0, cutAfter)),
      throwError(() => new Error('cut short')),
    );
    await failureOf(cut.pipe(parquet(file, options)));
  }
  return await lastValueFrom(from(source).pipe(parquet(file, options)));
}

function sinkOptions(options: ModelOptions, { partial, engine }: Load, now: string): ParquetOptions {
  const { disposition, rowVersion, primaryKey, mergeKey, nullKeys, hardDelete, dedupSort, deleteMissing } = options;
  return {
    engine,
    compression: 'snappy',
    rowGroupRows: 2048,
    writeDisposition: written(disposition, now, rowVersion),
    primaryKey,
    mergeKey,
    nullKeys,
    deleteMissing,
    partial: () => partial,
    ...(hardDelete !== undefined && { hardDelete }),
    ...(dedupSort !== undefined && { dedupSort }),
  };
}

function written(
  disposition: ModelOptions['disposition'],
  boundaryTimestamp: string,
  rowVersionColumnName: string | undefined,
): WriteDispositionOption {
  if (disposition === 'append' || disposition === 'replace') return disposition;
  if (disposition !== 'scd2') return { disposition: 'merge', strategy: disposition };
  const version = rowVersionColumnName === undefined ? {} : { rowVersionColumnName };
  return { disposition: 'merge', strategy: 'scd2', boundaryTimestamp, ...version };
}

function countsOf({
  rows,
  inserted,
  updated,
  unchanged,
  duplicates,
  deleted,
  softDeleted,
  retired,
  skipped,
  total,
}: Receipt) {
  return { rows, inserted, updated, unchanged, duplicates, deleted, softDeleted, retired, skipped, total };
}

function shown(row: Record<string, unknown>): string {
  const { _deleted_at: deleted = null, _dlt_valid_from: from = null, _dlt_valid_to: to = null, ...rest } = row;
  return JSON.stringify([canonical(rest), deleted !== null, instant(from), instant(to)]);
}

function shownModel({ row, deleted, from, to }: ModelRow): string {
  return JSON.stringify([canonical(row), deleted, from, to]);
}

function instant(value: unknown): string | null {
  return value === null ? null : new Date(String(value).replace(' ', 'T').replace(/\+00$/, 'Z')).toISOString();
}
