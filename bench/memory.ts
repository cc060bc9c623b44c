// Whether memory stays flat however long a walk is: what it holds after a tenth of its pages beside what it holds at the end, for the walk alone
// and for the run into Parquet; and the peak of the process. Options: --pages 10000 --page-size 20 --max-growth MEGABYTES (fail above it).
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sample, startServer } from './processes.js';

const { values } = parseArgs({
  options: {
    pages: { type: 'string', default: '10000' },
    'page-size': { type: 'string', default: '20' },
    'max-growth': { type: 'string' },
  },
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
    const { rows: read, detail, peakMegabytes } = await sample('held.ts', [server.url, pageSize, every, ...args]);
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
      ].join('  '),
    );
    if (values['max-growth'] && growth > Number(values['max-growth'])) {
      console.error(`memory grows by more than ${values['max-growth']} MB`);
      process.exitCode = 1;
    }
  }
} finally {
  server.stop();
  await rm(folder, { recursive: true });
}
