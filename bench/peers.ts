// Sluice against what people use instead, over the same pages, interleaved in one run: ratios of wall time to the floor first. Needs Python 3;
// the peers are installed at the first run. Options: --rows 200000 --page-size 100 --runs 5, --slow-runs 2 (turns of those that take
// long), --latency 0 (milliseconds of the server for each answer), --concurrency 1 (requests in flight, of those that can have several), --only NAME and --skip NAME (parts of names; the floor always
// runs), --list, --record (into the results that the page is made of: `latency` with a latency, else `peers`).
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { optionsOf } from './options.js';
import { type Contender, contenders } from './peers/contenders.js';
import { median, type Sample, startServer } from './processes.js';
import { type PeerResult, record } from './results.js';

const values = optionsOf(import.meta.url, {
  rows: { type: 'string', default: '200000' },
  'page-size': { type: 'string', default: '100' },
  runs: { type: 'string', default: '5' },
  'slow-runs': { type: 'string', default: '2' },
  latency: { type: 'string', default: '0' },
  concurrency: { type: 'string', default: '1' },
  only: { type: 'string', multiple: true },
  skip: { type: 'string', multiple: true, default: [] },
  list: { type: 'boolean', default: false },
  record: { type: 'boolean', default: false },
});
const rows = Number(values.rows);
const pageSize = Number(values['page-size']);
const latency = Number(values.latency);
const concurrency = Number(values.concurrency);
const isChosen = ({ name }: Contender) =>
  name === 'floor' ||
  ((!values.only || values.only.some((part) => name.includes(part))) &&
    !values.skip.some((part) => name.includes(part)));
const chosen = contenders.filter(isChosen);
const versions = new Map<string, readonly string[]>();
for (const each of chosen) {
  // Installs what is missing, before anything is measured.
  versions.set(each.name, await each.versions());
  console.log(`${each.name}: ${each.command}\n  ${versions.get(each.name)!.join(', ')}`);
}
if (values.list) process.exit(0);

const turnsOf = ({ slow }: Contender) =>
  slow ? Math.min(Number(values['slow-runs']), Number(values.runs)) : Number(values.runs);
const samples = new Map<string, Map<number, Sample>>(chosen.map(({ name }) => [name, new Map()]));
const server = await startServer({ rows, pageSize, latency });
try {
  // Turn 0 warms up the server and the disk; who takes long is measured from the start.
  for (let turn = 0; turn <= Number(values.runs); turn++) {
    for (const each of chosen) {
      if (turn > turnsOf(each) || (turn === 0 && each.slow)) continue;
      const folder = await mkdtemp(join(tmpdir(), 'sluice-peers-'));
      try {
        const measured = await each.run({ url: server.url, pageSize, folder, concurrency });
        if (measured.rows !== rows) throw new Error(`${each.name} read ${measured.rows} of ${rows} rows`);
        if (turn > 0) samples.get(each.name)!.set(turn, measured);
        console.log(`turn ${turn}  ${each.name}  ${measured.seconds.toFixed(2)} s`);
      } finally {
        await rm(folder, { recursive: true, force: true, maxRetries: 3 });
      }
    }
  }
} finally {
  server.stop();
}

const floors = samples.get('floor')!;
const peers = chosen.map((each): PeerResult => {
  const measured = [...samples.get(each.name)!];
  const ratios = measured.map(([turn, { seconds }]) => seconds / floors.get(turn)!.seconds);
  const seconds = measured.map(([, one]) => one.seconds);
  return {
    name: each.name,
    about: each.about,
    turns: measured.length,
    ratio: { min: Math.min(...ratios), median: median(ratios), max: Math.max(...ratios) },
    seconds: { min: Math.min(...seconds), median: median(seconds) },
    rowsPerSecond: Math.round(rows / median(seconds)),
    processorSeconds: median(measured.map(([, one]) => one.cpuSeconds)),
    peakMegabytes: Math.round(Math.max(...measured.map(([, one]) => one.peakMegabytes))),
    command: each.command,
    versions: versions.get(each.name)!,
  };
});
console.log(
  `\n${rows.toLocaleString('en')} rows, pages of ${pageSize}, ${latency} ms latency, ${concurrency} in flight, Node ${process.version}, ${cpus().length} cores`,
);
console.log(`${'times the floor'.padEnd(42)} median    min    max  turns     rows/s  processor     peak`);
for (const { name, ratio, turns, rowsPerSecond, processorSeconds, peakMegabytes } of peers) {
  const columns = [
    name.padEnd(42),
    ...[ratio.median, ratio.min, ratio.max].map((each) => each.toFixed(2).padStart(6)),
    String(turns).padStart(6),
    rowsPerSecond.toLocaleString('en').padStart(10),
    `${processorSeconds.toFixed(1)} s`.padStart(10),
    `${peakMegabytes} MB`.padStart(8),
  ];
  console.log(columns.join(' '));
}
const own = peers.find(({ name }) => name === 'Sluice');
if (own) {
  for (const { name, seconds } of peers) {
    if (name.startsWith('floor') || name.startsWith('Sluice')) continue;
    console.log(`Sluice is ${(seconds.median / own.seconds.median).toFixed(1)} times as fast as ${name}`);
  }
}
if (values.record) record({ [latency > 0 ? 'latency' : 'peers']: { rows, pageSize, latency, concurrency, peers } });
