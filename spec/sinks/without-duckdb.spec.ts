// Where DuckDB's binary does not load: the sinks load all the same, say what to do, and the engine parquetjs does its work.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';

const run = promisify(execFile);
const root = new URL('../../', import.meta.url);
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

describe('without DuckDB', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-without-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** What a program prints, as JSON, in a process in which DuckDB does not load. */
  async function printed(program: string): Promise<unknown> {
    const register = `
      import Module from 'node:module';
      const resolve = Module._resolveFilename;
      Module._resolveFilename = (name, ...more) => {
        if (name.startsWith('@duckdb/')) throw new Error('no binary for this platform');
        return resolve(name, ...more);
      };`;
    await writeFile(join(folder, 'register.mjs'), register);
    const start = `
      import { rowsOf } from ${JSON.stringify(new URL('lib/testing/index.ts', root).href)};
      import * as sinks from ${JSON.stringify(new URL('sinks/index.ts', root).href)};
      const file = ${JSON.stringify(join(folder, 'table.parquet'))};
      const load = (rows, sink) => new Promise((resolve) => {
        let last;
        rowsOf(rows).pipe(sink).subscribe({ next: (receipt) => { last = receipt; }, error: (error) => resolve({ code: error.code, message: error.message }), complete: () => resolve(last) });
      });`;
    await writeFile(join(folder, 'program.mjs'), `${start}\n${program}`);
    const args = ['--import', tsx, '--import', join(folder, 'register.mjs'), join(folder, 'program.mjs')];
    return JSON.parse((await run(process.execPath, args)).stdout);
  }

  it('parquet fails with what to do', async () => {
    const error = await printed('console.log(JSON.stringify(await load([{ id: 1 }], sinks.parquet(file))));');
    expect(error).to.have.property('code', 'ERR_ENGINE_UNAVAILABLE');
    expect(error).to.have.property('message').that.contains("engine: 'parquetjs'");
  });

  it('parquet with the engine parquetjs publishes and merges', async () => {
    const receipts = await printed(`
      const options = { engine: 'parquetjs', primaryKey: 'id', writeDisposition: 'merge' };
      const first = await load([{ id: 1, a: [1] }, { id: 2, a: null }], sinks.parquet(file, options));
      const second = await load([{ id: 2, a: [2] }, { id: 3, a: [] }], sinks.parquet(file, options));
      console.log(JSON.stringify([first, second].map(({ inserted, updated, total }) => ({ inserted, updated, total }))));`);
    expect(receipts).to.deep.equal([
      { inserted: 2, updated: 0, total: 2 },
      { inserted: 1, updated: 1, total: 3 },
    ]);
  });
});
