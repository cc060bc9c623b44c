// A load that stops at any file system call, killed or without power, comes to the table of a load that was never cut short.
// SLUICE_CRASHES=all tries every call; without it, a sample.
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { lastValueFrom, map } from 'rxjs';
import type { Rows } from '../../../lib/core/index.js';
import { parquet } from '../../../sinks/index.js';
import { walk } from '../../sinks/killed-load.js';
import { query } from '../../sinks/parquet-file.js';
import { nothing, pageCount } from './crash-case.js';
import { crashCases } from './crash-cases.js';
import { CrashCheck } from './crash-check.js';
import { isWhole, tried } from './crash-options.js';
import { CrashingDisk, crashes } from './crashing-disk.js';
import { folderPrint } from './folder-print.js';
import { PagedApi } from './paged-api.js';
import { summarize } from './summary.js';

describe('a load that stops at a file system call', function () {
  this.timeout(isWhole ? 3_600_000 : 120_000);
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

  const base = (): string => join(folder, 'base');
  const copyOf = async (name: string): Promise<string> => {
    const out = join(folder, name);
    await cp(base(), out, { recursive: true });
    return out;
  };
  /** Runs into the crash; returns the calls up to it. */
  const crash = async (
    { load }: Pick<CrashCheck, 'load'>,
    out: string,
    at: number,
    seen = nothing(),
  ): Promise<CrashingDisk> => {
    const disk = new CrashingDisk(out, at);
    await disk.install();
    try {
      await Promise.race([load(out, seen), disk.crashed]);
    } finally {
      await disk.remove();
    }
    return disk;
  };

  const cases = crashCases(() => api.url);
  for (const [index, one] of cases.entries()) {
    it(`is finished by the next one, and applied once: ${one.name}`, async () => {
      const begin = performance.now();
      const check = new CrashCheck(one, api);
      const kinds = one.crashes ?? crashes;
      await mkdir(base());
      await check.prepare(base());
      const whole = await copyOf('whole');
      let disk: CrashingDisk | undefined;
      const model = await check.model(await copyOf('model'), () => check.load(join(folder, 'model')));
      disk = await crash(check, whole, Number.POSITIVE_INFINITY);
      const { trace } = disk;
      expect(trace.length).to.be.greaterThan(40);
      // What a run has published is durable when it says so.
      await disk.image(kinds.at(1) ?? 'killed', join(folder, 'published'));
      const ended = { where: 'after the last call', committed: 0, publishing: false, published: true };
      await check.check(join(folder, 'published'), model, ended);
      // When a run publishes, its journal says that the source has completed.
      const publishing = trace.findIndex((call) => call.startsWith('mkdir') && call.endsWith('scratch'));

      let images = 0;
      let different = 0;
      const calls = tried({ to: trace.length, sample: 5, shift: 3 * index });
      // When all that readers see has changed, and nothing is removed yet.
      const moment = 1 + trace.findLastIndex((call) => /^rename (?!\.sluice)/.test(call));
      if (!isWhole && moment > 0) calls.unshift(moment);
      for (const at of calls) {
        const out = await copyOf(`at-${at}`);
        const stopped = nothing();
        disk = await crash(check, out, at, stopped);
        const { committed } = stopped;
        const prints = new Set<string>();
        for (const kind of isWhole ? kinds : [kinds[images % kinds.length]!]) {
          const image = join(folder, `at-${at}-${kind}`);
          await disk.image(kind, image);
          images += 1;
          const print = (await folderPrint(image)).join('\n');
          const where = `${kind} before call ${at} (${trace[at]})`;
          const isPublishing = publishing >= 0 && at > publishing;
          // Where nothing is to be synced, one crash leaves what another does.
          if (!prints.has(print))
            await check.check(image, model, { where, committed, publishing: isPublishing, published: false });
          prints.add(print);
          await rm(image, { recursive: true });
        }
        different += prints.size;
        await rm(out, { recursive: true });
      }
      if (isWhole)
        summarize('Stopped at each file system call of the library', {
          load: one.name,
          calls: trace.length,
          'calls of this part': calls.length,
          'ways to crash': kinds.length,
          crashes: images,
          different,
          seconds: Math.round((performance.now() - begin) / 1000),
        });
    });
  }

  const twiceStopped = (name: string): boolean =>
    (isWhole ? /partitions|dead letters|several resources|append$/ : /^append$/).test(name);
  for (const one of cases.filter(({ name }) => twiceStopped(name))) {
    it(`survives a second crash while it recovers: ${one.name}`, async () => {
      const check = new CrashCheck(one, api);
      await mkdir(base());
      await check.prepare(base());
      const model = await check.model(await copyOf('model'), () => check.load(join(folder, 'model')));
      const { trace } = await crash(check, await copyOf('whole'), Number.POSITIVE_INFINITY);
      const commits = trace.flatMap((call, at) => (/^sync .*journal\.jsonl$/.test(call) ? [at] : []));
      // Before a record of the journal is durable: half of it is there, or nothing.
      for (const [kind, first] of [
        ['torn', commits[4]!],
        ['power lost', commits.at(-1)!],
      ] as const) {
        const out = await copyOf(kind);
        const stopped = await crash(check, out, first);
        const recovery = join(folder, `recovery ${kind}`);
        await stopped.image(kind, recovery);
        const recovering = (await crash(check, recovery, Number.POSITIVE_INFINITY)).trace;
        for (const at of tried({ from: 3, to: recovering.length, sample: 6 })) {
          const image = join(folder, `image-${kind}-${at}`);
          await stopped.image(kind, image);
          const seen = nothing();
          const again = await crash(check, image, at, seen);
          const second = join(folder, `second-${kind}-${at}`);
          await again.image(kind, second);
          const where = `${kind}, second crash before call ${at} (${recovering[at]})`;
          const { committed } = seen;
          await check.check(second, model, { where, committed, publishing: false, published: false });
          await rm(image, { recursive: true });
          await rm(second, { recursive: true });
        }
      }
    });
  }

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
    const append = new CrashCheck(cases[0]!, api);
    await mkdir(join(folder, 'whole'));
    const { trace } = await crash(append, join(folder, 'whole'), Number.POSITIVE_INFINITY);
    const publishing = trace.findIndex((call) => call.startsWith('mkdir') && call.endsWith('scratch'));
    for (const at of tried({ from: 15, to: publishing, sample: 8 })) {
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
