// Sluice against what people use instead, over the same pages, interleaved in one run: ratios of wall time to the floor first. Needs Python 3
// for dlt. Options: --rows 200000 --page-size 100 --runs 5 --latency 0 (milliseconds of the server for each answer), --only NAME.
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pythonWithPeers, samplePython } from './peers/python.js';
import { median, type Sample, sample, startServer } from './processes.js';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '200000' },
    'page-size': { type: 'string', default: '100' },
    runs: { type: 'string', default: '5' },
    latency: { type: 'string', default: '0' },
    only: { type: 'string', multiple: true },
  },
});
const rows = Number(values.rows);
const pageSize = Number(values['page-size']);
const python = await pythonWithPeers();
const server = await startServer({ rows, pageSize, latency: Number(values.latency) });
const dlt = (destination: string, settings: string) => (folder: string) =>
  samplePython(python, 'dlt_run.py', [server.url, pageSize, folder, destination, settings]);
const contenders: Readonly<Record<string, (folder: string) => Promise<Sample>>> = {
  floor: () => sample('floor.ts', [server.url, pageSize]),
  sluice: (folder) => sample('sluice.ts', [server.url, pageSize, folder]),
  'fetch + JSON lines + DuckDB': (folder) => sample('peers/fetch-duckdb.ts', [server.url, pageSize, folder]),
  'requests + pyarrow': (folder) => samplePython(python, 'requests_pyarrow.py', [server.url, pageSize, folder]),
  'dlt, parquet, best': dlt('parquet', 'best'),
  'dlt, parquet, defaults': dlt('parquet', 'defaults'),
  'dlt, duckdb, best': dlt('duckdb', 'best'),
  'dlt, duckdb, defaults': dlt('duckdb', 'defaults'),
};
const names = Object.keys(contenders).filter((name) => !values.only || name === 'floor' || values.only.includes(name));
const samples = new Map<string, Sample[]>(names.map((name) => [name, []]));
try {
  // The first turn warms up the server and the disk.
  for (let turn = 0; turn <= Number(values.runs); turn++) {
    for (const name of names) {
      const folder = await mkdtemp(join(tmpdir(), 'sluice-peers-'));
      try {
        const measured = await contenders[name]!(folder);
        if (measured.rows !== rows) throw new Error(`${name} read ${measured.rows} of ${rows} rows`);
        if (turn > 0) samples.get(name)!.push(measured);
      } finally {
        await rm(folder, { recursive: true });
      }
    }
  }
} finally {
  server.stop();
}

const floors = samples.get('floor')!;
console.log(
  `${rows.toLocaleString('en')} rows, pages of ${pageSize}, ${values.latency} ms latency, ${values.runs} turns, Node ${process.version}, ${cpus().length} cores`,
);
console.log(`${'times the floor'.padEnd(30)} median    min    max    rows/s   processor   peak`);
for (const [name, measured] of samples) {
  const ratios = measured.map(({ seconds }, turn) => seconds / floors[turn]!.seconds);
  const seconds = median(measured.map((each) => each.seconds));
  console.log(
    [
      name.padEnd(30),
      ...[median(ratios), Math.min(...ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(2).padStart(6)),
      Math.round(rows / seconds)
        .toLocaleString('en')
        .padStart(9),
      `${median(measured.map((each) => each.cpuSeconds)).toFixed(1)} s`.padStart(10),
      `${Math.round(Math.max(...measured.map((each) => each.peakMegabytes)))} MB`.padStart(8),
    ].join(' '),
  );
}
