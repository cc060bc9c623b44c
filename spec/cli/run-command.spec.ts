// What `sluice run` writes to its two streams, and what becomes of a run that is interrupted.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { sluice } from './command.js';
import { SeedFolder, secret } from './seed-folder.js';

describe('a run of the command', function () {
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

  const page = (offset: number) => ({
    body: { data: Array.from({ length: 100 }, (_, index) => ({ id: offset + index })), total: 300 },
  });
  const line = (offset: number) => `GET /v1/projects?api_key=${secret}&limit=100&offset=${offset}`;

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`keeps what is staged at a ${signal}, ends with 130, and says how to go on from there`, async () => {
      const stall = { status: 503, headers: { 'retry-after': '60' } };
      await seed({ answers: { [line(0)]: page(0), [line(100)]: page(100), [line(200)]: [stall, page(200)] } });
      const stopped = await run((child) => {
        child.stderr?.on('data', (text: string) => {
          if (text.includes('waiting')) child.kill(signal);
        });
      });
      expect(stopped.code, stopped.stderr).to.equal(130);
      expect(stopped.stderr).to.contain('200 rows of 2 pages came in and are staged in out/.sluice');
      expect(stopped.stderr).to.contain('run the same command again:\n  sluice run projects.json --out out\n');
      expect(await readdir(join(folder, 'out'))).to.deep.equal(['.sluice']);

      const asked = place.api.asked.length;
      const resumed = await run();
      expect(resumed.code, resumed.stderr).to.equal(0);
      expect(resumed.stdout).to.match(/rows in the table +300\n/);
      expect(place.api.asked.slice(asked).map((each) => each.line)).to.deep.equal([line(200)]);
    });
  }

  it('takes in the page that is on its way when it is interrupted', async () => {
    await seed({ answers: { [line(0)]: page(0), [line(100)]: page(100), [line(200)]: page(200) } });
    let interrupt: () => void = () => undefined;
    const hold = new Promise<void>((release) => place.api.holdBack(line(100), release));
    const stopping = run((child) => {
      interrupt = () => child.kill('SIGINT');
      child.stderr?.on('data', (text: string) => {
        if (text.includes('taking in the pages')) place.api.release();
      });
    });
    await hold;
    interrupt();
    const stopped = await stopping;
    expect(stopped.code, stopped.stderr).to.equal(130);
    expect(stopped.stderr).to.match(/[23]00 rows of [23] pages came in and are staged/);
    const again = await run();
    expect(again.stdout).to.match(/rows in the table +300\n/);
    expect(place.api.asked.filter((each) => each.line === line(100))).to.have.length(1);
  });

  it('writes JSON lines for programs, and the receipts as JSON', async () => {
    await seed({ listings: { 'GET /v1/projects': { records: 250, by: 'offset', total: 'total' } } });
    const { stdout, stderr, code } = await sluice(['run', 'projects.json', '--progress', 'json', '-f', 'csv'], {
      cwd: folder,
      env: { API_KEY: secret },
    });
    expect(code, stderr).to.equal(0);
    const lines = stderr
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text));
    expect(lines.at(-1)).to.include({ type: 'progress', resource: 'project_data', phase: 'done', rows: 250, pages: 3 });
    const { tables } = JSON.parse(stdout);
    expect(tables).to.have.length(1);
    expect(tables[0]).to.include({ table: 'project_data', inserted: 250 });
    expect(await readFile(join(folder, 'out/project_data.csv'), 'utf8')).to.match(/^id\n1\n2\n/);
  });

  it('goes on when nobody reads the progress any more, and ends well when nobody reads the summary', async () => {
    await seed({ listings: { 'GET /v1/projects': { records: 250, by: 'offset', total: 'total' } } });
    const { code } = await run((child) => {
      child.stderr?.destroy();
      child.stdout?.destroy();
    });
    expect(code).to.equal(0);
    expect(await readdir(join(folder, 'out'))).to.include('project_data.parquet');
  });

  it('shows several tables as one table with a line for each', async () => {
    const listing = { records: 2, by: 'none' } as const;
    await seed(
      { listings: { 'GET /a': listing, 'GET /b': listing } },
      { resources: ['a', 'b'].map((name) => ({ name, endpoint: { path: name, paginator: 'single_page' } })) },
    );
    const { stdout } = await run();
    expect(stdout).to.match(/^table +pages .*\n─.*\na +1 .*\nb +1 .*\n─.*\nall +2 .* 4 .*\n$/);
  });

  it('shows the tables that were made of lists inside of rows', async () => {
    const body = {
      data: [
        { id: 1, tags: ['a', 'b'] },
        { id: 2, tags: [] },
      ],
    };
    await seed(
      { answers: { 'GET /v1/projects': { body } } },
      { resources: [{ name: 'p', nesting: 'tables', endpoint: { path: '/v1/projects', paginator: 'single_page' } }] },
    );
    const { stdout } = await run();
    expect(stdout)
      .to.match(/^p +1 /m)
      .and.match(/^p__tags +/m);
  });
});
