// A resource that is asked for with each row of another one: what it takes of memory and time, by the number of those rows. Flat memory
// means that 100,000 of them take what 1,000 take. Arguments: PARENTS…
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { restApi } from '../lib/rest-api/index.js';
import { refuse } from './options.js';

const pageSize = 1000;

/** The API, on a thread of its own, whose memory is not counted below. */
const api = `
  const { createServer } = require('node:http');
  const { parentPort, workerData: { parents, size } } = require('node:worker_threads');
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://x');
    response.setHeader('content-type', 'application/json');
    if (url.pathname !== '/parents') return response.end(JSON.stringify([{ id: url.pathname, n: 1 }]));
    const offset = Number(url.searchParams.get('offset'));
    const count = Math.max(0, Math.min(size, parents - offset));
    const data = Array.from({ length: count }, (_, index) => ({ id: offset + index, text: 'x'.repeat(200) }));
    response.end(JSON.stringify({ data, total: parents }));
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

for (const given of process.argv.slice(2)) {
  if (!(Number(given) > 0)) refuse(`takes numbers of parents, such as 1000 100000, not ${given}`);
}
for (const parents of process.argv.slice(2).map(Number)) await measure(parents);

async function measure(parents: number): Promise<void> {
  const worker = new Worker(api, { eval: true, workerData: { parents, size: pageSize } });
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  const out = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  const source = restApi({
    client: { base_url: `http://127.0.0.1:${port}` },
    resources: [
      { name: 'parents', endpoint: { paginator: { type: 'offset', limit: pageSize }, data_selector: 'data' } },
      {
        name: 'children',
        endpoint: { path: 'parents/{resources.parents.id}/x', paginator: 'single_page', data_selector: '$' },
      },
    ],
  });
  let [heap, resident] = [0, 0];
  const timer = setInterval(() => {
    // Without --expose-gc the heap holds what is not yet collected as well.
    globalThis.gc?.();
    heap = Math.max(heap, process.memoryUsage().heapUsed);
    resident = Math.max(resident, process.memoryUsage.rss());
  }, 500);
  const started = performance.now();
  try {
    const { receipts } = await source.run({ out });
    const seconds = (performance.now() - started) / 1000;
    const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`;
    console.log(
      `${parents} parents: ${receipts['children']?.rows} rows, ${seconds.toFixed(1)} s, heap ${megabytes(heap)}, resident ${megabytes(resident)}`,
    );
  } finally {
    clearInterval(timer);
    await worker.terminate();
    await rm(out, { recursive: true, force: true });
  }
}
