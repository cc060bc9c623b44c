// `sluice init` finds out how endpoints work, and what it writes runs as it is, and goes on from where it was.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { explore } from '../../lib/cli/init/explore.js';
import { findKey } from '../../lib/cli/init/find-key.js';
import { asConfig } from '../../lib/cli/init/find-paginator.js';
import { targetOf } from '../../lib/cli/init/target.js';
import { type RestApiConfig, restApi, restApiClient } from '../../lib/rest-api/index.js';
import { sluice } from './command.js';
import { type InitApi, items, startInitApi, token } from './init-api.js';

describe('init', function () {
  this.timeout(180_000);
  let folder: string;
  let api: InitApi;

  before(async () => {
    api = await startInitApi();
  });
  after(() => api.stop());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-init-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function look(path: string): Promise<{ config: RestApiConfig; findings: readonly string[] }> {
    const target = targetOf(`${api.url}${path}`, {});
    const client = restApiClient(target.client);
    try {
      const { resource, findings } = await explore(client, target);
      return { config: { client: target.client, resources: [resource] }, findings };
    } finally {
      client.close();
    }
  }

  const cases: readonly {
    readonly path: string;
    readonly endpoint: object;
    readonly rows?: number;
    readonly key?: string;
  }[] = [
    { path: '/v1/offset', endpoint: { data_selector: 'data', paginator: { type: 'offset', limit: 20 } } },
    {
      path: '/v1/offset?limit=5&x=%7B1%7D',
      endpoint: { params: { x: '{{1}}' }, data_selector: 'data', paginator: { type: 'offset', limit: 5 } },
    },
    {
      path: '/v1/pages',
      endpoint: { data_selector: 'items', paginator: { type: 'page_number', base_page: 1, total_path: 'total_pages' } },
    },
    { path: '/v1/links', endpoint: { data_selector: '$', paginator: { type: 'header_link' } } },
    {
      path: '/v1/cursors',
      endpoint: {
        data_selector: 'data',
        paginator: { type: 'cursor', cursor_path: 'next_cursor', cursor_param: 'after' },
      },
    },
    {
      path: '/odata/Products',
      endpoint: {
        params: { $filter: 'updated_at ge {incremental.start_value}' },
        data_selector: 'value',
        paginator: { type: 'json_link', next_url_path: "$['@odata.nextLink']" },
        incremental: { cursor_path: 'updated_at', initial_value: '1970-01-01T00:00:00.000Z' },
      },
    },
    {
      path: '/v1/silent',
      endpoint: {
        data_selector: '$',
        paginator: { type: 'page_number', base_page: 1, page_param: '_page', total_path: null },
      },
    },
    {
      path: '/v1/silent-offset',
      endpoint: {
        data_selector: 'rows',
        paginator: { type: 'offset', limit: 10, offset_param: 'skip', limit_param: 'take', total_path: null },
      },
    },
    {
      path: '/v1/changes',
      endpoint: {
        data_selector: 'data',
        paginator: { type: 'single_page' },
        incremental: { cursor_path: 'updated_at', start_param: 'updated_since' },
      },
    },
    {
      path: '/v1/map',
      endpoint: { data_selector: '$.query.pages.*', paginator: { type: 'single_page' } },
      rows: 2,
      key: 'pageid',
    },
    { path: '/v1/one', endpoint: { data_selector: '$', paginator: { type: 'single_page' } }, rows: 1 },
  ];
  for (const { path, endpoint, rows = items.length, key = 'id' } of cases) {
    it(`${path}: finds records, paginator, key and cursor, and all rows come`, async () => {
      const { config } = await look(path);
      const [resource] = config.resources as [Exclude<RestApiConfig['resources'][number], string>];
      expect(resource).to.include({ primary_key: key, write_disposition: 'merge' });
      const { path: _, ...found } = resource.endpoint as { readonly path: string };
      expect(found).to.deep.equal(endpoint);
      const { receipts } = await restApi(config).run({ out: folder });
      expect(receipts[resource.name]).to.include({ rows, total: rows, duplicates: 0 });
      const again = await restApi(config).run({ out: folder });
      const isIncremental = 'incremental' in endpoint;
      expect(again.receipts[resource.name]).to.include({
        rows: isIncremental ? 1 : rows,
        inserted: 0,
        updated: 0,
        total: rows,
      });
    });
  }

  it('takes no parameter for a filter because the newest rows come first', async () => {
    const { config, findings } = await look('/v1/newest?limit=40');
    expect(JSON.stringify(config)).to.not.contain('incremental');
    expect(findings.join()).to.contain('no incremental');
  });

  it('reads a list from its first page, whichever the address is of', async () => {
    for (const path of ['/v1/pages?page=2', '/v1/offset?offset=20&limit=20']) {
      const { config } = await look(path);
      const [resource] = config.resources as [Exclude<RestApiConfig['resources'][number], string>];
      const out = join(folder, resource.name);
      expect((await restApi(config).run({ out })).receipts[resource.name], path).to.include({ rows: 57, total: 57 });
    }
    expect(asConfig('offset', { limit: 10, offset: 31, offsetParam: 'startIndex' })).to.include({ offset: 1 });
  });

  it('knows a key by what keys are called, and says so', () => {
    const rows = ['a', 'b'].map((each) => ({ name: each, uid: `u-${each}` }));
    expect([findKey(rows, 'users'), findKey([{ name: 'a' }, { name: 'b' }], 'users')]).to.deep.equal([
      'uid',
      undefined,
    ]);
  });

  it('replaces a table whose rows have no key', async () => {
    const { config, findings } = await look('/v1/keyless');
    expect(config.resources[0]).to.include({ write_disposition: 'replace' }).and.not.have.property('primary_key');
    expect(findings.join()).to.contain('no column that may be a key is different in each row');
  });

  it('says that it does not know how to page rather than take one page for all', async () => {
    const failure = await look('/v1/stubborn').catch((error) => error);
    expect(failure).to.include({ code: 'ERR_PAGINATION_UNKNOWN' });
    expect(failure.message).to.contain('"total" is 57');
    expect(await look('/v1/text').catch((error) => error)).to.include({ code: 'ERR_INIT' });
    const denied = await look('/v1/denied').catch((error) => error);
    expect(denied.message).to.contain('You need read permission').and.contain('--auth');
  });

  it('asks at most some dozens of small questions', async () => {
    const before = api.asked.length;
    await look('/v1/stubborn').catch(() => undefined);
    await look('/v1/silent');
    expect(api.asked.length - before).to.be.below(100);
  });

  it('takes addresses apart, and leaves no secret in what it writes', () => {
    const of = (address: string, flags = {}) => {
      const { client, path, name, secrets } = targetOf(address, flags);
      return { base: client.base_url, auth: client.auth, path, name, secrets };
    };
    expect(of('api.example.com/v2/sales-orders.json')).to.deep.include({
      base: 'https://api.example.com/v2',
      path: 'sales-orders.json',
      name: 'sales_orders',
    });
    expect(of('https://example.com/teams/')).to.include({ base: 'https://example.com', path: 'teams/', name: 'teams' });
    expect(of('https://wiki.example.com/w/api.php?x=1')).to.include({ path: 'api.php', name: 'w' });
    expect(of('https://example.com')).to.include({ base: 'https://example.com', path: '', name: 'example' });
    expect(of('http://127.0.0.1:8080/api/v2')).to.include({ name: 'records' });
    const withKey = of('https://example.com/a?api_key=s3cret');
    expect(withKey.secrets).to.deep.equal({ api_key: 's3cret' });
    expect(withKey.auth).to.deep.equal({
      type: 'api_key',
      name: 'api_key',
      api_key: '{secrets.api_key}',
      location: 'query',
    });
    expect(of('https://ann:pass@example.com/a')).to.deep.include({
      base: 'https://example.com',
      auth: { type: 'http_basic', username: '{secrets.username}', password: '{secrets.password}' },
    });
    expect(() => of('ftp://example.com')).to.throw('is no address');
    expect(() => of('https://example.com/a', { header: ['Authorization: Bearer x'] })).to.throw('holds a secret');
  });

  it('writes JSON or YAML that runs unedited, and no file over another', async () => {
    const url = `${api.url}/v1/pages`;
    const first = await sluice(['init', url, '-o', 'a.yaml'], { cwd: folder });
    expect(first.code, first.stderr).to.equal(0);
    expect(first.stderr).to.contain('sluice run a.yaml');
    const run = await sluice(['run', 'a.yaml'], { cwd: folder });
    expect(run.code, run.stderr).to.equal(0);
    expect(run.stdout).to.match(/rows in the table +57\n/);
    await writeFile(join(folder, 'b.json'), 'mine');
    const [second, forced] = [
      await sluice(['init', url, '-o', 'b.json'], { cwd: folder }),
      await sluice(['init', url, `${api.url}/v1/offset`, '-o', 'b.json', '--force'], { cwd: folder }),
    ];
    expect([second.code, second.stderr.includes('--force')]).to.deep.equal([2, true]);
    expect(forced.code, forced.stderr).to.equal(0);
    const { resources } = JSON.parse(await readFile(join(folder, 'b.json'), 'utf8'));
    expect(resources.map(({ name }: { name: string }) => name)).to.deep.equal(['pages', 'offset']);
  });

  it('says how to give credentials, takes them from the environment, and writes none', async () => {
    const url = `${api.url}/v1/guarded`;
    const refused = await sluice(['init', url], { cwd: folder });
    expect(refused.code).to.equal(1);
    expect(refused.stderr).to.contain(`TOKEN=… sluice init ${url} --auth bearer`);
    const taken = await sluice(['init', url, '--auth', 'bearer', '-o', 'a.json'], {
      cwd: folder,
      env: { TOKEN: token },
    });
    expect(taken.code, taken.stderr).to.equal(0);
    const inAddress = await sluice(['init', `${url}?api_key=${token}`, '-o', 'b.json'], { cwd: folder });
    expect(inAddress.code, inAddress.stderr).to.equal(0);
    expect(inAddress.stderr).to.contain('API_KEY');
    const written = await Promise.all(['a.json', 'b.json'].map((file) => readFile(join(folder, file), 'utf8')));
    const all = [refused, taken, inAddress].map(({ stdout, stderr }) => stdout + stderr).join();
    expect(written.join() + all).to.not.contain(token);
    const missing = await sluice(['init', url, '--auth', 'bearer', '-o', 'c.json'], { cwd: folder });
    expect([missing.code, missing.stderr.includes('TOKEN')]).to.deep.equal([2, true]);
  });
});
