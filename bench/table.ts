// The benchmark of the table half: rows that are parsed already into Parquet, against DuckDB's read_json over the same rows, in turn with it.
// Options: --rows 200000 --page-size 1000 --runs 3 --max-ratio N (fail above it) --max-megabytes N
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { optionsOf } from './options.js';
import { median, type Sample, sample } from './processes.js';
import { preparedPages } from './table-rows.js';

const values = optionsOf(import.meta.url, {
  rows: { type: 'string', default: '200000' },
  'page-size': { type: 'string', default: '1000' },
  runs: { type: 'string', default: '3' },
  'max-ratio': { type: 'string' },
  'max-megabytes': { type: 'string' },
});
const pageSize = Number(values['page-size']);
const rows = Math.ceil(Number(values.rows) / pageSize) * pageSize;
const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
const jsonl = join(folder, 'rows.jsonl');
const floors: Sample[] = [];
const runs: Sample[] = [];
try {
  await pipeline(Readable.from(lines()), createWriteStream(jsonl));
  for (let turn = 0; turn < Number(values.runs); turn++) {
    const floor = await sample('table-floor.ts', [jsonl, folder]);
    const run = await sample('table-sluice.ts', [rows, pageSize, folder]);
    if (floor.rows !== rows || run.rows !== rows) {
      throw new Error(`rows are missing: ${rows} given, DuckDB has ${floor.rows}, sluice ${run.rows}`);
    }
    floors.push(floor);
    runs.push(run);
    await rm(join(folder, 'projects.parquet'));
  }
} finally {
  await rm(folder, { recursive: true });
}

const ratios = runs.map((run, index) => run.seconds / floors[index]!.seconds);
const peak = Math.max(...runs.map((each) => each.peakMegabytes));
const line = (samples: readonly Sample[]): string => {
  const seconds = median(samples.map((each) => each.seconds));
  const megabytes = Math.round(Math.max(...samples.map((each) => each.peakMegabytes)));
  return `${seconds.toFixed(2)} s, ${Math.round(rows / seconds).toLocaleString('en')} rows/s, ${megabytes} MB`;
};
console.log(
  `${rows.toLocaleString('en')} rows, pages of ${pageSize}, ${runs.length} turns, Node ${process.version}, ${cpus().length} cores`,
);
console.log(`ratio ${median(ratios).toFixed(2)} (${ratios.map((ratio) => ratio.toFixed(2)).join(' ')})`);
console.log(`read_json  ${line(floors)}`);
console.log(`sluice     ${line(runs)}`);
failAbove('the median ratio', median(ratios), values['max-ratio']);
failAbove('the peak memory', peak, values['max-megabytes']);

function failAbove(what: string, found: number, limit: string | undefined): void {
  if (limit === undefined || found <= Number(limit)) return;
  console.error(`${what} is ${found.toFixed(2)}, above ${limit}`);
  process.exitCode = 1;
}

function* lines(): Generator<string> {
  const prepared = preparedPages(pageSize).map((page) => page.map((row) => `${JSON.stringify(row)}\n`).join(''));
  for (let page = 0; page < rows / pageSize; page++) yield prepared[page % prepared.length]!;
}
