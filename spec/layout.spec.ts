// The rules of docs/architecture.md and of the code's layout, checked on the sources as they are.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Source {
  /** Relative to the root, such as `lib/core/page.ts`. */
  readonly path: string;
  readonly text: string;
  /** What it imports or re-exports, as written. */
  readonly imports: readonly string[];
}

const sources = sourcesIn('lib', 'operators', 'sinks');
const everything = [...sources, ...sourcesIn('spec', 'bench', 'examples')];

/** Files that are longer than 300 lines, each with the reason why splitting it would make it worse. */
const longFiles: Readonly<Record<string, string>> = {};

/** Packages that only these folders may use, so that what they do is done in one place. */
const homes: Readonly<Record<string, readonly string[]>> = {
  'node-fetch': ['lib/http'],
  'node:http': ['lib/http'],
  'node:https': ['lib/http'],
  'exponential-backoff': ['operators'],
  'json-p3': ['lib/core'],
  '@duckdb/node-api': ['lib/table'],
  'parquetjs-lite': ['lib/table'],
  commander: ['lib/cli'],
  'smol-toml': ['lib/rest-api', 'lib/cli'],
  zod: ['lib/rest-api'],
};

describe('layout', () => {
  it('finds the sources that it is about', () => {
    expect(sources.length).to.be.greaterThan(20);
    expect(sources.flatMap((source) => source.imports).length).to.be.greaterThan(50);
  });

  describe('who may import whom', () => {
    const allowed = tableOfArchitecture();

    it('has a row in docs/architecture.md for each folder', () => {
      const folders = new Set(sources.map((source) => folderOf(source.path)));
      folders.delete('lib');
      expect([...allowed.keys()]).to.include.members([...folders]);
    });

    it('is as docs/architecture.md says', () => {
      const wrong = sources.flatMap((source) => {
        const from = folderOf(source.path);
        const may = allowed.get(from);
        if (may === undefined) return [];
        return ownImports(source)
          .map((to) => folderOf(to))
          .filter((to) => to !== from && !may(to))
          .map((to) => `${source.path} imports ${to}`);
      });
      expect(wrong).to.deep.equal([]);
    });

    it('leaves core with rxjs, JSONPath and Node alone', () => {
      const wrong = sources
        .filter((source) => folderOf(source.path) === 'lib/core')
        .flatMap((source) => source.imports.filter((name) => !/^(\.|node:|(rxjs|json-p3)($|\/))/.test(name)));
      expect(wrong).to.deep.equal([]);
    });

    it('keeps each of these packages in its own folder', () => {
      const wrong = sources.flatMap((source) =>
        source.imports
          .filter((name) => homes[packageOf(name)]?.includes(folderOf(source.path)) === false)
          .map((name) => `${source.path} imports ${name}`),
      );
      expect(wrong).to.deep.equal([]);
    });

    it('has no cycle between files', () => {
      expect(cycles(new Map(sources.map((source) => [source.path, ownImports(source)])))).to.deep.equal([]);
    });

    it('has no cycle between folders, the doors left out', () => {
      const folders = new Map<string, string[]>();
      for (const source of sources) {
        const from = folderOf(source.path);
        const to = ownImports(source).map(folderOf);
        folders.set(from, [...(folders.get(from) ?? []), ...to.filter((name) => name !== from && name !== 'lib')]);
      }
      folders.delete('lib');
      expect(cycles(folders)).to.deep.equal([]);
    });

    it('imports only what package.json declares', () => {
      const { dependencies, peerDependencies, devDependencies, name } = manifest();
      const all = new Set([...Object.keys({ ...dependencies, ...peerDependencies, ...devDependencies }), name]);
      const foreign = (source: Source) => source.imports.filter((it) => !it.startsWith('.') && !it.startsWith('node:'));
      const undeclared = (list: readonly Source[], declared: Set<string>) =>
        list.flatMap((source) =>
          foreign(source)
            .filter((it) => !declared.has(packageOf(it)))
            .map((it) => `${source.path} imports ${it}`),
        );
      // Which of them a user needs: spec/package, since some are built into the package.
      expect(undeclared(everything, all)).to.deep.equal([]);
    });
  });

  describe('files', () => {
    it('have names in kebab-case, and none is called utils, helpers, common or misc', () => {
      const wrong = everything
        .map((source) => source.path)
        .filter((path) => {
          const parts = path.replace(/(\.spec|\.d)?\.ts$/, '').split('/');
          return !parts.every(
            (part) => /^[a-z0-9]+(-[a-z0-9]+)*$/.test(part) && !/^(utils?|helpers?|common|misc)$/.test(part),
          );
        });
      expect(wrong).to.deep.equal([]);
    });

    it('are at most 300 lines long, or say why', () => {
      const long = everything.filter((source) => source.text.split('\n').length > 301).map((source) => source.path);
      expect(long).to.have.members(Object.keys(longFiles));
    });

    it('open with what they are responsible for', () => {
      // A spec says it by its names.
      const speaking = everything.filter((source) => !source.path.endsWith('.spec.ts'));
      const silent = speaking.filter((source) => !/^(#!.*\n)?(\/\/ \S|\/\*\*)/.test(source.text));
      expect(silent.map((source) => source.path)).to.deep.equal([]);
    });

    it('hold no word of work left undone', () => {
      const undone = everything.filter((source) => /\b(TO[D]O|FIX[M]E|X{3}|HA[C]K)\b/.test(source.text));
      expect(undone.map((source) => source.path)).to.deep.equal([]);
    });
  });

  for (const folder of ['operators', 'sinks']) {
    describe(folder, () => {
      const files = sources.filter((source) => dirname(source.path) === folder && basename(source.path) !== 'index.ts');

      const verbs = files.filter((source) => exportsFunction(source));

      it('are named after the function that they export, or after a type that serves one', () => {
        expect(verbs).to.not.be.empty;
        const wrong = files.filter((source) => !exportsFunction(source) && !exportsType(source));
        expect(wrong.map((source) => source.path)).to.deep.equal([]);
      });

      it('are exported by the door, and each has a spec of the same name', () => {
        const door = sources.find((source) => source.path === `${folder}/index.ts`);
        const specs = new Set(everything.map((source) => source.path));
        for (const { path } of verbs) {
          expect(door?.imports, path).to.include(`./${basename(path, '.ts')}.js`);
          expect(specs.has(`spec/${path.replace(/\.ts$/, '.spec.ts')}`), `a spec for ${path}`).to.equal(true);
        }
      });
    });
  }
});

function sourcesIn(...folders: string[]): Source[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !basename(name).startsWith('.'))
      .map((name) => {
        const path = join(folder, name);
        const text = readFileSync(join(root, path), 'utf8');
        return { path, text, imports: importsOf(text) };
      }),
  );
}

