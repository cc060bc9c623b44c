// How long the command takes to start, and a program that imports the package: the time until it ends, or until its first request reaches a server,
// and the processor's time, both over those of `node -e 0`, measured in turn. Options: --runs 15, --max-milliseconds N (fail when `sluice run`
// needs more of the processor's time until its first request, or `sluice --help` until its end). Needs `npm run build`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { optionsOf } from './options.js';
import { median } from './processes.js';

const values = optionsOf(import.meta.url, {
  runs: { type: 'string', default: '15' },
  'max-milliseconds': { type: 'string' },
});
const built = (path: string) => fileURLToPath(new URL(`../dist/${path}`, import.meta.url));
const command = built('lib/cli/main.js');
const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-start-'));
/** Writes down the processor's time when the process is asked to, at its first request, or else at its end. */
const meter = join(folder, 'meter.cjs');
await writeFile(
  meter,
  `let first;
const take = () => { first ??= process.cpuUsage(); };
require('node:diagnostics_channel').subscribe('http.client.request.start', take);
process.on('exit', () => {
  take();
  require('node:fs').writeFileSync(process.env.METER, String((first.user + first.system) / 1000));
});`,
);
let asked: () => void = () => undefined;
const server = createServer((_, response) => {
  asked();
  response.setHeader('content-type', 'application/json').end('[{"id":1}]');
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const config = { client: { base_url: url, paginator: 'single_page' }, resources: ['rows'] };
await writeFile(join(folder, 'config.json'), JSON.stringify(config));
await writeFile(join(folder, 'wrong.json'), JSON.stringify({ ...config, resource: [] }));

interface Case {
  readonly name: string;
  readonly args: readonly string[];
  /** Whether the time ends with the first request, and not with the process. */
  readonly untilAsked?: boolean;
  /** @default 0 */
  readonly code?: number;
}

const floor: Case = { name: 'node -e 0', args: ['-e', '0'] };
const cases: readonly Case[] = [
  { name: 'sluice --help', args: [command, '--help'] },
  { name: 'sluice --version', args: [command, '--version'] },
  { name: 'sluice check, a wrong file', args: [command, 'check', 'wrong.json'], code: 2 },
  { name: 'sluice run --dry-run', args: [command, 'run', 'config.json', '--dry-run'] },
  { name: 'sluice check, first request', args: [command, 'check', 'config.json'], untilAsked: true },
  { name: 'sluice run, first request', args: [command, 'run', 'config.json'], untilAsked: true },
  { name: "import 'sluice'", args: ['--input-type=module', '-e', `import ${JSON.stringify(built('lib/index.js'))}`] },
];

/** In milliseconds. */
interface Times {
  readonly wall: number;
  readonly processor: number;
}

async function time({ args, untilAsked = false, code: expected = 0 }: Case): Promise<Times> {
  const first = new Promise<number>((resolve) => {
    asked = () => resolve(performance.now());
  });
  const file = join(folder, 'meter.txt');
  const begin = performance.now();
  const child = spawn(process.execPath, ['--require', meter, ...args], {
    cwd: folder,
    stdio: 'ignore',
    env: { ...process.env, METER: file },
  });
  const [code] = await once(child, 'close');
  const end = performance.now();
  if (code !== expected) throw new Error(`${args.join(' ')} ended with ${code}`);
  return { wall: (untilAsked ? await first : end) - begin, processor: Number(await readFile(file, 'utf8')) };
}

const over = new Map<string, Times[]>(cases.map(({ name }) => [name, []]));
try {
  for (let run = 0; run <= Number(values.runs); run++) {
    for (const each of cases) {
      const least = await time(floor);
      const taken = await time(each);
      const more = { wall: taken.wall - least.wall, processor: taken.processor - least.processor };
      // The first turn warms up the disk.
      if (run > 0) over.get(each.name)!.push(more);
    }
  }
} finally {
  server.close();
  await rm(folder, { recursive: true });
}
console.log(`Milliseconds more than ${floor.name}, ${values.runs} runs, Node ${process.version}: least, median`);
for (const [name, times] of over) {
  const both = (list: readonly number[]) =>
    [Math.min(...list), median(list)].map((it) => it.toFixed(0).padStart(5)).join('');
  const wall = both(times.map((each) => each.wall));
  console.log(`${name.padEnd(30)} time${wall}   processor${both(times.map((each) => each.processor))}`);
}
const limit = values['max-milliseconds'];
for (const name of ['sluice --help', 'sluice run, first request']) {
  const measured = Math.min(...over.get(name)!.map((each) => each.processor));
  if (limit === undefined || measured <= Number(limit)) continue;
  console.error(`${name} takes ${measured.toFixed(0)} ms of the processor more than node -e 0, and may take ${limit}`);
  process.exitCode = 1;
}
