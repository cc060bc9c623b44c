// PocketBase's records: numbered pages with totals, a session token by a login call, tokens that are revoked in the middle;
// compared row by row with the SQLite file behind the server.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { concatMap, defer } from 'rxjs';
import {
  type AuthScheme,
  auto,
  type Client,
  client,
  type PagesOptions,
  type Paginator,
  pageNumber,
  pages,
  type Receipt,
  type ResponseAction,
  type RestApiConfig,
  restApi,
  run,
  sessionToken,
  transport,
} from '../../lib/index.js';
import { retry, select } from '../../operators/index.js';
import { parquet } from '../../sinks/index.js';
import { Instant } from './servers/canonical.js';
import { type PocketBase, startPocketBase } from './servers/pocketbase.js';
import { query } from './servers/sqlite.js';
import { expectRows, readTable } from './servers/stored-table.js';
import { leftIn } from './servers/traces.js';

interface ReadOptions {
  readonly paginator?: Paginator;
  readonly pages?: PagesOptions;
  readonly beforeRequest?: () => Promise<void>;
  /** The status that means: the token is no longer good. */
  readonly renewAt?: number;
}

describe('PocketBase', () => {
  let server: PocketBase;
  let folder: string;
  /** In the test that runs. */
  let logins: number;

  beforeEach(() => {
    logins = 0;
  });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-pocketbase-'));
    server = await startPocketBase();
  });

  after(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  for (const concurrency of [1, 6]) {
    it(`by chain: reads every record, ${concurrency} pages at once, after one login`, async () => {
      const receipt = await read(`books-${concurrency}`, { pages: { concurrency } });
      expect(receipt).to.include({ inserted: 1050, updated: 0, unchanged: 0, duplicates: 0, total: 1050 });
      expect(receipt.counts.pages).to.equal(21);
      expect(logins).to.equal(1);
      await agree(`books-${concurrency}`);
    });
  }

  it('by chain: finds out by itself how to go on, and that pages count from 1', async () => {
    const receipt = await read('auto', { paginator: auto() });
    expect(receipt).to.include({ inserted: 1050, duplicates: 0, total: 1050 });
    await agree('auto');
  });

  it('types the columns as PocketBase means them', async () => {
    const { types } = await readTable(table('books-1'));
    expect(types).to.include({ id: 'VARCHAR', pages: 'BIGINT', price: 'DOUBLE', lent: 'BOOLEAN', kinds: 'VARCHAR[]' });
    expect(types).to.include({ created: 'TIMESTAMP WITH TIME ZONE' });
    expect(types['extra']).to.equal(
      'STRUCT(isbn VARCHAR, notes VARCHAR[], shelf STRUCT("label" VARCHAR, "row" BIGINT))',
    );
  });

  it('by chain: logs in again when the token is revoked in the middle of the walk', async () => {
    let requests = 0;
    const receipt = await read('revoked', {
      // PocketBase answers 403, not 401, when a token is no longer good.
      renewAt: 403,
      async beforeRequest() {
        requests += 1;
        if (requests === 11) await server.revokeTokens();
      },
    });
    expect(receipt).to.include({ inserted: 1050, duplicates: 0, total: 1050 });
    // Each page once, and the one that was refused once more.
    expect(requests).to.equal(22);
    expect(logins).to.equal(2);
    await agree('revoked');
  });

  it('by chain, after changes through its own API: counts inserted, updated and unchanged', async () => {
    await change(7, 4);
    const receipt = await read('books-1');
    expect(receipt).to.include({ inserted: 4, updated: 7, unchanged: 1043, duplicates: 0, total: 1054 });
    await agree('books-1');
  });

  it('by configuration: the second run asks for what changed only; password and token are left nowhere', async () => {
    const source = restApi(configuration(server));
    const out = join(folder, 'tables');
    const first = await source.run({ out });
    await agree('tables/books');
    await change(3, 2);
    const second = await source.run({ out });
    await agree('tables/books');
    const { total } = first.receipts['books']!;
    // The row at the boundary comes again.
    expect(second.receipts['books']).to.include({ inserted: 2, updated: 3, unchanged: 1, total: total + 2 });
    expect(second.receipts['books']?.counts).to.include({ requests: 1, pages: 1 });
    expect(await leftIn(folder, server.password)).to.deep.equal([]);
    // What every JSON web token begins with.
    expect(await leftIn(folder, 'eyJhbGciOi')).to.deep.equal([]);
  });

  let changes = 0;

  async function change(changed: number, added: number): Promise<void> {
    for (let n = 1; n <= changed; n += 1) {
      changes += 1;
      const path = `${server.records}/book${String(n * 90).padStart(11, '0')}`;
      await server.call('PATCH', path, {
        title: `renamed ${changes} ✓`,
        price: changes / 3,
        extra: null,
        kinds: ['map'],
      });
    }
    for (let n = 1; n <= added; n += 1) {
      changes += 1;
      await server.call('POST', server.records, {
        title: `new ${changes} 🌊`,
        pages: changes,
        extra: { isbn: 'x', notes: [] },
      });
    }
  }

  async function read(name: string, options: ReadOptions = {}): Promise<Receipt> {
    const http = transport();
    const api = client({
      baseUrl: server.url,
      auth: session(server),
      fetch: (url, init) => {
        if (url.endsWith(server.login)) logins += 1;
        return http.fetch(url, init);
      },
    });
    const watched: Client = {
      ...api,
      send: (request) => defer(async () => options.beforeRequest?.()).pipe(concatMap(() => api.send(request))),
    };
    const renew: ResponseAction[] = [options.renewAt ?? []].flat().map((status) => ({
      status,
      when: () => {
        api.renew?.();
        return true;
      },
      action: 'retry',
    }));
    const paginator = options.paginator ?? pageNumber({ basePage: 1, totalPath: 'totalPages' });
    return run(
      pages(watched, `${server.records}?perPage=50`, paginator, {
        records: 'items',
        actions: renew,
        ...options.pages,
      }).pipe(
        retry({ maxRetries: 2, initialDelay: 20 }),
        select('items'),
        parquet(table(name), { primaryKey: 'id', writeDisposition: 'merge' }),
      ),
    ).finally(() => http.close());
  }

  async function agree(name: string): Promise<void> {
    const stored = await query(server.database, 'select * from books');
    const instant = (text: unknown) => new Instant(String(text).replace(' ', 'T'));
    const expected = stored.map(({ created, updated, lent, kinds, extra, ...row }) => ({
      ...row,
      created: instant(created),
      updated: instant(updated),
      lent: lent === 1n,
      kinds: JSON.parse(String(kinds)),
      extra: extra === null ? null : JSON.parse(String(extra)),
    }));
    const actual = await readTable(table(name), { select: '* EXCLUDE (collectionId, collectionName)' });
    expectRows(actual, expected, ['id']);
  }

  function table(name: string): string {
    return join(folder, `${name}.parquet`);
  }
});

/** The login call; the token goes into the header as it is. */
function session({ login, identity, password }: PocketBase): AuthScheme {
  const body = { kind: 'json', value: { identity, password } } as const;
  return sessionToken({ login: { url: login, body }, prefix: '' });
}

function configuration(server: PocketBase): RestApiConfig {
  return {
    client: {
      base_url: server.url,
      auth: session(server),
      paginator: { type: 'page_number', base_page: 1, total_path: 'totalPages' },
    },
    resources: [
      {
        name: 'books',
        primary_key: 'id',
        write_disposition: 'merge',
        endpoint: {
          path: server.records,
          params: { perPage: 120, sort: 'updated', filter: 'updated >= "{incremental.start_value}"' },
          data_selector: 'items',
          incremental: { cursor_path: 'updated', initial_value: '2000-01-01 00:00:00.000Z' },
        },
      },
    ],
  };
}
