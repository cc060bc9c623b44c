// The examples are run as a user runs them, each in a process of its own and in an empty folder and home.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { demoKey } from '../../examples/server/api.js';
import { startDemoApi } from '../../examples/server/start.js';

const run = promisify(execFile);
const tsx = createRequire(import.meta.url).resolve('tsx');

describe('examples', function () {
  this.timeout(90_000);
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-examples-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('demo: two runs whose counts are those of the server, a table, a preview', async () => {
    const { stdout } = await example('demo.ts');
    expect(stdout).to.not.include('✗');
    expect(stdout.match(/✓/g)).to.have.length(10);
    for (const [name, value] of [
      ['pages', '31'],
      ['rows read', '3,026'],
      ['inserted', '25'],
      ['updated', '40'],
      ['unchanged', '2,960'],
      ['duplicates dropped', '1'],
      ['rows in the table', '3,025'],
    ]) {
      expect(stdout).to.match(new RegExp(`^ +${name} +${value}$`, 'm'));
    }
    expect(stdout).to.match(/owner +STRUCT\(id BIGINT, name VARCHAR.* no/);
    expect(stdout).to.include('new column risk');
    expect((await stat(join(folder, 'out/project_data.parquet'))).size).to.be.greaterThan(10_000);
    expect(await readFile(join(folder, 'out/demo.json'), 'utf8')).to.not.include(demoKey);
  });

  it('demo: leaves a table alone that is not its own', async () => {
    const file = join(folder, 'out/project_data.parquet');
    await run('sh', ['-c', `mkdir out && echo precious > '${file}'`], { cwd: folder });
    const failure = await example('demo.ts').catch((error) => error);
    expect(failure.stderr).to.include('not made by this demo');
    expect(await readFile(file, 'utf8')).to.equal('precious\n');
  });

  it('chain: the operator chain against the demo API', async () => {
    const api = await startDemoApi({ port: 0, projects: 250 });
    try {
      const env = { API_URL: api.url, API_KEY: demoKey, OUT: 'tables' };
      const { stdout } = await example('chain.ts', env);
      const [, total, inserted] =
        /^(\d+) projects in tables\/budgets\.parquet: (\d+) new, 0 changed$/m.exec(stdout) ?? [];
      expect(Number(total)).to.be.within(200, 249);
      expect(inserted).to.equal(total);
    } finally {
      await api.stop();
    }
  });

  function example(name: string, env: Record<string, string> = {}): Promise<{ stdout: string; stderr: string }> {
    const file = fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
    const { PATH = '' } = process.env;
    return run(process.execPath, ['--import', tsx, file], { cwd: folder, env: { PATH, HOME: folder, ...env } });
  }
});
