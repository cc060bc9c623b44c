// The merge benchmark: a few rows of a large Parquet file change, against hand-written SQL that writes the file anew, measured in turn with it.
// Options: --rows 1000000 --changes 10000 --runs 3; --max-newest, --max-spread, --max-append N, --max-megabytes N fail above it.
import { copyFile, mkdtemp, open, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scenario } from './merge-rows.js';
import { optionsOf } from './options.js';
import { median, type Sample, sample } from './processes.js';
import { writeChanges, writePublished } from './published.js';

const values = optionsOf(import.meta.url, {
  rows: { type: 'string', default: '1000000' },
  changes: { type: 'string', default: '10000' },
  runs: { type: 'string', default: '3' },
  folder: { type: 'string', default: tmpdir() },
  'max-newest': { type: 'string' },
  'max-spread': { type: 'string' },
  'max-append': { type: 'string' },
  'max-megabytes': { type: 'string' },
});
const rows = Number(values.rows);
const changes = Number(values.changes);
const folder = await mkdtemp(join(values.folder, 'sluice-bench-'));
const base = join(folder, 'base.parquet');
const scenarios: readonly Scenario[] = ['newest', 'append', 'spread'];
const results = new Map<Scenario, { floor: Sample; run: Sample }[]>();
try {
  await writePublished(base, rows);
  for (const scenario of scenarios) {
    await writeChanges(changesOf(scenario), scenario, rows, changes);
    results.set(scenario, []);
  }
  for (let turn = 0; turn < Number(values.runs); turn++) {
    for (const scenario of scenarios) {
      const floor = await measured('merge-floor.ts', scenario);
      const run = await measured('merge-sluice.ts', scenario);
      const expected = scenario === 'append' ? rows + changes : rows;
      if (floor.rows !== expected || run.rows !== expected) {
        throw new Error(`${scenario}: ${expected} rows expected, SQL made ${floor.rows}, sluice ${run.rows}`);
      }
      results.get(scenario)!.push({ floor, run });
    }
  }
} finally {
  await rm(folder, { recursive: true });
}

console.log(
  `${rows.toLocaleString('en')} rows, ${changes.toLocaleString('en')} of them changed, ${values.runs} turns, Node ${process.version}, ${cpus().length} cores`,
);
for (const [scenario, samples] of results) {
  const ratios = samples.map(({ floor, run }) => run.seconds / floor.seconds);
  const of = (which: 'floor' | 'run') => {
    const all = samples.map((each) => each[which]);
    const peak = Math.round(Math.max(...all.map((each) => each.peakMegabytes)));
    const [seconds, processor] = [all.map((each) => each.seconds), all.map((each) => each.cpuSeconds)].map(median);
    return `${seconds!.toFixed(2)} s (${processor!.toFixed(2)} s processor), ${peak} MB`;
  };
  const text = ratios.map((ratio) => ratio.toFixed(3)).join(' ');
  console.log(
    `${scenario.padEnd(8)} ratio ${median(ratios).toFixed(3)} (${text})  SQL ${of('floor')}  sluice ${of('run')}`,
  );
  failAbove(`${scenario}: the median ratio`, median(ratios), values[`max-${scenario}`]);
  failAbove(
    `${scenario}: the peak memory`,
    Math.max(...samples.map(({ run }) => run.peakMegabytes)),
    values['max-megabytes'],
  );
}

function failAbove(what: string, found: number, limit: string | undefined): void {
  if (limit === undefined || found <= Number(limit)) return;
  console.error(`${what} is ${found.toFixed(3)}, above ${limit}`);
  process.exitCode = 1;
}

/** Runs one program on a copy of the table of its own. */
async function measured(program: string, scenario: Scenario): Promise<Sample> {
  const copy = join(folder, 'table.parquet');
  await copyFile(base, copy);
  const handle = await open(copy, 'r+');
  await handle.sync();
  await handle.close();
  try {
    return await sample(program, [scenario, copy, changesOf(scenario)]);
  } finally {
    await rm(copy);
    await rm(`${copy}.new`, { force: true });
  }
}

function changesOf(scenario: Scenario): string {
  return join(folder, `${scenario}.jsonl`);
}
