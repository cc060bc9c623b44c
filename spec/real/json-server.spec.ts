// json-server's projects and tasks: bare arrays, Link headers, page numbers and offsets without a total, a key in a cookie;
// compared row by row with all that the server holds.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  apiKey,
  auto,
  client,
  headerLink,
  offset,
  type Paginator,
  pageNumber,
  pages,
  type Receipt,
  run,
} from '../../lib/index.js';
import { retry, select } from '../../operators/index.js';
import { parquet } from '../../sinks/index.js';
import { type JsonServer, startJsonServer } from './servers/json-server.js';
import { countsOf, sluice } from './servers/sluice-command.js';
import { expectRows, readTable } from './servers/stored-table.js';
import { leftIn } from './servers/traces.js';

describe('json-server', () => {
  let server: JsonServer;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-json-server-'));
    server = await startJsonServer();
  });

  after(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const ways: Readonly<
    Record<string, { url: string; paginator: () => Paginator; concurrency?: number; requests?: number }>
  > = {
    'by Link headers': { url: '/projects?_page=1&_limit=45', paginator: () => headerLink(), requests: 17 },
    'by what it finds out itself': { url: '/projects?_page=1', paginator: () => auto(), requests: 73 },
    'by page numbers, one at a time, to the empty page': {
      url: '/projects?_limit=73',
      paginator: () => pageNumber({ basePage: 1, pageParam: '_page', totalPath: null }),
      // Ten full pages, and the empty one that shows the end.
      requests: 11,
    },
    'by page numbers, eight at a time': {
      url: '/projects?_limit=10',
      paginator: () => pageNumber({ basePage: 1, pageParam: '_page', totalPath: null }),
      concurrency: 8,
    },
    'by offsets, four at a time': {
      url: '/projects',
      paginator: () => offset({ limit: 50, offsetParam: '_start', limitParam: '_limit', totalPath: null }),
      concurrency: 4,
    },
  };

  for (const [way, { url, paginator, concurrency = 1, requests }] of Object.entries(ways)) {
    it(`reads every project ${way}`, async () => {
      const file = join(folder, `${way.replaceAll(/\W+/g, '-')}.parquet`);
      const receipt = await read(url, paginator(), file, concurrency);
      expect(receipt).to.include({ inserted: 730, updated: 0, unchanged: 0, duplicates: 0, total: 730 });
      if (requests !== undefined) expect(receipt.counts.requests).to.equal(requests);
      await agree(file);
    });
  }

  it('by configuration: tables follow the server, and the second run counts what changed', async () => {
    await writeFile(join(folder, 'json-server.json'), JSON.stringify(configuration(server.url)));
    const first = await command();
    expect(first.code, first.stderr).to.equal(0);
    expect(countsOf('projects', first)).to.deep.equal({ inserted: 730, updated: 0, unchanged: 0, total: 730 });
    await agree(join(folder, 'tables/projects.parquet'));
    expectRows(await readTable(join(folder, 'tables/tasks.parquet')), (await server.stored()).tasks, ['id']);

    const { projects, tasks } = await server.stored();
    const named = tasks.map((it) => ({
      ...it,
      _early_name: projects.find(({ id }) => id === it['projectId'])?.['name'],
    }));
    expectRows(await readTable(join(folder, 'tables/tasks_of_projects.parquet')), named, ['id']);

    for (let n = 1; n <= 9; n += 1) {
      await server.call('PATCH', `/projects/${n * 70}`, {
        name: `renamed ${n} ✓`,
        budget: n % 2 ? null : n / 3,
        owner: null,
      });
    }
    for (let n = 1; n <= 4; n += 1) {
      await server.call('POST', '/projects', {
        name: `new ${n} 🌊`,
        labels: ['x', 'é'],
        open: true,
        extra: { added: [n] },
      });
    }

    const second = await command();
    expect(second.code, second.stderr).to.equal(0);
    expect(countsOf('projects', second)).to.deep.equal({ inserted: 4, updated: 9, unchanged: 721, total: 734 });
    expect(countsOf('tasks', second)).to.deep.equal({ inserted: 0, updated: 0, unchanged: 300, total: 300 });
    await agree(join(folder, 'tables/projects.parquet'));
    expect(await leftIn(folder, server.key)).to.deep.equal([]);
    for (const { stdout, stderr } of [first, second]) expect(stdout + stderr).to.not.include(server.key);
  });

  it('by chain, over the table of an earlier run: counts inserted, updated and unchanged', async () => {
    const file = join(folder, 'again.parquet');
    await read('/projects?_page=1&_limit=100', headerLink(), file);
    await server.call('PATCH', '/projects/5', { labels: ['one more'] });
    await server.call('PATCH', '/projects/6', { budget: 123456789.25 });
    await server.call('POST', '/projects', { name: 'later', budget: 0.1 });
    const before = (await server.stored()).projects.length;
    const receipt = await read('/projects?_page=1&_limit=100', headerLink(), file);
    expect(receipt).to.include({ inserted: 1, updated: 2, unchanged: before - 3, duplicates: 0, total: before });
    await agree(file);
  });

  it('says so when it cannot find out how to go on, rather than take one page for all', async () => {
    const failure = await read('/projects?_limit=100', auto(), join(folder, 'unknown.parquet')).catch((it) => it);
    expect(failure).to.include({ name: 'PaginationError', code: 'ERR_PAGINATION_UNKNOWN' });
    const { projects } = await server.stored();
    expect(String(failure)).to.include(`${projects.length}`).and.to.include('page_number');
  });

  it('a wrong key is refused with an error that says so and does not repeat it', async () => {
    const failure = await read('/projects', headerLink(), join(folder, 'refused.parquet'), 1, 'not-the-key-0123').catch(
      (it) => it,
    );
    expect(failure).to.include({ code: 'ERR_HTTP_STATUS', status: 401 });
    expect(String(failure)).to.include('/projects').and.to.not.include('not-the-key');
  });

  async function read(
    url: string,
    paginator: Paginator,
    file: string,
    concurrency = 1,
    key = server.key,
  ): Promise<Receipt> {
    const api = client({ baseUrl: server.url, auth: apiKey({ name: 'api_key', apiKey: key, location: 'cookie' }) });
    const source = pages(api, url, paginator, { concurrency });
    return run(
      source.pipe(
        retry({ maxRetries: 2, initialDelay: 20 }),
        select('$'),
        parquet(file, { primaryKey: 'id', writeDisposition: 'merge' }),
      ),
    ).finally(() => api.close());
  }

  async function agree(file: string): Promise<void> {
    expectRows(await readTable(file), (await server.stored()).projects, ['id']);
  }

  function command() {
    return sluice(['run', 'json-server.json', '--out', 'tables'], { cwd: folder, env: { API_KEY: server.key } });
  }
});

function configuration(url: string): object {
  return {
    client: {
      base_url: url,
      auth: { type: 'api_key', name: 'api_key', api_key: '{secrets.api_key}', location: 'cookie' },
      paginator: { type: 'header_link' },
    },
    resource_defaults: { primary_key: 'id', write_disposition: 'merge' },
    resources: [
      { name: 'projects', endpoint: { path: '/projects', params: { _page: 1, _limit: 90 } } },
      {
        name: 'tasks_of_projects',
        include_from_parent: ['name'],
        endpoint: {
          path: '/projects/{resources.early.id}/tasks',
          params: { _page: 1, _limit: 5 },
        },
      },
      { name: 'early', selected: false, endpoint: { path: '/projects', params: { id_lte: 40, _page: 1, _limit: 7 } } },
      {
        name: 'tasks',
        endpoint: {
          path: '/tasks',
          params: { _limit: 40 },
          paginator: { type: 'page_number', base_page: 1, page_param: '_page', total_path: null },
        },
      },
    ],
  };
}
