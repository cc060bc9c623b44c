// Runs a benchmark's parts in processes of their own and reads what they measured.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** What one measured process reports of itself. */
export interface Sample {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
  readonly rows: number;
  readonly detail?: Readonly<Record<string, number>>;
  /** Values over the run, in order. */
  readonly series?: readonly number[];
}

const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const built = new Map<string, Promise<string>>();

/** A program as JavaScript, which a bare Node runs: a loader for TypeScript would slow down every import that is made while time is taken. */
function programOf(name: string): Promise<string> {
  const outfile = script(`built/${name.replace(/ts$/, 'js')}`);
  const known = built.get(name);
  if (known) return known;
  const made = build({
    entryPoints: [script(name)],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
  }).then(() => outfile);
  built.set(name, made);
  return made;
}

export interface Server {
  readonly url: string;
  stop(): void;
}

export interface ServerOptions {
  readonly rows: number;
  readonly pageSize: number;
  /** Milliseconds for each answer. @default 0 */
  readonly latency?: number;
  /** @default 10 */
  readonly columns?: number;
}

export async function startServer(options: ServerOptions): Promise<Server> {
  const child: ChildProcess = fork(
    await programOf('server.ts'),
    [options.rows, options.pageSize, options.latency ?? 0, options.columns ?? 10].map(String),
    { execArgv: [] },
  );
  const [port] = (await once(child, 'message')) as [number];
  return { url: `http://127.0.0.1:${port}`, stop: () => child.disconnect() };
}

/** Runs `name` with these arguments; it sends one `Sample`. */
export async function sample(name: string, args: readonly (string | number)[]): Promise<Sample> {
  const child = fork(await programOf(name), args.map(String), { execArgv: [] });
  const exited = once(child, 'exit');
  const first = await Promise.race([once(child, 'message'), exited.then(() => undefined)]);
  const [code] = await exited;
  if (first === undefined || code !== 0) throw new Error(`${name} ${args.join(' ')} ended with ${code} and no result`);
  return first[0] as Sample;
}

/** Measures `work` in this process and sends the sample to the parent. */
export async function report(work: () => Promise<Pick<Sample, 'rows' | 'detail' | 'series'>>): Promise<void> {
  const before = process.cpuUsage();
  const start = performance.now();
  const { rows, detail, series } = await work();
  const seconds = (performance.now() - start) / 1000;
  const used = process.cpuUsage(before);
  const result: Sample = {
    seconds,
    cpuSeconds: (used.user + used.system) / 1e6,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
    rows,
    ...(detail && { detail }),
    ...(series && { series }),
  };
  await new Promise<void>((resolve, reject) => process.send?.(result, (error) => (error ? reject(error) : resolve())));
  process.exit(0);
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};
