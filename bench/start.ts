// How long the command takes to start: the time until it ends, or until its first request reaches a server, over that of `node -e 0`,
// measured in turn. Option: --runs 15, --max-milliseconds N (fail when `sluice --help` takes longer).
// Needs `npm run build`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from './processes.js';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '15' }, 'max-milliseconds': { type: 'string' } },
});
const command = fileURLToPath(new URL('../dist/lib/cli/main.js', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-start-'));
let asked: () => void = () => undefined;
const server = createServer((_, response) => {
  asked();
  response.setHeader('content-type', 'application/json').end('[{"id":1}]');
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const config = { client: { base_url: url, paginator: 'single_page' }, resources: ['rows'] };
await writeFile(join(folder, 'config.json'), JSON.stringify(config));

interface Case {
  readonly name: string;
  readonly args: readonly string[];
  /** Whether the time ends with the first request, and not with the process. */
  readonly untilAsked?: boolean;
}

const floor: Case = { name: 'node -e 0', args: ['-e', '0'] };
const cases: readonly Case[] = [
  { name: 'sluice --help', args: [command, '--help'] },
  { name: 'sluice completion bash', args: [command, 'completion', 'bash'] },
  { name: 'sluice run --dry-run', args: [command, 'run', 'config.json', '--dry-run'] },
  { name: 'sluice check, first request', args: [command, 'check', 'config.json'], untilAsked: true },
  { name: 'sluice run, first request', args: [command, 'run', 'config.json'], untilAsked: true },
];

/** Milliseconds. */
async function time({ args, untilAsked = false }: Case): Promise<number> {
  const first = new Promise<number>((resolve) => {
    asked = () => resolve(performance.now());
  });
  const begin = performance.now();
  const child = spawn(process.execPath, args, { cwd: folder, stdio: 'ignore' });
  const [code] = await once(child, 'close');
  const end = performance.now();
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`);
  return (untilAsked ? await first : end) - begin;
}

const over = new Map<string, number[]>(cases.map(({ name }) => [name, []]));
try {
  for (let run = 0; run <= Number(values.runs); run++) {
    for (const each of cases) {
      const least = await time(floor);
      const taken = await time(each);
      // The first turn warms up the disk.
      if (run > 0) over.get(each.name)!.push(taken - least);
    }
  }
} finally {
  server.close();
  await rm(folder, { recursive: true });
}
console.log(`Milliseconds more than ${floor.name}, ${values.runs} runs, Node ${process.version}`);
for (const [name, times] of over)
  console.log(`${name.padEnd(30)} ${Math.min(...times).toFixed(0)} least  ${median(times).toFixed(0)} median`);
const limit = values['max-milliseconds'];
const measured = median(over.get('sluice --help')!);
if (limit !== undefined && measured > Number(limit)) {
  console.error(`sluice --help takes ${measured.toFixed(0)} ms more than node -e 0, and may take ${limit}`);
  process.exitCode = 1;
}
