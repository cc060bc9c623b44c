// Installs the servers of other people that the specs of this folder read from: once, pinned, below one state folder.
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Where the servers are installed, and where their logs are. Kept between runs. @default `.real` at the root of the repository */
export const stateFolder = resolve(process.env['REAL_STATE'] ?? join(here, '../../../.real'));

/** The files that one server is installed from, beside this module: requirements, locks, configurations. */
export function recipeFolder(server: string): string {
  return join(here, server);
}

export interface Command {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Written to the command's standard input. */
  readonly input?: string;
  /** A file to which standard output and standard error are appended. Without it both are returned. */
  readonly log?: string;
  /** Milliseconds until the command is killed. @default 600000 */
  readonly timeout?: number;
}

/** Runs a command to its end and gives its standard output. Rejects with the end of what it printed when it fails. */
export async function run(command: string, args: readonly string[], options: Command = {}): Promise<string> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: 'pipe',
    timeout: options.timeout ?? 600_000,
    killSignal: 'SIGKILL',
  });
  child.stdin.on('error', () => {
    // A command that does not read its input is judged by its exit code.
  });
  child.stdin.end(options.input ?? '');
  const [output, everything] = await collect(child, options.log);
  if (child.exitCode !== 0) {
    throw new Error(
      `${[command, ...args].join(' ').slice(0, 200)} failed (${child.exitCode ?? child.signalCode}):\n${everything.slice(-3000)}`,
    );
  }
  return output;
}

async function collect(child: ChildProcess, log: string | undefined): Promise<[output: string, everything: string]> {
  const file = log === undefined ? undefined : createWriteStream(log, { flags: 'a' });
  const output: Buffer[] = [];
  const everything: Buffer[] = [];
  child.stdout?.on('data', (part: Buffer) => {
    output.push(part);
    everything.push(part);
    file?.write(part);
  });
  child.stderr?.on('data', (part: Buffer) => {
    everything.push(part);
    file?.write(part);
  });
  await new Promise<void>((done, failed) => {
    child.once('error', failed);
    child.once('close', () => done());
  }).finally(() => file?.end());
  return [Buffer.concat(output).toString(), Buffer.concat(everything).toString()];
}

/** Where an installation goes, what it is made from, and where its commands write what they print. */
export interface InstallTarget {
  readonly folder: string;
  readonly recipe: string;
  readonly log: string;
}

/**
 * Installs a server into its own folder below the state folder, unless that was done before from the same recipe, and
 * gives the folder. An installation that failed or was killed half-way is thrown away and made anew.
 */
export async function installOnce(server: string, install: (target: InstallTarget) => Promise<void>): Promise<string> {
  const folder = join(stateFolder, server);
  const recipe = recipeFolder(server);
  const marker = join(folder, 'installed');
  const fingerprint = await fingerprintOf(recipe);
  await mkdir(stateFolder, { recursive: true });
  const unlock = await lock(join(stateFolder, `${server}.lock`));
  try {
    if (existsSync(marker) && (await readFile(marker, 'utf8')) === fingerprint) return folder;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await install({ folder, recipe, log: join(stateFolder, `${server}.install.log`) });
    await writeFile(marker, fingerprint);
    return folder;
  } finally {
    await unlock();
  }
}

async function fingerprintOf(recipe: string): Promise<string> {
  const hash = createHash('sha256').update(`${process.version} ${process.platform} ${process.arch}`);
  for (const name of (await readdir(recipe)).sort()) hash.update(name).update(await readFile(join(recipe, name)));
  return hash.digest('hex');
}

/** Two test runs in one folder must not install the same server at once. A lock older than any installation is dead. */
async function lock(file: string): Promise<() => Promise<void>> {
  const oldest = 15 * 60_000;
  for (;;) {
    try {
      await (await open(file, 'wx')).close();
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const age = await stat(file).then(
        ({ mtimeMs }) => Date.now() - mtimeMs,
        () => 0,
      );
      if (age > oldest) await rm(file, { force: true });
      else await new Promise((wake) => setTimeout(wake, 500));
    }
  }
}

/** Makes a Python virtual environment with exactly the packages of the recipe's `requirements.txt`; gives its `bin` folder. */
export async function pythonEnvironment(folder: string, recipe: string, log: string): Promise<string> {
  const environment = join(folder, 'venv');
  await run('python3', ['-m', 'venv', environment], { log }).catch(async () => {
    // Debian keeps a part of the module in a package of its own.
    await aptInstall(['python3-venv'], log);
    await run('python3', ['-m', 'venv', '--clear', environment], { log });
  });
  const bin = join(environment, 'bin');
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--only-binary', ':all:'];
  await run(join(bin, 'python'), [...pip, '-r', join(recipe, 'requirements.txt')], { log });
  return bin;
}

/** Installs packages of Debian, waiting for whoever holds apt's lock. Needs root. */
export async function aptInstall(packages: readonly string[], log: string): Promise<void> {
  const apt = (...args: string[]) =>
    run('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=300', ...args], {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
      log,
    });
  await apt('update');
  await apt('install', '-y', '--no-install-recommends', ...packages);
}
