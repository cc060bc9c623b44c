// Tables that the rows of a resource name, and that are not known before they come.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { firstRows } from '../../lib/cli/first-rows.js';
import type { Row } from '../../lib/core/index.js';
import { type ResourceConfig, type RestApiConfig, restApi, type SourceRunOptions } from '../../lib/rest-api/index.js';
import { withTablesLocked } from '../../lib/table/index.js';
import type { Script } from '../golden/scripted-api.js';
import { scriptedSource } from './scripted-source.js';

describe('tables that are found as rows come', () => {
  const place = scriptedSource();
  const source = (answers: NonNullable<Script['answers']>, resource: object): Promise<RestApiConfig> =>
    place.config({ answers }, [
      {
        name: 'events',
        endpoint: { data_selector: 'data', paginator: { type: 'offset', limit: 2, total_path: null } },
        ...resource,
      } as ResourceConfig,
    ]);
  const page = (...rows: readonly object[]) => ({ body: { data: rows } });
  const push = (id: number, at = 'a') => ({ id, type: 'pushes', at });
  const pull = (id: number, at = 'a') => ({ id, type: 'pulls', at });
  const ids = async (table: string) =>
    (await firstRows(join(place.out, `${table}.parquet`), 99)).map(({ id }) => Number(id));
  const asked = () => place.api!.asked.splice(0).map(({ line }) => line.slice(4));

  const byType = { table_name: ({ type }: Row) => type };
  const run = (config: RestApiConfig, more: Partial<SourceRunOptions> = {}) =>
    restApi(config).run({ out: place.out, checkpoint: { pages: 1 }, ...more });
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
      expect(await readdir(place.out)).to.have.members(['pushes.parquet', 'pulls.parquet']);
    });
  }

  it('go on after a failure at the page where it was, with tables that had not come before it', async () => {
    const config = await source(
      { 'GET /events': [page(push(1), push(2)), { status: 404 }, page(pull(3), push(4)), page()] },
      byType,
    );
    expect(await failure(config)).to.have.property('code', 'ERR_HTTP_STATUS');
    expect((await readdir(place.out)).filter((name) => name.endsWith('.parquet'))).to.deep.equal([]);
    expect(await readdir(join(place.out, '.sluice'))).to.deep.equal(['events@by-row']);
    asked();
    await run(config);
    expect(asked().map((line) => line.split('offset=')[1])).to.deep.equal(['2', '4']);
    expect([await ids('pushes'), await ids('pulls')]).to.deep.equal([[1, 2, 4], [3]]);
    expect(await readdir(place.out)).to.have.members(['pushes.parquet', 'pulls.parquet']);
  });

  it('take in a page as a whole: where a row of one of them cannot be, no other has rows of it', async () => {
    const wrong = page({ ...push(3), type: 'a' }, { id: 'x', type: 'b' });
    const config = await source(
      {
        'GET /events?limit=2&offset=0': page({ ...push(1), type: 'a' }, { ...pull(2), type: 'b' }),
        'GET /events?limit=2&offset=2': [wrong, page({ ...push(3), type: 'a' }, { ...pull(4), type: 'b' })],
        'GET /events?limit=2&offset=4': page(),
      },
      { ...byType, columns: { id: { data_type: 'bigint' } }, schema_contract: { data_type: 'freeze' } },
    );
    expect(await failure(config)).to.have.property('code', 'ERR_SCHEMA_CONTRACT');
    asked();
    await run(config);
    expect([await ids('a'), await ids('b')]).to.deep.equal([
      [1, 3],
      [2, 4],
    ]);
    expect(asked().map((line) => line.split('offset=')[1])).to.deep.equal(['2', '4']);
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
      expect((await run(config)).notes, 'also where nothing is new').to.deep.equal([]);
      return asked();
    };
    expect(await seen()).to.deep.equal(['/events']);
    expect(await seen()).to.deep.equal(['/events?since=b']);
    expect((await restApi(config).state({ out: place.out }).show())[0]).to.include({ resource: 'events', last: 'c' });
    for (const table of ['pushes', 'pulls']) await rm(join(place.out, `${table}.parquet`));
    expect(await seen()).to.deep.equal(['/events?since=c']);
    await rm(join(place.out, 'issues.parquet'));
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
    expect((await readdir(place.out)).filter((name) => !name.startsWith('.'))).to.deep.equal([]);
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
    expect(receipts['events: a']?.children?.map(({ table, rows }) => `${table} ${rows}`)).to.deep.equal(['a__lines 2']);
    expect((await readdir(place.out)).sort()).to.deep.equal([
      'a.parquet',
      'a__lines.parquet',
      'b.dead.jsonl',
      'b.parquet',
      'b__lines.parquet',
    ]);
  });

  for (const [what, sink, files] of [
    ['Arrow files', { format: 'arrow' }, ['pulls.arrow', 'pushes.arrow']],
    ['CSV files', { format: 'csv.gz' }, ['pulls.csv.gz', 'pushes.csv.gz']],
    ['directories', { layout: 'directory' }, ['_manifest.json', 'pulls', 'pushes']],
    ['a database', { format: 'duckdb' }, ['tables.duckdb']],
  ] as const) {
    it(`can be ${what}, beside tables of other resources`, async () => {
      const config = await source(
        {
          'GET /events': [page(push(1), pull(2)), page(), page(push(1), push(3)), page()],
          'GET /users': page({ id: 1 }),
        },
        { ...byType, sink, primary_key: 'id', write_disposition: 'merge' },
      );
      const users = { name: 'users', endpoint: { data_selector: 'data', paginator: 'single_page' } } as const;
      const both = { ...config, resources: [...config.resources, users] };
      await run(both);
      const { receipts } = await run(both);
      const counts = Object.entries(receipts).map(([name, { total, updated }]) => `${name} ${total} ${updated}`);
      expect(counts.sort()).to.deep.equal(['events: pushes 2 0', 'users 2 0']);
      const visible = (await readdir(place.out)).filter((name) => !name.startsWith('.')).sort();
      expect(visible).to.deep.equal([...files, 'users.parquet']);
    });
  }

  it('are read anew for a full refresh, and their state is not changed while they are written', async () => {
    const endpoint = { data_selector: 'data', paginator: 'single_page', incremental: { cursor_path: 'at' } };
    const config = await source({ 'GET /events': [page(push(1), pull(2)), page(push(3))] }, { ...byType, endpoint });
    await run(config);
    const refused: unknown[] = [];
    await run(config, {
      fullRefresh: true,
      onProgress: (_, { type }) => {
        if (type !== 'rows') return;
        const state = restApi(config).state({ out: place.out });
        refused.push(state.reset('events').catch((error: { code: string }) => error.code));
      },
    });
    expect(await Promise.all(refused)).to.deep.equal(['ERR_STAGE_LOCKED']);
    expect([await ids('pushes'), await ids('pulls')]).to.deep.equal([[3], [2]]);
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
    ['leads to the folder of the stages', [{ id: 2, type: 'a/.Sluice/x' }], 'which is in the folder that Sluice keeps'],
    ['begins with a slash', [push(1), { id: 2, type: '/pushes' }], 'which has no name before, between or after'],
    ['has a slash twice', [{ id: 2, type: 'a//b' }], 'which has no name before, between or after'],
    ['ends in a slash', [{ id: 2, type: 'a/' }], 'which has no name before, between or after'],
    ['would be told to a terminal', [{ id: 2, type: '\u001b[31mred' }], 'which has a character that no file name may'],
    ['has half a character', [{ id: 2, type: '\ud800' }], 'which has a character that no file name may'],
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
      expect((await readdir(place.out)).filter((name) => !name.startsWith('.'))).to.deep.equal([]);
    });
  }

  for (const [given, name, shown] of [
    ['a promise that fails', () => Promise.reject(new Error('late')), 'a promise'],
    ['a bigint', () => 5n, '5n'],
    ['an object in a circle', () => circle(), '<ref *1> { self: [Circular *1] }'],
  ] as const) {
    it(`are refused with their row when the function gives ${given}`, async () => {
      const config = await source({ 'GET /events': page(push(1)) }, { table_name: name });
      const error = await failure(config);
      expect(error).to.include({ code: 'ERR_TABLE_NAME', resource: 'events' });
      expect(error.message).to.contain(`gives ${shown} for row 0 of page 0`);
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

  it('are refused before more is read when one lies in the folder of another', async () => {
    const config = await source(
      { 'GET /events': [page({ id: 1, type: 'a' }, { id: 2, type: 'a/b' }), page(push(3)), page()] },
      { ...byType, sink: { layout: 'directory' } },
    );
    const error = await failure(config);
    expect(error).to.have.property('code', 'ERR_INVALID_OPTION');
    expect(error.message).to.match(/a\/b lies in .*\/a, which another sink/);
  });

  it('are locked when their first row comes: another run that writes one is an error', async () => {
    const config = await source({ 'GET /events': [page(push(1)), page()] }, byType);
    const error = await withTablesLocked([join(place.out, 'pushes.parquet')], () => failure(config));
    expect(error).to.have.property('code', 'ERR_STAGE_LOCKED');
  });
});

function circle(): object {
  const one: { self?: object } = {};
  one.self = one;
  return one;
}
