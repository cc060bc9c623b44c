// Resources of one run share one budget of requests, and none of them waits for another to come to its end.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type RestApiConfig, restApi } from '../../lib/rest-api/index.js';
import { ScriptedApi } from '../golden/scripted-api.js';

describe('the resources of a run', () => {
  let out: string;
  let api: ScriptedApi | undefined;

  beforeEach(async () => {
    out = await mkdtemp(join(tmpdir(), 'sluice-fairness-'));
  });
  afterEach(async () => {
    await api?.stop();
    api = undefined;
    await rm(out, { recursive: true, force: true });
  });

  async function config(endpoints: Readonly<Record<string, object>>, records: Readonly<Record<string, number>>) {
    const listings = Object.entries(records).map(
      ([name, count]) => [`GET /${name}`, { records: count, by: 'offset', total: 'total' }] as const,
    );
    api = await ScriptedApi.start(() => ({ listings: Object.fromEntries(listings) }));
    return {
      client: { base_url: api.url, rate_limit: { concurrency: 1 }, paginator: { type: 'offset', limit: 2 } },
      resource_defaults: { endpoint: { data_selector: 'data' } },
      resources: Object.entries(endpoints).map(([name, endpoint]) => ({ name, endpoint })),
    } as RestApiConfig;
  }

  /** How many requests had been made when the last one of a resource was. */
  const through = (name: string): number =>
    api!.asked.findLastIndex(({ line }) => line.startsWith(`GET /${name}?`)) + 1;

  it('take turns at the budget: one with few pages is through while one with many has only begun', async () => {
    const source = await config({ many: {}, few: {} }, { many: 400, few: 10 });
    const { receipts } = await restApi(source).run({ out });
    expect(receipts['many']?.total).to.equal(400);
    expect(receipts['few']?.total).to.equal(10);
    expect(api!.asked).to.have.length(205);
    expect(through('few')).to.be.below(20);
  });

  it('take turns also when one of them asks for several pages at once', async () => {
    const source = await config({ many: { concurrency: 8 }, few: {} }, { many: 400, few: 10 });
    const { receipts } = await restApi(source).run({ out });
    expect([receipts['many']?.total, receipts['few']?.total]).to.deep.equal([400, 10]);
    expect(through('few')).to.be.below(70);
  });
});
