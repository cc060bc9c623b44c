// The code blocks of README.md and docs/, and the folder in which they are run: with this package installed, examples/projects.json as
// projects.json, and an API that answers at https://api.example.com, the address that all documents use.
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Block {
  /** The document, relative to the root. */
  readonly document: string;
  readonly line: number;
  readonly language: string;
  /** The second word behind the fence: the block is the content of this file. */
  readonly file: string | undefined;
  readonly code: string;
}

/** README.md and all of docs/, without the records of decisions, which hold no code. */
export function documents(): string[] {
  const inDocs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' });
  return ['README.md', ...inDocs.filter((name) => name.endsWith('.md')).map((name) => join('docs', name))].sort();
}

export function blocksOf(document: string): Block[] {
  const text = readFileSync(join(root, document), 'utf8');
  return [...text.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)].map((match) => {
    const [language = '', file] = match[1]!.trim().split(/\s+/);
    return { document, line: text.slice(0, match.index).split('\n').length, language, file, code: match[2]! };
  });
}

/** The block's code with the address that documents use replaced by the one that answers. */
export function runnable(code: string, url: string): string {
  return code.replaceAll('https://api.example.com', url);
}

export interface Folder {
  readonly path: string;
  remove(): Promise<void>;
}

/** What readers have beside the package: its peer, and what a document tells them to install. */
const installedByReaders = ['rxjs', 'typescript', 'hyparquet', 'hyparquet-compressors'];

/** A folder in which `import … from 'sluice'` and `npx sluice` find this package, as built in dist/. */
export async function folderWithPackage(url: string): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'sluice-docs-'));
  const modules = join(path, 'node_modules');
  const { bin, dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  await mkdir(join(modules, '.bin'), { recursive: true });
  await symlink(root, join(modules, 'sluice'));
  for (const name of [...installedByReaders, ...Object.keys(dependencies)]) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(root, 'node_modules', name), join(modules, name));
  }
  // As npm links a command.
  await writeFile(
    join(modules, '.bin/sluice'),
    `#!/bin/sh\nexec "${process.execPath}" "${join(root, bin.sluice)}" "$@"\n`,
    { mode: 0o755 },
  );
  await writeFile(join(path, 'package.json'), '{ "type": "module", "private": true }');
  const config = JSON.parse(readFileSync(join(root, 'examples/projects.json'), 'utf8'));
  config.client.base_url = url;
  await writeFile(join(path, 'projects.json'), JSON.stringify(config));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
