// A Python with what a suite is about (for interop: the readers), pinned, in a folder of its own; and a Java for Spark.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const readers = fileURLToPath(new URL('requirements.txt', import.meta.url));

/** The path of a Python interpreter that has what requirements.txt lists. Installed at the first call; takes a minute. */
export function pythonWithReaders(): Promise<string> {
  return pythonWith(readers, '.venv');
}

/** The path of a Python interpreter that has what the file lists, in a folder of that name below the root. Installed at the first call. */
export async function pythonWith(requirements: string, folder: string): Promise<string> {
  const venv = join(root, folder);
  const python = join(venv, 'bin/python');
  const mark = join(venv, createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 16));
  if (!existsSync(mark)) {
    await rm(venv, { recursive: true, force: true });
    // Debian keeps a part of the venv module in a package of its own.
    await run('python3', ['-m', 'venv', venv]).catch(async () => {
      await installPackages('python3-venv');
      await run('python3', ['-m', 'venv', '--clear', venv]);
    });
    await run(python, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements], {
      maxBuffer: 16 * 1024 * 1024,
    });
    await writeFile(mark, '');
  }
  return python;
}

/** Makes sure that there is a Java for Spark. */
export async function javaForSpark(): Promise<void> {
  await run('java', ['-version']).catch(() => installPackages('default-jre-headless'));
}

async function installPackages(...names: string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-qq'], { env });
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], {
    env,
    maxBuffer: 64 * 1024 * 1024,
  });
}
