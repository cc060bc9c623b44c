// One load of a scenario that is killed at random points, and started again until it comes to its end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { manifestName, readManifest } from '../../../lib/table/directory/manifest.js';
import { query } from '../../sinks/parquet-file.js';
import { type PagedApi, pageSize } from './paged-api.js';
import type { Scenario } from './scenarios.js';

const program = fileURLToPath(new URL('killed-source.mjs', import.meta.url));

/**
 * Where a process is killed: before a file system call, or from outside, so many milliseconds after it has begun, after it has begun to publish,
 * or after it was given so many pages.
 */
export type Kill =
  | { readonly call: number }
  | { readonly begun: number }
  | { readonly publishing: number }
  | { readonly page: number; readonly wait: number };

/** How a process ended. */
export interface End {
  /** Of its file system calls; absent when it was killed. */
  readonly calls?: number;
  /** Pages it was given, and those of them that were given before. */
  readonly served: number;
  readonly repeated: number;
  /** How long it published, in milliseconds; absent when it did not come to that. */
  readonly publishing?: number;
}

/** Pages in a checkpoint. */
export const checkpoint = { pages: 20 };
/** What the high-water mark lets be on its way. */
const onTheWay = 16;

/** Where there are children: the walks of four of them, of the parents and of the third table. */
const walksAtOnce = 6;

/**
 * How many pages a kill may cost at most: the checkpoint that is documented, over all tables, what was on its way, and the pages of parents, which are
 * asked for again from the first.
 */
export function repeatsAllowed({ listings: [, listing] }: Scenario): number {
  const parents = listing['/parents'];
  const allowed = checkpoint.pages + onTheWay;
  return parents === undefined ? allowed : allowed + Math.ceil(parents.length / pageSize) + walksAtOnce - 1;
}

function loadOf({ url }: PagedApi, { source }: Scenario): object {
  if ('chain' in source) return { chain: { url, options: source.chain } };
  const client = {
    base_url: url,
    paginator: { type: 'offset', limit: 5 },
    retry: { max_retries: 5, initial_delay: 0.001 },
  };
  const defaults = { endpoint: { data_selector: 'data' } };
  return { config: { client, resource_defaults: defaults, resources: source.resources }, functions: source.functions };
}

/** Starts the source, and kills it. */
export async function start(api: PagedApi, scenario: Scenario, out: string, kill?: Kill): Promise<End> {
  const load = loadOf(api, scenario);
  const options = JSON.stringify({ ...load, run: { out, checkpoint }, kill });
  const source = spawn(process.execPath, [program, options], { stdio: ['ignore', 'pipe', 'pipe'] });
  const killAfter = (milliseconds: number): void => void setTimeout(() => source.kill('SIGKILL'), milliseconds);
  const before = { served: api.served, repeated: api.repeated };
  api.onPage = () => {
    if (kill && 'page' in kill && api.served - before.served === kill.page) killAfter(kill.wait);
  };
  let calls: number | undefined;
  let publishing: number | undefined;
  createInterface({ input: source.stdout }).on('line', (said) => {
    if (said === 'begun') {
      if (kill && 'begun' in kill) killAfter(kill.begun);
    } else if (said === 'publishing') {
      publishing = performance.now();
      if (kill && 'publishing' in kill) killAfter(kill.publishing);
    } else calls = (JSON.parse(said) as { calls: number }).calls;
  });
  const [problems, [code, signal]] = await Promise.all([text(source.stderr), once(source, 'close')]);
  api.onPage = () => undefined;
  if (code !== 0 && signal !== 'SIGKILL') throw new Error(`the source has failed: ${problems}`);
  return {
    ...(code === 0 && calls !== undefined && { calls }),
    served: api.served - before.served,
    repeated: api.repeated - before.repeated,
    ...(publishing !== undefined && { publishing: performance.now() - publishing }),
  };
}

/** The first load of a scenario, which is not killed: what the killed one finds. */
export async function prepare(api: PagedApi, scenario: Scenario, out: string): Promise<void> {
  api.list(scenario.listings[0]);
  await start(api, scenario, out);
}

