// The blocks of Python in README.md and docs/, run in the order of their document on the file that its configuration makes.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { demoKey } from '../../examples/server/api.js';
import { type DemoApi, startDemoApi } from '../../examples/server/start.js';
import { apiKey, client, offset, pages, run } from '../../lib/index.js';
import { retry, select } from '../../operators/index.js';
import { arrow, parquet } from '../../sinks/index.js';
import { blocksOf, documents, type Folder, folderWithPackage } from '../docs/blocks.js';
import { javaForSpark, pythonWithReaders } from './python.js';

const execute = promisify(execFile);

describe('Python in the documents', () => {
  let api: DemoApi;
  let folder: Folder;
  let python: string;

  before(async () => {
    python = await pythonWithReaders();
    await javaForSpark();
    api = await startDemoApi({ port: 0, projects: 250 });
    folder = await folderWithPackage(api.url);
    const auth = apiKey({ name: 'api_key', apiKey: demoKey, location: 'query' });
    const rows = pages(client({ baseUrl: api.url, auth }), '/v1/projects', offset({ limit: 100 })).pipe(
      retry(),
      select('data'),
    );
    const options = { primaryKey: 'id', writeDisposition: 'merge' } as const;
    await run(rows.pipe(parquet(join(folder.path, 'out/project_data.parquet'), options)));
    await run(rows.pipe(arrow(join(folder.path, 'out/project_data.arrow'), options)));
  });

  after(async () => {
    await api?.stop();
    await folder?.remove();
  });

  const blocks = documents()
    .flatMap(blocksOf)
    .filter(({ language }) => language === 'python');

  it('is there for pandas, Polars and Spark', () => {
    const code = blocks.map((block) => block.code).join('\n');
    for (const library of ['pandas', 'polars', 'pyspark']) expect(code).to.include(library);
  });

  for (const block of blocks) {
    it(`${block.document}, line ${block.line}, runs`, async () => {
      const file = join(folder.path, `line-${block.line}.py`);
      await writeFile(file, block.code);
      const { stdout } = await execute(python, [file], { cwd: folder.path });
      expect(stdout).to.not.equal('');
    });
  }
});