/** The module names in import and export statements and in dynamic imports, comments left out. */
function importsOf(text: string): string[] {
  // Statements start a line, as the formatter writes them; comments and text in template strings mostly do not.
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const statements = code.matchAll(/^(?:import|export)\s+(?:(?:type\s+)?[\w$*\s{},]+?\s+from\s+)?'([^'\n]+)'/gm);
  const dynamic = code.matchAll(/\bimport\(\s*'([^'$]+)'/g);
  return [...statements, ...dynamic].map((match) => match[1]!);
}

/** The files of this package that a source imports, relative to the root. */
function ownImports(source: Source): string[] {
  return source.imports
    .filter((name) => name.startsWith('.'))
    .map((name) => relative(root, join(root, dirname(source.path), name)).replace(/\.js$/, '.ts'));
}

/** `lib/core/page.ts` -> `lib/core`, `operators/retry.ts` -> `operators`. */
function folderOf(path: string): string {
  const [first, second, third] = path.split('/');
  return first === 'lib' && third !== undefined ? `lib/${second}` : first!;
}

function packageOf(name: string): string {
  if (name.startsWith('node:')) return name;
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}

function exportsFunction({ path, text }: Source): boolean {
  const name = basename(path, '.ts').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  return new RegExp(`^export (async )?(function\\*?|const) ${name}\\b`, 'm').test(text);
}

function exportsType({ path, text }: Source): boolean {
  const name = basename(path, '.ts').replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
  return new RegExp(`^export (interface|type|class) ${name}\\b`, 'm').test(text);
}

function manifest(): { name: string; dependencies: object; peerDependencies: object; devDependencies: object } {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
}

/** The table "folder | what | may import" as functions that say whether a folder may be imported. */
function tableOfArchitecture(): Map<string, (folder: string) => boolean> {
  const text = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `([\w/-]+)` \|.*\| ([^|]+) \|$/gm)];
  return new Map(
    rows.map(([, folder, rule]) => {
      const [, but] = /^everything(?: but (.+))?$/.exec(rule!.trim()) ?? [null, null];
      const names = (list: string) => list.split(',').map((name) => name.replace(/\bonly\b/, '').trim());
      const listed = new Set(
        names(but ?? rule!).map((name) => (/^(operators|sinks)$/.test(name) ? name : `lib/${name}`)),
      );
      const all = rule!.trim().startsWith('everything');
      return [folder!, (other: string) => (all ? !listed.has(other) : listed.has(other))];
    }),
  );
}

/** Each way around in a graph, as `a -> b -> a`. */
function cycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (node: string): void => {
    const at = path.indexOf(node);
    if (at >= 0) {
      found.push([...path.slice(at), node].join(' -> '));
      return;
    }
    if (done.has(node)) return;
    path.push(node);
    for (const next of graph.get(node) ?? []) visit(next);
    path.pop();
    done.add(node);
  };
  for (const node of graph.keys()) visit(node);
  return found;
}
