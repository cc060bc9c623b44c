// Datasette's tables: next links and keysets over simple, compound and hidden keys, a bearer token or one in the query;
// compared row by row with the SQLite file behind the server.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  type Auth,
  apiKey,
  auto,
  bearer,
  client,
  headerLink,
  jsonLink,
  keyset,
  type Paginator,
  pages,
  type Receipt,
  run,
  singlePage,
} from '../../lib/index.js';
import { retry, select } from '../../operators/index.js';
import { parquet } from '../../sinks/index.js';
import { type Datasette, startDatasette } from './servers/datasette.js';
import { countsOf, sluice } from './servers/sluice-command.js';
import { query } from './servers/sqlite.js';
import { expectRows, readTable } from './servers/stored-table.js';
import { leftIn } from './servers/traces.js';

const nextUrl = () => jsonLink({ nextUrlPath: 'next_url' });
const readings = '/data/readings.json?_shape=objects&_json=payload&_size=97';

describe('Datasette', () => {
  let server: Datasette;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-datasette-'));
    server = await startDatasette();
  });

  after(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  describe('by chain', () => {
    it('reads a table by the next link in the body: 64-bit integers keep their digits', async () => {
      const receipt = await read({ url: readings, name: 'readings' });
      expect(receipt).to.include({ inserted: 1200, updated: 0, unchanged: 0, duplicates: 0, total: 1200 });
      expect(receipt.counts.requests).to.equal(13);
      await agree('readings');
      const { types } = await readTable(table('readings'));
      expect(types).to.include({ id: 'BIGINT', big: 'BIGINT', value: 'DOUBLE', name: 'VARCHAR', note: 'VARCHAR' });
      expect(types['raw']).to.equal('STRUCT("$base64" BOOLEAN, encoded VARCHAR)');
    });

    it('finds out by itself how to go on', async () => {
      const receipt = await read({
        url: '/data/readings.json?_shape=objects&_json=payload',
        name: 'auto',
        paginator: auto(),
      });
      expect(receipt).to.include({ inserted: 1200, duplicates: 0, total: 1200 });
      expect(receipt.counts.requests).to.equal(12);
      await agree('auto');
    });

    it('reads a table by its last id, where the ids at the end are beyond 2^53', async () => {
      const paginator = keyset({ keyParam: 'id__gt' });
      const receipt = await read({
        url: `${readings.replace('_size=97', '_size=3')}&_sort=id&id__gt=1150`,
        name: 'keyset',
        paginator,
      });
      expect(receipt).to.include({ inserted: 50, total: 50 });
      expectRows(await readTable(table('keyset')), await expected('where id > 1150'), ['id']);
    });

    it('reads a table with a compound key of awkward texts by Link headers', async () => {
      const receipt = await read({
        url: '/data/pairs.json?_shape=objects&_size=7',
        name: 'pairs',
        paginator: headerLink(),
        key: ['region', 'number'],
      });
      expect(receipt).to.include({ inserted: 480, duplicates: 0, total: 480 });
      expectRows(await readTable(table('pairs')), await query(server.database, 'select * from pairs'), [
        'region',
        'number',
      ]);
    });

    it('reads a table without a key by the hidden one, with the token in the query and so in every link', async () => {
      const auth = apiKey({ name: server.tokenParam, apiKey: server.token, location: 'query' });
      const receipt = await read({
        url: '/data/lines.json?_shape=objects&_size=33',
        name: 'lines',
        auth,
        key: 'rowid',
      });
      expect(receipt).to.include({ inserted: 400, total: 400 });
      expectRows(await readTable(table('lines')), await query(server.database, 'select rowid, * from lines'), [
        'rowid',
      ]);
    });

    it('reads JSON lines, page by page', async () => {
      const url = '/data/lines.json?_shape=array&_nl=on&_size=37';
      const receipt = await read({ url, name: 'json-lines', paginator: headerLink(), records: '$', key: 'rowid' });
      expect(receipt).to.include({ inserted: 400, total: 400 });
      expect(receipt.counts.requests).to.equal(11);
      expectRows(await readTable(table('json-lines')), await query(server.database, 'select rowid, * from lines'), [
        'rowid',
      ]);
    });

    it('reads CSV, with quotes and line ends in its values', async () => {
      const url = '/data/lines.csv?_stream=on&_dl=on';
      const receipt = await read({ url, name: 'csv', paginator: singlePage(), records: '$', key: 'rowid' });
      expect(receipt).to.include({ inserted: 400, total: 400 });
      const stored = await query(server.database, 'select cast(rowid as text) as rowid, text from lines');
      expectRows(await readTable(table('csv')), stored, ['rowid']);
    });

    it('after changes through its own API, counts inserted, updated and unchanged', async () => {
      for (const [id, note] of [
        ['2', 'zwei'],
        ['9', ''],
        ['77', '🌊🌊'],
        ['600', 'line\nline'],
      ] as const) {
        await server.execute('set_note', { id, note });
      }
      await server.execute('add_reading', { id: '9223372036854775807', name: 'the last id' });
      await server.execute('add_reading', { id: '1195', name: 'in the middle' });
      const receipt = await read({ url: readings, name: 'readings' });
      expect(receipt).to.include({ inserted: 2, updated: 4, unchanged: 1196, duplicates: 0, total: 1202 });
      await agree('readings');
    });

    it('a wrong token is refused with an error that does not repeat it', async () => {
      const failure = await read({ url: readings, name: 'refused', auth: bearer('not-the-token-0123') }).catch(
        (it) => it,
      );
      expect(failure).to.include({ code: 'ERR_HTTP_STATUS', status: 403 });
      expect(String(failure)).to.include('/data/readings.json').and.to.not.include('not-the-token');
    });
  });

  describe('by configuration', () => {
    it('reads three tables; the second run follows what changed; the token is left nowhere', async () => {
      await writeFile(join(folder, 'datasette.json'), JSON.stringify(configuration(server)));
      const first = await command();
      expect(first.code, first.stderr).to.equal(0);
      await agreeAll();

      await server.execute('set_note', { id: '31', note: 'changed between the runs' });
      await server.execute('set_note', { id: '1000', note: '\u00e9 \u0065\u0301' });
      await server.execute('add_reading', { id: '1191', name: 'between the runs' });
      const second = await command();
      expect(second.code, second.stderr).to.equal(0);
      await agreeAll();
      const { total } = countsOf('readings', first);
      expect(countsOf('readings', second)).to.deep.equal({
        inserted: 1,
        updated: 2,
        unchanged: total - 2,
        total: total + 1,
      });
      expect(countsOf('pairs', second)).to.deep.equal({ inserted: 0, updated: 0, unchanged: 480, total: 480 });
      const outputs = [first, second].map(({ stdout, stderr }) => stdout + stderr);
      expect(outputs.join('\n')).to.not.include(server.token);
      expect(await leftIn(folder, server.token)).to.deep.equal([]);
    });

    function command() {
      return sluice(['run', 'datasette.json', '--out', 'tables'], { cwd: folder, env: { TOKEN: server.token } });
    }

    async function agreeAll(): Promise<void> {
      await agree('tables/readings');
      const pairs = await query(server.database, 'select * from pairs');
      expectRows(await readTable(table('tables/pairs')), pairs, ['region', 'number']);
      const lines = await query(server.database, 'select rowid, * from lines');
      expectRows(await readTable(table('tables/lines')), lines, ['rowid']);
    }
  });

  async function read(options: {
    readonly url: string;
    readonly name: string;
    readonly auth?: Auth;
    readonly paginator?: Paginator;
    readonly key?: string | readonly string[];
    readonly records?: string;
  }): Promise<Receipt> {
    const { url, name, auth = bearer(server.token), paginator = nextUrl(), key = 'id', records = 'rows' } = options;
    const api = client({ baseUrl: server.url, auth });
    return run(
      pages(api, url, paginator, { records }).pipe(
        retry({ maxRetries: 2, initialDelay: 20 }),
        select(records),
        parquet(table(name), { primaryKey: key, writeDisposition: 'merge' }),
      ),
    ).finally(() => api.close());
  }

  async function agree(name: string): Promise<void> {
    expectRows(await readTable(table(name)), await expected(), ['id']);
  }

  /** The readings as Datasette gives them: JSON parsed, bytes as base64. */
  async function expected(where = ''): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const rows = await query(server.database, `select * from readings ${where}`);
    return rows.map(({ payload, raw, ...row }) => ({
      ...row,
      payload: payload === null ? null : JSON.parse(String(payload)),
      raw: raw instanceof Uint8Array ? { $base64: true, encoded: Buffer.from(raw).toString('base64') } : null,
    }));
  }

  function table(name: string): string {
    return join(folder, `${name}.parquet`);
  }
});

function configuration({ url, tokenParam }: Datasette): object {
  const shape = { _shape: 'objects' };
  return {
    client: {
      base_url: url,
      auth: { type: 'bearer', token: '{secrets.token}' },
      paginator: { type: 'json_link', next_url_path: 'next_url' },
    },
    resource_defaults: { write_disposition: 'merge', endpoint: { data_selector: 'rows' } },
    resources: [
      {
        name: 'readings',
        primary_key: 'id',
        endpoint: { path: '/data/readings.json', params: { ...shape, _json: 'payload', _size: 250 } },
      },
      {
        name: 'pairs',
        primary_key: ['region', 'number'],
        endpoint: { path: '/data/pairs.json', params: { ...shape, _size: 61 }, paginator: 'header_link' },
      },
      {
        name: 'lines',
        primary_key: 'rowid',
        endpoint: {
          path: '/data/lines.json',
          params: { ...shape, _size: 90 },
          auth: { type: 'api_key', name: tokenParam, api_key: '{secrets.token}', location: 'query' },
        },
      },
    ],
  };
}
