// What a page costs in processor time beside its transport and its JSON.parse: the walk against the bare requests, in turn. Options: --pages 2000
// --page-size 100 --runs 5 --max-ratio N (fail above it).
import { cpus } from 'node:os';
import { optionsOf } from './options.js';
import { median, sample, startServer } from './processes.js';

const values = optionsOf(import.meta.url, {
  pages: { type: 'string', default: '2000' },
  'page-size': { type: 'string', default: '100' },
  runs: { type: 'string', default: '5' },
  'max-ratio': { type: 'string' },
});
const pages = Number(values.pages);
const pageSize = Number(values['page-size']);
const rows = pages * pageSize;
const server = await startServer({ rows, pageSize });
const costs = { floor: [] as number[], walk: [] as number[] };
try {
  for (let turn = 0; turn <= Number(values.runs); turn++) {
    for (const name of ['floor', 'walk'] as const) {
      const { rows: read, cpuSeconds } = await sample(`${name}.ts`, [server.url, pageSize, 1]);
      if (read !== rows) throw new Error(`rows are missing: ${rows} served, ${read} read by ${name}`);
      // The first turn warms up the server.
      if (turn > 0) costs[name].push((cpuSeconds * 1000) / pages);
    }
  }
} finally {
  server.stop();
}
const ratio = median(costs.walk.map((cost, index) => cost / costs.floor[index]!));
console.log(
  `${pages} pages of ${pageSize} rows, ${values.runs} turns, Node ${process.version}, ${cpus().length} cores: processor time for each page`,
);
console.log(`ratio to the floor: ${ratio.toFixed(2)} median`);
for (const [name, each] of Object.entries(costs))
  console.log(`${name.padEnd(6)} ${median(each).toFixed(3)} ms median  ${Math.min(...each).toFixed(3)} ms min`);
if (values['max-ratio'] && ratio > Number(values['max-ratio'])) {
  console.error(`the median ratio is above ${values['max-ratio']}`);
  process.exitCode = 1;
}
