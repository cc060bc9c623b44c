// The end-to-end benchmark: pages of a server in its own process, merged into Parquet, against the floor measured in turn
// with it. Prints ratios first. Options: --rows 200000 --page-size 100 --runs 5 --max-ratio N (fail above it).
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { optionsOf } from './options.js';
import { median, type Sample, sample, startServer } from './processes.js';

const values = optionsOf(import.meta.url, {
  rows: { type: 'string', default: '200000' },
  'page-size': { type: 'string', default: '100' },
  runs: { type: 'string', default: '5' },
  'max-ratio': { type: 'string' },
  'max-megabytes': { type: 'string' },
});
const rows = Number(values.rows);
const pageSize = Number(values['page-size']);
const server = await startServer({ rows, pageSize });
const floors: Sample[] = [];
const runs: Sample[] = [];
try {
  for (let turn = 0; turn <= Number(values.runs); turn++) {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
    try {
      const floor = await sample('floor.ts', [server.url, pageSize]);
      const run = await sample('sluice.ts', [server.url, pageSize, folder]);
      if (floor.rows !== rows || run.detail?.['total'] !== rows) {
        throw new Error(
          `rows are missing: ${rows} served, floor read ${floor.rows}, table has ${run.detail?.['total']}`,
        );
      }
      if (turn === 0) continue; // the first turn warms up the server and the disk
      floors.push(floor);
      runs.push(run);
    } finally {
      await rm(folder, { recursive: true });
    }
  }
} finally {
  server.stop();
}

const ratios = runs.map((run, index) => run.seconds / floors[index]!.seconds);
const line = (name: string, samples: readonly Sample[]) => {
  const seconds = samples.map((each) => each.seconds);
  return [
    name.padEnd(8),
    `${Math.min(...seconds).toFixed(2)} s min`,
    `${median(seconds).toFixed(2)} s median`,
    `${Math.round(rows / median(seconds)).toLocaleString('en')} rows/s`,
    `${median(samples.map((each) => each.cpuSeconds)).toFixed(2)} s processor`,
    `${Math.round(Math.max(...samples.map((each) => each.peakMegabytes)))} MB peak`,
  ].join('  ');
};
console.log(
  `${rows.toLocaleString('en')} rows, pages of ${pageSize}, ${runs.length} turns, Node ${process.version}, ${cpus().length} cores`,
);
console.log(
  `ratio to the floor: ${Math.min(...ratios).toFixed(2)} min, ${median(ratios).toFixed(2)} median, ${Math.max(...ratios).toFixed(2)} max`,
);
console.log(line('floor', floors));
console.log(line('sluice', runs));
const peak = Math.max(...runs.map((each) => each.peakMegabytes));
if (values['max-ratio'] && median(ratios) > Number(values['max-ratio'])) {
  console.error(`the median ratio is above ${values['max-ratio']}`);
  process.exitCode = 1;
}
if (values['max-megabytes'] && peak > Number(values['max-megabytes'])) {
  console.error(`the peak memory is above ${values['max-megabytes']} MB`);
  process.exitCode = 1;
}
