// What a user gets from the registry: packs the package, unpacks it into an empty folder and uses it from there.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { isBuiltin } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const leftBehind = new Set(['node_modules', 'dist', 'out', '.git', '.redmine', '.real', '.venv']);

const consumer = `
import { lastValueFrom, type Observable } from 'rxjs';
import { client, offset, pages, SluiceError } from 'sluice';
import type { Page, Receipt, Rows } from 'sluice';
import { retry, select } from 'sluice/operators';
import { parquet } from 'sluice/sinks';

interface Project { id: number; name: string }

const source: Observable<Page> = pages(client({ baseUrl: 'http://localhost' }), '/v1/projects', offset({ limit: 100 }));
const rows: Observable<Rows<Project>> = source.pipe(retry({ maxRetries: 3, factor: 2 }), select<Project>('data'));
const receipts: Observable<Receipt> = rows.pipe(parquet('out/projects.parquet', { primaryKey: 'id', writeDisposition: 'merge' }));
export const total: Promise<number> = lastValueFrom(receipts).then((receipt) => receipt.total);
export const isOurs = (error: unknown): error is SluiceError => error instanceof SluiceError;
// @ts-expect-error a sink takes rows, not pages
source.pipe(parquet('out/projects.parquet'));
// @ts-expect-error there is no such disposition
rows.pipe(parquet('out/projects.parquet', { writeDisposition: 'upsert' }));
`;

