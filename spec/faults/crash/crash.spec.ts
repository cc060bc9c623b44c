// A load that stops at any file system call, killed or without power, comes to the table of a load that was never cut short.
// SLUICE_CRASHES=all tries every call; without it, a sample.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type CrashCase, crashCases, type Seen } from './crash-cases.js';
import { type Crash, CrashingDisk } from './crashing-disk.js';
import { PagedApi } from './paged-api.js';

const pageCount = 9;
const crashes: readonly Crash[] = ['killed', 'power lost', 'half lost', 'torn'];
const isWhole = process.env['SLUICE_CRASHES'] === 'all';

const nothing = (): Seen => ({ fetched: 0, committed: 0 });

describe('a load that stops at a file system call', function () {
  this.timeout(isWhole ? 1_200_000 : 120_000);
  let folder: string;
  let api: PagedApi;
  before(async () => {
    api = await PagedApi.start();
  });
  after(() => api.stop());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-crash-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Runs into the crash; returns the calls up to it. */
  const crash = async ({ load }: CrashCase, out: string, at: number, seen = nothing()): Promise<CrashingDisk> => {
    const disk = new CrashingDisk(out, at);
    await disk.install();
    try {
      await Promise.race([load(out, pageCount, seen), disk.crashed]);
    } finally {
      await disk.remove();
    }
    return disk;
  };
  const filesOf = async (out: string): Promise<string[]> => (await readdir(out, { recursive: true })).sort();

  const cases = crashCases(() => api);
  for (const [index, one] of cases.entries()) {
    it(`is finished by the next one, and applied once: ${one.name}`, async () => {
      // What a whole run comes to, and how many calls it makes.
      const model = join(folder, 'model');
      await one.load(model, 3);
      const whole = await crash(one, model, Number.POSITIVE_INFINITY);
      const { trace } = whole;
      const once = await one.rows(model);
      // What a run has published is durable when it says so.
      await whole.image('power lost', join(folder, 'published'));
      expect(await one.rows(join(folder, 'published'))).to.deep.equal(once);
      const next = nothing();
      await one.load(join(folder, 'published'), pageCount, next);
      expect(next.fetched, 'pages of the run after that').to.equal(one.counts === false ? 0 : pageCount);
      const cleared = trace.findIndex((call) => call.startsWith('rm') && call.endsWith('journal.jsonl'));
      expect(cleared).to.be.greaterThan(20);

      const step = isWhole ? 1 : 19;
      for (let at = index % step; at < trace.length; at += step) {
        const out = join(folder, `at-${at}`);
        await one.load(out, 3);
        const stopped = nothing();
        const disk = await crash(one, out, at, stopped);
        for (const kind of crashes) {
          const image = join(folder, `at-${at}-${kind}`);
          await disk.image(kind, image);
          const again = nothing();
          await one.load(image, pageCount, again);
          const where = `${kind} before call ${at} (${trace[at]})`;
          if (at <= cleared) expect(again.fetched, where).to.be.at.most(pageCount - stopped.committed);
          const rows = await one.rows(image);
          // A run that died after its stage was cleared has come to its end: the next one is another run.
          const isAnother = one.adds && at > cleared && JSON.stringify(rows).length > JSON.stringify(once).length;
          if (!isAnother) expect(rows, where).to.deep.equal(once);
          expect(await filesOf(image), where).to.deep.equal(one.files);
          await rm(image, { recursive: true });
        }
        await rm(out, { recursive: true });
      }
    });
  }

  it('survives a second crash while it recovers', async () => {
    const append = cases[0]!;
    const first = join(folder, 'first');
    await append.load(first, 3);
    const stopped = await crash(append, first, 40);
    const whole = join(folder, 'whole');
    await append.load(whole, 3);
    await append.load(whole, pageCount);
    const rows = await append.rows(whole);
    for (let at = 3; ; at += isWhole ? 1 : 13) {
      const image = join(folder, `image-${at}`);
      await stopped.image('power lost', image);
      const again = await crash(append, image, at);
      if (again.trace.some((call) => call.startsWith('rm') && call.endsWith('journal.jsonl'))) break;
      const second = join(folder, `second-${at}`);
      await again.image('power lost', second);
      await append.load(second, pageCount);
      expect(await append.rows(second), `second crash before call ${at}`).to.deep.equal(rows);
    }
  });
});
