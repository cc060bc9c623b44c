// Refresh tokens that a server rotates: one for all resources of a configuration, and kept from process to process.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { lastValueFrom, toArray } from 'rxjs';
import { type RestApiConfig, restApi, restApiClient } from '../../lib/rest-api/index.js';
import { clientSecret, type OAuthServer, oauthServer } from '../http/auth/oidc.js';
import { ask } from '../http/server.js';

const tsx = createRequire(import.meta.url).resolve('tsx');
const main = fileURLToPath(new URL('../../lib/cli/main.ts', import.meta.url));

describe('a refresh token of a configuration', function () {
  this.timeout(200_000);
  let server: OAuthServer;
  let folder: string;
  let out: string;
  beforeEach(async () => {
    server = await oauthServer();
    folder = await mkdtemp(join(tmpdir(), 'sluice-refresh-'));
    out = join(folder, 'out');
  });
  afterEach(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const authOf = (more: object = {}) => ({
    type: 'oauth2_refresh_token',
    access_token_url: server.tokenUrl,
    client_id: 'post',
    client_secret: clientSecret,
    refresh_token: '{secrets.refresh}',
    ...more,
  });
  const configOf = (more: object = {}): RestApiConfig =>
    ({
      client: { base_url: server.api.url, paginator: 'single_page', retry: { max_retries: 0 }, auth: authOf(more) },
      resources: ['a'],
    }) as unknown as RestApiConfig;
  /** All files that hold a rotated token, with their paths in the folder. */
  const kept = async () => {
    const found: Record<string, string> = {};
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      const text = entry.isFile() ? await readFile(path, 'utf8') : '';
      if (text.startsWith('{"refresh_token":'))
        found[path] = (JSON.parse(text) as { refresh_token: string }).refresh_token;
    }
    return found;
  };

  it('is rotated, and kept beside the state of the tables for the next process', async () => {
    const refresh = await server.refreshToken();
    const file = join(folder, 'config.json');
    await writeFile(file, JSON.stringify(configOf({ client_secret: '{secrets.client_secret}' })));
    const printed: string[] = [];
    const tokens: string[] = [];
    for (const args of [['run'], ['preview'], ['run', '--log-level', 'debug']]) {
      const [command = '', ...flags] = args;
      const all = [
        '--import',
        tsx,
        main,
        command,
        file,
        ...(command === 'preview' ? ['a'] : []),
        '--out',
        out,
        ...flags,
      ];
      const env = { ...process.env, REFRESH: refresh, CLIENT_SECRET: clientSecret };
      const { stdout, stderr } = await promisify(execFile)(process.execPath, all, { env, cwd: folder });
      printed.push(stdout, stderr);
      const [path, ...others] = Object.keys(await kept());
      expect(others).to.deep.equal([]);
      expect(path).to.match(/out\/\.sluice\/state\/tokens\/[\w-]+\.json$/);
      if (process.platform !== 'win32') expect((await stat(path!)).mode & 0o777).to.equal(0o600);
      tokens.push(...Object.values(await kept()));
    }
    expect(server.asked.count).to.equal(3);
    expect(new Set([refresh, ...tokens]).size).to.equal(4);
    for (const token of [refresh, ...tokens, ...server.good]) expect(printed.join()).to.not.contain(token);
  });

  it('counts when it is another one than that which a kept one descends from', async () => {
    const options = () => server.refreshToken().then((refresh) => ({ secrets: { refresh } }));
    await restApi(configOf(), await options()).run({ out });
    await restApi(configOf(), await options()).run({ out });
    expect(server.asked.count).to.equal(2);
  });

  it('is used once for all resources, whatever their other settings, and in turn for others auths', async () => {
    const auth = authOf({ scope: 'openid' });
    const resources = [
      'a',
      { name: 'b', endpoint: { timeout: 30 } },
      { name: 'c', endpoint: { response_format: 'json', allowed_origins: ['https://files.example.com'] } },
      { name: 'd', endpoint: { auth } },
      { name: 'e', endpoint: { auth: { ...auth } } },
    ];
    const config = { ...configOf(), resources } as unknown as RestApiConfig;
    const secrets = { refresh: await server.refreshToken() };
    await restApi(config, { secrets }).run({ out });
    // The second auth asks with the token that the first has been given.
    expect(server.asked.count).to.equal(2);
    await restApi(config, { secrets }).run({ out });
    expect(server.asked.count).to.equal(4);
    expect(Object.keys(await kept())).to.have.length(1);
  });

  it('is kept where the configuration says', async () => {
    const path = join(folder, 'safe', 'token.json');
    const secrets = { refresh: await server.refreshToken() };
    for (const each of ['one', 'another'])
      await restApi(configOf({ token_file: path }), { secrets }).run({ out: join(folder, each) });
    expect(Object.keys(await kept())).to.deep.equal([path]);
  });

  it('is kept as soon as it is known where, when resources were read before', async () => {
    const options = { secrets: { refresh: await server.refreshToken() } };
    const source = restApi(configOf(), options);
    await lastValueFrom(source.resources['a']!.pipe(toArray()));
    expect(await kept()).to.deep.equal({});
    await source.run({ out });
    expect(server.asked.count).to.equal(1);
    await restApi(configOf(), options).run({ out });
  });

  it('is kept for a client that knows the folder of the tables', async () => {
    const options = { out, secrets: { refresh: await server.refreshToken() } };
    for (const path of ['/a', '/b']) {
      const api = restApiClient(configOf().client, options);
      await ask(api, path);
      api.close();
    }
    expect(server.asked.count).to.equal(2);
  });

  it('is not asked for while the access token that was given works', async () => {
    server.good.add('first-access');
    await restApi(configOf({ access_token: 'first-access' }), { secrets: { refresh: 'unused' } }).run({ out });
    expect(server.asked.count).to.equal(0);
  });
});
