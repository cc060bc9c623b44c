// `npm start`: serves the demo API in a process of its own, runs examples/projects.json against it, changes projects upstream, runs
// again, and checks what it counted against what the server says. Ends with 0 only if all of it agrees.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { firstRows } from '../lib/cli/first-rows.js';
import { RunProgress } from '../lib/cli/run-progress.js';
import { styleFor } from '../lib/cli/style.js';
import { summary } from '../lib/cli/summary.js';
import { type Receipt, restApiFile } from '../lib/index.js';
import { demoKey } from './server/api.js';
import { startDemoApi } from './server/start.js';

const out = 'out';
const table = 'project_data';
const configuration = join(out, 'demo.json');
const style = styleFor(process.stdout);

await removeEarlierDemo();
const api = await startDemoApi();
try {
  await configure(api.url);
  const before = await api.stats();
  say(`First run: ${before.total} projects at ${api.url}; every 7th request fails`);
  const first = await run();
  const afterFirst = await api.stats();

  const upstream = await api.change({ update: 40, add: 25, addBefore: 1500 });
  say(
    `Second run: upstream, ${upstream.updated} projects were changed and ${upstream.added} added; one more is added while we read`,
  );
  const second = await run();
  const afterSecond = await api.stats();

  say('What the server says, and what was counted');
  const all = [
    check('first run, inserted', before.total, first.inserted),
    check('first run, requests', afterFirst.requests, first.counts.requests),
    check('first run, retries', afterFirst.failures, first.counts.retries),
    check('second run, inserted', upstream.added, second.inserted),
    check('second run, updated', upstream.updated, second.updated),
    check('second run, unchanged', upstream.unchanged, second.unchanged),
    // The list is newest first: the project that came in between pushed one row from a page into the next.
    check('second run, duplicates dropped', 1, second.duplicates),
    check('second run, requests', afterSecond.requests - afterFirst.requests, second.counts.requests),
    check('second run, retries', afterSecond.failures - afterFirst.failures, second.counts.retries),
    check('rows in the table', upstream.unchanged + upstream.updated + upstream.added, second.total),
  ];
  process.exitCode = all.every(Boolean) ? 0 : 1;
} finally {
  await api.stop();
}

/** One run of the configuration, with its progress on the terminal and its summary below. */
async function run(): Promise<Receipt> {
  const progress = new RunProgress('auto', { stream: process.stderr, logLevel: 'info' });
  try {
    const source = await restApiFile(configuration, { env: { API_KEY: demoKey } });
    const { receipts } = await source.run({ out, onProgress: (resource, event) => progress.take(resource, event) });
    const receipt = receipts[table]!;
    progress.display.close();
    console.log(summary(receipt, { style, preview: await firstRows(receipt.files[0]!, 5) }));
    return receipt;
  } finally {
    progress.display.close();
  }
}

/** Writes the configuration with the address at which the server listens: another one than usual when its port is taken. */
async function configure(url: string): Promise<void> {
  const file = fileURLToPath(new URL('projects.json', import.meta.url));
  const config = JSON.parse(await readFile(file, 'utf8'));
  config.client.base_url = url;
  await mkdir(out, { recursive: true });
  await writeFile(configuration, `${JSON.stringify(config, null, 2)}\n`);
}

/** The server starts with the same projects each time, so the table must start empty; one that is not the demo's is left alone. */
async function removeEarlierDemo(): Promise<void> {
  const file = join(out, `${table}.parquet`);
  if (!existsSync(file)) return;
  if (!existsSync(configuration)) throw new Error(`${file} was not made by this demo; move it away first`);
  await rm(file);
  await rm(join(out, '.sluice'), { recursive: true, force: true });
}

function say(text: string): void {
  console.log(`\n${style.bold(text)}\n`);
}

function check(what: string, server: number, counted: number): boolean {
  const same = server === counted;
  console.log(
    `  ${same ? style.green('✓') : style.red('✗')} ${what}: ${server}${same ? '' : `, but ${counted} were counted`}`,
  );
  return same;
}
