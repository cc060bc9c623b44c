// `node --import tsx examples/apis/try.ts github`: runs an example's configuration twice against its recorded pages, and shows what came
// of it in out/apis/<name>.
import { readFile, rm } from 'node:fs/promises';
import { runTable } from '../../lib/cli/run-table.js';
import { restApi } from '../../lib/index.js';
import { credentials } from './credentials.js';
import { startReplay } from './replay.js';

const [, , name = 'github'] = process.argv;
const config = JSON.parse(await readFile(new URL(`${name}/${name}.json`, import.meta.url), 'utf8'));
const api = await startReplay(name);
const out = `out/apis/${name}`;
await rm(out, { recursive: true, force: true });
try {
  const source = restApi({ ...config, client: { ...config.client, base_url: api.url } }, { secrets: credentials });
  console.log(source.explain());
  for (const run of ['first', 'second']) {
    const before = api.asked.length;
    const { receipts } = await source.run({ out });
    console.log(`\nThe ${run} run asked:\n${api.asked.slice(before).join('\n')}\n`);
    console.log(runTable(Object.values(receipts)));
  }
  console.log(`\nThe tables are in ${out}.`);
} finally {
  api.stop();
}