/** A process that was killed. */
export interface Death {
  readonly kill: Kill;
  readonly end: End;
  /** Whether it went on from what another one had left, and had not been given a page yet. */
  readonly recovering: boolean;
}

/** What came of one load. */
export interface Killed {
  readonly deaths: readonly Death[];
  /** Of the process that came to the end. */
  readonly last: End;
  /** How often the load was done: more than once when it was killed after it had come to its end, and begun again. */
  readonly loads: number;
  readonly served: number;
  readonly repeated: number;
}

/** Where a load stands before a process of it is started. */
export interface Standing {
  /** The processes that were killed. */
  readonly deaths: number;
  readonly loads: number;
  /** Pages that it was given, each counted once. */
  readonly pages: number;
}

/** Loads into a copy of `base`, killed at the points that `next` says until it says none, or until one is not reached. */
export async function killedLoad(
  api: PagedApi,
  scenario: Scenario,
  { base, out, next }: { readonly base: string; readonly out: string; next(standing: Standing): Kill | undefined },
): Promise<Killed> {
  await cp(base, out, { recursive: true });
  api.list(scenario.listings[1]);
  const deaths: Death[] = [];
  let loads = 1;
  let published = await tableFile(scenario, out);
  for (;;) {
    const isResumed = await hasJournal(out);
    const kill = next({ deaths: deaths.length, loads, pages: api.served - api.repeated });
    const end = await start(api, scenario, out, kill);
    if (end.calls !== undefined) return { deaths, last: end, loads, served: api.served, repeated: api.repeated };
    deaths.push({ kill: kill!, end, recovering: isResumed && end.served === 0 });
    if (await hasJournal(out)) continue;
    const now = await tableFile(scenario, out);
    // A load that had nothing to change has come to its end, too, when its journal is gone.
    const hadJournal = isResumed || end.publishing !== undefined;
    if (now === published && !hadJournal) continue;
    published = now;
    loads += 1;
    api.forget();
  }
}

/** Tells what is published of the last table from what takes its place. */
async function tableFile({ tables }: Scenario, out: string): Promise<string> {
  const table = Object.keys(tables).at(-1)!;
  const { manifest } = await publishedFiles(out, table);
  const found = await stat(join(out, manifest ?? `${table}.parquet`));
  return `${found.ino} ${found.mtimeMs}`;
}

/** The files of a table, and the manifest that names them when it is a directory. Relative to the output folder. */
async function publishedFiles(
  out: string,
  table: string,
): Promise<{ readonly files: readonly string[]; readonly manifest?: string }> {
  const manifest = (await readManifest(out))?.tables[table];
  if (manifest === undefined) return { files: [`${table}.parquet`] };
  return { files: manifest.files.map(({ path }) => path), manifest: manifestName };
}

/** Whether a load is to be gone on with. */
async function hasJournal(out: string): Promise<boolean> {
  return (await everythingIn(out)).some((path) => path.endsWith('journal.jsonl'));
}

/** The rows of a table, as lines of JSON. */
export async function tableLines(out: string, table: string, columns = '*'): Promise<string[]> {
  const { files, manifest } = await publishedFiles(out, table);
  const list = files.map((file) => `'${join(out, file)}'`).join(', ');
  const rows = await query(
    `SELECT COLUMNS(*)::VARCHAR FROM (SELECT ${columns} FROM read_parquet([${list}], hive_partitioning=${manifest !== undefined}))`,
  );
  return rows.map(line);
}

/** A row as a line that compares: its columns in the order of their names. */
export function line(row: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(
    Object.entries(row)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => [name, String(value)]),
  );
}

/** What is in the output folder beside the tables and what a scenario leaves there. */
export async function leftovers(out: string, { tables, leaves = [] }: Scenario): Promise<string[]> {
  const known = new Set<string>(leaves);
  for (const table of Object.keys(tables)) {
    const { files, manifest } = await publishedFiles(out, table);
    if (manifest !== undefined) known.add(manifest);
    for (const file of files) for (let path = file; path !== '.'; path = dirname(path)) known.add(path);
  }
  return (await everythingIn(out)).filter((path) => !known.has(path));
}

async function everythingIn(out: string): Promise<string[]> {
  return (await readdir(out, { recursive: true })).sort();
}
