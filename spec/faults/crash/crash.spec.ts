// A load that stops at any file system call, killed or without power, comes to the table of a load that was never cut short.
// SLUICE_CRASHES=all tries every call; without it, a sample.
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { lastValueFrom, map } from 'rxjs';
import type { Rows } from '../../../lib/core/index.js';
import { parquet } from '../../../sinks/index.js';
import { walk } from '../../sinks/killed-load.js';
import { query } from '../../sinks/parquet-file.js';
import { type CrashCase, crashCases, pageCount, type Seen } from './crash-cases.js';
import { type Crash, CrashingDisk } from './crashing-disk.js';
import { PagedApi } from './paged-api.js';

const crashes: readonly Crash[] = ['killed', 'power lost', 'half lost', 'torn'];
const isWhole = process.env['SLUICE_CRASHES'] === 'all';

const nothing = (): Seen => ({ subscribed: 0, fetched: 0, committed: 0 });

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
      await whole.image(one.crashes?.[0] ?? 'power lost', join(folder, 'published'));
      expect(await one.rows(join(folder, 'published'))).to.deep.equal(once);
      const next = nothing();
      await one.load(join(folder, 'published'), pageCount, next);
      expect(next.fetched, 'pages of the run after that').to.equal(one.counts === false ? 0 : pageCount);
      const cleared = trace.findIndex((call) => call.startsWith('rm') && call.endsWith('journal.jsonl'));
      expect(cleared).to.be.greaterThan(20);
      // When a run publishes, its journal says that the source has completed.
      const publishing = trace.findIndex((call) => call.startsWith('mkdir') && call.endsWith('scratch'));

      const step = isWhole ? 1 : 19;
      for (let at = index % step; at < trace.length; at += step) {
        const out = join(folder, `at-${at}`);
        await one.load(out, 3);
        const stopped = nothing();
        const disk = await crash(one, out, at, stopped);
        for (const kind of one.crashes ?? crashes) {
          const image = join(folder, `at-${at}-${kind}`);
          await disk.image(kind, image);
          const again = nothing();
          await one.load(image, pageCount, again);
          const where = `${kind} before call ${at} (${trace[at]})`;
          if (at <= cleared) expect(again.fetched, where).to.be.at.most(pageCount - stopped.committed);
          if (publishing >= 0 && at > publishing && at <= cleared) expect(again.subscribed, where).to.equal(0);
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
    const whole = join(folder, 'whole');
    await append.load(whole, 3);
    const { trace } = await crash(append, whole, Number.POSITIVE_INFINITY);
    const rows = await append.rows(whole);
    const commits = trace.flatMap((call, at) => (/^sync .*journal\.jsonl$/.test(call) ? [at] : []));
    // Before a record of the journal is durable: half of it is there, or nothing.
    for (const [kind, first] of [
      ['torn', commits[4]!],
      ['power lost', commits.at(-1)!],
    ] as const) {
      const out = join(folder, kind);
      await append.load(out, 3);
      const stopped = await crash(append, out, first);
      for (let at = 3; ; at += isWhole ? 1 : 13) {
        const image = join(folder, `image-${kind}-${at}`);
        await stopped.image(kind, image);
        const seen = nothing();
        const again = await crash(append, image, at, seen);
        if (again.trace.some((call) => call.startsWith('rm') && call.endsWith('journal.jsonl'))) break;
        const second = join(folder, `second-${kind}-${at}`);
        await again.image(kind, second);
        const third = nothing();
        await append.load(second, pageCount, third);
        const where = `${kind}, second crash before call ${at} (${again.trace[at]})`;
        expect(await append.rows(second), where).to.deep.equal(rows);
        expect(await filesOf(second), where).to.deep.equal(append.files);
        expect(third.fetched, where).to.be.at.most(pageCount - seen.committed);
      }
    }
  });

  it('keeps nothing of a page that was not committed', async () => {
    const sink = (out: string) => parquet(join(out, 'table.parquet'), { checkpoint: { pages: 2 } });
    // The pages are others when they are asked for again, and shorter.
    const shorter = map(
      (page: Rows): Rows => ({ ...page, rows: page.rows.slice(0, 2).map((row) => ({ ...row, text: '' })) }),
    );
    const load = async (out: string): Promise<unknown> =>
      await lastValueFrom(walk(pageCount, () => undefined).pipe(shorter, sink(out)));
    const pagesOf = async (out: string): Promise<string[]> => {
      const rows = await query(
        `SELECT page::INTEGER AS page, count(*)::INTEGER AS rows, min(text) AS text FROM read_parquet('${out}/table.parquet') GROUP BY page ORDER BY page`,
      );
      return rows.map(({ page, rows, text }) => `${page}: ${rows} ${text}`);
    };
    const append = cases[0]!;
    await mkdir(join(folder, 'whole'));
    const { trace } = await crash(append, join(folder, 'whole'), Number.POSITIVE_INFINITY);
    const publishing = trace.findIndex((call) => call.startsWith('mkdir') && call.endsWith('scratch'));
    for (let at = 15; at < publishing; at += isWhole ? 1 : 3) {
      const out = join(folder, `at-${at}`);
      await mkdir(out);
      const seen = nothing();
      const stopped = await crash(append, out, at, seen);
      for (const kind of crashes) {
        const image = join(folder, `at-${at}-${kind}`);
        await stopped.image(kind, image);
        await load(image);
        const found = await pagesOf(image);
        const kept = found.findIndex((page) => !page.includes('ü'));
        const model = Array.from({ length: pageCount }, (_, page) =>
          kept < 0 || page < kept ? `${page}: 7 ü${page}` : `${page}: 2 `,
        );
        const where = `${kind} before call ${at} (${trace[at]})`;
        expect(found, where).to.deep.equal(model);
        expect(kept < 0 ? pageCount : kept, where).to.be.at.least(seen.committed);
      }
    }
  });
});
