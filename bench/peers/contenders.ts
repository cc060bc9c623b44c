// Who is measured, each with the settings that are its best or its defaults, and how a person would start it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type Sample, sample } from '../processes.js';
import { environment, samplePython } from './python.js';

/** Where the pages are, and where the result goes. */
export interface Task {
  readonly url: string;
  readonly pageSize: number;
  readonly folder: string;
  /** Requests in flight, for those that can have several. */
  readonly concurrency: number;
}

export interface Contender {
  readonly name: string;
  /** What it does and does not do, beside Sluice. */
  readonly about: string;
  /** Takes so long that a few turns must do. */
  readonly slow?: boolean;
  /** What is installed for it, with versions. */
  versions(): Promise<readonly string[]>;
  run(task: Task): Promise<Sample>;
  /** The command that a turn is. */
  readonly command: string;
}

const root = new URL('../../', import.meta.url);

/** Read from the disk: not every package lets its package.json be imported. */
function version(name: string): string {
  const file = new URL(name === 'sluice' ? 'package.json' : `node_modules/${name}/package.json`, root);
  return `${name} ${(JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version}`;
}

/** As `bench/processes.ts` runs it: built first, so that no loader for TypeScript takes part. */
const node = (script: string, about: string, name: string, packages: readonly string[]): Contender => ({
  name,
  about,
  command: `node bench/built/${script.replace(/ts$/, 'js')} URL PAGE_SIZE FOLDER CONCURRENCY`,
  versions: async () => [`node ${process.version}`, ...packages.map(version)],
  run: ({ url, pageSize, folder, concurrency }) => sample(script, [url, pageSize, folder, concurrency]),
});

interface Python {
  readonly name: string;
  readonly about: string;
  readonly script: string;
  readonly args?: readonly string[];
  readonly environments?: readonly string[];
  readonly slow?: boolean;
}

function python({ script, args = [], environments = ['dlt'], ...rest }: Python): Contender {
  const [first = 'dlt'] = environments;
  return {
    ...rest,
    command: `python bench/peers/${[script, 'URL PAGE_SIZE FOLDER', ...args].join(' ')}`,
    versions: async () => [
      execFileSync('python3', ['--version'], { encoding: 'utf8' }).trim().toLowerCase(),
      ...(await Promise.all(environments.map(environment))).flatMap(({ versions }) => versions),
    ],
    run: async ({ url, pageSize, folder }) =>
      samplePython(await environment(first), script, [url, pageSize, folder, ...args]),
  };
}

const dlt = (destination: string, settings: string, about: string): Contender =>
  python({
    name: `dlt, ${destination}, ${settings}`,
    about,
    script: 'dlt_run.py',
    args: [destination, settings],
    slow: settings === 'defaults' || destination === 'duckdb',
  });

const singer: Contender = {
  name: 'Singer: tap-rest-api-msdk | target-jsonl',
  about: 'lines of JSON; no types, no merge',
  slow: true,
  command: 'tap-rest-api-msdk --config tap.json | target-jsonl --config target.json',
  versions: async () => (await Promise.all(['tap', 'target'].map(environment))).flatMap(({ versions }) => versions),
  run: async ({ url, pageSize, folder }) => {
    const [tap, target] = await Promise.all([environment('tap'), environment('target')]);
    const commands = [`${tap.bin}/tap-rest-api-msdk`, `${target.bin}/target-jsonl`];
    return samplePython(tap, 'singer_run.py', [url, pageSize, folder, ...commands]);
  },
};

/** The first is what the others are compared with. */
export const contenders: readonly Contender[] = [
  node('floor.ts', 'the requests and JSON.parse, nothing else', 'floor', []),
  node('sluice.ts', 'merge, resume, retry, types', 'Sluice', ['sluice', '@duckdb/node-api']),
  node('floor-node-fetch.ts', 'the same over node-fetch', 'floor, node-fetch', ['node-fetch']),
  node('sluice-node-fetch.ts', 'the same over node-fetch', 'Sluice, node-fetch', [
    'sluice',
    'node-fetch',
    '@duckdb/node-api',
  ]),
  node('floor-undici.ts', 'the same over undici', 'floor, undici', ['undici']),
  node('sluice-undici.ts', 'the same over undici', 'Sluice, undici', ['sluice', 'undici', '@duckdb/node-api']),
  node('peers/fetch-duckdb.ts', 'by hand; no merge, no resume, no retry', 'fetch + JSON lines + DuckDB', [
    '@duckdb/node-api',
  ]),
  python({
    name: 'requests + pyarrow',
    about: 'by hand; no merge, no resume, no retry',
    script: 'requests_pyarrow.py',
  }),
  node('peers/fetch-parquet.ts', 'by hand; no merge, no resume, no retry', 'fetch + hyparquet-writer', [
    'hyparquet-writer',
  ]),
  dlt('parquet', 'best', 'appends instead of merging; nested values as JSON, two workers, nothing compressed between'),
  dlt('duckdb', 'best', 'the same, merging into a DuckDB file'),
  python({
    name: 'Airbyte CDK, declarative manifest',
    about: 'messages in lines of JSON; no types, no merge, no destination',
    script: 'airbyte_cdk_run.py',
    environments: ['airbyte'],
    slow: true,
  }),
  dlt('parquet', 'defaults', 'appends instead of merging; lists become tables of their own'),
  dlt('duckdb', 'defaults', 'the same, merging into a DuckDB file'),
  singer,
];