describe('package', function () {
  this.timeout(120_000);
  let folder: string;
  let files: string[];
  let manifest: { exports: Record<string, string | { default: string }>; bin: Record<string, string>; name: string };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-package-'));
    const tree = join(folder, 'tree');
    await cp(root, tree, { recursive: true, filter: (path) => !leftBehind.has(relative(root, path).split('/')[0]!) });
    await symlink(join(root, 'node_modules'), join(tree, 'node_modules'));
    // Runs the package's own "prepare": what is packed is built from these sources.
    const { stdout } = await npm(tree, 'pack', '--json', '--pack-destination', folder);
    const packed = JSON.parse(stdout.slice(stdout.indexOf('[\n')))[0];
    files = packed.files.map((file: { path: string }) => file.path);
    manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

    const installed = join(folder, 'user/node_modules', manifest.name);
    await mkdir(installed, { recursive: true });
    await run('tar', ['-xzf', join(folder, packed.filename), '--strip-components=1', '-C', installed]);
    await linkDependencies(join(folder, 'user/node_modules'));
    await writeFile(join(folder, 'user/package.json'), '{ "type": "module", "private": true }');
  });

  after(() => rm(folder, { recursive: true, force: true }));

  it('holds the built library and its papers, and nothing else', () => {
    const types = /^dist\/(lib|operators|sinks)\/.+\.d\.ts$/;
    const code = [...doors(), 'dist/lib/cli/main.js'];
    const other = files.filter(
      (path) => !types.test(path) && !code.includes(path) && !/^dist\/chunks\/[\w-]+\.js$/.test(path),
    );
    expect(other).to.have.members([
      'package.json',
      'README.md',
      'CHANGELOG.md',
      'LICENSE',
      'docs/rest-api.schema.json',
      'dist/THIRD-PARTY-LICENSES.txt',
    ]);
    expect(files).to.include.members([...code, 'dist/operators/index.d.ts']);
  });

  it('passes on the license of each package that is built into it', async () => {
    const installed = join(folder, 'user/node_modules', manifest.name, 'dist');
    const licenses = await readFile(join(installed, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
    const builtIn = new Set<string>();
    for (const path of files.filter((each) => each.endsWith('.js'))) {
      const code = await readFile(join(installed, '..', path), 'utf8');
      for (const [, name] of code.matchAll(/^\/\/ .*node_modules\/((?:@[^/]+\/)?[^/]+)\//gm)) builtIn.add(name!);
    }
    expect([...builtIn]).to.include.members(['zod', 'limiter', 'commander']);
    for (const name of builtIn) expect(licenses).to.match(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+\\S* \\(`, 'm'));
  });

  it('loads no package but Node, what it declares, and the tools of whoever runs its contract suites', async () => {
    const loaded = new Set<string>();
    for (const path of files.filter((each) => each.endsWith('.js'))) {
      const code = await readFile(join(folder, 'user/node_modules', manifest.name, path), 'utf8');
      const imports = code.matchAll(
        /^(?:import|export)\b[^'"]*?["']([^"'.][^"']*)["']|\b(?:import|\w*[rR]equire\d*(?:\(import\.meta\.url\))?)\(\s*["']([^"'.][^"']*)["']\s*\)/gm,
      );
      for (const [, name, other] of imports) loaded.add(packageOf((name ?? other)!));
    }
    const { dependencies, peerDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const declared = Object.keys({ ...dependencies, ...peerDependencies });
    const tools = ['mocha', 'chai'];
    // These are declared for their types; what they do is built in.
    const typesOnly = ['zod', '@duckdb/node-api'];
    expect([...loaded].filter((name) => !isBuiltin(name) && !tools.includes(name))).to.have.members([
      ...declared.filter((name) => !typesOnly.includes(name)),
      'sluice',
    ]);
  });

  it('gives a configuration that is a module the registries that the command itself has', async () => {
    const server = createServer((_, response) => response.end('{"rows":[{"id":1}]}')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const config = `
      import { registerAuth, registerPaginator, singlePage } from 'sluice';
      registerPaginator('own_pages', { options: [], make: () => singlePage() });
      registerAuth('own_auth', () => (request) => request);
      export default {
        client: { base_url: 'http://127.0.0.1:${(server.address() as AddressInfo).port}', auth: { type: 'own_auth' }, paginator: { type: 'own_pages' } },
        resources: [{ name: 'rows', endpoint: { path: 'rows', data_selector: 'rows' } }],
      };`;
    const user = join(folder, 'user');
    await writeFile(join(user, 'own.config.js'), config);
    const script = join(user, 'node_modules', manifest.name, manifest.bin['sluice']!);
    try {
      const { stdout } = await run(process.execPath, [script, 'check', 'own.config.js'], { cwd: user });
      expect(stdout).to.match(/rows: 1 row of 1 column/);
    } finally {
      server.close();
    }
  });

  it('has a command that reads each kind of configuration, with expressions and paths that are more than names', async () => {
    const user = join(folder, 'user');
    const step = { filter: 'item.id > 0' };
    const rows = { name: 'rows', endpoint: { path: 'rows', data_selector: 'data[*].rows' }, processing_steps: [step] };
    const base = { client: { base_url: 'http://127.0.0.1:1' }, resources: [rows] };
    const texts = {
      'own.json': JSON.stringify(base),
      'own.yaml': JSON.stringify(base),
      'own.toml': '[client]\nbase_url = "http://127.0.0.1:1"\n[[resources]]\nname = "rows"\n',
    };
    for (const [name, text] of Object.entries(texts)) {
      await writeFile(join(user, name), text);
      const script = join(user, 'node_modules', manifest.name, manifest.bin['sluice']!);
      const { stdout } = await run(process.execPath, [script, 'explain', name], { cwd: user });
      expect(stdout, name).to.contain("parquet('rows.parquet'");
    }
  });

  it('has a command that writes what it found of an API as JSON and as YAML', async () => {
    const server = createServer((_, response) => {
      response.setHeader('content-type', 'application/json').end('{"rows":[{"id":1},{"id":2}]}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/rows`;
    const user = join(folder, 'user');
    const script = join(user, 'node_modules', manifest.name, manifest.bin['sluice']!);
    try {
      for (const name of ['found.json', 'found.yaml']) {
        await run(process.execPath, [script, 'init', url, '-o', name], { cwd: user });
        const { stdout } = await run(process.execPath, [script, 'check', name], { cwd: user });
        expect(stdout, name).to.contain('rows: 2 rows of 1 column');
      }
      expect(await readFile(join(user, 'found.yaml'), 'utf8')).to.contain('data_selector: rows\n');
    } finally {
      server.close();
    }
  });

  it('opens by each path of the exports map', async () => {
    const paths = Object.keys(manifest.exports).filter((path) => !path.endsWith('.json'));
    const names = paths.map((path) => manifest.name + path.slice(1));
    const { stdout } = await evaluate(
      `for (const name of ${JSON.stringify(names)}) console.log(name, Object.keys(await import(name)).length)`,
    );
    const lines = stdout.trim().split('\n');
    expect(lines).to.have.length(names.length);
    for (const line of lines) expect(line).to.match(/ [1-9]\d*$/);
  });

  it('opens by no other path', async () => {
    const inner = ['lib/core/index.js', 'dist/lib/index.js', 'dist/lib/core/index.js', 'operators/retry.js'];
    const { stdout } = await evaluate(
      `for (const path of ${JSON.stringify(inner)}) await import('${manifest.name}/' + path).catch((e) => console.log(e.code))`,
    );
    expect(stdout.trim().split('\n')).to.deep.equal(inner.map(() => 'ERR_PACKAGE_PATH_NOT_EXPORTED'));
  });

  it('has a command that npm can link and that says how it is used', async () => {
    const [[name, path]] = Object.entries(manifest.bin) as [[string, string]];
    const script = join(folder, 'user/node_modules', manifest.name, path);
    expect(name).to.equal('sluice');
    expect(await readFile(script, 'utf8')).to.match(/^#!\/usr\/bin\/env node\n/);
    const { stdout } = await run(process.execPath, [script, '--help'], { cwd: join(folder, 'user') });
    expect(stdout)
      .to.match(/Usage: sluice/)
      .and.to.match(/\brun\b/)
      .and.to.match(/\bschema\b/);
  });

  it('carries types that infer through the chain, and that refuse a wrong one', async () => {
    const user = join(folder, 'user');
    await writeFile(join(user, 'consumer.ts'), consumer);
    const compilerOptions = {
      module: 'NodeNext',
      target: 'ES2023',
      lib: ['ES2023'],
      types: [],
      strict: true,
      noEmit: true,
      skipLibCheck: true,
    };
    await writeFile(join(user, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
    const result = await run(join(root, 'node_modules/.bin/tsc'), ['-p', user]).catch((error) => error);
    expect(result.stdout).to.equal('');
  });

  /** The files that the exports map names. */
  function doors(): string[] {
    return Object.values(manifest.exports).flatMap((to) => (typeof to === 'string' ? [] : [to.default.slice(2)]));
  }

  function evaluate(code: string): Promise<{ stdout: string }> {
    return run(process.execPath, ['--input-type=module', '-e', code], { cwd: join(folder, 'user') });
  }
});

function packageOf(name: string): string {
  if (name.startsWith('node:')) return name;
  const [first = '', second = ''] = name.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}

function npm(cwd: string, ...args: string[]): Promise<{ stdout: string }> {
  return run('npm', args, { cwd, maxBuffer: 64 * 1024 * 1024 });
}

/** Links what npm would have installed beside the package: its dependencies and theirs, none of the tools of this repository. */
async function linkDependencies(modules: string): Promise<void> {
  const { stdout } = await npm(root, 'ls', '--all', '--omit=dev', '--parseable', '--long=false');
  const { peerDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const peers = Object.keys(peerDependencies).map((name) => join(root, 'node_modules', name));
  for (const path of new Set([...stdout.split('\n').slice(1), ...peers])) {
    const name = relative(join(root, 'node_modules'), path);
    // A dependency's own, nested copy comes with the link to that dependency.
    if (path === '' || name.startsWith('..') || name.includes('node_modules')) continue;
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(path, join(modules, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw new Error(`${basename(path)} cannot be linked`, { cause: error });
    });
  }
}
