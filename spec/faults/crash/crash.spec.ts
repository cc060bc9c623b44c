// A load that stops at any file system call, killed or without power, comes to the table of a load that was never cut short.
// SLUICE_CRASHES=all tries every call; without it, a sample.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { lastValueFrom } from 'rxjs';
import { parquet } from '../../../sinks/index.js';
import { rowsOfPage, walk } from '../../sinks/killed-load.js';
import { readRows } from '../../sinks/parquet-file.js';
import { type Crash, CrashingDisk } from './crashing-disk.js';

const pageCount = 9;
const dispositions = ['append', 'merge', 'replace'] as const;
type Disposition = (typeof dispositions)[number];
const crashes: readonly Crash[] = ['killed', 'power lost', 'half lost'];

describe('a load that stops at a file system call', function () {
  this.timeout(process.env['SLUICE_CRASHES'] === 'all' ? 1_200_000 : 60_000);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-crash-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const load = async (out: string, writeDisposition: Disposition, pages = pageCount): Promise<void> => {
    const options = { primaryKey: 'id', writeDisposition, checkpoint: { pages: 2 } } as const;
    await lastValueFrom(walk(pages, () => undefined).pipe(parquet(join(out, 'table.parquet'), options)));
  };

  /** Runs into the crash; returns the calls up to it. */
  const crash = async (out: string, disposition: Disposition, at: number): Promise<CrashingDisk> => {
    const disk = new CrashingDisk(out, at);
    await disk.install();
    try {
      await Promise.race([load(out, disposition), disk.crashed]);
    } finally {
      await disk.remove();
    }
    return disk;
  };

  for (const disposition of dispositions) {
    it(`is finished by the next one, and applied once: ${disposition}`, async () => {
      // What a whole run comes to, and how many calls it makes.
      const model = join(folder, 'model');
      await load(model, 'append', 3);
      const whole = await crash(model, disposition, Number.POSITIVE_INFINITY);
      const { trace } = whole;
      const once = await table(model);
      // What a run has published is durable when it says so.
      await whole.image('power lost', join(folder, 'published'));
      expect(await table(join(folder, 'published'))).to.deep.equal(once);
      const cleared = trace.findIndex((call) => call.startsWith('rm') && call.endsWith('journal.jsonl'));
      expect(cleared).to.be.greaterThan(20);

      const step = process.env['SLUICE_CRASHES'] === 'all' ? 1 : 11;
      for (let at = dispositions.indexOf(disposition); at < trace.length; at += step) {
        const out = join(folder, `at-${at}`);
        await load(out, 'append', 3);
        const disk = await crash(out, disposition, at);
        for (const kind of crashes) {
          const image = join(folder, `at-${at}-${kind}`);
          await disk.image(kind, image);
          await load(image, disposition);
          const where = `${kind} before call ${at} (${trace[at]})`;
          const rows = await table(image);
          // A run that died after its stage was cleared has come to its end: the next one is another run.
          if (disposition === 'append' && at > cleared && rows.length > once.length) continue;
          expect(rows, where).to.deep.equal(once);
          expect(await readdir(image), where).to.deep.equal(['table.parquet']);
          await rm(image, { recursive: true });
        }
        await rm(out, { recursive: true });
      }
    });
  }

  it('survives a second crash while it recovers', async () => {
    const first = join(folder, 'first');
    await load(first, 'append', 3);
    const stopped = await crash(first, 'append', 40);
    for (let at = 3; ; at += process.env['SLUICE_CRASHES'] === 'all' ? 1 : 13) {
      const image = join(folder, `image-${at}`);
      await stopped.image('power lost', image);
      const again = await crash(image, 'append', at);
      if (again.trace.some((call) => call.startsWith('rm') && call.endsWith('journal.jsonl'))) break;
      const second = join(folder, `second-${at}`);
      await again.image('power lost', second);
      await load(second, 'append');
      const rows = [...[0, 1, 2], ...Array(pageCount).keys()].flatMap(rowsOfPage);
      expect(await table(second), `second crash before call ${at}`).to.deep.equal(rows);
    }
  });
});

async function table(out: string): Promise<unknown[]> {
  const rows = await readRows(
    join(out, 'table.parquet'),
    'id::INTEGER AS id, page::INTEGER AS page, index::INTEGER AS index, text',
  );
  return rows;
}
