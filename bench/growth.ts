// How time and memory grow with the rows, the columns, the size of a page, the number of resources and the size of the published table: each
// series in processes of its own, and the exponent of the power law that fits it (1 is linear, 0 is flat). Options: --largest 6 (rows up to
// 10 to the power of that; 7 takes minutes), --columns 1000 and --resources 256 (up to so many, whatever --largest says), --only
// rows,columns,pages,resources,published, --runs 1 (the fastest counts), --max-exponent 1.1 (of the processor time
// between the last two points; fail above it), --record (into the results that the page is made of).
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exponentOf } from './exponent.js';
import { optionsOf, refuse } from './options.js';
import { type Sample, type ServerOptions, sample, startServer } from './processes.js';
import { writeChanges, writePublished } from './published.js';
import { type GrowthSeries, readResults, record } from './results.js';

const values = optionsOf(import.meta.url, {
  largest: { type: 'string', default: '6' },
  columns: { type: 'string', default: '1000' },
  resources: { type: 'string', default: '256' },
  only: { type: 'string' },
  runs: { type: 'string', default: '1' },
  'max-exponent': { type: 'string' },
  record: { type: 'boolean', default: false },
});
const largest = Number(values.largest);

interface Series {
  readonly name: string;
  readonly of: string;
  readonly x: readonly number[];
  measure(x: number, folder: string): Promise<Sample>;
}

async function served(
  options: ServerOptions,
  script: string,
  folder: string,
  more: readonly number[] = [],
): Promise<Sample> {
  const server = await startServer(options);
  try {
    return await sample(script, [server.url, options.pageSize, folder, ...more]);
  } finally {
    server.stop();
  }
}

const powers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, step) => 10 ** (from + step));

/** Those up to the last that is asked for, and that one. */
const upTo = (last: string, steps: readonly number[]) => [...steps.filter((step) => step < Number(last)), Number(last)];

const series: readonly Series[] = [
  {
    name: 'rows',
    of: 'rows',
    x: powers(4, largest),
    measure: (rows, folder) => served({ rows, pageSize: 100 }, 'sluice.ts', folder),
  },
  {
    name: 'columns',
    of: 'columns',
    x: upTo(values.columns, [10, 30, 100, 300, 1000]),
    measure: (columns, folder) => served({ rows: 5_000, pageSize: 100, columns }, 'sluice.ts', folder),
  },
  {
    name: 'pages',
    of: 'rows of a page, for 100,000 rows',
    x: powers(1, 4),
    measure: (pageSize, folder) => served({ rows: 100_000, pageSize }, 'sluice.ts', folder),
  },
  {
    name: 'resources',
    of: 'resources',
    x: upTo(values.resources, [1, 4, 16, 64, 256]),
    measure: (resources, folder) => served({ rows: 1_000, pageSize: 100 }, 'resources.ts', folder, [resources]),
  },
  {
    name: 'published',
    of: 'rows of the published table, 10,000 of the newest changed',
    x: powers(4, largest),
    measure: async (rows, folder) => {
      const [file, changes] = [join(folder, 'published.parquet'), join(folder, 'changes.jsonl')];
      await writePublished(file, rows);
      await writeChanges(changes, 'newest', rows, 10_000);
      return await sample('merge-sluice.ts', ['newest', file, changes]);
    },
  },
];

const names = series.map(({ name }) => name);
const only = values.only?.split(',') ?? names;
const unknown = only.find((name) => !names.includes(name));
if (unknown !== undefined) refuse(`--only takes ${names.join(', ')}, not ${unknown}`);
const found: GrowthSeries[] = [];
for (const each of series) {
  if (!only.includes(each.name)) continue;
  const samples: Sample[] = [];
  for (const x of each.x) {
    const turns: Sample[] = [];
    for (let turn = 0; turn < Number(values.runs); turn++) {
      const folder = await mkdtemp(join(tmpdir(), 'sluice-growth-'));
      try {
        turns.push(await each.measure(x, folder));
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    }
    const best = turns.reduce((least, turn) => (turn.cpuSeconds < least.cpuSeconds ? turn : least));
    samples.push(best);
    console.log(
      `${each.of}: ${x.toLocaleString('en').padStart(12)}  ${best.cpuSeconds.toFixed(2).padStart(8)} s processor  ${best.seconds.toFixed(2).padStart(8)} s  ${Math.round(best.peakMegabytes)} MB`,
    );
  }
  const processorSeconds = samples.map(({ cpuSeconds }) => cpuSeconds);
  const seconds = samples.map((one) => one.seconds);
  const peakMegabytes = samples.map((one) => Math.round(one.peakMegabytes));
  const exponents = {
    processor: exponentOf(each.x, processorSeconds),
    processorAtEnd: exponentOf(each.x.slice(-2), processorSeconds.slice(-2)),
    seconds: exponentOf(each.x, seconds),
    memory: exponentOf(each.x, peakMegabytes),
  };
  found.push({ of: each.of, x: each.x, processorSeconds, seconds, peakMegabytes, exponents });
  console.log(
    `  exponents: processor ${exponents.processor.toFixed(2)} (${exponents.processorAtEnd.toFixed(2)} at the end), time ${exponents.seconds.toFixed(2)}, memory ${exponents.memory.toFixed(2)}`,
  );
  if (values['max-exponent'] && exponents.processorAtEnd > Number(values['max-exponent'])) {
    console.error(`${each.of}: grows faster than the power of ${values['max-exponent']}`);
    process.exitCode = 1;
  }
}
if (values.record) {
  const others = (readResults().growth ?? []).filter(({ of }) => !found.some((each) => each.of === of));
  record({ growth: [...others, ...found] });
}
