// A marked secret in every place of a configuration, every kind of failure, and a search for it in everything that comes out.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { restApi } from '../../lib/index.js';
import { faultyServer } from './faulty-server.js';
import { collect, contextOf, failures, mark, marks, planOf } from './secret-search.js';

describe('secrets of a configuration', function () {
  this.timeout(200_000);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-secrets-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Places of a configuration, each with the auth of its client and with what its endpoint has. */
  const configured: Readonly<
    Record<string, (url: string) => { readonly client?: object; readonly endpoint?: object }>
  > = {
    'the key of an auth': () => ({
      client: { auth: { type: 'api_key', name: 'own', location: 'query', api_key: '{secrets.own_key}' } },
    }),
    'a header of the client': () => ({ client: { headers: { 'X-Tenant': 'Of {secrets.ascii_key}' } } }),
    'a header of the endpoint': () => ({ endpoint: { headers: { 'X-Tenant': '{secrets.ascii_key}' } } }),
    'a parameter': () => ({ endpoint: { params: { workspace: '{secrets.own_key}' } } }),
    'a JSON body': () => ({ endpoint: { method: 'POST', json: { of: [{ tenant: '{secrets.own_key}' }] } } }),
    'a form': () => ({ endpoint: { method: 'POST', data: { tenant: '{secrets.own_key}' } } }),
    'the path': () => ({ endpoint: { path: '/rows/{secrets.path_key}' } }),
    'a field of the request for a token': (url) => ({
      client: {
        auth: {
          type: 'oauth2_client_credentials',
          access_token_url: `${url}/token`,
          client_id: 'me',
          client_secret: 'of no matter',
          access_token_request_data: { tenant: '{secrets.own_key}' },
        },
      },
    }),
    'a login': () => ({
      client: {
        auth: {
          type: 'session_token',
          login: { path: 'token', params: { a: '{secrets.own_key}' }, json: { b: '{secrets.own_key}' } },
        },
      },
    }),
  };
  for (const [place, made] of Object.entries(configured))
    it(`are in nothing that a configuration brings out: in ${place}`, async () => {
      for (const [name, failing] of Object.entries(failures)) {
        const secret = place.includes('header') ? `a+/&"${mark} %$` : place === 'the path' ? mark : `a+/&"${mark} %ü$`;
        const atToken = /token|login/.test(place);
        const echoed = place === 'the key of an auth' ? ['own', 'access_token'] : [];
        const server = await faultyServer({ rows: 10, plan: planOf(secret, failing(secret), { atToken, echoed }) });
        const out: unknown[] = [];
        const { client: ofClient, endpoint } = made(server.url);
        try {
          const source = restApi(
            {
              client: { base_url: server.url, timeout: 0.2, ...ofClient },
              resource_defaults: { endpoint: { retry: { max_retries: 0 } } },
              resources: [
                {
                  name: 'rows',
                  endpoint: { path: '/rows', paginator: { type: 'json_link', next_url_path: 'next' }, ...endpoint },
                },
              ],
            } as unknown as Parameters<typeof restApi>[0],
            { secrets: { own_key: secret, ascii_key: secret, path_key: secret } } as Parameters<typeof restApi>[1],
          );
          out.push(source.explain());
          out.push(
            await source
              .run({ out: folder, onProgress: (event: unknown) => out.push(event) } as never)
              .catch((error) => error),
          );
        } finally {
          await server.close();
        }
        expect(out.at(-1)).to.be.instanceOf(Error);
        const everything = await collect(out, folder);
        for (const each of marks)
          expect(contextOf(everything, each), `${name}: ${contextOf(everything, each)}`).to.equal('');
        await rm(join(folder, '.sluice'), { recursive: true, force: true });
      }
    });
});
