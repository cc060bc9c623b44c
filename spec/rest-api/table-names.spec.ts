// Rows of one resource that go to several tables.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { firstRows } from '../../lib/cli/first-rows.js';
import type { Row } from '../../lib/core/index.js';
import { type ResourceConfig, type RestApiConfig, restApi, type SourceRunOptions } from '../../lib/rest-api/index.js';
import { withTablesLocked } from '../../lib/table/index.js';
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
    await api?.stop();
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

  describe('that are found as rows come', () => {
    const byType = { table_name: ({ type }: Row) => type };
    const run = (config: RestApiConfig, more: Partial<SourceRunOptions> = {}) =>
      restApi(config).run({ out, checkpoint: { pages: 1 }, ...more });
    const failure = (config: RestApiConfig) =>
      run(config).then(
        () => expect.fail('it should have failed'),
        (error: unknown) => error as Error & { code: string },
      );

    for (const [how, table_name] of [
      ['a function', byType.table_name],
      ['an expression', { by: 'item.type' }],
    ] as const) {
      it(`are those that ${how} gives`, async () => {
        const config = await source({ 'GET /events': [page(push(1), pull(2)), page(push(3)), page()] }, { table_name });
        const { receipts, notes } = await run(config);
        expect([await ids('pushes'), await ids('pulls')]).to.deep.equal([[1, 3], [2]]);
        expect(Object.keys(receipts)).to.deep.equal(['events: pushes', 'events: pulls']);
        expect(receipts['events: pulls']).to.include({
          table: 'pulls',
          rows: 1,
          inserted: 1,
          total: 1,
          published: true,
        });
        expect(notes).to.deep.equal([]);
        expect(await readdir(out)).to.have.members(['pushes.parquet', 'pulls.parquet']);
      });
    }

    it('go on after a failure at the page where it was, with tables that had not come before it', async () => {
      const config = await source(
        { 'GET /events': [page(push(1), push(2)), { status: 404 }, page(pull(3), push(4)), page()] },
        byType,
      );
      expect(await failure(config)).to.have.property('code', 'ERR_HTTP_STATUS');
      expect((await readdir(out)).filter((name) => name.endsWith('.parquet'))).to.deep.equal([]);
      expect(await readdir(join(out, '.sluice'))).to.deep.equal(['events@by-row']);
      asked();
      await run(config);
      expect(asked().map((line) => line.split('offset=')[1])).to.deep.equal(['2', '4']);
      expect([await ids('pushes'), await ids('pulls')]).to.deep.equal([[1, 2, 4], [3]]);
      expect(await readdir(out)).to.have.members(['pushes.parquet', 'pulls.parquet']);
    });

    it('have one cursor, which counts as long as one of them is there', async () => {
      const endpoint = {
        data_selector: 'data',
        paginator: 'single_page',
        incremental: { cursor_path: 'at', start_param: 'since' },
      };
      const config = await source(
        {
          'GET /events': page(push(1, 'a'), pull(2, 'b')),
          'GET /events?since=b': page({ ...push(3, 'c'), type: 'issues' }),
          'GET /events?since=c': page(),
        },
        { ...byType, endpoint },
      );
      const seen = async (): Promise<string[]> => {
        await run(config);
        return asked();
      };
      expect(await seen()).to.deep.equal(['/events']);
      expect(await seen()).to.deep.equal(['/events?since=b']);
      expect((await restApi(config).state({ out }).show())[0]).to.include({ resource: 'events', last: 'c' });
      for (const table of ['pushes', 'pulls']) await rm(join(out, `${table}.parquet`));
      expect(await seen()).to.deep.equal(['/events?since=c']);
      await rm(join(out, 'issues.parquet'));
      expect(await seen()).to.deep.equal(['/events']);
    });

    it('keep the rows of those that do not come, also when all are replaced', async () => {
      const config = await source(
        { 'GET /events': [page(push(1), pull(2)), page(), page(push(3)), page()] },
        { ...byType, write_disposition: 'replace' },
      );
      await run(config);
      await run(config);
      expect([await ids('pushes'), await ids('pulls')]).to.deep.equal([[3], [2]]);
    });

    it('are none where no row comes, and a note says so', async () => {
      const { receipts, notes } = await run(await source({ 'GET /events': page() }, byType));
      expect(receipts).to.deep.equal({});
      expect(notes).to.deep.equal([{ resource: 'events', message: 'no row has come, so none of its tables is known' }]);
      expect((await readdir(out)).filter((name) => !name.startsWith('.'))).to.deep.equal([]);
    });

    it('have child tables and dead letters of their own, and can be in a database', async () => {
      const rows = [
        { type: 'a', id: 1, lines: [{ x: 1 }, { x: 2 }] },
        { type: 'b', id: 'no', lines: [] },
        { type: 'b', id: 2, lines: [{ x: 3 }] },
      ];
      const config = await source(
        { 'GET /events': [page(...rows), page()] },
        {
          ...byType,
          nesting: 'tables',
          columns: { id: { data_type: 'bigint' } },
          schema_contract: { data_type: 'discard_row' },
          dead_letters: true,
        },
      );
      const { receipts } = await run(config);
      expect(receipts['events: a']?.children?.map(({ table, rows }) => `${table} ${rows}`)).to.deep.equal([
        'a__lines 2',
      ]);
      expect((await readdir(out)).sort()).to.deep.equal([
        'a.parquet',
        'a__lines.parquet',
        'b.dead.jsonl',
        'b.parquet',
        'b__lines.parquet',
      ]);
    });

    it('are told of by their resource', async () => {
      const told = new Set<string>();
      const config = await source({ 'GET /events': [page(push(1), pull(2)), page()] }, byType);
      await run(config, { onProgress: (resource, { type }) => told.add(`${resource} ${type}`) });
      expect([...told]).to.include.members([
        'events request',
        'events: pushes rows',
        'events: pushes commit',
        'events: pulls publish',
      ]);
    });

    for (const [what, rows, message] of [
      ['is no text', [push(1), { id: 2, type: 5 }], 'gives 5 for row 1 of page 0, which is no name of a table'],
      ['is not there', [{ id: 2 }], 'gives nothing for row 0 of page 0, which is no name of a table'],
      ['is empty', [{ id: 2, type: '' }], 'gives "" for row 0 of page 0, which is no name of a table'],
      ['leads out of the folder', [{ id: 2, type: '../x' }], 'which leads to another folder'],
      ['is too long for a file', [{ id: 2, type: 'x'.repeat(200) }], 'which is longer than 180 bytes'],
      ['differs in case alone', [push(1), { id: 2, type: 'Pushes' }], 'there is the table "pushes"'],
      ['is that of another resource', [{ id: 2, type: 'Others' }], 'the resource "others" writes the table "others"'],
    ] as const) {
      it(`are refused with their row when a name ${what}`, async () => {
        const config = await source({ 'GET /events': page(...rows), 'GET /others': page() }, byType);
        const others = { name: 'others', endpoint: { paginator: 'single_page' } } as const;
        const error = await failure({ ...config, resources: [...config.resources, others] });
        expect(error).to.include({ code: 'ERR_TABLE_NAME', resource: 'events' });
        expect(error.message).to.contain(message);
        expect((await readdir(out)).filter((name) => !name.startsWith('.'))).to.deep.equal([]);
      });
    }

    it('are refused when two resources name the same one, and when one is called as a child table of another', async () => {
      const config = await source({ 'GET /events': page(push(1)), 'GET /more': page(push(2)) }, byType);
      const more = {
        name: 'more',
        ...byType,
        endpoint: { data_selector: 'data', paginator: 'single_page' },
      } as ResourceConfig;
      const error = await failure({ ...config, resources: [...config.resources, more] });
      expect(error).to.have.property('code', 'ERR_TABLE_NAME');
      const child = await source(
        { 'GET /events': [page({ id: 1, type: 'a', x: [{ y: 1 }] }, { id: 2, type: 'a__x', x: [] }), page()] },
        { ...byType, nesting: 'tables' },
      );
      expect(await failure(child)).to.have.property('code', 'ERR_TABLE_PATH');
    });

    it('are locked when their first row comes: another run that writes one is an error', async () => {
      const config = await source({ 'GET /events': [page(push(1)), page()] }, byType);
      const error = await withTablesLocked([join(out, 'pushes.parquet')], () => failure(config));
      expect(error).to.have.property('code', 'ERR_STAGE_LOCKED');
    });
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
