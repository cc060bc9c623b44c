// What a run takes beside its configuration: ranges, formats, limits of requests and of memory.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'chai';
import { type RestApiConfig, restApi, tableFormats } from '../../lib/rest-api/index.js';
import { type Script, ScriptedApi } from '../golden/scripted-api.js';

describe('the options of a run', () => {
  let out: string;
  let api: ScriptedApi | undefined;

  beforeEach(async () => {
    out = await mkdtemp(join(tmpdir(), 'sluice-run-options-'));
  });
  afterEach(async () => {
    await api?.stop();
    api = undefined;
    await rm(out, { recursive: true, force: true });
  });

  async function events(incremental: object = {}): Promise<RestApiConfig> {
    const records = ['2024-01-01', '2024-02-01', '2024-03-01', '2024-04-01'].map((at, index) => ({
      id: index + 1,
      at,
    }));
    const script: Script = { answers: { 'GET /events': { body: records } } };
    api = await ScriptedApi.start(() => script);
    const cursor = { cursor_path: 'at', start_param: 'from', end_param: 'to', ...incremental };
    return {
      client: { base_url: api.url, paginator: 'single_page' },
      resources: [
        {
          name: 'events',
          primary_key: 'id',
          write_disposition: 'merge',
          endpoint: { data_selector: '$', incremental: cursor },
        },
      ],
    };
  }

  it('since and until read a range of their own, and leave alone what is remembered', async () => {
    const source = restApi(await events());
    await source.run({ out, since: '2024-02-01', until: '2024-04-01' });
    expect(api!.asked[0]?.line).to.equal('GET /events?from=2024-02-01&to=2024-04-01');
    expect(await readdir(join(out, '.sluice')).catch(() => [])).to.not.include('state');
    await source.run({ out });
    expect(api!.asked[1]?.line).to.equal('GET /events');
    const state = await readFile(join(out, '.sluice/state/events.json'), 'utf8');
    const { receipts } = await source.run({ out, since: '2024-01-01' });
    expect(receipts['events']).to.include({ rows: 4, unchanged: 4, total: 4 });
    expect(await readFile(join(out, '.sluice/state/events.json'), 'utf8')).to.equal(state);
  });

  it('since is a number where the cursor is one', async () => {
    await restApi(await events({ cursor_path: 'id', initial_value: 1 })).run({ out, since: '3' });
    expect(api!.asked[0]?.line).to.equal('GET /events?from=3');
  });

  it('a range that ends before it starts is an error, be it made by since, until, or the configuration', async () => {
    const failed = async (incremental: object, range: object) => {
      const source = restApi(await events(incremental));
      const error = await source.run({ out, ...range }).catch((failure) => failure);
      const asked = api!.asked.length;
      await api!.stop();
      return `${error.code} ${error.message} ${asked}`;
    };
    const reversed = 'the range of "events" would start at "2024-03-01", beyond its end "2024-02-01" 0';
    expect(await failed({}, { since: '2024-03-01', until: '2024-02-01' })).to.equal(
      `ERR_INVALID_OPTION since: ${reversed}`,
    );
    expect(await failed({ initial_value: '2024-03-01' }, { until: '2024-02-01' })).to.equal(
      `ERR_INVALID_OPTION until: ${reversed}`,
    );
    expect(await failed({ last_value_func: 'min' }, { since: '2024-01-01', until: '2024-02-01' })).to.contain('beyond');
    await restApi(await events({ range_end: 'closed' })).run({ out, since: '2024-02-01', until: '2024-02-01' });
    expect(api!.asked[0]?.line).to.equal('GET /events?from=2024-02-01&to=2024-02-01');
  });

  it('since without a resource that has a cursor is an error, and so are limits that are none', async () => {
    const config: RestApiConfig = { client: { base_url: 'http://localhost:1' }, resources: ['a'] };
    const codes = await Promise.all(
      [{ since: '1' }, { until: '1' }, { limit: 0 }, { maxMemory: 1000 }, { format: 'xml' as 'csv' }].map((options) =>
        restApi(config)
          .run({ out, ...options })
          .then(
            () => 'done',
            (error) => `${error.code} ${error.message}`,
          ),
      ),
    );
    expect(codes.map((text) => text.split(':')[0])).to.deep.equal(
      ['since', 'until', 'limit', 'maxMemory', 'format'].map((name) => `ERR_INVALID_OPTION ${name}`),
    );
    expect(() => restApi(config, { concurrency: 0 })).to.throw('concurrency');
  });

  for (const format of tableFormats) {
    it(`writes ${format}, and goes on from it`, async () => {
      const source = restApi(await events());
      const first = await source.run({ out, format, maxMemory: 128 * 1024 * 1024 });
      expect(first.receipts['events']).to.include({ total: 4 });
      expect(await readdir(out)).to.include(format === 'duckdb' ? 'tables.duckdb' : `events.${format}`);
      const second = await source.run({ out, format });
      expect(api!.asked[1]?.line).to.equal('GET /events?from=2024-04-01');
      expect(second.receipts['events']).to.include({ rows: 1, unchanged: 1, total: 4 });
    });
  }

  it('puts the tables of a run into the database and the schema that the configuration names, and those of lists below them', async () => {
    api = await ScriptedApi.start(() => ({
      answers: { 'GET /a': { body: [{ id: 1, tags: ['x', 'y'] }] }, 'GET /b': { body: [{ id: 7 }] } },
    }));
    const sink = { format: 'duckdb', database: 'shop.duckdb', schema: 'raw' } as const;
    const config: RestApiConfig = {
      client: { base_url: api.url, paginator: 'single_page' },
      resource_defaults: { primary_key: 'id', write_disposition: 'merge', sink },
      resources: [{ name: 'a', nesting: 'tables' }, 'b'],
    };
    for (const expected of [1, 1]) {
      const { receipts } = await restApi(config).run({ out });
      expect(receipts['a']).to.include({ total: expected, files: receipts['a']!.files });
      expect(receipts['b']).to.include({ total: expected });
    }
    expect(await readdir(out)).to.have.members(['shop.duckdb']);
    const instance = await DuckDBInstance.create(join(out, 'shop.duckdb'));
    const connection = await instance.connect();
    const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRowsJson();
    expect(await rows('SELECT id FROM raw.b')).to.deep.equal([['7']]);
    expect(await rows('SELECT count(*) FROM raw.a__tags')).to.deep.equal([['2']]);
    connection.closeSync();
    instance.closeSync();
    expect(restApi(config).explain()).to.contain("duckdb('shop.duckdb', { table: 'b', schema: 'raw'");
  });

  it('takes the memory of a run from the configuration, and from the run before that', async () => {
    api = await ScriptedApi.start(() => ({ answers: { 'GET /a': { body: [{ id: 1 }] } } }));
    const config = (max_memory: string | number): RestApiConfig => ({
      client: { base_url: api!.url, paginator: 'single_page', max_memory },
      resources: ['a'],
    });
    const failure = await restApi(config('1MB'))
      .run({ out })
      .catch((error) => error);
    expect(failure).to.include({ code: 'ERR_INVALID_OPTION' });
    expect(failure.message).to.contain('maxMemory: must be at least 64 MiB');
    const { receipts } = await restApi(config('1MB')).run({ out, maxMemory: 64 * 1024 * 1024 });
    expect(receipts['a']).to.include({ total: 1 });
    expect(() => restApi(config('lots'))).to.throw(
      'client.max_memory: is not an amount of memory, such as 512MB or 1GiB',
    );
  });

  it('says how a run gives the engine more memory, when that had too little', async () => {
    const text = 'x'.repeat(20_000_000);
    api = await ScriptedApi.start(() => ({ answers: { 'GET /a': { body: [{ id: 1, text }] } } }));
    const source = (sink: object) =>
      restApi({ client: { base_url: api!.url, paginator: 'single_page' }, resources: [{ name: 'a', sink }] });
    const failure = (config: object, options: object) =>
      source(config)
        .run({ out, ...options })
        .catch((error) => error);
    const raised = await failure({}, { maxMemory: 64 * 1024 * 1024 });
    expect(raised).to.include({ code: 'ERR_ENGINE_MEMORY' });
    expect(raised.message).to.match(/\. Raise maxMemory \(--max-memory, or "max_memory" of the client\)/);
    expect(raised.message).to.not.contain('memoryLimit');
    const given = await failure({ memory_limit: '48MB' }, {});
    expect(given).to.include({ code: 'ERR_ENGINE_MEMORY' });
    expect(given.message).to.match(/\. Give more with maxMemory \(/);
    const { receipts } = await source({ memory_limit: '48MB' }).run({ out, maxMemory: 512 * 1024 * 1024 });
    expect(receipts['a']).to.include({ total: 1 });
  });

  it('concurrency bounds the requests of all resources together', async () => {
    api = await ScriptedApi.start(() => ({ answers: {} }));
    let open = 0;
    let most = 0;
    const fetch = async () => {
      open += 1;
      most = Math.max(most, open);
      await new Promise((wake) => setTimeout(wake, 20));
      open -= 1;
      return new Response('[{"id":1}]', { headers: { 'content-type': 'application/json' } });
    };
    const resources = ['a', 'b', 'c', 'd', 'e'];
    const config: RestApiConfig = { client: { base_url: api.url, paginator: 'single_page' }, resources };
    const { receipts } = await restApi(config, { concurrency: 2, fetch: fetch as never }).run({ out });
    expect(Object.values(receipts).map(({ rows }) => rows)).to.deep.equal([1, 1, 1, 1, 1]);
    expect(most).to.equal(2);
  });
});
