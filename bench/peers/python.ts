// Runs the peers in Python: an interpreter with what requirements.txt lists, in a folder of its own, made at the first call.
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

/** The path of the interpreter. */
export async function pythonWithPeers(): Promise<string> {
  const venv = here('../../.venv-peers');
  const requirements = here('requirements.txt');
  const mark = join(venv, createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 16));
  if (!existsSync(mark)) {
    await rm(venv, { recursive: true, force: true });
    await run('python3', ['-m', 'venv', venv]);
    await run(join(venv, 'bin/python'), ['-m', 'pip', 'install', '--quiet', '--requirement', requirements]);
    await writeFile(mark, '');
  }
  return join(venv, 'bin/python');
}

/** What a peer measured of itself: the last line that it printed. */
export async function samplePython(
  python: string,
  script: string,
  args: readonly (string | number)[],
): Promise<Sample> {
  const { stdout } = await run(python, [here(script), ...args.map(String)], { maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Sample;
}
