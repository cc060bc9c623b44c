import { join } from 'node:path';
import { expect } from 'chai';
import { firstRows } from '../../lib/cli/first-rows.js';
import { restApi } from '../../lib/rest-api/index.js';
import { failureOf } from '../sinks/parquet-file.js';
import { scriptedSource } from './scripted-source.js';

describe('a table that is replaced', () => {
  const here = scriptedSource();
  const source = here.config;

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
    await restApi(config).run({ out: here.out });
    for (const attempt of ['first', 'second', 'third']) {
      const failed = await failureOf(restApi(config).run({ out: here.out }));
      expect(failed, attempt).to.include({ code: 'ERR_NOTHING_SELECTED', resource: 'a' });
      expect(failed.message, attempt).to.include('matched nothing on its only page');
      expect(failed.message, attempt).to.include('would leave the table "a" empty');
      expect(await firstRows(join(here.out, 'a.parquet'), 9), attempt).to.have.length(2);
    }
    const { receipts } = await restApi(config).run({ out: here.out, fullRefresh: true });
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
    await restApi(config).run({ out: here.out });
    expect(await failureOf(restApi(config).run({ out: here.out }))).to.have.property('status', 404);
    const { receipts } = await restApi(config).run({ out: here.out });
    expect(receipts['a']).to.include({ total: 1 });
  });
});
