// The sink gates the source: on a disk that takes 50 ms for each write, no more pages are asked for than the high-water mark allows.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { lastValueFrom } from 'rxjs';
import { client } from '../../lib/http/index.js';
import { offset, pages } from '../../lib/pages/index.js';
import { files } from '../../lib/stage/index.js';
import { run } from '../../lib/table/index.js';
import { select } from '../../operators/index.js';
import { parquet } from '../../sinks/index.js';
import { readRows } from './parquet-file.js';

const pageCount = 24;
/** So large that four of them fill what may wait to be written. */
const rowBytes = 1_200_000;

describe('the parquet sink on a slow disk', () => {
  const { open } = files;
  let folder: string;
  let server: Server;
  let asked: number;
  let written: number;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-pressure-'));
    asked = 0;
    written = 0;
    server = createServer((request, response) => {
      asked += 1;
      const start = Number(new URL(request.url!, 'http://x').searchParams.get('offset'));
      const data = start < pageCount ? [{ id: start, text: 'x'.repeat(rowBytes) }] : [];
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ data }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    files.open = async (path, ...more) => {
      const handle = await open(path, ...more);
      if (!String(path).includes('.jsonl') || String(path).includes('journal')) return handle;
      const write = handle.write.bind(handle) as (...args: unknown[]) => Promise<{ bytesWritten: number }>;
      Object.assign(handle, {
        write: async (...args: unknown[]) => {
          await sleep(50);
          const result = await write(...args);
          written += result.bytesWritten;
          return result;
        },
      });
      return handle;
    };
  });
  afterEach(async () => {
    files.open = open;
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('asks for no more pages than the high-water mark allows', async () => {
    const file = join(folder, 'table.parquet');
    const { port } = server.address() as AddressInfo;
    const api = client({ baseUrl: `http://127.0.0.1:${port}` });
    const highWaterMark = { pages: 3 };
    const chain = pages(api, '/rows', offset({ limit: 1 })).pipe(select('data'), parquet(file, { highWaterMark }));
    let most = 0;
    const watch = setInterval(() => {
      // Beside the pages that are on their way, 4 MiB may wait to be written and 4 MiB be in the write under way.
      const writtenPages = Math.floor(written / rowBytes);
      most = Math.max(most, asked - writtenPages);
    }, 1);
    const receipt = await lastValueFrom(chain).finally(() => clearInterval(watch));
    expect(receipt).to.include({ rows: pageCount, total: pageCount });
    expect(most).to.be.at.most(highWaterMark.pages + 4 + 4);
    expect(await readRows(file, 'count(*)::INTEGER AS rows, sum(length(text))::INTEGER AS bytes')).to.deep.equal([
      { rows: pageCount, bytes: pageCount * rowBytes },
    ]);
  });

  it('shares one high-water mark among the tables of a run', async () => {
    const { port } = server.address() as AddressInfo;
    const api = client({ baseUrl: `http://127.0.0.1:${port}` });
    const chain = (name: string) =>
      pages(api, `/${name}`, offset({ limit: 1 })).pipe(select('data'), parquet(join(folder, `${name}.parquet`)));
    const receipts = await run([chain('a'), chain('b')], { highWaterMark: { pages: 2 } });
    expect(receipts.map(({ total }) => total)).to.deep.equal([pageCount, pageCount]);
  });
});
