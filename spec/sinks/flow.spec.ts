// Where only code of this package stands between a sink and its walk, the flow is found at no price.
import { expect } from 'chai';
import { concatMap, from, lastValueFrom, type Observable, type OperatorFunction, tap, timer } from 'rxjs';
import { isConfined, type Progress, type Receipt, type Rows } from '../../lib/core/index.js';
import { bearer, client, oauth2ClientCredentials, rateLimit, transport } from '../../lib/http/index.js';
import { follow, offset, pages } from '../../lib/pages/index.js';
import { run } from '../../lib/table/index.js';
import { filterRows, mapRows, omit, pick, rename, retry, select } from '../../operators/index.js';
import { arrow, duckdb, jsonl, parquet, tee, toArrow } from '../../sinks/index.js';
import { asyncContextsOf } from '../core/async-contexts.js';
import { cut, listedApi } from './listed-api.js';

describe('the flow of a sink', () => {
  const place = listedApi();
  const { file, start, asked, requests, walk: walkOf, rows: rowsOf } = place;

  describe('in a chain of this package alone', () => {
    const chains: Readonly<Record<string, () => Observable<Rows>>> = {
      'of a walk': () => walkOf('/a').pipe(select('data')),
      'that tries again': () => rowsOf('/a'),
      'that finds out how pages hang together': () =>
        pages(client({ baseUrl: place.url }), { url: '/a', params: { limit: 2, offset: 0 } }).pipe(select()),
      'with several requests at once': () =>
        pages(client({ baseUrl: place.url }), '/a', offset({ limit: 2 }), { concurrency: 3 }).pipe(select('data')),
      'with other columns': () =>
        (rowsOf('/a') as Observable<Rows<{ id: number }>>).pipe(
          rename({ id: 'key' }),
          pick('key'),
          omit('none' as never),
        ) as unknown as Observable<Rows>,
      'with credentials, a budget and a transport': () => {
        const auth = bearer('secret');
        const { fetch } = transport({ maxSockets: 1 });
        const budget = rateLimit({ concurrency: 1 });
        return pages(client({ baseUrl: place.url, auth, rateLimit: budget, fetch }), '/a', offset({ limit: 2 })).pipe(
          retry({ initialDelay: 1 }),
          select('data'),
        );
      },
      'with a token that is fetched': () => {
        const auth = oauth2ClientCredentials({
          tokenUrl: `${place.url}/token`,
          clientId: 'me',
          clientSecret: 'secret',
        });
        return pages(client({ baseUrl: place.url, auth }), '/a', offset({ limit: 2 })).pipe(select('data'));
      },
    };
    const sinks: Readonly<Record<string, () => OperatorFunction<Rows, Receipt>>> = {
      parquet: () => parquet(file('a.parquet')),
      duckdb: () => duckdb(file('a.duckdb'), { table: 'a' }),
      'several sinks': () => tee(arrow(file('a.arrow')), jsonl(file('b.jsonl'))),
    };
    for (const [name, chain] of Object.entries(chains)) {
      for (const [sink, made] of Object.entries(sinks)) {
        it(`${name} into ${sink} is found, and costs no promise anything`, async () => {
          await start({
            ...cut('/a', 503),
            'POST /token': { body: { access_token: 'token', token_type: 'bearer' } },
          });
          const events: Progress[] = [];
          const tried = chain().pipe(made());
          const again = async () => {
            // Without a retry the chain fails, and its next run goes on where it stopped.
            const onProgress = (event: Progress) => events.push(event);
            await run(tried, { onProgress }).catch(() => run(tried, { onProgress }));
          };
          expect(await asyncContextsOf(again)).to.equal(0);
          expect(requests(events).sort()).to.deep.equal(asked().sort());
          expect(asked().filter((page) => page === '/a?0')).to.have.length(1);
        });
      }
    }

    it('costs no promise anything without a run, in several chains, and without a file', async () => {
      await start();
      const contexts = await asyncContextsOf(async () => {
        await lastValueFrom(rowsOf('/a').pipe(parquet(file('a.parquet'))));
        await lastValueFrom(rowsOf('/a').pipe(tee(parquet(file('b.parquet')), parquet(file('c.parquet')))));
        await run([rowsOf('/a').pipe(parquet(file('d.parquet'))), rowsOf('/b').pipe(parquet(file('e.parquet')))]);
        await lastValueFrom(rowsOf('/c').pipe(toArrow()));
      });
      expect(contexts).to.equal(0);
    });
  });

  it('is kept for later, as soon as a function of the program may subscribe to something', async () => {
    await start();
    const at = { baseUrl: place.url };
    const api = client(at);
    const replaced = client(at);
    const { send } = replaced;
    replaced.send = (request) => timer(1).pipe(concatMap(() => send(request)));
    const identity = <T>(value: T): T => value;
    const by = offset({ limit: 2 });
    const clientsOf = {
      fetch: client({ ...at, fetch: fetch as never }),
      auth: client({ ...at, auth: identity }),
      scheme: client({ ...at, auth: { type: 'mine', apply: identity } }),
      proxy: client({ ...at, proxy: () => undefined }),
      clock: client({ ...at, clock: { now: Date.now } }),
      budget: client({ ...at, rateLimit: { enter: (...given) => rateLimit().enter(...given) } }),
      token: client({
        ...at,
        auth: oauth2ClientCredentials({
          tokenUrl: at.baseUrl,
          clientId: 'me',
          parseToken: () => ({ accessToken: 'a' }),
        }),
      }),
      'a client around another': { ...api },
      'a client with another send': replaced,
    };
    const chains: Readonly<Record<string, Observable<unknown>>> = {
      ...Object.fromEntries(Object.entries(clientsOf).map(([name, each]) => [name, pages(each, '/a', by)])),
      paginator: pages(
        api,
        '/a',
        follow(() => null),
      ),
      'paginator of its own': pages(api, '/a', { ...by }),
      hooks: pages(api, '/a', by, { hooks: { response: () => undefined } }),
      actions: pages(api, '/a', by, { actions: [{ status: 404, action: (response) => response }] }),
      when: walkOf('/a').pipe(retry({ when: () => true })),
      delay: walkOf('/a').pipe(retry({ delay: () => timer(1) })),
      select: walkOf('/a').pipe(select(() => [])),
      mapRows: rowsOf('/a').pipe(mapRows(identity)),
      filterRows: rowsOf('/a').pipe(filterRows(() => true)),
      operator: rowsOf('/a').pipe(tap(() => undefined)),
      'another source': from([]).pipe(retry({ initialDelay: 1 }), select('data')),
    };
    for (const [name, chain] of Object.entries(chains)) {
      expect(isConfined(chain), name).to.equal(false);
    }
    // Whoever subscribes to a sink once more does not set its run again.
    expect(isConfined(rowsOf('/a').pipe(parquet(file('a.parquet'))))).to.equal(false);
  });
});
