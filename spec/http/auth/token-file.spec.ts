// A rotated refresh token in a file: kept from run to run, for its owner alone, and whole after a crash.
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { OptionError } from '../../../lib/core/index.js';
import { client, type HttpClient, oauth2RefreshToken, tokenFile } from '../../../lib/http/index.js';
import { ask } from '../server.js';
import { clientSecret, type OAuthServer, oauthServer } from './oidc.js';

describe('tokenFile', () => {
  let folder: string;
  let path: string;
  let server: OAuthServer;
  const clients: HttpClient[] = [];
  before(async () => {
    server = await oauthServer();
  });
  after(() => server.close());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-token-'));
    path = join(folder, 'secrets', 'token.json');
  });
  afterEach(async () => {
    for (const each of clients.splice(0)) each.close();
    await rm(folder, { recursive: true, force: true });
  });

  const api = (refreshToken: string) => {
    const login = { tokenUrl: server.tokenUrl, clientId: 'post', clientSecret };
    const made = client({
      baseUrl: server.api.url,
      auth: oauth2RefreshToken({ ...login, refreshToken, store: tokenFile(path) }),
    });
    clients.push(made);
    return made;
  };
  const errorOf = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error: Error & { code?: string }) => error,
    );

  it('keeps what a server that rotates has given, so that the next run can go on', async () => {
    const first = await server.refreshToken();
    await ask(api(first), '/a');
    const stored = await readFile(path, 'utf8');
    expect(stored).to.not.contain(first);
    // The first token is of no use any more: the next run must take the one in the file.
    await ask(api(first), '/b');
    expect(await readFile(path, 'utf8')).to.not.equal(stored);
    expect(await readdir(join(folder, 'secrets'))).to.deep.equal(['token.json']);
  });

  it('is read before each exchange: two clients that take turns share it', async () => {
    const first = await server.refreshToken();
    const [one, other] = [api(first), api(first)];
    await ask(one, '/a');
    await ask(other, '/b');
    server.revoke();
    await ask(one, '/c');
    await ask(other, '/d');
  });

  it('is for its owner alone, and refused when others may read it', async function () {
    if (process.platform === 'win32') return this.skip();
    const first = await server.refreshToken();
    await ask(api(first), '/a');
    expect((await stat(path)).mode & 0o777).to.equal(0o600);
    expect((await stat(join(folder, 'secrets'))).mode & 0o777).to.equal(0o700);
    await chmod(path, 0o644);
    const error = await errorOf(ask(api(first), '/b'));
    expect(error).to.have.property('code', 'ERR_AUTH');
    expect(error!.message).to.contain(path).and.contain('644').and.contain('chmod 600');
  });

  it('begins afresh when another refresh token is configured', async () => {
    await ask(api(await server.refreshToken()), '/a');
    await ask(api(await server.refreshToken()), '/b');
  });

  for (const [what, text] of [
    ['no JSON', 'xMARKEDx'],
    ['half of it', '{"refresh_token":"xMARKEDx'],
    ['something else', '["xMARKEDx"]'],
    ['null', 'null'],
  ] as const)
    it(`says clearly that a file is not its own, and shows nothing of it: ${what}`, async () => {
      await tokenFile(path).save({ refreshToken: 'a', origin: 'b' });
      await writeFile(path, text);
      const error = await errorOf(ask(api('configured'), '/a'));
      expect(error).to.have.property('code', 'ERR_AUTH');
      expect(error!.message).to.contain(path).and.contain('remove it').and.not.contain('xMARKEDx');
    });

  it('says clearly that it cannot be written, and leaves no draft', async () => {
    await mkdir(path, { recursive: true });
    const error = await errorOf(Promise.resolve(tokenFile(path).save({ refreshToken: 'xMARKEDx', origin: 'b' })));
    expect(error).to.have.property('code', 'ERR_AUTH');
    expect(error!.message).to.contain(`${path} cannot be written`).and.not.contain('xMARKEDx');
    expect(await readdir(join(folder, 'secrets'))).to.deep.equal(['token.json']);
  });

  it('needs a path', () => {
    expect(() => tokenFile('')).to.throw(OptionError);
  });
});
