// Runs the command `sluice` as a user does, in a process of its own.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../../../lib/cli/main.ts', import.meta.url));
const tsx = import.meta.resolve('tsx');

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs it to its end; a failure is a result with another code than 0. */
export async function sluice(
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<CommandResult> {
  const child = spawn(process.execPath, ['--import', tsx, command, ...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 240_000,
    killSignal: 'SIGKILL',
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => stdout.push(part));
  child.stderr.on('data', (part: Buffer) => stderr.push(part));
  const code = await new Promise<number | null>((done, failed) => {
    child.once('error', failed);
    child.once('close', done);
  });
  return { code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
}

/** What the summary of `sluice run` says of one table. */
export interface SummaryCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly total: number;
}

/** Reads the counts of one table out of what `sluice run` printed. */
export function countsOf(table: string, { stdout }: CommandResult): SummaryCounts {
  const lines = stdout.split('\n');
  const from = lines.indexOf(table);
  if (from < 0) return countsInTable(table, lines);
  const count = (label: string) => {
    const line = lines.slice(from).find((it) => it.trim().startsWith(`${label} `));
    return Number(/([\d,]+)$/.exec(line ?? '')?.[1]?.replaceAll(',', ''));
  };
  return {
    inserted: count('inserted'),
    updated: count('updated'),
    unchanged: count('unchanged'),
    total: count('rows in the table'),
  };
}

/** The same from the summary of a run with several tables: a line for each. */
function countsInTable(table: string, lines: readonly string[]): SummaryCounts {
  const cells = (line: string | undefined) => (line ?? '').trim().split(/ {2,}/);
  const head = cells(lines.find((line) => line.startsWith('table  ')));
  const row = lines.map(cells).find(([name]) => name === table);
  if (row === undefined)
    throw new Error(`there is no table ${table} in the summary:\n${lines.join('\n').slice(0, 2000)}`);
  const count = (name: string) => Number(row[head.indexOf(name)]?.replaceAll(',', ''));
  return {
    inserted: count('inserted'),
    updated: count('updated'),
    unchanged: count('unchanged'),
    total: count('in the table'),
  };
}
