// What the benchmarks found, in one file of JSON that the page of results is made from: a section for each benchmark, the last run of it.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

/** One contender over all turns. Ratios are of wall time, to the floor of the same turn. */
export interface PeerResult {
  readonly name: string;
  readonly about: string;
  readonly turns: number;
  readonly ratio: { readonly min: number; readonly median: number; readonly max: number };
  readonly seconds: { readonly min: number; readonly median: number };
  readonly rowsPerSecond: number;
  readonly processorSeconds: number;
  readonly peakMegabytes: number;
  readonly command: string;
  readonly versions: readonly string[];
}

export interface PeersResult {
  readonly rows: number;
  readonly pageSize: number;
  /** Milliseconds. */
  readonly latency: number;
  /** Requests in flight, of those that can have several. */
  readonly concurrency: number;
  readonly peers: readonly PeerResult[];
}

/** What a measure does when one quantity grows: `y` is about a times `x` to the power of `exponent`. */
export interface GrowthSeries {
  readonly of: string;
  readonly x: readonly number[];
  readonly processorSeconds: readonly number[];
  readonly seconds: readonly number[];
  readonly peakMegabytes: readonly number[];
  /** Of the last two points, where fixed costs weigh least; and of all. */
  readonly exponents: {
    readonly processor: number;
    readonly processorAtEnd: number;
    readonly seconds: number;
    readonly memory: number;
  };
}

export interface MemoryResult {
  readonly rows: number;
  readonly seconds: number;
  readonly peakMegabytes: number;
  /** Milliseconds from the start of the chain to the first page of rows. */
  readonly firstRow: number;
  /** The memory of the process over the run, in megabytes, evenly spread over its pages. */
  readonly resident: readonly number[];
}

export interface Results {
  readonly machine?: { readonly node: string; readonly cores: number; readonly processor: string };
  readonly peers?: PeersResult;
  readonly latency?: PeersResult;
  readonly growth?: readonly GrowthSeries[];
  readonly memory?: MemoryResult;
}

export const resultsFile = fileURLToPath(new URL('results.json', import.meta.url));

export function readResults(file = resultsFile): Results {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results) : {};
}

/** Puts sections in place of those of an earlier run, and notes the machine. */
export function record(sections: Results, file = resultsFile): void {
  const machine = { node: process.version, cores: cpus().length, processor: cpus()[0]?.model ?? 'unknown' };
  writeFileSync(file, `${JSON.stringify({ ...readResults(file), machine, ...sections }, null, 2)}\n`);
}
