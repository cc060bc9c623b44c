// Whether memory stays flat however long a walk is: what it holds after a tenth of its pages beside what it holds at the end, for the walk alone
// and for the run into Parquet; the peak of the process; and the time to the first row. Options: --pages 10000 --page-size 20, --max-growth
// MEGABYTES (fail above it), --max-megabytes N (of the process, fail above it), --only walk or parquet, --record (the run into Parquet, into
// the results that the page is made of).
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { optionsOf } from './options.js';
import { sample, startServer } from './processes.js';
import { record } from './results.js';

const values = optionsOf(import.meta.url, {
  pages: { type: 'string', default: '10000' },
  'page-size': { type: 'string', default: '20' },
  'max-growth': { type: 'string' },
  'max-megabytes': { type: 'string' },
  only: { type: 'string' },
  record: { type: 'boolean', default: false },
});
const pages = Number(values.pages);
const pageSize = Number(values['page-size']);
const rows = pages * pageSize;
const every = Math.ceil(pages / 10);
const server = await startServer({ rows, pageSize });
const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
const megabytes = (value: number | undefined) => `${(value ?? 0).toFixed(1)} MB`;
try {
  for (const [what, args] of [
    ['the walk alone', []],
    ['into Parquet', [folder]],
  ] as const) {
    if (values.only && !what.toLowerCase().includes(values.only)) continue;
    const {
      rows: read,
      seconds,
      detail,
      series = [],
      peakMegabytes,
    } = await sample('held.ts', [server.url, pageSize, every, ...args]);
    if (read !== rows) throw new Error(`rows are missing: ${rows} served, ${read} read`);
    const growth = (detail?.['last'] ?? 0) - (detail?.['first'] ?? 0);
    console.log(
      [
        what.padEnd(14),
        `held after ${every} pages ${megabytes(detail?.['first'])}`,
        `after ${pages} ${megabytes(detail?.['last'])}`,
        `at most ${megabytes(detail?.['most'])}`,
        `growth ${megabytes(growth)}`,
        `peak of the process ${megabytes(peakMegabytes)}`,
        `first row after ${(detail?.['firstRow'] ?? 0).toFixed(0)} ms`,
        `${seconds.toFixed(1)} s`,
      ].join('  '),
    );
    if (values['max-megabytes'] && peakMegabytes > Number(values['max-megabytes'])) {
      console.error(`the process takes more than ${values['max-megabytes']} MB`);
      process.exitCode = 1;
    }
    if (values.record && what === 'into Parquet') {
      const firstRow = Math.round(detail?.['firstRow'] ?? 0);
      record({ memory: { rows, seconds, peakMegabytes: Math.round(peakMegabytes), firstRow, resident: series } });
    }
    if (values['max-growth'] && growth > Number(values['max-growth'])) {
      console.error(`memory grows by more than ${values['max-growth']} MB`);
      process.exitCode = 1;
    }
  }
} finally {
  server.stop();
  await rm(folder, { recursive: true });
}
