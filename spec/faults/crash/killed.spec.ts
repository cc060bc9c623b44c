// A run that is killed at random points, also while it recovers, and started again until it comes to its end, leaves the
// tables of a run that was never killed. SLUICE_KILLS says how many kills there are for each disposition, SLUICE_CRASH_PAGES how many pages a run
// has, SLUICE_SEED where the random points begin.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  type Kill,
  type Killed,
  killedLoad,
  leftovers,
  line,
  prepare,
  repeatsAllowed,
  tableLines,
} from './killed-load.js';
import { PagedApi } from './paged-api.js';
import { randomNumbers } from './random-numbers.js';
import { type Scenario, scenarios } from './scenarios.js';

const kills = Number(process.env['SLUICE_KILLS'] ?? 2);
const seed = Number(process.env['SLUICE_SEED'] ?? 1);
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

  /** A random point, the later ones of a load in what is left of it. */
  const pointOf = (random: () => number, calls: number, left: number): Kill => {
    const kind = random();
    if (kind < 0.45) return { page: 1 + Math.floor(random() * left), wait: Math.floor(random() * 4) };
    if (kind < 0.65) return { call: Math.floor(random() * calls) };
    // The last calls of a whole run are those of its publishing: few, and the most delicate.
    if (kind < 0.85) return { call: Math.max(0, calls - 1 - Math.floor(random() * 40)) };
    return { publishing: Math.floor(random() * 60) };
  };

  const check = async (scenario: Scenario, out: string, { loads }: Killed, where: string): Promise<void> => {
    for (const [table, { rows, ordered = false, columns }] of Object.entries(scenario.tables)) {
      const found = await tableLines(out, table, columns);
      const model = rows(loads).map(line);
      expect(ordered ? found : found.sort(), `${table}, ${where}`).to.deep.equal(ordered ? model : model.sort());
    }
    expect(await leftovers(out, scenario), where).to.deep.equal([]);
  };

  for (const scenario of scenarios) {
    if (only !== undefined && only !== scenario.name) continue;
    it(`comes to the rows of one that was never killed: ${scenario.name}`, async () => {
      const base = join(folder, scenario.name);
      const out = `${base} out`;
      await prepare(api, scenario, base);
      const whole = await killedLoad(api, scenario, { base, out, next: () => undefined });
      await check(scenario, out, whole, 'never killed');
      expect(whole.repeated).to.equal(0);

      const random = randomNumbers(seed);
      const total = { kills: 0, loads: 0, repeated: 0, served: 0 };
      while (total.kills < kills) {
        await rm(out, { recursive: true });
        const from = `seed ${seed}, load ${total.loads}`;
        const next = (): Kill | undefined => {
          const left = Math.max(1, whole.served - (api.served - api.repeated));
          return random() < 0.8 ? pointOf(random, whole.calls, left) : undefined;
        };
        const load = await killedLoad(api, scenario, { base, out, next });
        const where = `${from}, killed at ${JSON.stringify(load.kills)}`;
        await check(scenario, out, load, where);
        expect(load.repeated, `pages asked for again, ${where}`).to.be.at.most(
          load.kills.length * repeatsAllowed(scenario),
        );
        total.loads += 1;
        total.kills += load.kills.length;
        total.repeated += load.repeated;
        total.served += load.served;
      }
      if (process.env['SLUICE_KILLS'] !== undefined) {
        const share = ((100 * total.repeated) / total.served).toFixed(1);
        console.log(
          `      ${scenario.name}: ${total.kills} kills in ${total.loads} loads, ${total.served} pages served, ` +
            `${total.repeated} of them again (${share} %, ${(total.repeated / total.kills).toFixed(1)} for each kill)`,
        );
      }
    });
  }
});
