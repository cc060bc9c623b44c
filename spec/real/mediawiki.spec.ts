// MediaWiki's pages: continuation objects of several keys, a session of cookies by a function, errors with status 200;
// compared row by row with the SQLite file behind the wiki.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { OperatorFunction } from 'rxjs';
import {
  type Auth,
  auto,
  client,
  continuation,
  type Page,
  type Paginator,
  type Params,
  pages,
  type Receipt,
  type Rows,
  run,
} from '../../lib/index.js';
import { flatMapRows, retry, select } from '../../operators/index.js';
import { type ParquetOptions, parquet } from '../../sinks/index.js';
import { Instant } from './servers/canonical.js';
import { type MediaWiki, startMediaWiki } from './servers/mediawiki.js';
import { countsOf, sluice } from './servers/sluice-command.js';
import { query } from './servers/sqlite.js';
import { expectRows, readTable } from './servers/stored-table.js';
import { leftIn } from './servers/traces.js';

/** What a query with `generator=allpages` and these properties gives of one page; parts can come in several responses. */
interface WikiPage {
  readonly pageid: number;
  readonly ns: number;
  readonly title: string;
  readonly categories?: readonly { readonly title: string }[];
}

describe('MediaWiki', () => {
  let server: MediaWiki;
  let folder: string;
  let cookie: string;
  const auth: Auth = (request) => ({ ...request, headers: { ...request.headers, cookie } });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-mediawiki-'));
    server = await startMediaWiki();
    cookie = await server.login();
  });

  after(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  for (const [name, paginator] of Object.entries({ continuation, auto })) {
    it(`reads every page of the wiki by ${name}`, async () => {
      const rows = select<WikiPage>('query.allpages');
      const receipt = await read({ list: 'allpages', aplimit: 45 }, name, rows, { paginator: paginator() });
      expect(receipt).to.include({ inserted: 621, updated: 0, unchanged: 0, duplicates: 0, total: 621 });
      expect(receipt.counts.requests).to.equal(14);
      expectRows(await readTable(table(name)), await storedPages(), ['pageid']);
    });
  }

  it('reads every page of the wiki by POST: method and form stay, the continuation goes beside them', async () => {
    const form = { action: 'query', format: 'json', formatversion: 2, list: 'allpages', aplimit: 100 };
    const api = client({ baseUrl: server.url, auth });
    const request = { method: 'POST', url: server.api, body: { kind: 'form', value: form } } as const;
    const receipt = await run(
      pages(api, request, continuation()).pipe(
        select('query.allpages'),
        parquet(table('post'), { primaryKey: 'pageid' }),
      ),
    ).finally(() => api.close());
    expect(receipt.counts.requests).to.equal(7);
    expectRows(await readTable(table('post')), await storedPages(), ['pageid']);
  });

  it('reads the text of every page, with the revisions of a generated list', async () => {
    const params = {
      generator: 'allpages',
      gaplimit: 30,
      prop: 'info|revisions',
      rvprop: 'ids|timestamp|content',
      rvslots: 'main',
    };
    const receipt = await read(params, 'texts', select<WikiPage>('query.pages'));
    expect(receipt).to.include({ inserted: 621, duplicates: 0, total: 621 });
    await agreeTexts();
  });

  it('reads categories that come in pieces, under a continuation of two levels', async () => {
    const params = { generator: 'allpages', gaplimit: 60, prop: 'categories', cllimit: 25 };
    const receipt = await read(
      params,
      'categories',
      (source) =>
        source.pipe(
          select<WikiPage>('query.pages'),
          flatMapRows(({ pageid, categories = [] }) => categories.map(({ title }) => ({ pageid, category: title }))),
        ),
      { primaryKey: ['pageid', 'category'] },
    );
    const stored = await query(
      server.database,
      `select cl_from as pageid, 'Category:' || replace(cl_to, '_', ' ') as category from categorylinks join page on page_id = cl_from where page_namespace = 0`,
    );
    expect(stored.length).to.be.greaterThan(1500);
    // No piece came twice: an old key of a continuation must not stay in later requests.
    expect(receipt).to.include({ inserted: stored.length, duplicates: 0, total: stored.length });
    expectRows(await readTable(table('categories')), stored, ['pageid', 'category']);
  });

  it('after edits through its own API, counts inserted, updated and unchanged', async () => {
    await server.edit('Page 0007 naïve', 'edited\n\n🌊 <nowiki>&amp;</nowiki>');
    await server.edit('Page 0500 日本語', '');
    await server.edit('Brand new é', 'new');
    const params = {
      generator: 'allpages',
      gaplimit: 30,
      prop: 'info|revisions',
      rvprop: 'ids|timestamp|content',
      rvslots: 'main',
    };
    const receipt = await read(params, 'texts', select<WikiPage>('query.pages'));
    expect(receipt).to.include({ inserted: 1, updated: 2, unchanged: 619, duplicates: 0, total: 622 });
    await agreeTexts();
  });

  it('by configuration: the second run follows what changed; the session is left nowhere', async () => {
    await writeFile(join(folder, 'mediawiki.json'), JSON.stringify(configuration(server)));
    const command = () =>
      sluice(['run', 'mediawiki.json', '--out', 'tables'], { cwd: folder, env: { COOKIE: cookie } });
    const first = await command();
    expect(first.code, first.stderr).to.equal(0);
    expectRows(await readTable(table('tables/pages')), await storedPages(), ['pageid']);
    await server.edit('Between the runs 日本', 'x');
    const second = await command();
    expect(second.code, second.stderr).to.equal(0);
    const { total } = countsOf('pages', first);
    expect(countsOf('pages', second)).to.deep.equal({ inserted: 1, updated: 0, unchanged: total, total: total + 1 });
    expectRows(await readTable(table('tables/pages')), await storedPages(), ['pageid']);
    const [session] = /(?<=wiki_session=)[^;]+/.exec(cookie) ?? [];
    expect([first, second].map(({ stdout, stderr }) => stdout + stderr).join('\n')).to.not.include(session);
    expect(await leftIn(folder, String(session))).to.deep.equal([]);
  });

  it('an error that comes with status 200 fails the walk when a response action says so', async () => {
    const failure = await read({ list: 'allpages' }, 'refused', select('query.allpages'), {
      auth: (request) => request,
    }).catch((it) => it);
    expect(failure).to.include({ name: 'RequestError', code: 'ERR_HTTP_STATUS' });
    expect(String(failure)).to.include('readapidenied').and.to.include('log in');
  });

  async function read<T extends object>(
    params: Params,
    name: string,
    rows: OperatorFunction<Page, Rows<T>>,
    options: {
      readonly primaryKey?: ParquetOptions['primaryKey'];
      readonly auth?: Auth;
      readonly paginator?: Paginator;
    } = {},
  ): Promise<Receipt> {
    const api = client({ baseUrl: server.url, auth: options.auth ?? auth });
    const request = { url: server.api, params: { action: 'query', format: 'json', formatversion: 2, ...params } };
    const actions = [{ content: '"error":{', action: 'fail', message: 'Perhaps you have to log in.' }] as const;
    return run(
      pages(api, request, options.paginator ?? continuation(), { actions }).pipe(
        retry({ maxRetries: 2, initialDelay: 20 }),
        rows,
        parquet(table(name), { primaryKey: options.primaryKey ?? 'pageid', writeDisposition: 'merge' }),
      ),
    ).finally(() => api.close());
  }

  function storedPages(): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return query(
      server.database,
      `select page_id as pageid, page_namespace as ns, replace(page_title, '_', ' ') as title from page where page_namespace = 0`,
    );
  }

  /** The columns that the database tells of; the others are how the API words what these say. */
  async function agreeTexts(): Promise<void> {
    const stored = await query(
      server.database,
      `select page_id as pageid, replace(page_title, '_', ' ') as title, page_len as length, rev_id as revid,
         rev_parent_id as parentid, rev_timestamp as timestamp, old_text as content
       from page join revision on rev_id = page_latest join slots on slot_revision_id = rev_id
       join content on content_id = slot_content_id join text on old_id = cast(substr(content_address, 4) as integer)
       where page_namespace = 0`,
    );
    const expected = stored.map((row) => ({
      ...row,
      // 20240131120000
      timestamp: new Instant(String(row['timestamp']).replace(/(....)(..)(..)(..)(..)(..)/, '$1-$2-$3T$4:$5:$6Z')),
      content: row['content'] instanceof Uint8Array ? Buffer.from(row['content']).toString() : row['content'],
    }));
    const actual = await readTable(table('texts'), {
      select: `pageid, title, length, revisions[1].revid AS revid, revisions[1].parentid AS parentid,
        revisions[1].timestamp AS timestamp, revisions[1].slots.main.content AS content`,
    });
    expectRows(actual, expected, ['pageid']);
  }

  function table(name: string): string {
    return join(folder, `${name}.parquet`);
  }
});

function configuration({ url, api }: MediaWiki): object {
  return {
    client: { base_url: url, headers: { Cookie: '{secrets.cookie}' }, paginator: 'continuation' },
    resources: [
      {
        name: 'pages',
        primary_key: 'pageid',
        write_disposition: 'merge',
        endpoint: {
          path: api,
          params: { action: 'query', format: 'json', formatversion: 2, list: 'allpages', aplimit: 70 },
          data_selector: 'query.allpages',
        },
      },
    ],
  };
}
