// A load with child tables and dead letters that stops at any file system call: the next one comes to the tables and the file of a load that
// was never cut short. SLUICE_CRASHES=all tries every call; without it, a sample.
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { lastValueFrom, map } from 'rxjs';
import type { Row, Rows } from '../../../lib/core/index.js';
import { parquet } from '../../../sinks/index.js';
import { walk } from '../../sinks/killed-load.js';
import { readRows } from '../../sinks/parquet-file.js';
import { type Crash, CrashingDisk } from './crashing-disk.js';

const crashes: readonly Crash[] = ['killed', 'power lost', 'half lost'];
const every = process.env['SLUICE_CRASHES'] === 'all';
const files = ['orders', 'orders__l', 'orders__l__m'];

describe('a load with child tables that stops at a file system call', function () {
  this.timeout(every ? 1_200_000 : 120_000);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-crash-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const load = async (out: string, pages: number): Promise<void> => {
    const sink = parquet(join(out, 'orders.parquet'), {
      writeDisposition: 'merge',
      primaryKey: 'id',
      nesting: 'tables',
      columns: { index: { data_type: 'bigint' } },
      schemaContract: { data_type: 'discard_row' },
      deadLetters: true,
      checkpoint: { pages: 2 },
    });
    const source = walk(pages, () => undefined).pipe(map((page): Rows => ({ ...page, rows: page.rows.map(nested) })));
    await lastValueFrom(source.pipe(sink));
  };

  const crash = async (out: string, at: number): Promise<CrashingDisk> => {
    const disk = new CrashingDisk(out, at);
    await disk.install();
    try {
      await Promise.race([load(out, 9), disk.crashed]);
    } finally {
      await disk.remove();
    }
    return disk;
  };

  it('is finished by the next one, and applied once, in all tables', async () => {
    const model = join(folder, 'model');
    await load(model, 3);
    const { trace } = await crash(model, Number.POSITIVE_INFINITY);
    const once = await tables(model);
    expect(once.map((rows) => rows.length)).to.deep.equal([39, 78, 39]);
    const letters = await deadLetters(model);
    expect(letters).to.have.length(4);
    const cleared = trace.findIndex((call) => call.startsWith('rm') && call.endsWith('journal.jsonl'));
    const renamed = trace.flatMap((call, at) => (call.startsWith('rename') && !call.includes('.sluice') ? [at] : []));
    expect(renamed).to.have.length(4);
    const sample = Array.from({ length: trace.length }, (_, at) => at).filter(
      (at) => every || at % 23 === 0 || renamed.includes(at - 1),
    );
    for (const at of sample) {
      const out = join(folder, `at-${at}`);
      await load(out, 3);
      const disk = await crash(out, at);
      for (const kind of crashes) {
        const image = join(folder, `at-${at}-${kind}`);
        await disk.image(kind, image);
        await load(image, 9);
        const where = `${kind} before call ${at} (${trace[at]})`;
        expect(await tables(image), where).to.deep.equal(once);
        // A run that died after its stage was cleared has come to its end: the next one is another run.
        const again = at > cleared ? (await deadLetters(image)).slice(0, letters.length) : await deadLetters(image);
        expect(again, where).to.deep.equal(letters);
        const left = await readdir(image);
        expect(left.sort(), where).to.deep.equal(
          ['orders.dead.jsonl', ...files.map((name) => `${name}.parquet`)].sort(),
        );
        await rm(image, { recursive: true });
      }
      await rm(out, { recursive: true });
    }
  });
});

/** Each row has a list with two items, one of them with a list; one row of three pages is against the contract. */
function nested(row: Row): Row {
  const bad = Number(row['page']) % 3 === 0 && row['index'] === 6;
  return { ...row, ...(bad && { index: 'none' }), l: [{ a: row['page'], m: [row['index']] }, { a: row['index'] }] };
}

/** The rows of each table, without what says which load brought them. */
async function tables(out: string): Promise<string[][]> {
  return await Promise.all(
    files.map(async (name) => {
      const file = join(out, `${name}.parquet`);
      const rows = existsSync(file) ? await readRows(file) : [];
      return rows.map((row) => JSON.stringify(row)).sort();
    }),
  );
}

async function deadLetters(out: string): Promise<unknown[]> {
  const text = await readFile(join(out, 'orders.dead.jsonl'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { load_id: _, ...letter } = JSON.parse(line);
      return letter;
    });
}
