// A run of two tables in directories, one of them partitioned, that stops at any file system call: whoever reads the manifest sees both
// tables as they were, or both as they are, and the next run finishes what this one began. SLUICE_CRASHES=all tries every call; without
// it, a sample.
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { asapScheduler, map, share, subscribeOn } from 'rxjs';
import type { Receipt, Rows } from '../../../lib/core/index.js';
import { run } from '../../../lib/table/index.js';
import { parquet } from '../../../sinks/index.js';
import { walk } from '../../sinks/killed-load.js';
import { currentFiles, directoryRows } from '../../table/directory/directory-rows.js';
import { type Crash, CrashingDisk } from './crashing-disk.js';

const crashes: readonly Crash[] = ['killed', 'power lost', 'half lost'];
const every = process.env['SLUICE_CRASHES'] === 'all';

describe('a run of tables in directories that stops at a file system call', function () {
  this.timeout(every ? 1_200_000 : 120_000);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-crash-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Rows move from one partition to another, since their keys come again on later pages. */
  const load = (out: string, pages: number): Promise<Receipt[]> => {
    const source = walk(pages, () => undefined).pipe(
      map(
        (page): Rows => ({ ...page, rows: page.rows.map((row) => ({ ...row, part: `p${Number(row['page']) % 3}` })) }),
      ),
      // Its first page comes when both tables listen.
      subscribeOn(asapScheduler),
      share(),
    );
    const merge = { writeDisposition: 'merge', primaryKey: 'id', partitionBy: 'part' } as const;
    const checkpoint = { pages: 4 };
    return run([
      source.pipe(parquet(join(out, 'things'), { ...merge, checkpoint })),
      source.pipe(parquet(join(out, 'log'), { layout: 'directory', fileMaxItems: 40, checkpoint })),
    ]);
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

  /** Both tables, as a reader of the manifest sees them. */
  const tables = async (out: string): Promise<string[][]> =>
    await Promise.all(
      ['things', 'log'].map(async (name) => {
        const rows = await directoryRows(join(out, name), 'id::INTEGER AS id, page::INTEGER AS page, part');
        return rows.map((row) => JSON.stringify(row)).sort();
      }),
    );

  const isPublish = (call: string): boolean =>
    /things|log|_manifest/.test(call.replace(/\.sluice\/things\+log\/\S*/, ''));
  /** What is left of a run that dies there is of no use to the next one, which finds its tables published. */
  const isClearing = (call: string): boolean => /^rm .*\.drafts$/.test(call);

  for (const [name, before] of [
    ['before there is a manifest', 0],
    ['with tables that are there', 4],
  ] as const) {
    it(`shows all or none of it, and is finished once: ${name}`, async () => {
      const model = join(folder, 'model');
      await mkdir(model);
      if (before > 0) await load(model, before);
      const old = await tables(model);
      const whole = await crash(model, Number.POSITIVE_INFINITY);
      const { trace } = whole;
      const once = await tables(model);
      expect(once[1]).to.have.lengthOf(7 * (before + 9));
      const cleared = trace.findIndex((call) => call.startsWith('rm') && call.endsWith('journal.jsonl'));
      const calls = [...trace.keys()].filter(
        (at) => every || isClearing(trace[at]!) || at % (isPublish(trace[at]!) ? 5 : 29) === before,
      );
      expect(calls.length).to.be.greaterThan(10);
      for (const at of calls) {
        const out = join(folder, `at-${at}`);
        await mkdir(out);
        if (before > 0) await load(out, before);
        const disk = await crash(out, at);
        for (const kind of every ? crashes : [crashes[at % 3]!]) {
          const image = join(folder, `at-${at}-${kind}`);
          await disk.image(kind, image);
          const where = `${kind} before call ${at} (${trace[at]})`;
          const seen = await tables(image);
          expect([JSON.stringify(old), JSON.stringify(once)], where).to.include(JSON.stringify(seen));
          await load(image, 9);
          const after = await tables(image);
          // A run that died after its stage was cleared has come to its end: the next one is another run.
          if (at <= cleared || after[1]!.length === once[1]!.length) expect(after, where).to.deep.equal(once);
          expect((await readdir(image)).sort(), where).to.deep.equal(['_manifest.json', 'log', 'things']);
          for (const table of ['things', 'log'])
            expect(await filesIn(image, table), where).to.deep.equal(await currentFiles(join(image, table)));
          await rm(image, { recursive: true });
        }
        await rm(out, { recursive: true, force: true });
      }
    });
  }
});

async function filesIn(out: string, table: string): Promise<string[]> {
  const names = await readdir(join(out, table), { recursive: true });
  return names
    .filter((name) => name.endsWith('.parquet'))
    .map((name) => `${table}/${name}`)
    .sort();
}
