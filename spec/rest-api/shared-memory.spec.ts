// The resources of a run share one `maxMemory`: their pages on the way, and the engine that publishes their tables one after the other.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'chai';
import { type RestApiConfig, restApi } from '../../lib/rest-api/index.js';
import { files } from '../../lib/stage/index.js';

const mebibyte = 1024 * 1024;
const maxMemory = 64 * mebibyte;
const pageBytes = 1_200_000;

describe('the memory of a run with several resources', () => {
  const { open } = files;
  const { create } = DuckDBInstance;
  let out: string;
  let server: Server;
  let asked: number;
  let pageCount: number;
  /** Of a page. */
  let rows: number;

  beforeEach(async () => {
    out = await mkdtemp(join(tmpdir(), 'sluice-shared-memory-'));
    asked = 0;
    server = createServer((request, response) => {
      asked += 1;
      const page = Number(new URL(request.url!, 'http://x').searchParams.get('page'));
      const text = 'x'.repeat(pageBytes / rows);
      const ids = Array.from({ length: page < pageCount ? rows : 0 }, (_, row) => page * rows + row);
      const data = ids.map((id) => ({ id, text }));
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ data }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    files.open = open;
    DuckDBInstance.create = create;
    server.closeAllConnections();
    server.close();
    await rm(out, { recursive: true, force: true });
  });

  function config(resources: number): RestApiConfig {
    const paginator = { type: 'page_number', base_page: 0, total_path: null } as const;
    return {
      client: { base_url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, paginator },
      resource_defaults: { primary_key: 'id', write_disposition: 'merge' },
      resources: Array.from({ length: resources }, (_, number) => ({
        name: `resource_${number}`,
        endpoint: { data_selector: 'data' },
      })),
    };
  }

  it('holds no more pages than a quarter of it, however slow the disk, and what may wait to be written', async () => {
    const resources = 12;
    [pageCount, rows] = [12, 1];
    let written = 0;
    files.open = async (path, ...more) => {
      const handle = await open(path, ...more);
      if (!/t-.*\.jsonl$/.test(String(path))) return handle;
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
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, asked - written / pageBytes);
    }, 1);
    const { receipts } = await restApi(config(resources))
      .run({ out, maxMemory })
      .finally(() => clearInterval(watch));
    expect(Object.values(receipts).map(({ total }) => total)).to.deep.equal(Array(resources).fill(pageCount * rows));
    const onTheirWay = maxMemory / 4 / pageBytes;
    const waiting = (16 * mebibyte) / pageBytes;
    // Of each resource one page may be asked for, and one more be in when there is no more room.
    expect(most).to.be.at.most(Math.ceil(onTheirWay) + Math.ceil(waiting) + 2 * resources);
    expect(most).to.be.below(resources * pageCount * 0.5);
  });

  it('is the memory of one engine at a time, with three quarters of it', async () => {
    // A segment of each is finished before its end, and typed in the background.
    const resources = 4;
    [pageCount, rows] = [15, 500];
    const limits = new Set<unknown>();
    let [engines, most] = [0, 0];
    DuckDBInstance.create = async (path, options) => {
      limits.add(options?.['memory_limit']);
      engines += 1;
      most = Math.max(most, engines);
      const instance = await create.call(DuckDBInstance, path, options);
      const close = instance.closeSync.bind(instance);
      instance.closeSync = () => {
        engines -= 1;
        close();
      };
      return instance;
    };
    const { receipts } = await restApi(config(resources)).run({ out, maxMemory });
    expect(Object.values(receipts).map(({ total }) => total)).to.deep.equal(Array(resources).fill(pageCount * rows));
    expect([...limits]).to.deep.equal(['48MiB']);
    expect(most).to.equal(1);
    expect(engines).to.equal(0);
  });
});
