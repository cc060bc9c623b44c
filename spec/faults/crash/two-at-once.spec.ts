// Two processes that load the same table at once: one of them is told that the other is writing, or comes after it; never both at a time.
// SLUICE_PAIRS says how often.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { isMine } from './crash-options.js';
import { leftovers, line, prepare, start, tableLines } from './killed-load.js';
import { PagedApi } from './paged-api.js';
import { scenarios } from './scenarios.js';
import { summarize } from './summary.js';

const pairs = Number(process.env['SLUICE_PAIRS'] ?? 2);

describe('two processes at once', function () {
  this.timeout(60_000 + pairs * 20_000);
  let api: PagedApi;
  let folder: string;
  before(async () => {
    api = await PagedApi.start();
    folder = await mkdtemp(join(tmpdir(), 'sluice-two-'));
  });
  after(async () => {
    await api.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const names = ['append', 'merge', 'replace', 'partitions, append', 'partitions, merge', 'several with children'];
  for (const [index, name] of names.entries()) {
    if (!isMine(index)) continue;
    it(`come to the rows of each that says it is done, once: ${name}`, async () => {
      const scenario = scenarios.find((one) => one.name === name)!;
      const base = join(folder, name);
      await prepare(api, scenario, base);
      const begin = performance.now();
      let refused = 0;
      for (let pair = 0; pair < pairs; pair += 1) {
        const out = join(folder, `${name} ${pair}`);
        await cp(base, out, { recursive: true });
        api.list(scenario.listings[1]);
        // One is killed first in every other pair, so that there is a stage to take over.
        // It has come to its end where the signal is late.
        const first = pair % 2 === 1 ? await start(api, scenario, out, { page: 60, wait: 0 }) : undefined;
        const before = first?.calls === undefined ? 0 : 1;
        const both = await Promise.allSettled([start(api, scenario, out), start(api, scenario, out)]);
        const done = both.filter(({ status }) => status === 'fulfilled').length;
        for (const one of both) {
          if (one.status === 'fulfilled') continue;
          expect(String(one.reason))
            .to.match(/ERR_STAGE_LOCKED/)
            .and.to.match(/another run is writing: process \d+ on /);
          refused += 1;
        }
        expect(done).to.be.at.least(1);
        const loads = before + done;
        for (const [table, { rows }] of Object.entries(scenario.tables)) {
          expect((await tableLines(out, table)).sort(), table).to.deep.equal(rows(loads).map(line).sort());
        }
        expect(await leftovers(out, scenario)).to.deep.equal([]);
        await rm(out, { recursive: true });
      }
      if (process.env['SLUICE_PAIRS'] !== undefined)
        summarize('Two processes started at once', {
          load: name,
          pairs,
          'after one was killed': pairs >> 1,
          refused,
          seconds: Math.round((performance.now() - begin) / 1000),
        });
    });
  }
});
