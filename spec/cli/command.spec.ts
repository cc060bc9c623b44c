import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { firstRows } from '../../lib/cli/first-rows.js';
import { sluice } from './command.js';
import { SeedFolder, secret } from './seed-folder.js';

describe('the command', function () {
  this.timeout(180_000);
  let place: SeedFolder;
  let folder: string;

  beforeEach(async () => {
    place = await SeedFolder.create();
    folder = place.path;
  });
  afterEach(() => place.remove());

  const seed: SeedFolder['seed'] = (script, more) => place.seed(script, more);
  const run: SeedFolder['run'] = (started) => place.run(started);

  it('run writes the table of each resource and says what it did', async () => {
    await seed({ listings: { 'GET /v1/projects': { records: 250, by: 'offset', total: 'total' } } });
    const first = await run();
    expect(first.code, first.stderr).to.equal(0);
    expect(first.stdout)
      .to.match(/rows read +250\n/)
      .and.match(/inserted +250\n/)
      .and.match(/pages +3\n/);
    expect(first.stderr).to.contain('project_data: 3 of 3 pages, 250 rows');
    expect(await firstRows(join(folder, 'out', 'project_data.parquet'), 1)).to.have.length(1);

    const second = await run();
    expect(second.stdout)
      .to.match(/inserted +0\n/)
      .and.match(/unchanged +250\n/);
    expect(`${first.stdout}${first.stderr}`).to.not.contain('\u001b');

    const schema = await sluice(['schema', 'out/project_data.parquet'], { cwd: folder });
    expect(schema.code).to.equal(0);
    expect(schema.stdout)
      .to.match(/250 rows/)
      .and.match(/id +BIGINT +no +yes/);
  });

  it('run ends with 1 when the API does not answer, without a stack trace, and shows one when it is asked to', async () => {
    await seed({ answers: { 'GET /v1/projects': { status: 403, body: { message: 'no' } } } });
    const plain = await run();
    expect(plain.code).to.equal(1);
    expect(plain.stderr)
      .to.contain('403')
      .and.contain('ERR_HTTP_STATUS')
      .and.not.match(/\n\s+at /);
    const debug = await sluice(['run', 'projects.json', '--log-level', 'debug'], {
      cwd: folder,
      env: { API_KEY: secret },
    });
    expect(debug.stderr).to.match(/\n\s+at /);
    expect(`${plain.stderr}${debug.stderr}`).to.not.contain(secret);
  });

  it('run ends with 2 for a wrong configuration, and shows every problem with its line', async () => {
    await seed({}, { resources: [{ nam: 'x', endpoint: { pagniator: 'auto' } }] });
    const { code, stderr } = await run();
    expect(code).to.equal(2);
    expect(stderr).to.match(/projects\.json:\d+:\d+ {2}resources\[0\]\.endpoint\.pagniator: .*"paginator"/);
    expect(stderr).to.contain('"name"');
    expect(place.api.asked).to.deep.equal([]);
  });

  it('run ends with 2 when a secret is missing', async () => {
    await seed({});
    const { code, stderr } = await sluice(['run', 'projects.json'], { cwd: folder });
    expect(code).to.equal(2);
    expect(stderr).to.contain('API_KEY').and.contain(join(folder, 'secrets.toml'));
  });

  it('ends with 2 for a wrong command line, and says what may be meant', async () => {
    const [unknown, missing, bad] = await Promise.all([
      sluice(['rnu', 'x.json'], { cwd: folder }),
      sluice(['run'], { cwd: folder }),
      sluice(['run', 'x.json', '--preview', 'many'], { cwd: folder }),
    ]);
    expect([unknown.code, missing.code, bad.code]).to.deep.equal([2, 2, 2]);
    expect(unknown.stderr).to.contain('Did you mean run?');
    expect(missing.stderr).to.contain("missing required argument 'config'");
    expect(bad.stderr).to.contain('many');
  });

  it('prints its version and its help', async () => {
    const manifest = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
    const [version, help] = await Promise.all([
      sluice(['--version'], { cwd: folder }),
      sluice(['--help'], { cwd: folder }),
    ]);
    expect([version.code, version.stdout]).to.deep.equal([0, `${manifest.version}\n`]);
    expect([help.code, help.stdout.includes('sluice run projects.json')]).to.deep.equal([0, true]);
  });

  it('takes secrets from files, after the environment', async () => {
    await seed({ listings: { 'GET /v1/projects': { records: 1, by: 'offset', total: 'total' } } });
    await writeFile(join(folder, '.env'), `# for tests\nAPI_KEY="${secret}"\n`);
    const read = await sluice(['check', 'projects.json', '--env-file', '.env'], { cwd: folder });
    expect(read.code, read.stdout + read.stderr).to.equal(0);
    const first = await sluice(['check', 'projects.json', '--env-file', '.env'], {
      cwd: folder,
      env: { API_KEY: 'other' },
    });
    expect(first.code).to.equal(0);
    const keys = place.api.asked.map((each) => /api_key=([^&]+)/.exec(each.line)?.[1]);
    expect(keys).to.deep.equal([secret, 'other']);
    const missing = await sluice(['run', 'projects.json', '--env-file', 'none.env'], { cwd: folder });
    // Node 20 looks for this option among the program's own, and ends with 9 before the program begins.
    expect(missing.code).to.be.oneOf([2, 9]);
    expect(missing.stderr).to.contain('none.env');
  });

  it('shows, sets and forgets what is remembered', async () => {
    const records = [1, 2, 3].map((id) => ({ id }));
    await seed(
      { answers: { 'GET /e': { body: { data: records } } } },
      {
        resources: [
          {
            name: 'e',
            endpoint: { paginator: 'single_page', incremental: { cursor_path: 'id', start_param: 'from' } },
          },
        ],
      },
    );
    const state = (...args: readonly string[]) => sluice(['state', ...args], { cwd: folder, env: { API_KEY: secret } });
    expect((await state('show', 'projects.json')).stdout).to.match(/e +id +from the beginning/);
    expect((await state('set', 'projects.json', 'e', '2')).stdout).to.equal('e: the next run reads from 2 on\n');
    await run();
    expect(place.api.asked[0]?.line).to.contain('from=2');
    const [shown] = JSON.parse((await state('show', 'projects.json', '--json')).stdout);
    expect(shown).to.include({ resource: 'e', last: 3 });
    expect((await state('reset', 'projects.json', 'e')).code).to.equal(0);
    expect((await state('show', 'projects.json')).stdout).to.contain('from the beginning');
    const wrong = await state('set', 'projects.json', 'f', '2');
    expect([wrong.code, wrong.stderr.includes('there is no resource "f"')]).to.deep.equal([2, true]);
  });

  it('says whose cursor it sets and forgets, where resources share one', async () => {
    const incremental = { cursor_path: 'id', shared_as: 'ids' };
    const resources = [
      ...['e', 'g'].map((name) => ({ name, endpoint: { incremental } })),
      { name: 'h', endpoint: { incremental: { cursor_path: 'id' } } },
    ];
    await seed({ answers: {} }, { resources });
    const state = (...args: readonly string[]) => sluice(['state', ...args], { cwd: folder, env: { API_KEY: secret } });
    expect((await state('set', 'projects.json', 'g', '2')).stdout).to.equal('e, g: the next run reads from 2 on\n');
    expect((await state('reset', 'projects.json', 'e')).stdout).to.match(/^e, g: forgotten/);
    expect((await state('reset', 'projects.json', 'h')).stdout).to.match(/^h: forgotten/);
  });

  it('says how many parents have a cursor of their own, and counts the pages of child tables once', async () => {
    await seed(
      {
        answers: {
          'GET /users': { body: [{ id: 1 }, { id: 2 }] },
          'GET /users/1/e': { body: [{ at: 5, l: [{ a: 1 }, { a: 2 }] }] },
          'GET /users/2/e': { body: [{ at: 7, l: [{ a: 3 }] }] },
        },
      },
      {
        resource_defaults: { endpoint: { paginator: 'single_page' } },
        resources: [
          { name: 'users', selected: false },
          {
            name: 'e',
            nesting: 'tables',
            endpoint: {
              path: 'users/{resources.users.id}/e',
              data_selector: '$',
              incremental: { cursor_path: 'at', per_parent: true },
            },
          },
        ],
      },
    );
    const { code, stdout, stderr } = await sluice(['run', 'projects.json', '--progress', 'json'], {
      cwd: folder,
      env: { API_KEY: secret },
    });
    expect(code, stderr).to.equal(0);
    const [table] = JSON.parse(stdout).tables;
    expect([table.counts.pages, table.children[0].counts.pages, table.children[0].rows]).to.deep.equal([2, 2, 3]);
    const shown = await sluice(['state', 'show', 'projects.json'], { cwd: folder, env: { API_KEY: secret } });
    expect(shown.stdout).to.contain('one value each of 2 parents; new ones: from the beginning').and.contain('e.json');
  });

  it('prints the columns of each table of a database', async () => {
    await seed(
      { answers: { 'GET /a': { body: [{ id: 1 }] }, 'GET /b': { body: [{ id: 'x' }, { id: 'y' }] } } },
      {
        resource_defaults: { endpoint: { paginator: 'single_page' } },
        resources: [
          { name: 'a', primary_key: 'id', write_disposition: 'merge', sink: { format: 'duckdb' } },
          { name: 'b', sink: { format: 'duckdb', schema: 'raw' } },
        ],
      },
    );
    expect((await run()).code).to.equal(0);
    const { stdout, stderr, code } = await sluice(['schema', 'out/tables.duckdb'], { cwd: folder });
    expect(code, stderr).to.equal(0);
    expect(stdout)
      .to.match(/tables\.duckdb, a: 1 row,.*\ncolumn.*\n.*\nid +BIGINT +no +yes\n/)
      .and.match(/tables\.duckdb, raw\.b: 2 rows,.*\ncolumn.*\n.*\nid +VARCHAR +no/);
    const none = await sluice(['schema', 'out/other.duckdb'], { cwd: folder });
    expect([none.code, (await readdir(join(folder, 'out'))).includes('other.duckdb')]).to.deep.equal([2, false]);
  });

  it('checks, previews and explains a configuration, and writes nothing', async () => {
    await seed({ listings: { 'GET /v1/projects': { records: 250, by: 'offset', total: 'total' } } });
    const command = (...args: readonly string[]) => sluice(args, { cwd: folder, env: { API_KEY: secret } });
    const [check, preview, explain, dry] = await Promise.all([
      command('check', 'projects.json'),
      command('preview', 'projects.json', 'project_data', '--rows', '2'),
      command('explain', 'projects.json'),
      command('run', 'projects.json', '--dry-run'),
    ]);
    expect([check, preview, explain, dry].map(({ code }) => code)).to.deep.equal([0, 0, 0, 0]);
    expect(check.stdout).to.contain('project_data: 100 rows of 1 column');
    expect(preview.stdout)
      .to.match(/id\n─+\n +1\n +2\n/)
      .and.match(/id +BIGINT +no/);
    expect(explain.stdout).to.contain('offset({ limit: 100 })').and.equal(dry.stdout);
    expect(place.api.asked).to.have.length(2);
    expect(await readdir(folder)).to.deep.equal(['projects.json']);
    expect([check, preview, explain].map(({ stdout, stderr }) => stdout + stderr).join()).to.not.contain(secret);
  });

  it('check ends with the exit code of what failed', async () => {
    await seed({ answers: { 'GET /v1/projects': { status: 401 } } });
    const { code, stdout } = await sluice(['check', 'projects.json'], { cwd: folder, env: { API_KEY: secret } });
    expect(code).to.equal(1);
    expect(stdout).to.contain('project_data: error: GET').and.contain('401');
  });

  it('takes a module whose functions name tables and say how they are written: check, run, and what a row says wrong', async () => {
    const rows = [
      { type: 'push', sha: 'a' },
      { type: 'issue', id: 1 },
    ];
    await seed({
      answers: { 'GET /v1/events': [{ body: rows }, { body: rows }, { body: [{ type: 'push', id: 2 }] }] },
    });
    const module = (key: string) => `export default {
      client: { base_url: '${place.api.url}', paginator: 'single_page' },
      resources: [{
        name: 'events',
        table_name: (row) => row.type,
        primary_key: (row) => ${key},
        write_disposition: (row) => (row.type === 'push' ? 'merge' : 'append'),
        endpoint: 'v1/events',
      }],
    };`;
    await writeFile(join(folder, 'feed.mjs'), module("row.type === 'push' ? 'sha' : undefined"));
    const check = await sluice(['check', 'feed.mjs'], { cwd: folder });
    expect(check.stdout).to.contain('events: 2 rows of 3 columns on the first page, for push, issue\n');
    const done = await sluice(['run', 'feed.mjs', '--out', 'out'], { cwd: folder });
    expect(done.code, done.stderr).to.equal(0);
    expect(await readdir(join(folder, 'out'))).to.have.members(['push.parquet', 'issue.parquet']);
    await writeFile(join(folder, 'feed.mjs'), module('5'));
    const wrong = await sluice(['check', 'feed.mjs'], { cwd: folder });
    expect(wrong.code).to.equal(1);
    expect(wrong.stdout).to.contain(
      'primary_key of the table "push", for row 0 of page 0, is 5; expected a text or a list',
    );
  });

  it('writes no secret anywhere', async () => {
    await seed({ listings: { 'GET /v1/projects': { records: 100, by: 'offset', total: 'total' } } });
    const { stdout, stderr } = await run();
    expect(stdout + stderr).to.not.contain(secret);
    for (const entry of await readdir(join(folder, 'out'), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const content = await readFile(join(entry.parentPath, entry.name), 'latin1');
      expect(content, entry.name).to.not.contain(secret);
    }
  });
});
