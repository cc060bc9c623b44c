// What a page costs in processor time beside its transport and its JSON.parse: the walk against the bare requests, in turn, over the default
// transport and over node-fetch. Options: --pages 2000 --page-size 100 --runs 5 --max-ratio N (of the default; fail above it).
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
const contenders = {
  floor: ['floor.ts'],
  walk: ['walk.ts'],
  'floor, node-fetch': ['floor-node-fetch.ts'],
  'walk, node-fetch': ['walk.ts', 'node-fetch'],
} as const;
type Name = keyof typeof contenders;
const names = Object.keys(contenders) as Name[];
const costs = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
try {
  for (let turn = 0; turn <= Number(values.runs); turn++) {
    for (const name of names) {
      const [script, ...args] = contenders[name];
      const { rows: read, cpuSeconds } = await sample(script, [server.url, pageSize, 1, ...args]);
      if (read !== rows) throw new Error(`rows are missing: ${rows} served, ${read} read by ${name}`);
      // The first turn warms up the server.
      if (turn > 0) costs[name].push((cpuSeconds * 1000) / pages);
    }
  }
} finally {
  server.stop();
}
const ratioOf = (name: Name, floor: Name) =>
  median(costs[name].map((cost, index) => cost / costs[floor][index]!)).toFixed(2);
const ratio = ratioOf('walk', 'floor');
console.log(
  `${pages} pages of ${pageSize} rows, ${values.runs} turns, Node ${process.version}, ${cpus().length} cores: processor time for each page`,
);
console.log(`ratio to the floor: ${ratio} median; over node-fetch ${ratioOf('walk, node-fetch', 'floor, node-fetch')}`);
for (const name of names) {
  const each = costs[name];
  console.log(`${name.padEnd(18)} ${median(each).toFixed(3)} ms median  ${Math.min(...each).toFixed(3)} ms min`);
}
if (values['max-ratio'] && Number(ratio) > Number(values['max-ratio'])) {
  console.error(`the median ratio is above ${values['max-ratio']}`);
  process.exitCode = 1;
}
