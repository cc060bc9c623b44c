// Resources of one run share one budget of requests, and none of them waits for another to come to its end.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
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

  it('do not wait for those of another server that answers nothing, however many of those there are', async () => {
    const held: ServerResponse[] = [];
    let left = 10;
    const answer = (response: ServerResponse) => response.end('[{"id": 1}]');
    const slow = createServer((_, response) => (left > 0 ? held.push(response) : answer(response)));
    await new Promise<void>((listening) => slow.listen(0, '127.0.0.1', listening));
    const { port } = slow.address() as AddressInfo;
    const path = `http://127.0.0.1:${port}/slow`;
    const source = await config({ few: {} }, { few: 10 });
    const resources = Array.from({ length: 40 }, (_, index) => ({
      name: `slow_${index}`,
      endpoint: { path, data_selector: '$', paginator: 'single_page' } as const,
    }));
    try {
      const { receipts } = await restApi({
        client: { ...source.client, rate_limit: { concurrency: 50 } },
        resource_defaults: { endpoint: { data_selector: 'data' } },
        resources: [...resources, ...source.resources],
      }).run({
        out,
        onProgress: (resource, event) => {
          if (resource !== 'few' || event.type !== 'rows') return;
          left -= event.rows;
          if (left === 0) held.splice(0).forEach(answer);
        },
      });
      expect(receipts['few']?.total).to.equal(10);
      expect(receipts['slow_39']?.total).to.equal(1);
    } finally {
      slow.closeAllConnections();
      slow.close();
    }
  });

  it('take turns also when one of them asks for several pages at once', async () => {
    const source = await config({ many: { concurrency: 8 }, few: {} }, { many: 400, few: 10 });
    const { receipts } = await restApi(source).run({ out });
    expect([receipts['many']?.total, receipts['few']?.total]).to.deep.equal([400, 10]);
    expect(through('few')).to.be.below(70);
  });
});
