// Redmine's projects and issues, read into Parquet by configuration and by chain, changed through Redmine's own API, read again,
// and compared row by row with Redmine's own database.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { apiKey, client, offset, pages, type Receipt, run } from '../../lib/index.js';
import { retry, select } from '../../operators/index.js';
import { parquet } from '../../sinks/index.js';
import { type ById, expectedIssues, expectedProjects } from './expected.js';
import { type Redmine, startRedmine } from './redmine.js';
import { readTable } from './table.js';

const execute = promisify(execFile);
const tsx = createRequire(import.meta.url).resolve('tsx');
const command = fileURLToPath(new URL('../../lib/cli/main.ts', import.meta.url));

describe('Redmine', () => {
  let redmine: Redmine;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-redmine-'));
    redmine = await startRedmine();
    await writeFile(join(folder, 'redmine.json'), JSON.stringify(configuration(redmine.url)));
  });

  after(async () => {
    await redmine?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  describe('first run', () => {
    it('by configuration: the tables hold what the database holds', async () => {
      await byConfiguration();
      await agree('by-configuration');
    });

    it('by chain: the tables hold what the database holds', async () => {
      const projects = await byChain('/projects.json', 'projects');
      const issues = await byChain('/issues.json?status_id=*', 'issues');
      expect(projects).to.include({ inserted: 350, updated: 0, unchanged: 0, duplicates: 0, total: 350 });
      expect(issues).to.include({ inserted: 5000, updated: 0, unchanged: 0, duplicates: 0, total: 5000 });
      await agree('by-chain');
    });

    it('types the columns as Redmine means them', async () => {
      const { types } = await readTable(table('by-chain', 'issues'));
      expect(types).to.include({
        id: 'BIGINT',
        subject: 'VARCHAR',
        start_date: 'DATE',
        due_date: 'DATE',
        done_ratio: 'BIGINT',
      });
      expect(types).to.include({ is_private: 'BOOLEAN', estimated_hours: 'DOUBLE' });
      expect(types['created_on']).to.match(/^TIMESTAMP/);
      expect(types['assigned_to']).to.equal('STRUCT(id BIGINT, "name" VARCHAR)');
      expect(types['custom_fields']).to.equal('STRUCT(id BIGINT, "name" VARCHAR, "value" VARCHAR)[]');
    });
  });

  describe('after changes through its own API', () => {
    let issuesBefore: ById;

    before(async () => {
      issuesBefore = await expectedIssues(redmine);
      for (let n = 1; n <= 12; n++) {
        await redmine.call('PUT', `/projects/${n * 20}.json`, {
          project: { name: `Renamed ${n} ✓`, description: n % 2 === 0 ? '' : 'line\nline', is_public: n % 3 === 0 },
        });
      }
      for (let n = 1; n <= 5; n++) {
        await redmine.call('POST', '/projects.json', {
          project: { name: `New ${n} 🌊`, identifier: `new-${n}`, ...(n > 2 && { parent_id: n }) },
        });
      }
      for (let n = 1; n <= 30; n++) {
        await redmine.call('PUT', `/issues/${n * 150}.json`, {
          issue: {
            subject: `Changed “${n}”`,
            estimated_hours: n / 10,
            due_date: null,
            assigned_to_id: '',
            done_ratio: 100,
          },
        });
      }
      for (let n = 1; n <= 7; n++) {
        await redmine.call('POST', '/issues.json', {
          issue: {
            project_id: n,
            tracker_id: 1,
            status_id: 1,
            priority_id: await priority(),
            subject: `New ${n} \t "q"`,
          },
        });
      }
    });

    it('by configuration: the tables follow', async () => {
      await byConfiguration();
      await agree('by-configuration');
    });

    it('by chain: the tables follow, and the receipt counts what was changed', async () => {
      const projects = await byChain('/projects.json', 'projects');
      const issues = await byChain('/issues.json?status_id=*', 'issues');
      expect(projects).to.include({ inserted: 5, updated: 12, unchanged: 338, duplicates: 0, total: 355 });
      // An issue holds the name of its project: the issues of the renamed projects have changed, too.
      const now = await expectedIssues(redmine);
      const updated = [...issuesBefore].filter(([id, row]) => now.get(id) !== row).length;
      expect(updated).to.be.greaterThan(30);
      expect(issues).to.include({ inserted: 7, updated, unchanged: 5000 - updated, duplicates: 0, total: 5007 });
      await agree('by-chain');
    });

    it('by chain, nothing changed: every row is unchanged', async () => {
      const projects = await byChain('/projects.json', 'projects');
      expect(projects).to.include({ inserted: 0, updated: 0, unchanged: 355 });
    });
  });

  it('refuses a wrong key with a message that does not repeat it', async () => {
    const failure = await execute(
      process.execPath,
      ['--import', tsx, command, 'run', 'redmine.json', '--out', 'refused'],
      {
        cwd: folder,
        env: { ...process.env, API_KEY: 'not-the-key-0123456789' },
      },
    ).catch((error) => error);
    expect(failure.code).to.equal(1);
    // Both resources are asked for at once: either may be refused first.
    expect(failure.stderr)
      .to.include('401')
      .and.to.match(/\/(projects|issues)\.json/);
    expect(failure.stdout + failure.stderr).to.not.include('not-the-key');
  });

  it('leaves the key in no file', async () => {
    const { stdout } = await execute('grep', ['-rlaF', redmine.key, folder]).catch((error) => error);
    expect(stdout).to.equal('');
    expect(await readFile(join(folder, 'redmine.json'), 'utf8')).to.include('{secrets.api_key}');
  });

  async function byConfiguration(): Promise<void> {
    await execute(process.execPath, ['--import', tsx, command, 'run', 'redmine.json', '--out', 'by-configuration'], {
      cwd: folder,
      env: { ...process.env, API_KEY: redmine.key },
    });
  }

  function byChain(url: string, selector: string): Promise<Receipt> {
    const api = client({ baseUrl: redmine.url, auth: apiKey({ name: 'key', apiKey: redmine.key, location: 'query' }) });
    return run(
      pages(api, url, offset({ limit: 100, totalPath: 'total_count' })).pipe(
        retry({ maxRetries: 3, factor: 2 }),
        select(selector),
        parquet(table('by-chain', selector), { primaryKey: 'id', writeDisposition: 'merge' }),
      ),
    );
  }

  async function agree(way: string): Promise<void> {
    compare((await readTable(table(way, 'projects'))).rows, await expectedProjects(redmine));
    compare((await readTable(table(way, 'issues'))).rows, await expectedIssues(redmine));
  }

  function table(way: string, name: string): string {
    return join(folder, way, `${name}.parquet`);
  }

  async function priority(): Promise<number> {
    const [row] = await redmine.query<{ id: number }>(
      "SELECT id FROM enumerations WHERE type = 'IssuePriority' LIMIT 1",
    );
    return row!.id;
  }
});

function compare(actual: ById, expected: ById): void {
  expect([...actual.keys()].sort(byNumber)).to.deep.equal([...expected.keys()].sort(byNumber));
  const different = [...expected].filter(([id, row]) => actual.get(id) !== row);
  expect(different.slice(0, 3).map(([id, row]) => ({ expected: row, actual: actual.get(id) }))).to.deep.equal([]);
  expect(different).to.have.length(0);
}

function byNumber(a: number, b: number): number {
  return a - b;
}

/** The configuration that a user of dlt would write for Redmine. */
function configuration(url: string): object {
  return {
    client: {
      base_url: url,
      auth: { type: 'api_key', name: 'key', api_key: '{secrets.api_key}', location: 'query' },
      paginator: { type: 'offset', limit: 100, total_path: 'total_count' },
    },
    resource_defaults: { primary_key: 'id', write_disposition: 'merge' },
    resources: [
      { name: 'projects', endpoint: { path: '/projects.json', data_selector: 'projects' } },
      { name: 'issues', endpoint: { path: '/issues.json', params: { status_id: '*' }, data_selector: 'issues' } },
    ],
  };
}
