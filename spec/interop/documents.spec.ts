// The blocks of Python in README.md and docs/, run on tables of the demo's projects.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { type DocumentsApi, startDocumentsApi } from '../docs/api.js';
import { blocksOf, documents, type Folder, folderWithPackage } from '../docs/blocks.js';
import { writeTables } from '../docs/tables.js';
import { javaForSpark, pythonWithReaders } from './python.js';

const execute = promisify(execFile);

describe('Python in the documents', () => {
  let api: DocumentsApi;
  let folder: Folder;
  let python: string;

  before(async () => {
    python = await pythonWithReaders();
    await javaForSpark();
    api = await startDocumentsApi();
    folder = await folderWithPackage(api.url);
    await writeTables(folder.path, api.url);
  });

  after(async () => {
    api?.stop();
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
