// A load that stops at any file system call, killed or without power, comes to the table of a load that was never cut short. It runs once, and what each
// crash would have left is told from that.
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
import { type CrashCase, nothing, pageCount } from './crash-case.js';
import { crashCases } from './crash-cases.js';
import { CrashCheck, type Model } from './crash-check.js';
import { isWhole, tried } from './crash-options.js';
import { crashes } from './disk-state.js';
import { PagedApi } from './paged-api.js';
import { canRecord } from './recorded-calls.js';
import { type Recorded, recordCalls } from './recording-disk.js';
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
  /** Prepares a case, and does its load once without a crash: what it comes to, and its calls. */
  const prepared = async (check: CrashCheck): Promise<{ model: Model; trace: readonly string[] }> => {
    await mkdir(base());
    await check.prepare(base());
    const out = await copyOf('model');
    let trace: readonly string[] = [];
    const model = await check.model(out, async () => {
      ({ trace } = await recordCalls(out, () => check.load(out)));
    });
    expect(trace.length).to.be.greaterThan(40);
    return { model, trace };
  };
  /** Records the load of a case in a folder, with the disk at the calls of these numbers. */
  const recorded = (check: Pick<CrashCheck, 'load'>, out: string, at?: Iterable<number>): Promise<Recorded> => {
    const seen = nothing();
    const wanted = at && new Set(at);
    return recordCalls(out, () => check.load(out, seen), {
      wanted: (each) => wanted === undefined || wanted.has(each),
      committed: () => seen.committed,
    });
  };

  // A database, which is killed alone, is killed by system-calls.spec.ts at each call of the process, these among them.
  const isTriedThere = ({ crashes: kinds }: CrashCase): boolean => isWhole && canRecord && kinds?.join() === 'killed';
  const cases = crashCases(() => api.url).filter((one) => !isTriedThere(one));
  for (const [index, one] of cases.entries()) {
    it(`is finished by the next one, and applied once: ${one.name}`, async () => {
      const begin = performance.now();
      const check = new CrashCheck(one, api);
      const kinds = one.crashes ?? crashes;
      const { model, trace: first } = await prepared(check);
      const chosen = tried({ to: first.length, sample: 5, shift: 3 * index });
      // When all that readers see has changed, and nothing is removed yet.
      const moment = 1 + first.findLastIndex((call) => /^rename (?!\.sluice)/.test(call));
      if (!isWhole && moment > 0) chosen.push(moment);
      const wanted = isWhole ? undefined : chosen;
      const { trace, moments, end } = await recorded(check, await copyOf('whole'), wanted);
      // What a run has published is durable when it says so.
      const ended = { where: 'after the last call', committed: 0, publishing: false, published: true };
      await check.check(end.image(kinds.at(1) ?? 'killed'), model, ended);
      // When a run publishes, its journal says that the source has completed.
      const publishing = trace.findIndex((call) => call.startsWith('mkdir') && call.endsWith('scratch'));

      let images = 0;
      const ofThisPart = isWhole ? tried({ to: trace.length, sample: 0 }).map((at) => moments[at]!) : moments;
      for (const [number, stopped] of ofThisPart.entries()) {
        for (const kind of isWhole ? kinds : [kinds[number % kinds.length]!]) {
          const { at, committed } = stopped;
          const where = `${kind} before call ${at} (${trace[at]})`;
          const isPublishing = publishing >= 0 && at > publishing;
          await check.check(stopped.image(kind), model, {
            where,
            committed,
            publishing: isPublishing,
            published: false,
          });
          images += 1;
        }
      }
      if (isWhole)
        summarize('Stopped at each file system call of the library', {
          load: one.name,
          calls: trace.length,
          'calls of this part': ofThisPart.length,
          'ways to crash': kinds.length,
          crashes: images,
          different: check.different,
          seconds: Math.round((performance.now() - begin) / 1000),
        });
    });
  }

  const twiceStopped = (name: string): boolean =>
    (isWhole ? /partitions|dead letters|several resources|append$/ : /^append$/).test(name);
  for (const one of cases.filter(({ name }) => twiceStopped(name))) {
    it(`survives a second crash while it recovers: ${one.name}`, async () => {
      const check = new CrashCheck(one, api);
      const { model } = await prepared(check);
      const { trace, moments } = await recorded(check, await copyOf('whole'));
      const commits = trace.flatMap((call, at) => (/^sync .*journal\.jsonl$/.test(call) ? [at] : []));
      // Before a record of the journal is durable: half of it is there, or nothing.
      for (const [kind, first] of [
        ['torn', commits[4]!],
        ['power lost', commits.at(-1)!],
      ] as const) {
        const recovery = join(folder, `recovery ${kind}`);
        await moments[first]!.image(kind).write(recovery);
        const recovering = await recorded(check, recovery);
        for (const at of tried({ from: 3, to: recovering.trace.length, sample: 6 })) {
          const again = recovering.moments[at]!;
          const where = `${kind}, second crash before call ${at} (${recovering.trace[at]})`;
          const { committed } = again;
          await check.check(again.image(kind), model, { where, committed, publishing: false, published: false });
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
    const out = join(folder, 'whole');
    await mkdir(out);
    const { trace, moments } = await recorded(append, out);
    const publishing = trace.findIndex((call) => call.startsWith('mkdir') && call.endsWith('scratch'));
    for (const at of tried({ from: 15, to: publishing, sample: 8 })) {
      const stopped = moments[at]!;
      for (const kind of crashes) {
        const image = join(folder, `at-${at}-${kind}`);
        await stopped.image(kind).write(image);
        await load(image);
        const found = await pagesOf(image);
        const kept = found.findIndex((page) => !page.includes('ü'));
        const model = Array.from({ length: pageCount }, (_, page) =>
          kept < 0 || page < kept ? `${page}: 7 ü${page}` : `${page}: 2 `,
        );
        const where = `${kind} before call ${at} (${trace[at]})`;
        expect(found, where).to.deep.equal(model);
        expect(kept < 0 ? pageCount : kept, where).to.be.at.least(stopped.committed);
      }
    }
  });
});
