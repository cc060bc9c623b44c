// Many short runs one after the other leave nothing behind that grows: no files, no state, no memory. SLUICE_RUNS says how many.
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { type RestApiConfig, restApi } from '../../../lib/rest-api/index.js';
import { isMine } from './crash-options.js';
import { PagedApi } from './paged-api.js';
import { summarize } from './summary.js';

const runs = Number(process.env['SLUICE_RUNS'] ?? 60);

describe('many short runs', function () {
  this.timeout(60_000 + runs * 3000);
  let api: PagedApi;
  let out: string;
  before(async () => {
    api = await PagedApi.start();
    out = await mkdtemp(join(tmpdir(), 'sluice-growth-'));
  });
  after(async () => {
    await api.stop();
    await rm(out, { recursive: true, force: true });
  });

  /**
   * Bytes of the heap, and of what buffers hold beside it, after everything that can go is gone: buffers are freed by a thread of their own, and
   * what holds them by callbacks that come later.
   */
  const heap = async (): Promise<number> => {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 10; round += 1) {
      gc();
      await sleep(20);
      const { heapUsed, external } = process.memoryUsage();
      least = Math.min(least, heapUsed + external);
    }
    return least;
  };
  const files = async (): Promise<{ readonly names: string[]; readonly bytes: number }> => {
    const names = (await readdir(out, { recursive: true })).sort();
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(out, name))).size));
    return { names, bytes: sizes.reduce((sum, size) => sum + size, 0) };
  };

  // Not of every part.
  if (!isMine(1)) return;
  it('leave the files, the state and the memory as large as they were', async () => {
    const config: RestApiConfig = {
      client: { base_url: api.url, paginator: { type: 'offset', limit: 5 }, retry: { initial_delay: 0.001 } },
      resource_defaults: { endpoint: { data_selector: 'data' } },
      resources: [
        {
          name: 'rows',
          write_disposition: 'merge',
          primary_key: 'id',
          endpoint: { path: 'rows', incremental: { cursor_path: 'at', start_param: 'since' } },
        },
        { name: 'others', write_disposition: 'replace' },
      ],
    };
    let early: { readonly names: string[]; readonly bytes: number; readonly heap: number } | undefined;
    for (let run = 0; run < runs; run += 1) {
      // The same keys with new values each time.
      const rows = Array.from({ length: 20 }, (_, id) => ({ id, at: 1_000_000 + run, text: `run ${run}` }));
      api.list({ '/rows': rows, '/others': rows });
      // A source of its own, with connections of its own: none of them outlives its run.
      const { receipts } = await restApi(config).run({ out });
      expect(receipts['rows']?.total).to.equal(20);
      if (run === Math.floor(runs / 2)) early = { ...(await files()), heap: await heap() };
    }
    while ((await api.connections()) > 0) await setImmediate();
    const late = { ...(await files()), heap: await heap() };
    expect(late.names).to.deep.equal(early!.names);
    expect(late.names).to.deep.equal([
      '.sluice',
      '.sluice/state',
      '.sluice/state/rows.json',
      'others.parquet',
      'rows.parquet',
    ]);
    // A file lists the last fifty loads, each by its id of 25 characters.
    expect(late.bytes - early!.bytes).to.be.lessThan(2 * 50 * 30 + 1000);
    expect(late.heap - early!.heap).to.be.lessThan(8_000_000);
    if (process.env['SLUICE_RUNS'] !== undefined)
      summarize('Many short runs', {
        runs,
        files: late.names.length,
        'bytes of files in the second half': late.bytes - early!.bytes,
        'bytes of heap in the second half': late.heap - early!.heap,
      });
  });
});
