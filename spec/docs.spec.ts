// Every code block of README.md and docs/ is run. A block that is not code says so: its language is `text`. Blocks of Python are
// run by the interop suite. How they are run: spec/docs/blocks.ts.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'chai';
import { demoKey } from '../examples/server/api.js';
import { type DocumentsApi, startDocumentsApi } from './docs/api.js';
import { type Block, blocksOf, documents, type Folder, folderWithPackage, root, runnable } from './docs/blocks.js';
import { writeTables } from './docs/tables.js';

const run = promisify(execFile);
const tsx = createRequire(import.meta.url).resolve('tsx');
const languages = ['ts', 'js', 'json', 'bash', 'sh', 'sql', 'python', 'text'];

describe('documents', function () {
  this.timeout(60_000);
  let api: DocumentsApi;

  before(async () => {
    api = await startDocumentsApi();
  });
  after(() => api.stop());

  it('say of every block what it is', () => {
    const strange = documents()
      .flatMap(blocksOf)
      .filter((block) => !languages.includes(block.language));
    expect(strange.map(({ document, line, language }) => `${document}:${line} ${language}`)).to.deep.equal([]);
  });

  it('link only to files that are there', () => {
    const broken = documents().flatMap((document) => {
      const text = readFileSync(join(root, document), 'utf8');
      const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1]!);
      return links.filter((link) => !exists(join(root, document, '..', link))).map((link) => `${document}: ${link}`);
    });
    expect(broken).to.deep.equal([]);
  });

  for (const document of documents()) {
    const blocks = blocksOf(document).filter(({ language }) => language !== 'text' && language !== 'python');
    if (blocks.length === 0) continue;

    describe(document, () => {
      let folder: Folder;

      before(async () => {
        folder = await folderWithPackage(api.url);
        // The README starts from nothing, as its reader does.
        if (document !== 'README.md') await writeTables(folder.path, api.url);
      });
      after(() => folder.remove());

      for (const block of blocks) {
        it(`line ${block.line}, ${block.language}, runs`, () => runners[block.language]!(block, folder));
      }

      const programs = blocks.filter(({ language }) => language === 'ts');
      if (programs.length > 0) {
        it('has programs whose types are right', async () => {
          const compilerOptions = {
            module: 'NodeNext',
            target: 'ES2023',
            strict: true,
            noEmit: true,
            skipLibCheck: true,
          };
          const config = {
            compilerOptions: { ...compilerOptions, types: ['node'], typeRoots: [join(root, 'node_modules/@types')] },
            files: programs.map(fileOf),
          };
          await writeFile(join(folder.path, 'tsconfig.json'), JSON.stringify(config));
          const tsc = await run(join(root, 'node_modules/.bin/tsc'), ['-p', folder.path]).catch((error) => error);
          expect(tsc.stdout).to.equal('');
        });
      }
    });
  }

  const runners: Readonly<Record<string, (block: Block, folder: Folder) => Promise<unknown>>> = {
    ts: program,
    js: program,
    async json({ code, file }, { path }) {
      const text = runnable(code, api.url);
      JSON.parse(text);
      if (file !== undefined) await writeFile(join(path, file), text);
    },
    bash: shell,
    sh: shell,
    async sql({ code }, { path }) {
      const instance = await DuckDBInstance.create(':memory:');
      const connection = await instance.connect();
      try {
        await connection.run(`SET file_search_path = '${path}'`);
        expect((await connection.runAndReadAll(code)).currentRowCount).to.be.greaterThan(0);
      } finally {
        connection.closeSync();
        instance.closeSync();
      }
    },
  };

  async function shell({ code }: Block, { path }: Folder): Promise<void> {
    // A document's first commands install and start a clone: .ci/run does that, word for word.
    const ofClone = code.split('\n').filter((line) => line.startsWith('npm ci'));
    const ci = readFileSync(join(root, '.ci/run'), 'utf8');
    for (const command of ofClone.flatMap((line) => line.split(' && '))) expect(ci).to.include(command);
    const rest = code.split('\n').filter((line) => !ofClone.includes(line));
    await execute('bash', ['--norc', '-euo', 'pipefail', '-c', runnable(rest.join('\n'), api.url)], path);
  }

  async function program(block: Block, { path }: Folder): Promise<void> {
    const file = join(path, fileOf(block));
    await writeFile(file, runnable(block.code, api.url));
    await execute(process.execPath, ['--import', tsx, file], path);
  }

  /** Runs a command in the folder, with nothing of this machine's settings, and fails when it does. */
  async function execute(command: string, args: string[], cwd: string): Promise<void> {
    const env = { PATH: `${join(cwd, 'node_modules/.bin')}:${process.env['PATH']}`, HOME: cwd, API_KEY: demoKey };
    await run(command, args, { cwd, env });
  }
});

function fileOf({ file, line, language }: Block): string {
  return file ?? `line-${line}.${language}`;
}

function exists(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EISDIR';
  }
}
