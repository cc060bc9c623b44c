import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { fillSecrets } from '../../lib/rest-api/secrets/fill.js';
import { SecretStore } from '../../lib/rest-api/secrets/store.js';

describe('secrets', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-secrets-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const header = (value: string) => ({
    client: { base_url: 'https://x', headers: { 'X-Key': value } },
    resources: ['a'],
  });

  it('come from the environment under the name in capitals', () => {
    const filled = fillSecrets(header('Key {secrets.api_key}!'), new SecretStore({ env: { API_KEY: 'k-1' } }));
    expect(filled.config.client.headers['X-Key']).to.equal('Key k-1!');
    expect(filled.values).to.deep.equal(['k-1']);
    expect(filled.missing).to.deep.equal([]);
  });

  it("come from dlt's sections, the plain name first", () => {
    const sections = {
      SOURCES__REST_API__GITHUB__TOKEN: 'named',
      SOURCES__REST_API__TOKEN: 'rest',
      SOURCES__TOKEN: 'all',
    };
    const value = (env: Record<string, string>) =>
      fillSecrets(header('{secrets.token}'), new SecretStore({ env }), 'github').config.client.headers['X-Key'];
    expect(value({ ...sections, TOKEN: 'plain' })).to.equal('plain');
    expect(value(sections)).to.equal('named');
    expect(value({ SOURCES__TOKEN: 'all' })).to.equal('all');
  });

  it('come from secrets.toml beside the configuration, by section', async () => {
    await writeFile(join(folder, 'secrets.toml'), 'other = 1\n[sources.github]\ntoken = "from-file"\n');
    const filled = fillSecrets(header('{secrets.sources.github.token}'), new SecretStore({ env: {}, folder }));
    expect(filled.config.client.headers['X-Key']).to.equal('from-file');
  });

  it('that are numbers in a file are their digits where only a text can stand, and numbers in a body', async () => {
    await writeFile(join(folder, 'secrets.toml'), 'pin = 123456\nlong = 12345678901234567890\non = true\n');
    const store = new SecretStore({ env: {}, folder });
    const { config, values } = fillSecrets(
      {
        client: {
          base_url: 'https://x',
          headers: { 'X-Key': '{secrets.long}' },
          auth: { type: 'http_basic', username: '{secrets.on}', password: '{secrets.pin}' },
        },
        resources: [
          {
            name: 'a',
            endpoint: {
              headers: { 'X-Pin': '{secrets.pin}' },
              auth: {
                type: 'oauth2_client_credentials',
                client_id: '{secrets.pin}',
                default_token_expiration: '{secrets.pin}',
              },
              json: { auth: { pin: '{secrets.pin}' } },
            },
          },
        ],
      },
      store,
    );
    expect(config.client.headers['X-Key']).to.equal('12345678901234567890');
    expect(config.client.auth).to.deep.include({ username: 'true', password: '123456' });
    const { endpoint } = config.resources[0]!;
    expect(endpoint.headers['X-Pin']).to.equal('123456');
    expect(endpoint.auth).to.deep.include({ client_id: '123456', default_token_expiration: 123456 });
    expect(endpoint.json).to.deep.equal({ auth: { pin: 123456 } });
    expect(values).to.include.members(['123456', '12345678901234567890', 'true']);
  });

  it('come from .dlt/secrets.toml after it, and the environment is before both', async () => {
    await mkdir(join(folder, '.dlt'));
    await writeFile(join(folder, '.dlt', 'secrets.toml'), 'a = "dlt"\nb = "dlt"\n');
    await writeFile(join(folder, 'secrets.toml'), 'a = "beside"\nc = "beside"\n');
    const store = new SecretStore({ env: { C: 'env' }, folder });
    const value = (name: string) => fillSecrets(header(`{secrets.${name}}`), store).config.client.headers['X-Key'];
    expect([value('a'), value('b'), value('c')]).to.deep.equal(['beside', 'dlt', 'env']);
  });

  it('that are missing are named with everything that was looked at', () => {
    const [finding] = fillSecrets(header('{secrets.api_key}'), new SecretStore({ env: {}, folder })).missing;
    expect(finding).to.include({ code: 'missing-secret' });
    expect(finding?.path).to.deep.equal(['client', 'headers', 'X-Key']);
    for (const name of ['API_KEY', 'SOURCES__REST_API__API_KEY', join(folder, 'secrets.toml'), '.dlt']) {
      expect(finding?.message).to.contain(name);
    }
  });

  it('do not get into the message about a file that is not TOML', async () => {
    await writeFile(join(folder, 'secrets.toml'), 'api_key = "s3cret\n');
    const [finding] = fillSecrets(header('{secrets.api_key}'), new SecretStore({ env: {}, folder })).missing;
    expect(finding?.message).to.contain('not valid TOML at line 1').and.not.contain('s3cret');
  });

  it('fill what an auth leaves out, also one that is only a name', () => {
    const env = { SOURCES__REST_API__CREDENTIALS__API_KEY: 'k-1', CREDENTIALS__PASSWORD: 'p-1' };
    const auth = (value: unknown) =>
      fillSecrets({ client: { auth: value } }, new SecretStore({ env })).config.client.auth as object;
    expect(auth('api_key')).to.deep.equal({ type: 'api_key', api_key: 'k-1' });
    expect(auth({ type: 'api_key', name: 'key' })).to.deep.equal({ type: 'api_key', name: 'key', api_key: 'k-1' });
    expect(auth({ type: 'http_basic', username: 'me' })).to.deep.equal({
      type: 'http_basic',
      username: 'me',
      password: 'p-1',
    });
  });

  it('bring what else is said of an auth with them, and nothing to an auth that has all it needs', () => {
    const env = {
      CREDENTIALS__API_KEY: 'k-1',
      CREDENTIALS__NAME: 'X-Key',
      SOURCES__REST_API__CREDENTIALS__LOCATION: 'query',
      CREDENTIALS__ACCESS_TOKEN_URL: 'http://a/token',
      CREDENTIALS__CLIENT_ID: 'me',
      CREDENTIALS__CLIENT_SECRET: 's',
      CREDENTIALS__DEFAULT_TOKEN_EXPIRATION: '60',
    };
    const auth = (value: unknown) => {
      const { config, values } = fillSecrets({ client: { auth: value } }, new SecretStore({ env }));
      return { ...(config.client.auth as object), values };
    };
    const key = { type: 'api_key', api_key: 'k-1', name: 'X-Key', location: 'query', values: ['k-1'] };
    expect(auth('api_key')).to.deep.equal(key);
    expect(auth({ type: 'api_key', name: 'key' })).to.deep.equal({ ...key, name: 'key' });
    expect(auth({ type: 'api_key', api_key: 'mine' })).to.deep.equal({
      type: 'api_key',
      api_key: 'mine',
      values: ['mine'],
    });
    expect(auth('oauth2_client_credentials')).to.include({ client_secret: 's', default_token_expiration: 60 });
  });

  it('are known also when they stand in the configuration itself', () => {
    const filled = fillSecrets({ client: { auth: { token: 'plain-token' } } }, new SecretStore({ env: {} }));
    expect(filled.values).to.deep.equal(['plain-token']);
  });

  it('are not read as placeholders where braces mean something', () => {
    const config = { resources: [{ name: 'a', endpoint: { params: { key: '{secrets.k}' } } }] };
    const filled = fillSecrets(config, new SecretStore({ env: { K: '{x}' } }));
    expect(filled.config.resources[0]?.endpoint.params.key).to.equal('{{x}}');
  });

  it('leave `{{secrets.k}}` as it is', () => {
    const filled = fillSecrets(header('{{secrets.k}}'), new SecretStore({ env: { K: 'v' } }));
    expect(filled.config.client.headers['X-Key']).to.equal('{{secrets.k}}');
  });
});
