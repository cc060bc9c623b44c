// Runs the peers in Python: for each list of requirements an environment of its own, made at the first call.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Sample } from '../processes.js';

const run = promisify(execFile);
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** An environment: the folder of its commands, and what is installed in it on purpose. */
export interface Environment {
  readonly bin: string;
  readonly versions: readonly string[];
}

const made = new Map<string, Promise<Environment>>();

/** The environment with what `requirements/NAME.txt` lists. */
export function environment(name: string): Promise<Environment> {
  const known = made.get(name) ?? make(name);
  made.set(name, known);
  return known;
}

async function make(name: string): Promise<Environment> {
  const folder = here(`../../.venv-peers/${name}`);
  const requirements = here(`requirements/${name}.txt`);
  const text = readFileSync(requirements, 'utf8');
  const mark = join(folder, createHash('sha256').update(text).digest('hex').slice(0, 16));
  if (!existsSync(mark)) {
    await rm(folder, { recursive: true, force: true });
    await run('python3', ['-m', 'venv', folder]);
    await run(join(folder, 'bin/python'), ['-m', 'pip', 'install', '--quiet', '--requirement', requirements]);
    await writeFile(mark, '');
  }
  return { bin: join(folder, 'bin'), versions: text.trim().split('\n') };
}

/** What a peer measured of itself: the last line that it printed. */
export async function samplePython(
  { bin }: Environment,
  script: string,
  args: readonly (string | number)[],
): Promise<Sample> {
  const { stdout } = await run(join(bin, 'python'), [here(script), ...args.map(String)], { maxBuffer: 64 * 2 ** 20 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Sample;
}
