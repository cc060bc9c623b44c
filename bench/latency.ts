// Walks that are bound by the latency of the server, with one and with several requests in flight, against the ideal: so many rounds of
// that latency and nothing else. Options: --pages 320 --page-size 100 --latency 50 --concurrency 1,4,16 --runs 3 --max-ratio N (at
// the highest concurrency; fail above it).
import { cpus } from 'node:os';
import { optionsOf } from './options.js';
import { median, sample, startServer } from './processes.js';

const values = optionsOf(import.meta.url, {
  pages: { type: 'string', default: '320' },
  'page-size': { type: 'string', default: '100' },
  latency: { type: 'string', default: '50' },
  concurrency: { type: 'string', default: '1,4,16' },
  runs: { type: 'string', default: '3' },
  'max-ratio': { type: 'string' },
});
const pages = Number(values.pages);
const pageSize = Number(values['page-size']);
const latency = Number(values.latency);
const rows = pages * pageSize;
const server = await startServer({ rows, pageSize, latency });
const last = { concurrency: 0, ratio: 0 };
try {
  console.log(
    `${pages} pages of ${pageSize} rows, ${latency} ms a page, ${values.runs} runs, Node ${process.version}, ${cpus().length} cores`,
  );
  await sample('walk.ts', [server.url, pageSize, 16]); // warms up the server
  for (const concurrency of values.concurrency.split(',').map(Number)) {
    const ideal = (Math.ceil(pages / concurrency) * latency) / 1000;
    const seconds: number[] = [];
    for (let turn = 0; turn < Number(values.runs); turn++) {
      const run = await sample('walk.ts', [server.url, pageSize, concurrency]);
      if (run.rows !== rows) throw new Error(`rows are missing: ${rows} served, ${run.rows} read`);
      seconds.push(run.seconds);
    }
    const ratio = median(seconds) / ideal;
    if (concurrency >= last.concurrency) Object.assign(last, { concurrency, ratio });
    console.log(
      [
        `concurrency ${concurrency}`.padEnd(16),
        `${ratio.toFixed(2)} of the ideal`,
        `${median(seconds).toFixed(2)} s median`,
        `${Math.min(...seconds).toFixed(2)} s min`,
        `ideal ${ideal.toFixed(2)} s`,
      ].join('  '),
    );
  }
} finally {
  server.stop();
}
if (values['max-ratio'] && last.ratio > Number(values['max-ratio'])) {
  console.error(`the ratio at concurrency ${last.concurrency} is above ${values['max-ratio']}`);
  process.exitCode = 1;
}
