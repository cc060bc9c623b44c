// A run that is killed at random points, also while it recovers, and started again until it comes to its end, leaves the
// tables of a run that was never killed. SLUICE_KILLS says how many kills there are for each disposition, SLUICE_CRASH_PAGES how many pages a run
// has, SLUICE_SEED where the random points begin.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { isMine } from './crash-options.js';
import {
  type Kill,
  type Killed,
  killedLoad,
  leftovers,
  line,
  prepare,
  repeatsAllowed,
  type Standing,
  tableLines,
} from './killed-load.js';
import { PagedApi } from './paged-api.js';
import { randomNumbers } from './random-numbers.js';
import { type Scenario, scenarios } from './scenarios.js';
import { summarize, tableLine } from './summary.js';

const kills = Number(process.env['SLUICE_KILLS'] ?? 2);
/** Kills of one load, at most. The first of them come while it still asks for pages. */
const perLoad = 20;
const spread = 13;
const seed = Number(process.env['SLUICE_SEED'] ?? 1);
const isCounted = process.env['SLUICE_KILLS'] !== undefined;
const only = process.env['SLUICE_SCENARIO'];

describe('a load that is killed again and again', function () {
  this.timeout(60_000 + kills * 20_000);
  let api: PagedApi;
  let folder: string;
  before(async () => {
    api = await PagedApi.start();
    folder = await mkdtemp(join(tmpdir(), 'sluice-killed-'));
  });
  after(async () => {
    await api.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** A random point of what is left of a load, so that the kills of it are spread over all of it, its recoveries and its publishing. */
  const pointOf = (random: () => number, { last }: Killed, { deaths, loads, pages }: Standing): Kill => {
    const left = loads * last.served - pages;
    const call = (): Kill => ({ call: Math.floor(random() * last.calls! * (left > 0 ? 0.3 : 0.2)) });
    const kind = random();
    if (kind < 0.1) return { begun: Math.floor(random() * 60) };
    if (left <= 0) return kind < 0.5 ? call() : { publishing: Math.floor(random() * last.publishing! * 1.1) };
    if (kind < 0.3) return call();
    if (kind < 0.32) return { publishing: Math.floor(random() * last.publishing! * 0.7) };
    const share = (2 * left) / Math.max(1, spread - deaths);
    return { page: 1 + Math.floor(random() * Math.min(left, share)), wait: Math.floor(random() * 30) };
  };

  const check = async (scenario: Scenario, out: string, { loads }: Killed, where: string): Promise<void> => {
    for (const [table, { rows, ordered = false, columns }] of Object.entries(scenario.tables)) {
      const found = await tableLines(out, table, columns);
      const model = rows(loads).map(line);
      expect(ordered ? found : found.sort(), `${table}, ${where}`).to.deep.equal(ordered ? model : model.sort());
    }
    expect(await leftovers(out, scenario), where).to.deep.equal([]);
  };

  for (const [index, scenario] of scenarios.entries()) {
    if (only === undefined ? !isMine(index) : only !== scenario.name) continue;
    it(`comes to the rows of one that was never killed: ${scenario.name}`, async () => {
      const begin = performance.now();
      const base = join(folder, scenario.name);
      const out = `${base} out`;
      await prepare(api, scenario, base);
      const whole = await killedLoad(api, scenario, { base, out, next: () => undefined });
      await check(scenario, out, whole, 'never killed');
      expect(whole.repeated).to.equal(0);

      const random = randomNumbers(seed);
      const all: Killed[] = [];
      for (let done = 0; done < kills; done += all.at(-1)!.deaths.length) {
        await rm(out, { recursive: true });
        const until = Math.min(perLoad, kills - done);
        const load = await killedLoad(api, scenario, {
          base,
          out,
          next: (standing) => (standing.deaths < until ? pointOf(random, whole, standing) : undefined),
        });
        const where = `seed ${seed}, load ${all.length}, killed at ${JSON.stringify(load.deaths.map(({ kill }) => kill))}`;
        await check(scenario, out, load, where);
        for (const { repeated } of [...load.deaths.map(({ end }) => end), load.last])
          expect(repeated, `pages asked for again, ${where}`).to.be.at.most(repeatsAllowed(scenario));
        all.push(load);
        if (isCounted) console.log(`      ${tableLine(Object.values(report(scenario, all)))}`);
      }
      const seconds = Math.round((performance.now() - begin) / 1000);
      if (isCounted) summarize('Killed with SIGKILL at random points', { ...report(scenario, all), seconds });
    });
  }
});

function report({ name }: Scenario, loads: readonly Killed[]): Readonly<Record<string, string | number>> {
  const deaths = loads.flatMap((load) => load.deaths);
  const ends = loads.flatMap((load) => [...load.deaths.map(({ end }) => end), load.last]);
  const repeated = ends.map((end) => end.repeated);
  const sum = repeated.reduce((total, each) => total + each, 0);
  return {
    load: name,
    kills: deaths.length,
    'loads finished': loads.length,
    'killed in recovery': deaths.filter(({ recovering }) => recovering).length,
    'while publishing': deaths.filter(({ end }) => end.publishing !== undefined).length,
    'pages asked again': sum,
    'most for one kill': Math.max(...repeated),
    'mean for one kill': (sum / deaths.length).toFixed(1),
    'share of all pages': `${((100 * sum) / ends.reduce((total, { served }) => total + served, 0)).toFixed(1)} %`,
  };
}
