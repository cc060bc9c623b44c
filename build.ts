// Builds the package: the types with tsc, and the code of the four doors and the command as one set of modules in dist/, bundled with what a
// process needs at its start. Few files instead of several hundred: most of the time a process takes to start is spent on finding and opening them.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const root = fileURLToPath(new URL('.', import.meta.url));
const doors = ['lib/index.ts', 'operators/index.ts', 'sinks/index.ts', 'lib/testing/index.ts', 'lib/cli/main.ts'];
/** Not a door of the package: the specs that kill a process reach the file system through it. */
const forSpecs = ['lib/stage/index.ts'];

/**
 * Packages that stay packages: rxjs is the user's own, DuckDB's binary is native, those of requests and credentials are to be mended without a new version of
 * this one, and the last ones are large and rarely needed.
 */
const external = [
  'rxjs',
  '@duckdb/node-bindings',
  'node-fetch',
  'exponential-backoff',
  'jose',
  'oauth4webapi',
  'apache-arrow',
  'parquetjs-lite',
  'http-proxy-agent',
  'https-proxy-agent',
  'mocha',
  'chai',
];

/**
 * rxjs by the files that hold what is used of it, in place of its index, which loads 240: the package exports them, and they are the same modules
 * that the index gives to the user. They are required, since to import a module that is CommonJS, Node reads it twice.
 */
const rxjsInParts: Plugin = {
  name: 'rxjs in parts',
  setup(build) {
    const index = createRequire(import.meta.url)
      .resolve('rxjs')
      .replace(/cjs(?=[\\/]index\.js$)/, 'esm');
    const doors = /^export \{ (.+) \} from '\.\/internal\/(.+)';$/gm;
    const parts = [...readFileSync(index, 'utf8').matchAll(doors)].map(([, names = '', path = '']) => ({
      names,
      path,
    }));
    build.onResolve({ filter: /^rxjs$/ }, () => ({ path: 'rxjs', namespace: 'rxjs', sideEffects: false }));
    build.onResolve({ filter: /./, namespace: 'rxjs' }, ({ path }) => ({
      path,
      namespace: 'part',
      sideEffects: false,
    }));
    build.onLoad({ filter: /./, namespace: 'rxjs' }, () => ({
      contents: parts.map(({ names, path }) => `export { ${names} } from '${path}';`).join('\n'),
    }));
    build.onLoad({ filter: /./, namespace: 'part' }, ({ path: wanted }) => ({
      contents: parts
        .filter(({ path }) => path === wanted)
        .map(({ names, path }) => `export const { ${names} } = require('rxjs/internal/${path}');`)
        .join('\n'),
    }));
    build.onResolve({ filter: /./, namespace: 'part' }, ({ path }) => ({ path, external: true }));
  },
};

rmSync(join(root, 'dist'), { recursive: true, force: true });
execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: [...doors, ...forSpecs],
  outdir: 'dist',
  outbase: '.',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  external,
  plugins: [rxjsInParts],
  // Inside of packages that are CommonJS.
  banner: {
    js: "import { createRequire as $createRequire } from 'node:module'; const require = $createRequire(import.meta.url);",
  },
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});
writeFileSync(join(root, 'dist/THIRD-PARTY-LICENSES.txt'), licenses(Object.keys(metafile.inputs)));

/** What the licenses of the bundled packages ask for: their texts. */
function licenses(inputs: readonly string[]): string {
  const folders = new Set(inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? []));
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    return `${name} ${version} (${license})\n\n${licenseText(join(root, folder))}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

/** The file of that name, or the section of the readme. */
function licenseText(folder: string): string {
  const files = readdirSync(folder);
  const own = files.find((entry) => /^licen[cs]e/i.test(entry));
  if (own !== undefined) return readFileSync(join(folder, own), 'utf8').trim();
  const readme = files.find((entry) => /^readme/i.test(entry));
  const text = readme === undefined ? '' : readFileSync(join(folder, readme), 'utf8');
  const section = /^(?:#+ *license|license\n-+)\s*\n([\s\S]+)$/im.exec(text);
  if (!section) throw new Error(`${folder} has no license text to pass on`);
  return section[1]!.trim();
}
