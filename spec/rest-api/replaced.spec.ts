// Tables that are replaced: a mistake in a selector does not empty them.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { firstRows } from '../../lib/cli/first-rows.js';
import { type RestApiConfig, restApi } from '../../lib/rest-api/index.js';
import { type Script, ScriptedApi } from '../golden/scripted-api.js';
import { failureOf } from '../sinks/parquet-file.js';

describe('a table that is replaced', () => {
  let out: string;
  let api: ScriptedApi | undefined;

  beforeEach(async () => {
    out = await mkdtemp(join(tmpdir(), 'sluice-replaced-'));
  });
  afterEach(async () => {
    await api?.stop();
    api = undefined;
    await rm(out, { recursive: true, force: true });
  });

  async function source(
    script: Script,
    resources: RestApiConfig['resources'],
    client: object = {},
  ): Promise<RestApiConfig> {
    api = await ScriptedApi.start(() => script);
    return { client: { base_url: api.url, paginator: 'single_page', ...client }, resources };
  }

  it('is not emptied by a selector that matches nothing, however often it runs, unless a full refresh is asked for', async () => {
    const good = { body: { data: [{ id: 1 }, { id: 2 }] } };
    const other = { body: { items: [{ id: 1 }] } };
    const config = await source(
      {
        answers: {
          'GET /a?limit=2&offset=0': [good, other],
          'GET /a?limit=2&offset=2': [{ body: { data: [] } }, other],
        },
      },
      [
        {
          name: 'a',
          write_disposition: 'replace',
          endpoint: {
            data_selector: 'data',
            paginator: { type: 'offset', limit: 2, total_path: null, stop_after_empty_page: true },
          },
        },
      ],
    );
    await restApi(config).run({ out });
    for (const attempt of ['first', 'second', 'third']) {
      const failed = await failureOf(restApi(config).run({ out }));
      expect(failed, attempt).to.include({ code: 'ERR_NOTHING_SELECTED', resource: 'a' });
      expect(failed.message, attempt).to.include('matched nothing on its only page');
      expect(failed.message, attempt).to.include('would leave the table "a" empty');
      expect(await firstRows(join(out, 'a.parquet'), 9), attempt).to.have.length(2);
    }
    const { receipts } = await restApi(config).run({ out, fullRefresh: true });
    expect(receipts['a']).to.include({ total: 0 });
  });

  it('may end with a page on which the selector matches nothing, also in a run that goes on from another', async () => {
    const paginator = { type: 'offset', limit: 1, total_path: null } as const;
    const data = (id: number) => ({ body: { data: [{ id }] } });
    const config = await source(
      {
        answers: {
          'GET /a?limit=1&offset=0': [data(0), data(1)],
          'GET /a?limit=1&offset=1': [{ body: { data: [] } }, { status: 404 }, { body: {} }],
        },
      },
      [{ name: 'a', write_disposition: 'replace', endpoint: { data_selector: 'data', paginator } }],
    );
    await restApi(config).run({ out });
    expect(await failureOf(restApi(config).run({ out }))).to.have.property('status', 404);
    const { receipts } = await restApi(config).run({ out });
    expect(receipts['a']).to.include({ total: 1 });
  });
});
