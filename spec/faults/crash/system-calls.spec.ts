// A load that stops at any system call of its process, those of the engine among them: its calls are recorded once, and done again up to each of
// them, killed or without power. Needs strace. SLUICE_CRASHES=all tries every call of every case; without it, a sample of a few.
import { relative } from 'node:path';
import { expect } from 'chai';
import { crashCases } from './crash-cases.js';
import { isWhole, tried } from './crash-options.js';
import { folderPrint } from './folder-print.js';
import { type Call, canRecord } from './recorded-calls.js';
import { type Loss, ReplayedDisk } from './replayed-disk.js';
import { summarize } from './summary.js';
import { TracedSuite } from './traced-suite.js';

/** Each with a number, from which it is told what a disk that reorders leaves. */
const losses: readonly (readonly [Loss, number])[] = [
  ['killed', 0],
  ['power lost', 0],
  ['torn', 0],
  ['reordered', 1],
  ['reordered', 2],
  ['reordered', 3],
];
const inSample = [
  'merge',
  'merge into partitions',
  'tables of a database that is new',
  'several tables of one run, as text',
];

if (canRecord) {
  describe('a load that stops at a system call', function () {
    const suite = TracedSuite.of(this);
    for (const [index, one] of crashCases(suite.url).entries()) {
      if (!isWhole && !inSample.includes(one.name)) continue;
      it(`is finished by the next one, and applied once: ${one.name}`, async () => {
        const begin = performance.now();
        const { check, model, base, out, calls } = await suite.prepare(one.name);
        expect(calls.length).to.be.greaterThan(40);

        const disk = await ReplayedDisk.of(base, out);
        const chosen = new Set(tried({ to: calls.length + 1, sample: 12, shift: index }));
        // As the engine makes a database.
        const making = calls
          .flatMap((call, at) => ('path' in call && call.path.endsWith('.duckdb') ? [at + 1] : []))
          .slice(0, 4);
        if (!isWhole) for (const at of making) chosen.add(at);
        const state = { committed: 0, publishing: false, published: false };
        let images = 0;
        for (let at = 0; at <= calls.length; at += 1) {
          if (chosen.has(at)) {
            for (const [loss, seed] of isWhole ? losses : [losses[making.includes(at) ? 0 : images % losses.length]!]) {
              const where = `${loss} ${seed} before call ${at} (${name(calls[at], out)})`;
              await check.check(disk.image(loss, 1000 * seed + at), model, { ...state, where });
              images += 1;
            }
          }
          const call = calls[at];
          if (call === undefined) break;
          disk.apply(call);
          if (call.type === 'said') {
            state.published ||= call.line === 'published';
            state.committed = Number(/^committed (\d+)$/.exec(call.line)?.[1] ?? state.committed);
          } else state.publishing ||= call.type === 'mkdir' && call.path.endsWith('/scratch');
        }
        expect(state.published).to.equal(true);
        // No call has been missed: what they come to is what is there.
        const replayed = suite.path('replayed');
        await disk.image('killed').write(replayed);
        expect(await folderPrint(replayed)).to.deep.equal(await folderPrint(out));
        if (isWhole)
          summarize('Stopped at each system call that changes or syncs a file', {
            load: one.name,
            calls: calls.length,
            'calls of this part': chosen.size,
            'ways to crash': losses.length,
            crashes: images,
            different: check.different,
            seconds: Math.round((performance.now() - begin) / 1000),
          });
      });
    }
  });
}

function name(call: Call | undefined, out: string): string {
  if (call === undefined) return 'none is left';
  return call.type === 'said' ? call.line : `${call.type} ${relative(out, call.path)}`;
}
