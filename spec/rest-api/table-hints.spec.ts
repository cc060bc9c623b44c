// Hints of a table that are functions of the row: each table is what its first row says, and all of its rows say the same.
import { join } from 'node:path';
import { expect } from 'chai';
import * as z from 'zod';
import { firstRows } from '../../lib/cli/first-rows.js';
import type { Row } from '../../lib/core/index.js';
import { type ResourceConfig, type RestApiConfig, restApi } from '../../lib/rest-api/index.js';
import { readTableInfo } from '../../lib/table/index.js';
import type { Answer } from '../golden/scripted-api.js';
import { scriptedSource } from './scripted-source.js';

describe('hints that are functions of the row', () => {
  const source = scriptedSource();
  const page = (...rows: readonly object[]): Answer => ({ body: { data: rows } });
  const pages = (...all: readonly (readonly object[])[]) => [...all.map((rows) => page(...rows)), page()];
  const push = (sha: string, n = 0) => ({ type: 'push', sha, n });
  const user = (id: number, n = 0) => ({ type: 'user', id, n });

  const config = (answers: readonly Answer[], resource: object): Promise<RestApiConfig> =>
    source.config({ answers: { 'GET /events': answers } }, [
      {
        name: 'events',
        table_name: (row: Row) => row['type'],
        endpoint: { data_selector: 'data', paginator: { type: 'offset', limit: 2, total_path: null } },
        ...resource,
      } as ResourceConfig,
    ]);
  const run = async (answers: readonly Answer[], resource: object) =>
    await restApi(await config(answers, resource)).run({ out: source.out, checkpoint: { pages: 1 } });
  const failure = (answers: readonly Answer[], resource: object): Promise<Error & { code: string }> =>
    run(answers, resource).then(
      () => expect.fail('it should have failed'),
      (error: Error & { code: string }) => error,
    );
  const rows = (table: string) => firstRows(join(source.out, `${table}.parquet`), 99);
  const values = async (table: string, column: string) => (await rows(table)).map((row) => row[column]);

  const byType = {
    primary_key: ({ type }: Row) => (type === 'push' ? 'sha' : 'id'),
    write_disposition: ({ type }: Row) => (type === 'push' ? 'merge' : 'append'),
  };

  it('are those of the table that the row goes to: its key, and how it is written', async () => {
    await run(pages([push('a', 1), user(1)], [push('b', 1), push('a', 2)]), byType);
    await run(pages([push('a', 3), user(1)]), byType);
    const found = (await rows('push')).map(({ sha, n }) => `${sha}${n}`);
    expect(found).to.have.members(['a3', 'b1']);
    expect((await values('user', 'id')).map(Number)).to.deep.equal([1, 1]);
    const { metadata } = (await readTableInfo(join(source.out, 'push.parquet')))!;
    expect(metadata?.primaryKey).to.deep.equal(['sha']);
  });

  it('are columns, contracts, merge keys, and how deep a table is taken apart', async () => {
    const tags = { tags: [{ name: 'x' }] };
    await run(
      pages([
        { ...push('7'), ...tags },
        { ...user(1), ...tags },
      ]),
      {
        columns: ({ type }: Row) => (type === 'push' ? z.object({ sha: z.int() }) : [{ name: 'n', data_type: 'text' }]),
        schema_contract: () => ({ columns: 'evolve' }),
        merge_key: ({ type }: Row) => (type === 'push' ? ['sha'] : undefined),
        write_disposition: ({ type }: Row) => ({ disposition: type === 'push' ? 'merge' : 'append' }),
        max_table_nesting: ({ type }: Row) => (type === 'user' ? 1 : null),
        file_format: () => 'parquet',
      },
    );
    const types = async (table: string) => {
      const { schema } = (await readTableInfo(join(source.out, `${table}.parquet`)))!;
      return Object.fromEntries(schema.columns.map(({ name, type }) => [name, type.kind]));
    };
    expect(await types('push')).to.include({ sha: 'bigint', tags: 'list' });
    expect(await types('user')).to.include({ n: 'text' });
    expect(await values('user__tags', 'name')).to.deep.equal(['x']);
  });

  it('say that rows of a table are left out: skip', async () => {
    const { receipts } = await run(pages([push('a'), user(1)]), {
      write_disposition: ({ type }: Row) => (type === 'push' ? 'skip' : 'append'),
    });
    expect(Object.keys(receipts)).to.deep.equal(['events: user']);
  });

  it('may be given in the defaults, for resources whose rows name their tables', async () => {
    const made = await config(pages([push('a'), user(1)]), {});
    await restApi({ ...made, resource_defaults: byType }).run({ out: source.out });
    expect([await values('push', 'sha'), (await values('user', 'id')).map(Number)]).to.deep.equal([['a'], [1]]);
  });

  it('must be equal for all rows of a table, in whatever order their keys come', async () => {
    let turn = 0;
    await run(pages([push('a'), push('b')]), {
      write_disposition: () => {
        turn += 1;
        return turn > 1 ? { strategy: 'upsert', disposition: 'merge' } : { disposition: 'merge', strategy: 'upsert' };
      },
      primary_key: () => ['sha'],
    });
    const error = await failure(pages([push('a')], [push('b', 1), push('c')]), {
      primary_key: ({ n }: Row) => (n === 1 ? ['id', 'sha'] : 'sha'),
    });
    expect(error.code).to.equal('ERR_TABLE_HINT');
    expect(error.message).to.contain(
      'resource "events": primary_key of the table "push", for row 0 of page 1, is ["id","sha"], and "sha" for row 0 of page 0',
    );
    expect(error.message).to.contain('"table_name"');
  });

  it('are looked at in each row, also where a function gives a new object each time', async () => {
    let turn = 0;
    const columns = [{ sha: { data_type: 'text' } }, { sha: { data_type: 'text' } }, { sha: { precision: 1n } }];
    const error = await failure(pages([push('a'), push('b')], [push('c')]), {
      columns: () => {
        turn += 1;
        return columns[turn - 1];
      },
    });
    expect(error.message).to.contain('columns.sha.precision of the table "push", for row 0 of page 1, is');
  });

  for (const [what, hint, message] of [
    [
      'has another type',
      { primary_key: () => 5 },
      'primary_key of the table "push", for row 0 of page 0, is 5; expected',
    ],
    [
      'is no word that there is',
      { write_disposition: () => ({ disposition: 'merge', strategy: 'upset' }) },
      'write_disposition.strategy of the table "push", for row 0 of page 0, is "upset"; did you mean "upsert"?',
    ],
    [
      'has a key that there is not',
      { columns: () => ({ sha: { data_typ: 'text' } }) },
      'columns.sha.data_typ of the table "push", for row 0 of page 0, is no known key; did you mean "data_type"?',
    ],
    [
      'needs a key',
      { write_disposition: () => ({ disposition: 'merge', strategy: 'upsert' }) },
      'write_disposition of the table "push", for row 0 of page 0, does not fit: write_disposition: needs a "primary_key"',
    ],
    [
      'is a promise',
      { primary_key: () => Promise.reject(new Error('late')) },
      'primary_key of the table "push", for row 0 of page 0, is a promise',
    ],
    [
      'is an error that is thrown',
      {
        primary_key: () => {
          throw new TypeError('no such field');
        },
      },
      'primary_key of the table "push", for row 0 of page 0, failed: no such field',
    ],
  ] as const) {
    it(`are refused with their row when what they give ${what}`, async () => {
      const error = await failure(pages([push('a')]), hint);
      expect(error).to.include({ code: 'ERR_TABLE_HINT', name: 'ResourceError', resource: 'events' });
      expect(error.message).to.contain(message);
    });
  }

  it('let no cursor lose the rows of a table that is replaced', async () => {
    const error = await failure(pages([push('a', 1)]), {
      write_disposition: () => 'replace',
      endpoint: { data_selector: 'data', paginator: 'single_page', incremental: { cursor_path: 'n' } },
    });
    expect(error.code).to.equal('ERR_TABLE_HINT');
    expect(error.message).to.contain('read incrementally');
  });

  it('leave a table without a row as it is, unless the configuration itself says that it is replaced', async () => {
    const tables = { by: 'item.type', tables: ['push', 'user'] };
    const first = pages([push('a'), user(1)]);
    await run(first, { table_name: tables, primary_key: () => 'n' });
    const { notes } = await run(pages([push('b')]), { table_name: tables, write_disposition: () => 'replace' });
    expect([await values('push', 'sha'), (await values('user', 'id')).map(Number)]).to.deep.equal([['b'], [1]]);
    expect(notes).to.deep.equal([]);
    const emptied = await run(pages([push('c')]), {
      table_name: tables,
      write_disposition: 'replace',
      primary_key: () => 'sha',
    });
    expect([await values('push', 'sha'), await values('user', 'id')]).to.deep.equal([['c'], []]);
    expect(emptied.notes.map(({ resource }) => resource)).to.deep.equal(['events: user']);
  });

  it('leave a table without a row as it is, whatever else the configuration says of it', async () => {
    const tables = { by: 'item.type', tables: ['push', 'user'] };
    const nested = { tags: [{ name: 'x' }] };
    const said = {
      table_name: tables,
      primary_key: ({ type }: Row) => (type === 'push' ? 'sha' : 'id'),
      write_disposition: 'merge',
      delete_missing: 'hard',
      columns: { gone: { hard_delete: true }, n: { dedup_sort: 'desc' } },
      schema_contract: { columns: 'freeze' },
      max_table_nesting: () => 1,
    };
    await run(pages([push('a'), { ...user(1), ...nested }]), { ...said, schema_contract: 'evolve' });
    const { receipts } = await run(pages([push('b')]), said);
    expect([await values('push', 'sha'), (await values('user', 'id')).map(Number)]).to.deep.equal([['b'], [1]]);
    expect(await values('user__tags', 'name')).to.deep.equal(['x']);
    expect(receipts['events: user']).to.include({ rows: 0, total: 1, deleted: 0 });
  });

  it('are known in the run that goes on with one that was cut short, also when the first row does not come again', async () => {
    const merge = { write_disposition: 'merge' };
    const key = { primary_key: ({ type }: Row) => (type === 'push' ? 'sha' : 'id') };
    const parts = [
      page(push('a', 1), user(1)),
      page(push('a', 2), push('b', 2)),
      { status: 404 },
      page(user(1, 7)),
      page(),
    ];
    const made = await config(parts, { ...merge, ...key });
    const attempt = () => restApi(made).run({ out: source.out, checkpoint: { pages: 1 } });
    const error = await attempt().catch((reason: unknown) => reason);
    expect(error).to.have.property('code', 'ERR_HTTP_STATUS');
    await attempt();
    expect((await values('push', 'n')).map(Number)).to.deep.equal([2, 2]);
    expect((await values('user', 'n')).map(Number)).to.deep.equal([7]);
    expect(source.api!.asked.map(({ line }) => line.split('offset=')[1])).to.deep.equal(['0', '2', '4', '4', '5']);
  });

  it('of such a run must still be what they were, where the same function gives something else', async () => {
    let key = 'sha';
    const made = await config([page(push('a', 1), push('b', 1)), { status: 404 }, page(push('c'))], {
      primary_key: () => key,
    });
    const attempt = () =>
      restApi(made)
        .run({ out: source.out, checkpoint: { pages: 1 } })
        .catch((error: unknown) => error as Error);
    await attempt();
    key = 'n';
    const error = (await attempt()) as Error;
    expect(error).to.have.property('code', 'ERR_TABLE_HINT');
    expect(error.message)
      .to.contain('is "n", and "sha" for a row of the run that was cut short')
      .and.contain('.sluice');
  });

  it('that have changed since a run was cut short begin anew', async () => {
    await failure([page(push('a', 1), push('a', 2)), { status: 404 }], { primary_key: () => 'n' });
    const { notes } = await run(pages([push('a', 3), push('b', 3)]), {
      primary_key: () => 'sha',
      write_disposition: 'merge',
    });
    expect(notes).to.deep.equal([]);
    expect(await values('push', 'sha')).to.have.members(['a', 'b']);
  });

  it('that begin anew leave no name behind that their tables could clash with', async () => {
    await failure([page(push('a', 1), push('a', 2)), { status: 404 }], { primary_key: () => 'n' });
    await run(pages([{ ...push('a', 3), type: 'Push' }]), { primary_key: () => 'sha', write_disposition: 'merge' });
    expect(await values('Push', 'sha')).to.deep.equal(['a']);
  });
});
