// The contract suite that every table sink passes: what the sinks of this package promise, as tests for any other.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defer, lastValueFrom } from 'rxjs';
import type { Receipt, Row } from '../core/index.js';
import { deletionCases } from './contract-deletions.js';
import { dispositionCases } from './contract-dispositions.js';
import { failureOf, lifecycleTests } from './contract-lifecycle.js';
import { mergeCases } from './contract-merges.js';
import type {
  ContractCase,
  ContractOptions,
  Inability,
  Load,
  TableSinkUnderTest,
  TestFramework,
} from './contract-type.js';
import { assertRows } from './contract-value.js';
import { valueCases } from './contract-values.js';
import { versionCases } from './contract-versions.js';
import { rowsOf } from './rows-of.js';

/**
 * Declares the suite in a test framework. What the sink `cannot` do is not left out: the suite checks that the sink refuses it with
 * the error it says, and that the table stays as it was.
 *
 * @example
 * tableSinkContract({ describe, it }, {
 *   name: 'my sink',
 *   make: (folder, options) => mySink(join(folder, 'things.my'), options),
 *   read: (folder) => readMyFile(join(folder, 'things.my')),
 *   cannot: [{ ability: 'merge', code: 'ERR_MY_MERGE' }],
 * });
 */
export function tableSinkContract(framework: TestFramework, sink: TableSinkUnderTest): void {
  const { describe } = framework;
  const cannot = new Map(sink.cannot?.map((inability) => [inability.ability, inability]));
  const it = (name: string, body: (folder: string) => Promise<void>): void => {
    framework.it(name, () => inFolder(body));
  };
  const run = (one: ContractCase): void => {
    const missing = one.needs.flatMap((ability) => cannot.get(ability) ?? [])[0];
    if (missing === undefined) it(one.name, (folder) => passes(sink, one, folder));
    else
      it(`refuses what it cannot (${missing.ability}): ${one.name}`, (folder) => refuses(sink, one, missing, folder));
  };

  describe(`${sink.name} as a table sink`, () => {
    const how = usual(new Set(cannot.keys()));
    describe('dispositions', () => {
      for (const one of dispositionCases) run(one);
    });
    describe('merges', () => {
      for (const one of [...mergeCases, ...deletionCases, ...versionCases]) run(one);
    });
    describe('values and columns', () => {
      for (const one of valueCases(how)) run(one);
    });
    describe('keys', () => keyTests(it, sink, cannot.get('merge')));
    lifecycleTests(framework, it, sink, how);
  });
}

/** The disposition for tests that are about something else. */
function usual(cannot: ReadonlySet<string>): ContractOptions {
  if (!cannot.has('append')) return { writeDisposition: 'append' };
  if (!cannot.has('replace')) return { writeDisposition: 'replace' };
  return { writeDisposition: 'merge', primaryKey: 'id' };
}

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-contract-'));
  try {
    await body(folder);
  } finally {
    // A chain that was unsubscribed from may still be closing its files.
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}

function load(sink: TableSinkUnderTest, folder: string, { pages, ...options }: Load): Promise<Receipt> {
  return lastValueFrom(defer(() => rowsOf<Row>(...pages).pipe(sink.make(folder, options))));
}

async function passes(sink: TableSinkUnderTest, one: ContractCase, folder: string): Promise<void> {
  let last: Receipt | undefined;
  for (const each of one.loads) last = await load(sink, folder, each);
  assertRows(await sink.read(folder), one.rows);
  for (const [name, expected] of Object.entries(one.receipt ?? {})) {
    assert.deepEqual(last?.[name as keyof Receipt], expected, `the receipt's ${name}`);
  }
}

async function refuses(
  sink: TableSinkUnderTest,
  one: ContractCase,
  { code }: Inability,
  folder: string,
): Promise<void> {
  for (const each of one.loads) {
    const before = await sink.read(folder);
    const error = await load(sink, folder, each).then(
      () => undefined,
      (caught: unknown) => caught,
    );
    if (error === undefined) continue;
    assert.equal((error as { code?: unknown }).code, code);
    assert.deepEqual(await sink.read(folder), before, 'the table stays as it was');
    return;
  }
  assert.fail('it should have been refused');
}

function keyTests(
  it: (name: string, body: (folder: string) => Promise<void>) => void,
  sink: TableSinkUnderTest,
  cannotMerge: Inability | undefined,
): void {
  if (cannotMerge !== undefined) return;
  const merge = { writeDisposition: 'merge', primaryKey: 'id' } as const;

  it('a merge without a key is refused', async (folder) => {
    const chain = defer(() => rowsOf<Row>([{ id: 1 }]).pipe(sink.make(folder, { writeDisposition: 'merge' })));
    assert.equal(((await failureOf(chain)) as { code?: unknown }).code, 'ERR_TABLE_NO_KEY');
    assert.equal(await sink.read(folder), undefined);
  });

  it('a row without its key is an error that names the row, and the old table stays', async (folder) => {
    await load(sink, folder, { ...merge, pages: [[{ id: 1 }]] });
    for (const row of [{ other: 'seen in the message' }, { id: null, other: 'seen in the message' }]) {
      const chain = defer(() => rowsOf<Row>([{ id: 2 }], [row]).pipe(sink.make(folder, merge)));
      const error = (await failureOf(chain)) as { code?: unknown; message?: string };
      assert.equal(error.code, 'ERR_ROW_WITHOUT_KEY');
      assert.match(String(error.message), /seen in the message/);
      assertRows(await sink.read(folder), [{ id: 1 }]);
    }
  });
}
