// The contract suite notices what a sink does wrong: a right one with one fault fails the test that is about it.
import { join } from 'node:path';
import { expect } from 'chai';
import { catchError, EMPTY, map, type OperatorFunction, tap } from 'rxjs';
import type { Receipt, Row, Rows } from '../../lib/core/index.js';
import { type ContractOptions, type TableSinkUnderTest, tableSinkContract } from '../../lib/testing/index.js';
import { parquet } from '../../sinks/index.js';
import { readParquetTable } from '../contracts/read-table.js';

type Sink = OperatorFunction<Rows, Receipt>;

const isMerge = ({ writeDisposition: given }: ContractOptions): boolean =>
  (typeof given === 'string' ? given : given.disposition) === 'merge';

const right: TableSinkUnderTest = {
  name: 'right',
  make: (folder, options) => parquet(join(folder, 'table.parquet'), options),
  read: (folder) => readParquetTable(join(folder, 'table.parquet')),
};

const making = (change: (options: ContractOptions, folder: string) => Sink): TableSinkUnderTest => ({
  ...right,
  make: (folder, options) => change(options, folder),
});
const reading = (change: (rows: readonly Row[]) => readonly Row[]): TableSinkUnderTest => ({
  ...right,
  read: async (folder) => {
    const rows = await right.read(folder);
    return rows && change(rows);
  },
});
const eachValue = (change: (value: unknown) => unknown) =>
  reading((rows) =>
    rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, change(value)]))),
  );

