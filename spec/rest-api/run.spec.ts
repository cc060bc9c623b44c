import { join } from 'node:path';
import { expect } from 'chai';
import { lastValueFrom, toArray } from 'rxjs';
import { firstRows } from '../../lib/cli/first-rows.js';
import { bearer, offset, registerAuth, registerPaginator } from '../../lib/index.js';
import { configJsonSchema, type ResourceConfig, type RestApiConfig, restApi } from '../../lib/rest-api/index.js';
import { scriptedSource } from './scripted-source.js';

describe('restApi', () => {
  const here = scriptedSource();
  const source = here.config;

  it('runs several resources at once, with a table and counts for each', async () => {
    const config = await source(
      { listings: { 'GET /a': { records: 5, by: 'offset', total: 'total' }, 'GET /b': { records: 3, by: 'none' } } },
      [
        { name: 'a', endpoint: { paginator: { type: 'offset', limit: 2 } } },
        { name: 'b', table_name: 'bees' },
      ],
    );
    const { receipts } = await restApi(config).run({ out: here.out });
    expect(receipts['a']).to.include({ table: 'a', rows: 5, inserted: 5, published: true });
    expect(receipts['a']?.counts).to.include({ requests: 3, pages: 3, rows: 5 });
    expect(receipts['b']).to.include({ table: 'bees', rows: 3 });
    expect(receipts['b']?.counts).to.include({ requests: 1, pages: 1, rows: 3 });
    expect(await firstRows(join(here.out, 'bees.parquet'), 9)).to.have.length(3);
  });

  it('merges by primary key, appends without one, replaces when told', async () => {
    const config = await source({ listings: { 'GET /p': { records: 2, by: 'none' } } }, [
      { name: 'p', primary_key: 'id', write_disposition: 'merge' },
      { name: 'q', endpoint: 'p', write_disposition: 'merge' },
      { name: 'r', endpoint: 'p', write_disposition: 'replace' },
    ]);
    await restApi(config).run({ out: here.out });
    const { receipts } = await restApi(config).run({ out: here.out });
    expect(receipts['p']).to.include({ unchanged: 2, total: 2 });
    expect(receipts['q']).to.include({ inserted: 2, total: 4 });
    expect(receipts['r']).to.include({ total: 2 });
  });

  it('gives columns and contracts to the table', async () => {
    const pages = [{ body: [{ id: '7', note: 'x' }] }, { body: [{ id: '8', note: 'y', more: 1 }] }];
    const config = await source({ answers: { 'GET /p': pages } }, [
      {
        name: 'p',
        columns: { id: { data_type: 'bigint', nullable: false }, note: { data_type: 'text' } },
        schema_contract: { columns: 'discard_value' },
      },
    ]);
    await restApi(config).run({ out: here.out });
    const { receipts } = await restApi(config).run({ out: here.out });
    expect(receipts['p']?.schema.map(({ name, type }) => `${name} ${type}`)).to.deep.equal([
      'id BIGINT',
      'note VARCHAR',
    ]);
    expect(await firstRows(join(here.out, 'p.parquet'), 2)).to.deep.equal([
      { id: 7n, note: 'x' },
      { id: 8n, note: 'y' },
    ]);
  });

  it('takes objects and functions of a program where JSON has names', async () => {
    const config = await source(
      { listings: { 'GET /p': { records: 5, by: 'offset', total: 'total' } } },
      [
        {
          name: 'p',
          endpoint: { paginator: offset({ limit: 3 }) },
          processing_steps: [
            { filter: (row) => Number(row['id']) > 1 },
            { yield_map: (row) => [row, { id: -Number(row['id']) }] },
          ],
        },
      ],
      { auth: bearer('tok-12345') },
    );
    const chunks = await lastValueFrom(restApi(config).resources['p']!.pipe(toArray()));
    expect(chunks.flatMap(({ rows }) => rows.map((row) => row['id']))).to.deep.equal([2, -2, 3, -3, 4, -4, 5, -5]);
    expect(here.api?.asked[0]?.headers.authorization).to.equal('Bearer tok-12345');
  });

  for (const [what, step, message] of [
    ['filter gives a promise', { filter: async () => false }, 'filter failed at row 0 of a page: it gave a promise'],
    ['map gives a promise', { map: async (row: object) => row }, 'map failed at row 0 of a page: it gave a promise'],
    ['yield_map gives one that fails', { yield_map: () => Promise.reject(new Error('late')) }, 'it gave a promise'],
    ['map throws', { map: () => broken() }, 'processing_steps[0].map failed at row 0 of a page: broken'],
    ['yield_map fails on its way', { yield_map: brokenOnItsWay }, 'yield_map failed at row 0 of a page: broken'],
  ] as const) {
    it(`names the step and the row where the function of a ${what}`, async () => {
      const config = await source({ listings: { 'GET /p': { records: 5, by: 'offset', total: 'total' } } }, [
        { name: 'p', endpoint: { paginator: offset({ limit: 3 }) }, processing_steps: [step] } as ResourceConfig,
      ]);
      const error: Error = await restApi(config)
        .run({ out: here.out })
        .then(
          () => expect.fail('it should have failed'),
          (thrown) => thrown,
        );
      expect(error).to.include({ code: 'ERR_PROCESSING_STEP', resource: 'p' });
      expect(error.message).to.contain(message);
    });
  }

  it('knows paginators and auth that a program has registered', async () => {
    registerPaginator('spec_by_three', {
      options: ['first'],
      make: ({ first }) => offset({ limit: 3, offset: Number(first) }),
    });
    registerAuth('spec_sign', ({ key }) => (request) => ({
      ...request,
      headers: { ...request.headers, 'x-sign': `${key}` },
    }));
    const config = await source(
      { listings: { 'GET /p': { records: 5, by: 'offset', total: 'total' } } },
      [{ name: 'p', endpoint: { paginator: JSON.parse('{ "type": "spec_by_three", "first": 1 }') } }],
      { auth: { type: 'spec_sign', key: '{secrets.sign}' } },
    );
    await restApi(config, { env: { SIGN: 'signed-1' } }).run({ out: here.out });
    expect(here.api?.asked.map(({ line }) => line)).to.deep.equal([
      'GET /p?limit=3&offset=1',
      'GET /p?limit=3&offset=4',
    ]);
    expect(here.api?.asked[0]?.headers['x-sign']).to.equal('signed-1');
  });

  it('shows the chain that a resource is compiled to, without secrets', async () => {
    const config: RestApiConfig = {
      client: { base_url: 'https://x', auth: { type: 'api_key', api_key: '{secrets.k}' } },
      resources: [
        {
          name: 'p',
          primary_key: 'id',
          write_disposition: 'merge',
          processing_steps: [{ filter: 'item.id > 1' }],
          endpoint: {
            path: 'orgs/{org}/p',
            params: { org: 'a b', token: 'plain-secret', q: '{secrets.k}', n: 1 },
            data_selector: 'data',
            paginator: { type: 'offset', limit: 100 },
          },
        },
        { name: 'c', endpoint: 'p/{resources.p.id}/c' },
      ],
    };
    const text = restApi(config, { env: { K: 's3cret' } }).explain();
    expect(text.split('\n\n')[0]?.split('\n')).to.deep.equal([
      "pages(client, { url: 'orgs/a%20b/p', method: 'GET', params: { token: '***', q: '***', n: 1 } }, offset({ limit: 100 })).pipe(",
      '  retry({ maxRetries: 3, factor: 2 }),',
      "  select('data'),",
      "  filterRows('item.id > 1'),",
      "  parquet('p.parquet', { writeDisposition: 'merge', primaryKey: 'id' }),",
      ')',
    ]);
    expect(text).to.contain('// for each row of p, 4 at a time');
  });

  it('runs only what is selected, and what that needs', async () => {
    const config = await source(
      { listings: { 'GET /a': { records: 1, by: 'none' }, 'GET /a/1/b': { records: 1, by: 'none' } } },
      ['a', { name: 'b', endpoint: 'a/{resources.a.id}/b' }, 'c'],
    );
    const { receipts } = await restApi(config).run({ out: here.out, select: ['b'] });
    expect(Object.keys(receipts)).to.deep.equal(['b']);
    expect(here.api?.asked.map(({ line }) => line)).to.deep.equal(['GET /a', 'GET /a/1/b']);
    const error = await restApi(config)
      .run({ out: here.out, select: ['bb'] })
      .catch((caught: unknown) => caught);
    expect(error).to.have.property('code', 'ERR_INVALID_OPTION');
  });

  it('stops after a limit of pages, and remembers nothing of it', async () => {
    const config = await source({ listings: { 'GET /p': { records: 9, by: 'offset', total: 'total' } } }, [
      {
        name: 'p',
        primary_key: 'id',
        write_disposition: 'merge',
        endpoint: { paginator: { type: 'offset', limit: 2 }, incremental: { cursor_path: 'id' } },
      },
    ]);
    const { receipts } = await restApi(config).run({ out: here.out, limit: 2 });
    expect(receipts['p']?.total).to.equal(4);
    expect((await restApi(config).run({ out: here.out })).receipts['p']).to.include({ rows: 9, total: 9 });
  });

  it('reads everything anew for a full refresh, and puts it in the place of the table', async () => {
    const page = (...ids: readonly number[]) => ({ body: ids.map((id) => ({ id })) });
    const config = await source({ answers: { 'GET /p': [page(1, 2), page(2, 3), page(3, 4)] } }, [
      { name: 'p', endpoint: { incremental: { cursor_path: 'id', start_param: 'since' } } },
    ]);
    await restApi(config).run({ out: here.out });
    expect((await restApi(config).run({ out: here.out, fullRefresh: true })).receipts['p']?.total).to.equal(2);
    expect((await restApi(config).run({ out: here.out })).receipts['p']?.total).to.equal(3);
    expect(here.api?.asked.map(({ line }) => line)).to.deep.equal(['GET /p', 'GET /p', 'GET /p?since=3']);
  });

  it('has a JSON Schema that takes the configurations of the specs and refuses misspelled keys', () => {
    const schema = configJsonSchema() as { readonly properties: object; readonly additionalProperties: unknown };
    expect(Object.keys(schema.properties)).to.include.members(['client', 'resources', 'resource_defaults']);
    expect(schema.additionalProperties).to.equal(false);
    expect(JSON.stringify(schema)).to.contain('data_selector').and.contain('page_number');
  });

  it('shares one budget of requests between all resources', async () => {
    const names = ['a', 'b', 'c'];
    const listings = Object.fromEntries(names.map((name) => [`GET /${name}`, { records: 1, by: 'none' as const }]));
    const config = await source({ listings }, names, { rate_limit: { requests: 1, interval: 0.2 } });
    const started = performance.now();
    await restApi(config).run({ out: here.out });
    expect(performance.now() - started).to.be.greaterThan(390);
  });
});

function broken(): never {
  throw new Error('broken');
}

function* brokenOnItsWay(row: object): Generator<object> {
  yield row;
  broken();
}
