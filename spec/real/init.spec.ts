// `sluice init` against servers that none of us wrote: what it writes runs unedited, reads every row, and reads none twice when it
// runs again.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Redmine, startRedmine } from './redmine.js';
import { startDatasette } from './servers/datasette.js';
import { startJsonServer } from './servers/json-server.js';
import { startKinto } from './servers/kinto.js';
import { startMediaWiki } from './servers/mediawiki.js';
import { startPocketBase } from './servers/pocketbase.js';
import { countsOf, sluice } from './servers/sluice-command.js';
import { leftIn } from './servers/traces.js';

/** A server, and what a person would type to read it. */
interface Subject {
  readonly addresses: readonly string[];
  readonly flags: readonly string[];
  /** The secrets, as the environment has them. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

interface Expected {
  /** Rows of each table, by its name. */
  readonly rows: Readonly<Record<string, number>>;
  readonly paginator: string;
  readonly key: string;
  /** The parameter by which the API gives only what changed. */
  readonly cursor?: string;
}

interface Case extends Expected {
  readonly name: string;
  start(): Promise<Subject>;
}

const cases: readonly Case[] = [
  {
    name: 'json-server',
    async start() {
      const server = await startJsonServer();
      return {
        addresses: [`${server.url}/projects?_page=1&_limit=50`],
        flags: ['--key-name', 'api_key', '--key-in', 'cookie'],
        env: { API_KEY: server.key },
        stop: () => server.stop(),
      };
    },
    rows: { projects: 730 },
    paginator: 'header_link',
    key: 'id',
  },
  {
    name: 'Datasette',
    async start() {
      const server = await startDatasette();
      return {
        addresses: [`${server.url}/data/readings.json?_shape=objects&_json=payload`],
        flags: ['--auth', 'bearer'],
        env: { TOKEN: server.token },
        stop: () => server.stop(),
      };
    },
    rows: { readings: 1200 },
    // There is a link in the body as well; the header Link is the surer sign.
    paginator: 'header_link',
    key: 'id',
  },
  {
    name: 'Kinto',
    async start() {
      const server = await startKinto();
      return {
        addresses: [`${server.url}${server.records}?_limit=200`],
        flags: ['--auth', 'http_basic', '--name', 'ships'],
        env: { USERNAME: server.username, PASSWORD: server.password },
        stop: () => server.stop(),
      };
    },
    rows: { ships: 1100 },
    paginator: 'header_link',
    key: 'id',
    cursor: '_since',
  },
  {
    name: 'PocketBase',
    async start() {
      const server = await startPocketBase();
      const { identity, password, login, url } = server;
      const response = await fetch(`${url}${login}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ identity, password }),
      });
      const { token } = (await response.json()) as { readonly token: string };
      return {
        addresses: [`${url}${server.records}?perPage=100`],
        flags: ['--auth', 'bearer', '--name', 'books'],
        env: { TOKEN: token },
        stop: () => server.stop(),
      };
    },
    rows: { books: 1050 },
    paginator: 'page_number',
    key: 'id',
    cursor: 'filter',
  },
  {
    name: 'MediaWiki',
    async start() {
      const server = await startMediaWiki();
      const query = 'action=query&format=json&formatversion=2&list=allpages&aplimit=100';
      return {
        addresses: [`${server.url}${server.api}?${query}`],
        flags: ['--key-name', 'Cookie', '--name', 'allpages'],
        env: { API_KEY: await server.login() },
        stop: () => server.stop(),
      };
    },
    rows: { allpages: 621 },
    paginator: 'continuation',
    key: 'pageid',
  },
  {
    name: 'Redmine',
    async start() {
      const server: Redmine = await startRedmine();
      return {
        addresses: [`${server.url}/projects.json?limit=100`, `${server.url}/issues.json?status_id=*&limit=100`],
        flags: ['--key-name', 'X-Redmine-API-Key'],
        env: { API_KEY: server.key },
        stop: () => server.stop(),
      };
    },
    rows: { projects: 350, issues: 5000 },
    paginator: 'offset',
    key: 'id',
  },
];

for (const { name, start, rows, paginator, key, cursor } of cases) {
  describe(`sluice init: ${name}`, () => {
    let folder: string;
    let subject: Subject | undefined;

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'sluice-init-real-'));
      subject = await start();
    });
    after(async () => {
      await subject?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    it('writes a configuration that runs unedited, and reads every row once', async () => {
      const { addresses, flags, env } = subject!;
      const made = await sluice(['init', ...addresses, '-o', 'api.json', ...flags], { cwd: folder, env });
      expect(made.code, made.stderr).to.equal(0);
      const { resources } = JSON.parse(await readFile(join(folder, 'api.json'), 'utf8'));
      expect(resources.map((resource: { name: string }) => resource.name)).to.deep.equal(Object.keys(rows));
      for (const { primary_key, endpoint } of resources) {
        expect(primary_key).to.equal(key);
        expect(endpoint.paginator.type, made.stderr).to.equal(paginator);
        if (cursor === undefined) continue;
        const params = endpoint.params ?? {};
        expect([...Object.keys(params), endpoint.incremental?.start_param], made.stderr).to.include(cursor);
      }
      const run = () => sluice(['run', 'api.json', '--out', 'tables'], { cwd: folder, env });
      const first = await run();
      expect(first.code, first.stderr).to.equal(0);
      const second = await run();
      expect(second.code, second.stderr).to.equal(0);
      for (const [table, total] of Object.entries(rows)) {
        expect(countsOf(table, first)).to.deep.equal({ inserted: total, updated: 0, unchanged: 0, total });
        const again = countsOf(table, second);
        expect(again).to.include({ inserted: 0, updated: 0, total });
        if (cursor !== undefined) expect(again.unchanged).to.be.below(total / 2);
      }
      for (const secret of Object.values(env)) expect(await leftIn(folder, secret)).to.deep.equal([]);
    });

    it('says what it wants when it is given no credentials', async () => {
      const { addresses } = subject!;
      const { code, stderr, stdout } = await sluice(['init', addresses[0]!, '-o', '-'], { cwd: folder });
      expect([code, stdout]).to.deep.equal([1, '']);
      expect(stderr).to.not.match(/\n\s+at /);
    });
  });
}