const faults: readonly { readonly fault: string; readonly sink: TableSinkUnderTest; readonly noticedBy: string }[] = [
  { fault: 'loses a row', sink: reading((rows) => rows.slice(1)), noticedBy: 'append adds the rows' },
  {
    fault: 'has a row too many',
    sink: reading((rows) => [...rows, ...rows.slice(0, 1)]),
    noticedBy: 'booleans come back',
  },
  {
    fault: 'appends when it should merge',
    sink: making((options, folder) =>
      right.make(folder, options.writeDisposition === 'merge' ? { writeDisposition: 'append' } : options),
    ),
    noticedBy: 'the last row with a key wins',
  },
  {
    fault: 'replaces when it should append',
    sink: making((options, folder) =>
      right.make(folder, options.writeDisposition === 'append' ? { writeDisposition: 'replace' } : options),
    ),
    noticedBy: 'a run without rows leaves an appended table',
  },
  {
    fault: 'merges on the first column of the key only',
    sink: making((options, folder) =>
      right.make(folder, { ...options, primaryKey: [options.primaryKey ?? []].flat().slice(0, 1) }),
    ),
    noticedBy: 'merge takes several columns',
  },
  {
    fault: 'rounds long integers',
    sink: eachValue((value) => (typeof value === 'bigint' ? Number(value) : value)),
    noticedBy: 'integers of 64 bits',
  },
  {
    fault: 'takes an empty text for NULL',
    sink: eachValue((value) => (value === '' ? null : value)),
    noticedBy: 'texts come back',
  },
  { fault: 'takes NULL for 0', sink: eachValue((value) => value ?? 0), noticedBy: 'NULL and missing' },
  {
    fault: 'loses the sign of 0',
    sink: eachValue((value) => (value === 0 ? 0 : value)),
    noticedBy: 'doubles come back',
  },
  {
    fault: 'cuts microseconds',
    sink: eachValue((value) => (typeof value === 'string' ? value.replace(/(\.\d{3})\d+/, '$1') : value)),
    noticedBy: 'timestamps come back',
  },
  {
    fault: 'drops empty lists',
    sink: eachValue((value) => (Array.isArray(value) && value.length === 0 ? null : value)),
    noticedBy: 'lists and objects',
  },
  {
    fault: 'publishes what came before the source failed',
    sink: making(
      (options, folder) => (source) =>
        source.pipe(
          catchError(() => EMPTY),
          right.make(folder, options),
        ),
    ),
    noticedBy: 'leaves the old table when the source fails',
  },
  {
    fault: 'deletes nothing that is marked',
    sink: making(({ hardDelete: _, ...options }, folder) => right.make(folder, options)),
    noticedBy: 'a mark that is true deletes',
  },
  {
    fault: 'lets the last row count whatever the order',
    sink: making(({ dedupSort: _, ...options }, folder) => right.make(folder, options)),
    noticedBy: 'NULL last, and of equal ones',
  },
  {
    fault: 'keeps rows that are missing',
    sink: making(({ deleteMissing: _, ...options }, folder) => right.make(folder, options)),
    noticedBy: 'does not bring are removed',
  },
  {
    fault: 'takes rows for missing after a part',
    sink: making(({ partial: _, ...options }, folder) => right.make(folder, options)),
    noticedBy: 'when only a part was read',
  },
  {
    fault: 'ends versions whose key did not come',
    sink: making(({ mergeKey: _, ...options }, folder) => right.make(folder, options)),
    noticedBy: 'only versions whose merge key came',
  },
  {
    fault: 'updates where it should only insert',
    sink: making((options, folder) =>
      right.make(folder, { ...options, ...(isMerge(options) && { writeDisposition: 'merge' }) }),
    ),
    noticedBy: 'insert-only adds rows with a new key',
  },
  {
    fault: 'counts updates as inserts',
    sink: making(
      (options, folder) => (source) =>
        source.pipe(
          right.make(folder, options),
          map((receipt) => ({ ...receipt, inserted: receipt.inserted + receipt.updated, updated: 0 })),
        ),
    ),
    noticedBy: 'merge inserts, updates and keeps',
  },
  {
    fault: 'never says that it published',
    sink: making(
      (options, folder) => (source) =>
        source.pipe(
          right.make(folder, options),
          map((receipt) => ({ ...receipt, published: false })),
        ),
    ),
    noticedBy: 'the last one says what was published',
  },
  {
    fault: 'subscribes before it is subscribed to',
    sink: making((options, folder) => (source) => {
      source.pipe(tap()).subscribe({ error: () => undefined });
      return source.pipe(right.make(folder, options));
    }),
    noticedBy: 'does nothing before it is subscribed to',
  },
  {
    fault: 'takes in what it says it cannot',
    sink: { ...right, cannot: [{ ability: 'bytes', code: 'ERR_NO_BYTES' }] },
    noticedBy: 'refuses what it cannot (bytes)',
  },
  {
    fault: 'refuses with another code than it says',
    sink: {
      ...making((options, folder) => {
        if (isMerge(options)) throw Object.assign(new Error('no'), { code: 'ERR_OTHER' });
        return right.make(folder, options);
      }),
      cannot: [{ ability: 'merge', code: 'ERR_NO_MERGE' }],
    },
    noticedBy: 'refuses what it cannot (merge): merge inserts',
  },
];

describe('the contract suite for table sinks', () => {
  for (const { fault, sink, noticedBy } of faults) {
    it(`notices a sink that ${fault}`, async () => {
      const tests = testsOf(sink).filter(({ name }) => name.includes(noticedBy));
      expect(tests).to.have.length(1);
      const error = await tests[0]!.body().then(
        () => undefined,
        (caught: unknown) => caught,
      );
      expect((error as { code?: unknown } | undefined)?.code).to.equal('ERR_ASSERTION');
    });
  }

  it('finds nothing wrong with a sink that refuses what it says it cannot', async () => {
    const sink: TableSinkUnderTest = {
      ...making((options, folder) => {
        if (isMerge(options)) throw Object.assign(new Error('no'), { code: 'ERR_NO_MERGE' });
        return right.make(folder, options);
      }),
      cannot: [{ ability: 'merge', code: 'ERR_NO_MERGE' }],
    };
    const tests = testsOf(sink).filter(({ name }) => name.includes('(merge)'));
    expect(tests.length).to.be.greaterThan(5);
    for (const { body } of tests) await body();
  });
});

/** The tests that the suite declares. */
function testsOf(sink: TableSinkUnderTest): { readonly name: string; readonly body: () => Promise<void> }[] {
  const tests: { name: string; body: () => Promise<void> }[] = [];
  tableSinkContract({ describe: (_, body) => body(), it: (name, body) => tests.push({ name, body }) }, sink);
  return tests;
}
