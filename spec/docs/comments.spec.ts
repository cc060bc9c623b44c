// The examples in doc comments are run. Each is a module of its own, in which these names are there without being declared: everything
// that the package, the comment's folder and its file export, rxjs, `readFileSync`, `writeFileSync`, `join`, a private key in `key.pem`, and what `given` lists.
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { isObservable, lastValueFrom, type Observable, Subscription } from 'rxjs';
import { client, type Page, pages, type Rows, singlePage } from '../../lib/index.js';
import { select } from '../../operators/index.js';
import { root, runnable } from './blocks.js';

interface Example {
  readonly file: string;
  readonly name: string;
  readonly code: string;
}

const body = {
  data: [
    { id: 1, name: 'Ada', cost: '1.50', lines: [{ sku: 'a', count: 1 }] },
    { id: 2, name: 'Grace', cost: '2', lines: [] },
  ],
  total: 2,
  meta: { pages: 1 },
};
const connection = { nodes: body.data, pageInfo: { hasNextPage: false, endCursor: null } };
const bodies: Readonly<Record<string, unknown>> = {
  '/graphql': { data: { viewer: { repositories: connection } } },
  '/users?since=2': [],
};

/** What examples may use without declaring it, as code. */
const given: Readonly<Record<string, string>> = {
  api: 'givenApi',
  source: 'givenSource',
  rows: "givenSource.pipe(givenSelect('data'))",
  receipt: "await givenRun(givenSource.pipe(givenSelect('data'), givenParquet('given/projects.parquet')))",
  body: JSON.stringify(body),
  // Not mocha's: a contract suite is made here, and run by the specs of the sinks.
  describe: '(name, body) => body()',
  it: '() => undefined',
  mySink: 'givenParquet',
  readMyFile: '() => []',
  wiki: 'givenApi',
  query: "'query ($after: String) { viewer { repositories { nodes { name } } } }'",
};
const doors = ['lib/index.ts', 'operators/index.ts', 'sinks/index.ts'];

describe('examples in doc comments', () => {
  const examples = ['lib', 'operators', 'sinks'].flatMap(examplesIn);
  let server: Server;
  let url: string;
  let folder: string;
  const workingFolder = process.cwd();

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-comments-'));
    server = createServer((request, response) => {
      request.resume();
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify(bodies[request.url ?? ''] ?? body));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    await writeFile(join(folder, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    process.chdir(folder);
  });

  after(async () => {
    process.chdir(workingFolder);
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('are there for each operator and each sink', () => {
    const files = new Set(examples.map((example) => example.file));
    const silent = ['operators', 'sinks'].flatMap((door) =>
      readFileSync(join(root, door, 'index.ts'), 'utf8')
        .match(/'\.\/[\w-]+\.js'/g)!
        .map((name) => `${door}/${name.slice(3, -4)}.ts`)
        .filter((file) => !files.has(file)),
    );
    expect(silent).to.deep.equal([]);
  });

  for (const [number, example] of examples.entries()) {
    it(`${example.file}: ${example.name}`, async () => {
      const file = join(folder, `example-${number}.mts`);
      await writeFile(file, runnable(await moduleOf(example), url));
      const { default: value } = (await import(pathToFileURL(file).href)) as { default?: unknown };
      if (isObservable(value)) await lastValueFrom(value);
      if (value instanceof Subscription) await new Promise<void>((resolve) => value.add(resolve));
      if (typeof value === 'function' && /^(operators|sinks)\//.test(example.file))
        await through(example, value as Operator);
    });
  }

  type Operator = (source: Observable<unknown>) => Observable<unknown>;

  /** An operator as the value of an example: something must come out of it. */
  async function through({ name }: Example, operator: Operator): Promise<void> {
    const source: Observable<Page> = pages(client({ baseUrl: url }), '/v1/projects', singlePage());
    const rows: Observable<Rows> = source.pipe(select('data'));
    await lastValueFrom(operator(['retry', 'select'].includes(name) ? source : rows));
  }
});

function examplesIn(folder: string): Example[] {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  return files.sort().flatMap((name) => {
    const file = join(folder, name);
    const text = readFileSync(join(root, file), 'utf8');
    const comments = text.matchAll(
      /\/\*\*((?:(?!\*\/)[\s\S])*?@example(?:(?!\*\/)[\s\S])*)\*\/\s*(?:export )?(?:[a-z]+ )*([\w$]+)/g,
    );
    return [...comments].map(([, comment, exported]) => {
      const lines = comment!.split('\n').map((line) => line.replace(/^\s*\* ?/, ''));
      const example = lines.join('\n').split('@example')[1]!.split(/^@/m)[0]!;
      return { file, name: exported!, code: example.trim() };
    });
  });
}

/** The example as a module. Where it is one expression, its value is the default export. */
async function moduleOf({ file, code }: Example): Promise<string> {
  const imports: string[] = [];
  const known = new Set<string>();
  for (const source of [...doors, file, ...folderOf(file)]) {
    const href = pathToFileURL(join(root, source)).href;
    const names = Object.keys(await import(href)).filter((name) => mentions(code, name) && !known.has(name));
    for (const name of names) known.add(name);
    if (names.length > 0) imports.push(`import { ${names.join(', ')} } from '${href}';`);
  }
  const rxjs = Object.keys(await import('rxjs')).filter((name) => mentions(code, name) && !known.has(name));
  if (rxjs.length > 0)
    imports.push(
      `import { ${rxjs.join(', ')} } from '${pathToFileURL(createRequire(import.meta.url).resolve('rxjs')).href}';`,
    );

  const declared = new Set(
    [...withoutComments(code).matchAll(/\b(?:const|let) (?:\{([^}]*)\}|(\w+))/g)].flatMap((it) =>
      (it[1] ?? it[2])!.split(/[ ,]+/),
    ),
  );
  const values = Object.entries(given).filter(
    ([name]) => mentions(code, name) && !declared.has(name) && !known.has(name),
  );
  const door = (name: string) => pathToFileURL(join(root, name, 'index.ts')).href;
  const givens = [
    "import { readFileSync, writeFileSync } from 'node:fs';",
    "import { join } from 'node:path';",
    `import { client as givenClient, pages as givenPages, run as givenRun, singlePage as givenPaginator } from '${door('lib')}';`,
    `import { select as givenSelect } from '${door('operators')}';`,
    `import { parquet as givenParquet } from '${door('sinks')}';`,
    "const givenApi = givenClient({ baseUrl: 'https://api.example.com' });",
    "const givenSource = givenPages(givenApi, '/v1/projects', givenPaginator());",
    ...values.map(([name, value]) => `const ${name} = ${value};`),
  ];
  const statements = /^(const|let|import|await|for|if|\/\/)|;\s*(\/\/.*)?$/m.test(code);
  return [...imports, ...givens, statements ? code : `export default (${withoutComments(code)});`].join('\n');
}

/** The folder's door; of a folder without one, all of its files but the one that runs when it is imported. */
function folderOf(file: string): string[] {
  const folder = dirname(file);
  if (existsSync(join(root, folder, 'index.ts'))) return [join(folder, 'index.ts')];
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.ts') && name !== 'main.ts')
    .map((name) => join(folder, name));
}

function withoutComments(code: string): string {
  return code.replace(/(^|\s)\/\/.*$/gm, '');
}

function mentions(code: string, name: string): boolean {
  return new RegExp(`(?<![.\\w$'"/])${name}\\b(?!\\s*:)`).test(withoutComments(code));
}
