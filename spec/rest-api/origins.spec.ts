// Where the secrets of a configuration go: to the origin of its base URL and to those that it allows.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { lastValueFrom, toArray } from 'rxjs';
import { type RestApiConfig, restApi, restApiClient } from '../../lib/rest-api/index.js';
import { json, serve, type TestServer } from '../http/server.js';
import { problemsOf } from './problems.js';

const secret = 'MARKED-secret/+=1';
const rows = { data_selector: 'data', paginator: { type: 'json_link', next_url_path: 'next' } } as const;

describe('the secrets of a configuration', () => {
  let home: TestServer;
  let foreign: TestServer;

  beforeEach(async () => {
    home = await serve((request, response) => {
      if (request.url === '/moved') response.writeHead(308, { location: `${foreign.url}/there` }).end();
      else json(response, { data: [{ id: 1 }], next: `${foreign.url}/next` });
    });
    foreign = await serve((_, response) => json(response, { data: [{ id: 2 }] }));
  });
  afterEach(async () => {
    await home.close();
    await foreign.close();
  });

  const read = async (client: object, endpoint: object = {}) => {
    const config = {
      client: { base_url: home.url, retry: { max_retries: 0 }, ...client },
      resources: [{ name: 'a', endpoint: { ...rows, ...endpoint } }],
    } as unknown as RestApiConfig;
    const source = restApi(config, { secrets: { k: secret } });
    return lastValueFrom(source.resources['a']!.pipe(toArray()));
  };
  const custom = { headers: { 'X-Custom': 'Key {secrets.k}' } };

  it('in parameters are with every page of a walk by links, and in no state', async () => {
    const asked: string[] = [];
    const linked = await serve((request, response) => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      asked.push(url.search);
      const page = Number(url.searchParams.get('page') ?? 1);
      url.searchParams.set('page', String(page + 1));
      json(response, { data: [{ id: page }], next: page < 3 ? `/a${url.search}` : null });
    });
    const out = await mkdtemp(join(tmpdir(), 'sluice-origins-'));
    try {
      const endpoint = { ...rows, params: { workspace: '{secrets.k}', dataset: 'demo' }, max_pages: 2 };
      const config = {
        client: {
          base_url: linked.url,
          auth: { type: 'http_basic', username: 'me', password: 'demo' },
          retry: { max_retries: 0 },
          checkpoint: { pages: 1 },
        },
        resources: [{ name: 'a', endpoint }],
      } as unknown as RestApiConfig;
      // The walk is cut short, so that its place is kept.
      await restApi(config, { secrets: { k: secret } })
        .run({ out })
        .catch(() => {});
      expect(asked).to.have.length(2);
      for (const query of asked)
        expect(Object.fromEntries(new URLSearchParams(query))).to.include({ workspace: secret, dataset: 'demo' });
      const entries = await readdir(out, { recursive: true, withFileTypes: true });
      const files = entries.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
      const texts = await Promise.all(files.map((file) => readFile(file, 'latin1')));
      expect(texts.join('')).to.contain('page=').and.not.contain('MARKED');
    } finally {
      await linked.close();
      await rm(out, { recursive: true });
    }
  });

  it('stay at home in headers of any name, of the client and of an endpoint', async () => {
    await read(custom);
    await read({}, custom);
    expect(home.requests.map(({ headers }) => headers['x-custom'])).to.deep.equal(Array(2).fill(`Key ${secret}`));
    expect(foreign.requests.map(({ headers }) => headers['x-custom'])).to.deep.equal(Array(2).fill(undefined));
  });

  it("go to the origins that the client allows, and to those of one endpoint with that endpoint's requests", async () => {
    await read({ ...custom, allowed_origins: [foreign.url] });
    await read(custom, { allowed_origins: [`${foreign.url}/ignored/path`] });
    expect(foreign.requests.map(({ headers }) => headers['x-custom'])).to.deep.equal(Array(2).fill(`Key ${secret}`));
    const config = {
      client: { base_url: home.url, ...custom },
      resources: [
        { name: 'a', endpoint: { ...rows, allowed_origins: [foreign.url] } },
        { name: 'b', endpoint: rows },
      ],
    };
    const source = restApi(config, { secrets: { k: secret } });
    await lastValueFrom(source.resources['b']!.pipe(toArray()));
    expect(foreign.requests.at(-1)?.headers).to.not.have.property('x-custom');
  });

  for (const place of ['json', 'data']) {
    it(`in ${place} do not follow a link or a redirect elsewhere: an error says what to do`, async () => {
      const body = { method: 'POST', [place]: { login: '{secrets.k}' } };
      for (const endpoint of [body, { ...body, path: 'moved' }]) {
        const error = await read({}, endpoint).catch((reason) => reason);
        expect(error).to.include({ code: 'ERR_HTTP_ORIGIN' });
        expect(error.message)
          .to.contain(`allowed_origins in a configuration): "${foreign.url}"`)
          .and.not.contain('MARKED');
      }
      expect(foreign.requests).to.deep.equal([]);
      await read({ allowed_origins: [foreign.url] }, body);
      expect(foreign.requests[0]?.body).to.contain('MARKED');
    });
  }

  it('in parameters do not go to an address elsewhere that a row of the parent has', async () => {
    const config = {
      client: { base_url: home.url, paginator: 'single_page' },
      resources: [
        { name: 'a', endpoint: { data_selector: 'next', path: 'a' } },
        {
          name: 'b',
          endpoint: { path: '{resources.a.value}', params: { own: '{secrets.k}', page: 1 }, ...custom },
        },
      ],
    } as unknown as RestApiConfig;
    await lastValueFrom(restApi(config, { secrets: { k: secret } }).resources['b']!.pipe(toArray()));
    expect(foreign.requests.map(({ url }) => url)).to.deep.equal(['/next?page=1']);
    expect(JSON.stringify(foreign.requests)).to.not.contain('MARKED');
  });

  it('need an origin that they are for', () => {
    const make = (more: object) =>
      restApiClient({ base_url: '', ...custom, ...more }, { secrets: { k: secret } }).close();
    expect(() => make({})).to.throw('allowedOrigins');
    make({ allowed_origins: [home.url] });
  });

  it('are for servers with an address: anything else is a problem of the configuration', () => {
    const config = (origin: string) => ({
      client: { base_url: home.url, allowed_origins: [origin] },
      resources: ['a'],
    });
    expect(problemsOf(config('https://files.example.com'))).to.deep.equal([]);
    for (const origin of ['files.example.com', 'ftp://files.example.com', '*']) {
      const [problem] = problemsOf(config(origin));
      expect(problem).to.include({ path: 'client.allowed_origins[0]', code: 'wrong-value' });
      expect(problem?.message).to.contain('is not the address of a server');
    }
  });
});
