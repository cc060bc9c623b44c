// Rows of one resource that go to several tables.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { firstRows } from '../../lib/cli/first-rows.js';
import { type ResourceConfig, type RestApiConfig, restApi } from '../../lib/rest-api/index.js';
import { type Answer, ScriptedApi } from '../golden/scripted-api.js';
import { problemsOf } from './problems.js';

describe('a resource with a table_name by row', () => {
  let out: string;
  let api: ScriptedApi | undefined;

  beforeEach(async () => {
    out = await mkdtemp(join(tmpdir(), 'sluice-tables-'));
  });
  afterEach(async () => {
    await api?.stop();
    api = undefined;
    await rm(out, { recursive: true, force: true });
  });

  async function source(answers: Record<string, Answer | readonly Answer[]>, resource: object): Promise<RestApiConfig> {
    api = await ScriptedApi.start(() => ({ answers }));
    const events = {
      name: 'events',
      table_name: { by: 'item.type', tables: ['pushes', 'pulls'] },
      endpoint: { data_selector: 'data', paginator: { type: 'offset', limit: 2, total_path: null } },
      ...resource,
    };
    return { client: { base_url: api.url, retry: { max_retries: 0 } }, resources: [events as ResourceConfig] };
  }

  const page = (...rows: readonly object[]) => ({ body: { data: rows } });
  const push = (id: number, at = 'a') => ({ id, type: 'pushes', at });
  const pull = (id: number, at = 'a') => ({ id, type: 'pulls', at });
  const ids = async (table: string) => (await firstRows(join(out, `${table}.parquet`), 99)).map(({ id }) => Number(id));
  const asked = () => api!.asked.splice(0).map(({ line }) => line.slice(4));

  it('is read once, and each row goes to its table', async () => {
    const config = await source({ 'GET /events': [page(push(1), pull(2)), page(push(3)), page()] }, {});
    const { receipts } = await restApi(config).run({ out });
    expect(asked()).to.have.length(3);
    expect([await ids('pushes'), await ids('pulls')]).to.deep.equal([[1, 3], [2]]);
    expect((await readdir(out)).filter((name) => name.endsWith('.parquet'))).to.have.members([
      'pulls.parquet',
      'pushes.parquet',
    ]);
    expect(Object.keys(receipts)).to.deep.equal(['events: pushes', 'events: pulls']);
    expect(receipts['events: pushes']).to.include({ table: 'pushes', rows: 2 });
    expect(receipts['events: pushes']?.counts).to.include({ requests: 3, rows: 2 });
  });

  it('takes a function of a program, and feeds children as well', async () => {
    const config = await source(
      { 'GET /events': [page(push(1), pull(2)), page()], 'GET /events/1/x': page(), 'GET /events/2/x': page() },
      { table_name: { by: ({ id }: { id: number }) => (id > 1 ? 'b' : 'a'), tables: ['a', 'b', 'never'] } },
    );
    const child = {
      name: 'x',
      endpoint: { path: 'events/{resources.events.id}/x', paginator: 'single_page' },
    } as const;
    await restApi({ ...config, resources: [...config.resources, child] }).run({ out });
    expect([await ids('a'), await ids('b')]).to.deep.equal([[1], [2]]);
    expect(asked()).to.include.members(['/events/1/x', '/events/2/x']);
  });

  it('goes on with all its tables after a failure, and from one cursor', async () => {
    const config = await source(
      {
        'GET /events?limit=2&offset=0': page(push(1, 'a'), pull(2, 'b')),
        'GET /events?limit=2&offset=2': [{ status: 404 }, page(push(3, 'c'), push(4, 'c'))],
        'GET /events?limit=2&offset=4': page(),
        'GET /events?limit=2&offset=0&since=c': page(push(3, 'c'), pull(5, 'd')),
        'GET /events?limit=2&offset=2&since=c': page(),
      },
      {
        endpoint: {
          data_selector: 'data',
          paginator: { type: 'offset', limit: 2, total_path: null },
          incremental: { cursor_path: 'at', start_param: 'since' },
        },
      },
    );
    const failed = await restApi(config)
      .run({ out })
      .catch((error: unknown) => error);
    expect(failed).to.have.property('code', 'ERR_HTTP_STATUS');
    await restApi(config).run({ out });
    expect([await ids('pushes'), await ids('pulls')]).to.deep.equal([[1, 3, 4], [2]]);
    asked();
    await restApi(config).run({ out });
    expect(asked()).to.deep.equal(['/events?limit=2&offset=0&since=c', '/events?limit=2&offset=2&since=c']);
    expect([await ids('pushes'), await ids('pulls')]).to.deep.equal([
      [1, 3, 4],
      [2, 5],
    ]);
  });

  it('goes on when a table has been added since, and fails when one with rows is gone', async () => {
    const second = page({ id: 3, type: 'other' }, push(4));
    const config = await source({ 'GET /events': [page(push(1), pull(2)), second, second, page()] }, {});
    const named = (...tables: string[]): RestApiConfig => ({
      ...config,
      resources: [{ ...(config.resources[0] as ResourceConfig), table_name: { by: 'item.type', tables } }],
    });
    const attempt = (...tables: string[]) =>
      restApi(named(...tables))
        .run({ out })
        .then(
          () => 'done',
          (error: Error) => error.message,
        );
    expect(await attempt('pushes', 'pulls')).to.contain('gives "other" for row 0 of page 1');
    expect(await attempt('pushes')).to.contain('does not name the table "pulls" any more');
    api!.asked.length = 0;
    expect(await attempt('pushes', 'pulls', 'other')).to.equal('done');
    expect(asked().map((line) => line.split('offset=')[1])).to.deep.equal(['2', '4']);
    expect([await ids('pushes'), await ids('pulls'), await ids('other')]).to.deep.equal([[1, 4], [2], [3]]);
  });

  it('fails for a table that it does not name', async () => {
    const config = await source({ 'GET /events': page(push(1), { id: 2, type: 'other' }) }, {});
    const failed = await restApi(config)
      .run({ out })
      .catch((error: unknown) => error as Error & { code: string });
    expect(failed).to.have.property('code', 'ERR_TABLE_NAME');
    expect((failed as Error).message)
      .to.contain('"other"')
      .and.to.contain('row 1 of page 0');
  });

  it('leaves what could not be read in the folder of the run, whatever the resource is called', async () => {
    const config = await source(
      { 'GET /events': page(push(1), push(2)), 'GET /lines/2': page(pull(3)) },
      { table_name: 'events', endpoint: { data_selector: 'data', paginator: 'single_page' } },
    );
    const lines = {
      name: '../lines',
      table_name: { by: 'item.type' },
      on_error: 'skip',
      endpoint: { path: 'lines/{resources.events.id}', data_selector: 'data' },
    } as ResourceConfig;
    await restApi({ ...config, resources: [...config.resources, lines] }).run({ out });
    const files = ['events.parquet', 'pulls.parquet', '..%2flines.left_out.jsonl'];
    expect(await readdir(out)).to.have.members(files);
  });

  it('is checked: its expression, and tables that others write', () => {
    const table_name = { by: 'item.', tables: ['a'] };
    const letters = { name: 'l', table_name: { by: 'item.type' }, dead_letters: 'letters.jsonl' };
    expect(
      problemsOf({ client: { base_url: 'https://x.example' }, resources: [letters] }).map(({ path }) => path),
    ).to.deep.equal(['resources[0].dead_letters']);
    const problems = problemsOf({
      client: { base_url: 'https://x.example' },
      resources: [{ name: 'e', table_name }, 'a'],
    });
    expect(problems.map(({ code, path }) => `${code} ${path}`)).to.have.members([
      'wrong-value resources[0].table_name.by',
      'duplicate resources[1]',
    ]);
  });
});
