// Kinto's records of any shape: the next page's address in a header of its own, basic auth beyond ASCII;
// compared row by row with what Kinto gives when asked in another way.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { auto, basic, client, headerLink, keyset, type Paginator, pages, type Receipt, run } from '../../lib/index.js';
import { retry, select } from '../../operators/index.js';
import { parquet } from '../../sinks/index.js';
import { Instant } from './servers/canonical.js';
import { type Kinto, startKinto } from './servers/kinto.js';
import { countsOf, sluice } from './servers/sluice-command.js';
import { expectRows, readTable } from './servers/stored-table.js';
import { leftIn } from './servers/traces.js';

/** Kinto does not use the header Link: the whole address of the next page is in Next-Page. */
const nextPage = () => headerLink({ header: 'Next-Page' });

describe('Kinto', () => {
  let server: Kinto;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-kinto-'));
    server = await startKinto();
  });

  after(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('by chain: reads every record by the header that has the next page', async () => {
    const receipt = await read(`${server.records}?_limit=60&_sort=last_modified`, 'ships', nextPage());
    expect(receipt).to.include({ inserted: 1100, updated: 0, unchanged: 0, duplicates: 0, total: 1100 });
    expect(receipt.counts.requests).to.equal(19);
    await agree('ships');
  });

  it('by chain, without being told how: finds the header with the next page', async () => {
    const receipt = await read(`${server.records}?_limit=60&_sort=last_modified`, 'found', auto());
    expect(receipt).to.include({ inserted: 1100, duplicates: 0, total: 1100 });
    expect(receipt.counts.requests).to.equal(19);
    await agree('found');
  });

  it('types nested and mixed fields as they are', async () => {
    const { types } = await readTable(table('ships'));
    expect(types).to.include({
      id: 'VARCHAR',
      last_modified: 'BIGINT',
      crew: 'BIGINT',
      tons: 'DOUBLE',
      flag: 'BOOLEAN',
    });
    expect(types).to.include({ mixed: 'VARCHAR', launched: 'TIMESTAMP WITH TIME ZONE', cargo: 'VARCHAR[]' });
    expect(types['home']).to.equal('STRUCT(port VARCHAR, berth STRUCT(pier BIGINT, note VARCHAR))');
    expect(types['legs']).to.equal('STRUCT(leg BIGINT, miles DOUBLE)[]');
  });

  it('by chain: reads every record by its last id', async () => {
    const receipt = await read(`${server.records}?_limit=90&_sort=id`, 'keyset', keyset({ keyParam: 'gt_id' }));
    expect(receipt).to.include({ inserted: 1100, duplicates: 0, total: 1100 });
    await agree('keyset');
  });

  it('by chain, after changes through its own API: counts inserted, updated and unchanged', async () => {
    await change(8, 3);
    const receipt = await read(`${server.records}?_limit=200`, 'ships', nextPage());
    expect(receipt).to.include({ inserted: 3, updated: 8, unchanged: 1092, duplicates: 0, total: 1103 });
    await agree('ships');
  });

  it('by configuration: the second run asks for what changed only; the password is left nowhere', async () => {
    await writeFile(join(folder, 'kinto.json'), JSON.stringify(configuration(server)));
    const secrets = { USERNAME: server.username, PASSWORD: server.password };
    const command = () => sluice(['run', 'kinto.json', '--out', 'tables'], { cwd: folder, env: secrets });
    const first = await command();
    expect(first.code, first.stderr).to.equal(0);
    await agree('tables/ships');
    await change(5, 2);
    const second = await command();
    expect(second.code, second.stderr).to.equal(0);
    await agree('tables/ships');
    const { total } = countsOf('ships', first);
    expect(countsOf('ships', second)).to.deep.equal({ inserted: 2, updated: 5, unchanged: 0, total: total + 2 });
    for (const { stdout, stderr } of [first, second]) expect(stdout + stderr).to.not.include(server.password);
    expect(await leftIn(folder, server.password)).to.deep.equal([]);
  });

  it('a wrong password is refused with an error that does not repeat it', async () => {
    const api = client({
      baseUrl: server.url,
      auth: basic({ username: server.username, password: 'not-the-password' }),
    });
    const failure = await run(
      pages(api, server.records, nextPage()).pipe(select('data'), parquet(table('refused'), { primaryKey: 'id' })),
    ).catch((it) => it);
    api.close();
    expect(failure).to.include({ code: 'ERR_HTTP_STATUS', status: 401 });
    expect(String(failure)).to.not.include('not-the-password');
    expect(String(failure)).to.not.include(Buffer.from(`${server.username}:not-the-password`).toString('base64'));
  });

  async function read(url: string, name: string, paginator: Paginator): Promise<Receipt> {
    const api = client({ baseUrl: server.url, auth: basic({ username: server.username, password: server.password }) });
    return run(
      pages(api, url, paginator, { records: 'data' }).pipe(
        retry({ maxRetries: 2, initialDelay: 20 }),
        select('data'),
        parquet(table(name), { primaryKey: 'id', writeDisposition: 'merge' }),
      ),
    ).finally(() => api.close());
  }

  let changes = 0;

  /** Changes records and adds new ones, by Kinto's own API. */
  async function change(changed: number, added: number): Promise<void> {
    for (let n = 1; n <= changed; n += 1) {
      const id = `ship-${String(n * 100).padStart(4, '0')}`;
      changes += 1;
      await server.call('PATCH', `${server.records}/${id}`, {
        data: { name: `renamed ${changes} ✓`, tons: null, cargo: [] },
      });
    }
    for (let n = 1; n <= added; n += 1) {
      changes += 1;
      const data = { name: `new ${changes} 🌊`, crew: 0, mixed: changes, home: { port: 'é', berth: null } };
      await server.call('POST', server.records, { data });
    }
  }

  async function agree(name: string): Promise<void> {
    const records = await server.all();
    const expected = records.map(({ mixed, launched, ...record }) => ({
      ...record,
      // Text and numbers in one column are texts.
      mixed: String(mixed),
      launched: launched === undefined ? null : new Instant(String(launched)),
    }));
    expectRows(await readTable(table(name)), expected, ['id']);
  }

  function table(name: string): string {
    return join(folder, `${name}.parquet`);
  }
});

function configuration({ url, records }: Kinto): object {
  return {
    client: {
      base_url: url,
      auth: { type: 'http_basic', username: '{secrets.username}', password: '{secrets.password}' },
      paginator: { type: 'keyset', key_path: 'id', key_param: 'gt_id' },
    },
    resources: [
      {
        name: 'ships',
        primary_key: 'id',
        write_disposition: 'merge',
        endpoint: {
          path: records,
          params: { _sort: 'id', _limit: 150, _since: '{incremental.start_value}' },
          data_selector: 'data',
          incremental: { cursor_path: 'last_modified', initial_value: 1 },
        },
      },
    ],
  };
}
