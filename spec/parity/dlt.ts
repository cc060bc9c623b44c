// dlt itself, in a Python process that reads the configurations of all golden cases, each against an API of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startCase } from '../golden/golden-case.js';
import type { Asked } from '../golden/scripted-api.js';
import { pythonWith } from '../interop/python.js';

const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url));
const script = fileURLToPath(new URL('read.py', import.meta.url));

export interface Outcome {
  readonly rows: Readonly<Record<string, readonly unknown[]>>;
  /** The types and texts of the exception and its causes. */
  readonly error?: string;
  readonly asked: readonly Asked[];
}

/** What dlt makes of each case, by name. */
export async function readWithDlt(cases: ReadonlyMap<string, string>): Promise<Map<string, Outcome>> {
  const python = await pythonWith(requirements, '.venv-dlt');
  const home = await mkdtemp(join(tmpdir(), 'sluice-parity-'));
  const started = new Map(
    await Promise.all([...cases].map(async ([name, text]) => [name, await startCase(text)] as const)),
  );
  try {
    const child = spawn(python, [script], {
      cwd: home,
      env: { PATH: process.env['PATH'], HOME: home, DLT_DATA_DIR: home },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = once(child, 'close');
    const jobs = [...started].map(([name, { golden }]) => {
      const { config, env = {}, read = null, python: functions = {}, tables = false } = golden;
      return { name, config, env, read, python: functions, tables };
    });
    child.stdin.end(JSON.stringify(jobs));
    const outcomes = new Map<string, Outcome>();
    for await (const line of createInterface({ input: child.stdout })) {
      const { name, ...outcome } = JSON.parse(line) as { name: string } & Omit<Outcome, 'asked'>;
      outcomes.set(name, { ...outcome, asked: started.get(name)?.api.asked ?? [] });
    }
    const [code] = await ended;
    if (code !== 0) throw new Error(`dlt's process ended with ${code}`);
    return outcomes;
  } finally {
    await Promise.all([...started.values()].map(({ api }) => api.stop()));
    await rm(home, { recursive: true, force: true });
  }
}
