// Bodies that the program has a hand in: their memory may be its own, and what it changes in a page counts.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { map } from 'rxjs';
import { type Client, client, offset, type Page, type Paginator, pages, run } from '../../lib/index.js';
import { select } from '../../operators/index.js';
import { parquet } from '../../sinks/index.js';
import { readRows } from '../sinks/parquet-file.js';

const headers = { 'content-type': 'application/json' };
const count = 12;
const bodyOf = (page: number) =>
  Buffer.from(JSON.stringify({ data: [1, 2, 3].map((at) => ({ id: 1000 + 3 * page + at, secret: 's' })) }));
const pageOf = (url: string) => Number(new URL(url).searchParams.get('offset')) / 3;

/** A stream that gives out the memory itself. */
const streamOf = (bytes: Uint8Array) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });

describe('bodies that the program has a hand in', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-guests-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function load(api: Client, paginator: Paginator = offset({ limit: 3 })) {
    const out = join(folder, 'table.parquet');
    await run(
      pages(api, '/v1/projects', paginator).pipe(
        select('data'),
        parquet(out, { primaryKey: 'id', writeDisposition: 'merge' }),
      ),
    );
    return await readRows(out);
  }

  /** Of a server that the program's own transport stands for. */
  const apiOf = (answer: (page: number) => Uint8Array) =>
    client({
      baseUrl: 'http://localhost',
      fetch: async (url: string) => {
        for (let turn = 0; turn < 3; turn += 1) await setImmediate();
        return new Response(streamOf(answer(pageOf(url))), { headers });
      },
    });
  const served = () => apiOf((page) => (page < count ? bodyOf(page) : Buffer.from('{"data":[]}')));

  it('leave the memory as it is that a transport of the program gives out', async () => {
    const kept = Array.from({ length: count }, (_, page) => bodyOf(page));
    const api = apiOf((page) => kept[page] ?? Buffer.from('{"data":[]}'));
    for (let time = 0; time < 2; time += 1) {
      expect(await load(api)).to.have.length(3 * count);
      expect(kept.map(String)).to.deep.equal(kept.map((_, page) => String(bodyOf(page))));
    }
  });

  it('have what a paginator of the program changes in the records', async () => {
    const inner = offset({ limit: 3 });
    const hiding: Paginator = {
      ...(inner as Paginator),
      next: (response, state, facts) => {
        for (const record of facts.records ?? []) (record as { secret: string }).secret = 'hidden';
        return (inner as Paginator).next(response, state, facts);
      },
    };
    const rows = await load(served(), hiding);
    expect(rows).to.have.length(3 * count);
    for (const row of rows) expect(row).to.have.property('secret', 'hidden');
  });

  it('have what a client around another changes in the records', async () => {
    const api = served();
    const hiding: Client = {
      ...api,
      send: (request, reading) =>
        api.send(request, reading).pipe(
          map((response) => {
            for (const record of (response.body as Page<{ data: { secret: string }[] }>['body']).data)
              record.secret = 'hidden';
            return response;
          }),
        ),
    };
    const rows = await load(hiding);
    expect(rows).to.have.length(3 * count);
    for (const row of rows) expect(row).to.have.property('secret', 'hidden');
  });
});
