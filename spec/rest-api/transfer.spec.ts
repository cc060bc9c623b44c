// What a client and an endpoint may say of their requests and tables beyond dlt, and what a run says of what it found.
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { lastValueFrom, toArray } from 'rxjs';
import { firstRows } from '../../lib/cli/first-rows.js';
import type { Progress } from '../../lib/core/index.js';
import { restApi } from '../../lib/rest-api/index.js';
import { hasStage } from '../../lib/rest-api/out-folder.js';
import { ScriptedApi } from '../golden/scripted-api.js';
import { scriptedSource } from './scripted-source.js';

describe('requests and tables of a configuration', () => {
  const here = scriptedSource();
  const source = here.config;

  it('writes each resource as its sink says, unless the run says otherwise', async () => {
    const script = { answers: { 'GET /a': { body: [{ id: 1, name: 'x' }] } } };
    const config = await source(script, [
      { name: 'a', sink: { compression: 'gzip', row_group_rows: 2048 } },
      { name: 'b', endpoint: 'a', sink: { format: 'csv.gz' } },
      { name: 'c', endpoint: 'a', sink: { format: 'arrow', batch_rows: 10, ipc: 'file', dictionary: ['name'] } },
    ]);
    await restApi(config).run({ out: here.out });
    expect((await readdir(here.out)).filter((name) => !name.startsWith('.'))).to.have.members([
      'a.parquet',
      'b.csv.gz',
      'c.arrow',
    ]);
    await rm(here.out, { recursive: true });
    await restApi(config).run({ out: here.out, format: 'jsonl' });
    expect(
      (await readdir(here.out)).filter((name) => !name.startsWith('.') && !name.endsWith('.json')),
    ).to.have.members(['a.jsonl', 'b.jsonl', 'c.jsonl']);
  });

  it('makes child tables of lists, with what is said of them', async () => {
    const body = [
      {
        id: 1,
        lines: [
          { sku: 'a', n: '1' },
          { sku: 'b', n: '2' },
        ],
        at: { x: 1 },
      },
    ];
    const config = await source({ answers: { 'GET /orders': { body } } }, [
      {
        name: 'orders',
        primary_key: 'id',
        write_disposition: 'merge',
        max_table_nesting: 1,
        nested_hints: { lines: { columns: { n: { data_type: 'bigint' } } } },
        metadata_columns: { source_page: 'page' },
      },
    ]);
    await restApi(config).run({ out: here.out });
    expect((await readdir(here.out)).filter((name) => name.endsWith('.parquet'))).to.have.members([
      'orders.parquet',
      'orders__lines.parquet',
    ]);
    const [order] = await firstRows(join(here.out, 'orders.parquet'), 1);
    expect(order).to.include({ id: 1n, at__x: 1n, page: 0n });
    const lines = await firstRows(join(here.out, 'orders__lines.parquet'), 9);
    expect(lines.map(({ sku, n }) => [sku, n])).to.deep.equal([
      ['a', 1n],
      ['b', 2n],
    ]);
  });

  it('writes a directory of files when the sink says so, and goes on in it', async () => {
    const pages = [{ body: [{ id: 1, at: '2024-01-05' }] }, { body: [{ id: 2, at: '2024-02-05' }] }];
    const config = await source({ answers: { 'GET /a': pages } }, [
      {
        name: 'a',
        sink: { partition_by: [{ column: 'at', transform: 'month' }] },
        endpoint: { incremental: { cursor_path: 'at', start_param: 'since' } },
      },
    ]);
    await restApi(config).run({ out: here.out });
    await restApi(config).run({ out: here.out });
    expect((await readdir(join(here.out, 'a'))).filter((name) => name.includes('='))).to.have.members([
      'at_month=2024-01',
      'at_month=2024-02',
    ]);
    expect(here.api!.asked.at(-1)?.line).to.equal('GET /a?since=2024-01-05');
  });

  it('commits as often as the checkpoint says', async () => {
    const config = await source({ listings: { 'GET /a': { records: 6, by: 'offset', total: 'total' } } }, [
      { name: 'a', endpoint: { paginator: { type: 'offset', limit: 1 }, checkpoint: { pages: 2 } } },
    ]);
    const commits: number[] = [];
    const onProgress = (_: unknown, event: Progress) => {
      if (event.type === 'commit') commits.push(event.rows);
    };
    await restApi(config).run({ out: here.out, onProgress });
    expect(commits.length).to.be.greaterThan(1);
  });

  it('reads an endpoint in the format that it says', async () => {
    const config = await source({ answers: { 'GET /a': { body: 'id,name\n1,x\n2,y\n' } } }, [
      { name: 'a', endpoint: { response_format: 'csv', data_selector: '$' } },
    ]);
    const chunks = await lastValueFrom(restApi(config).resources['a']!.pipe(toArray()));
    expect(chunks.flatMap(({ rows }) => rows)).to.deep.equal([
      { id: '1', name: 'x' },
      { id: '2', name: 'y' },
    ]);
  });

  it('keeps the budget of an endpoint beside that of all', async () => {
    const listing = { records: 4, by: 'offset' as const, total: 'total' };
    const paginator = { type: 'offset', limit: 1 } as const;
    const config = await source(
      { listings: { 'GET /slow': listing, 'GET /fast': listing } },
      [
        { name: 'slow', endpoint: { paginator, rate_limit: { requests: 1, interval: 0.05 } } },
        { name: 'fast', endpoint: { paginator } },
      ],
      { rate_limit: { concurrency: 2 } },
    );
    const start = Date.now();
    await lastValueFrom(restApi(config).resources['slow']!.pipe(toArray()));
    expect(Date.now() - start).to.be.greaterThan(140);
  });

  it('gives a request the time that its endpoint says', async () => {
    const config = await source({ answers: { 'GET /a': { body: [] } } }, [
      { name: 'a', endpoint: { timeout: { first_byte: 0.05 }, retry: { max_retries: 0 } } },
    ]);
    const never = () => new Promise<never>(() => {});
    const error = await lastValueFrom(restApi(config, { fetch: never }).resources['a']!.pipe(toArray())).catch(
      (reason: Error) => reason,
    );
    expect((error as { code?: string }).code).to.equal('ERR_HTTP_TIMEOUT');
  });

  it('logs in for a session token', async () => {
    const config = await source(
      { answers: { 'POST /login': { body: { data: { token: 'session-secret' } } }, 'GET /a': { body: [{ id: 1 }] } } },
      ['a'],
      { auth: { type: 'session_token', login: { path: 'login', json: { user: 'me' } }, token_path: 'data.token' } },
    );
    await lastValueFrom(restApi(config).resources['a']!.pipe(toArray()));
    expect(here.api!.asked.map(({ line, body }) => [line, body])).to.deep.equal([
      ['POST /login', { user: 'me' }],
      ['GET /a', undefined],
    ]);
    expect(here.api!.asked[1]!.headers.authorization).to.equal('Bearer session-secret');
  });

  it('gives the credentials of a resource to no address that only another one has as its path', async () => {
    const other = await ScriptedApi.start(() => ({
      answers: { 'GET /next': { body: { data: [{ id: 2 }] } }, 'GET /own': { body: { data: [{ id: 3 }] } } },
    }));
    try {
      const config = await source(
        { answers: { 'GET /a': { body: { data: [{ id: 1 }], next: `${other.url}/next` } } } },
        [
          { name: 'a', endpoint: { data_selector: 'data', paginator: { type: 'json_link', next_url_path: 'next' } } },
          { name: 'own', endpoint: { path: `${other.url}/own`, auth: { type: 'bearer', token: 'other-token' } } },
        ],
        { auth: { type: 'bearer', token: 'first-token' } },
      );
      for (const rows of Object.values(restApi(config).resources)) await lastValueFrom(rows.pipe(toArray()));
      const seen = other.asked.map(({ line, headers }) => [line, headers.authorization]);
      expect(seen).to.deep.equal([
        ['GET /next', undefined],
        ['GET /own', 'Bearer other-token'],
      ]);
      expect(here.api!.asked.map(({ headers }) => headers.authorization)).to.deep.equal(['Bearer first-token']);
    } finally {
      await other.stop();
    }
  });

  it('keeps apart the auths that two endpoints were given as functions', async () => {
    const as = (name: string) => (request: { headers: object }) => ({
      ...request,
      headers: { ...request.headers, 'x-who': name },
    });
    const config = await source({ answers: { 'GET /a': { body: [] } } }, [
      { name: 'a', endpoint: { auth: as('one') as never } },
      { name: 'b', endpoint: { path: 'a', auth: as('two') as never } },
    ]);
    const { resources } = restApi(config);
    for (const rows of Object.values(resources)) await lastValueFrom(rows.pipe(toArray()));
    expect(here.api!.asked.map(({ headers }) => headers['x-who'])).to.deep.equal(['one', 'two']);
  });

  it('says that a selector matched nothing, and that a table is empty now', async () => {
    const script = { answers: { 'GET /a': [{ body: { data: [{ id: 1 }] } }, { body: { data: [] } }] } };
    const config = await source({ answers: { ...script.answers, 'GET /b': { body: { items: [{ id: 1 }] } } } }, [
      { name: 'a', write_disposition: 'replace', endpoint: { data_selector: 'data' } },
      { name: 'b', endpoint: { data_selector: 'data' } },
    ]);
    await restApi(config).run({ out: here.out, select: ['a'] });
    const told: string[] = [];
    const { notes, receipts } = await restApi(config).run({
      out: here.out,
      onProgress: (_, event) => void (event.type === 'note' && told.push(event.message)),
    });
    expect(receipts['a']).to.include({ total: 0 });
    const messages = notes.map(({ message }) => message);
    expect(messages).to.deep.equal([
      'the table "a" is empty now: it was replaced, and the resource gave no rows',
      '"data_selector" "data" matched nothing on its only page',
      'the table "b" has no file yet: no row has come, so its columns are not known',
    ]);
    expect(told).to.include.members(messages);
  });

  it('says that there is no file as long as no row has come', async () => {
    const config = await source({ answers: { 'GET /a': [{ body: { data: [] } }] } }, ['a']);
    const { notes } = await restApi(config).run({ out: here.out });
    expect(notes.map(({ message }) => message)).to.deep.equal([
      'the table "a" has no file yet: no row has come, so its columns are not known',
    ]);
  });

  it('refuses a folder for the tables that is a file', async () => {
    const file = join(here.out, 'taken');
    await writeFile(file, 'x');
    const config = await source({}, ['a']);
    for (const folder of [file, join(file, 'below')]) {
      const error = await restApi(config)
        .run({ out: folder })
        .catch((reason: Error) => reason);
      expect(error).to.include({ code: 'ERR_INVALID_OPTION', option: 'out' });
      expect((error as Error).message).to.contain('give a folder');
    }
  });

  it('knows whether a failed run has left something to go on with', async () => {
    const config = await source(
      {
        answers: { 'GET /a?limit=1&offset=1': { status: 404 } },
        listings: { 'GET /a': { records: 3, by: 'offset', total: 'total' } },
      },
      [{ name: 'a', endpoint: { paginator: { type: 'offset', limit: 1 } } }, 'b'],
    );
    expect(await hasStage(here.out)).to.equal(false);
    const failed = await restApi(config)
      .run({ out: here.out, select: ['b'] })
      .catch((error: Error) => error);
    expect(failed).to.be.instanceOf(Error);
    expect(await hasStage(here.out), 'a failure of the first page').to.equal(false);
    await restApi(config)
      .run({ out: here.out, select: ['a'] })
      .catch(() => undefined);
    expect(await hasStage(here.out), 'a failure of the second').to.equal(true);
  });
});
