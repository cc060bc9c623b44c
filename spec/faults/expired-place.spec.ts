// A run that was cut short, and a server that does not know the place any more at which it stopped: cursors and links expire.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  client,
  cursor,
  jsonLink,
  type Paginator,
  type Progress,
  pages,
  RequestError,
  type ResponseAction,
  restApi,
  run,
} from '../../lib/index.js';
import { retry, select } from '../../operators/index.js';
import { parquet } from '../../sinks/index.js';
import { json, serve, type TestServer } from '../http/server.js';
import { readRows } from '../sinks/parquet-file.js';

const pageCount = 8;

describe('a saved place that the server refuses', () => {
  let folder: string;
  let server: TestServer;
  /** Cursors hold the epoch in which they were given out, and are good in that epoch only. */
  let epoch: number;
  /** The page that fails. */
  let broken: number | undefined;
  let status: number;
  let version: string;
  /** In the first epoch the page that fails waits until the rows before it are durable. */
  let durable: Promise<void>;
  let heard: (event: Progress) => void;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-expired-'));
    epoch = 1;
    broken = 5;
    status = 410;
    version = 'old';
    durable = new Promise((resolve) => {
      heard = (event) => event.type === 'commit' && event.rows >= 10 && resolve();
    });
    server = await serve((request, response) => {
      const asked = new URL(request.url ?? '/', 'http://localhost').searchParams.get('cursor');
      const [made, page] = (asked ?? `${epoch}-0`).split('-').map(Number) as [number, number];
      if (made !== epoch) return json(response, { error: 'this cursor has expired' }, status);
      if (page === broken) {
        (epoch === 1 ? durable : Promise.resolve()).then(() => json(response, { error: 'out of order' }, 500));
        return;
      }
      const data = [0, 1].map((row) => ({ id: page * 2 + row, version }));
      const next = page + 1 < pageCount ? `${epoch}-${page + 1}` : null;
      json(response, { data, next, link: next && `/rows?cursor=${next}` });
    });
  });
  afterEach(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const path = () => join(folder, 'rows.parquet');
  const load = async (
    disposition: 'append' | 'merge' | 'replace',
    paginator: Paginator,
    notes: string[] = [],
    actions: readonly ResponseAction[] = [],
  ) => {
    const api = client({ baseUrl: server.url });
    const options = { primaryKey: 'id', writeDisposition: disposition, checkpoint: { pages: 1 } } as const;
    const chain = pages(api, '/rows', paginator, { actions }).pipe(
      retry({ maxRetries: 0 }),
      select('data'),
      parquet(path(), options),
    );
    try {
      return await run(chain, {
        onProgress: (event) => {
          if (event.type === 'note') notes.push(event.message);
          heard(event);
        },
      });
    } finally {
      api.close();
    }
  };
  const ids = (rows: readonly Record<string, unknown>[]) => rows.map(({ id }) => Number(id)).sort((a, b) => a - b);
  const all = Array.from({ length: pageCount * 2 }, (_, id) => id);
  const rejected = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error: unknown) => error,
    );

  const paginators: readonly [string, Paginator][] = [
    ['cursor', cursor({ cursorPath: 'next' })],
    ['json_link', jsonLink({ nextUrlPath: 'link' })],
  ];
  for (const [name, paginator] of paginators)
    for (const disposition of ['append', 'merge', 'replace'] as const)
      it(`${name}, ${disposition}: the walk starts from its first page, and every row is there once`, async () => {
        expect(await rejected(load(disposition, paginator))).to.be.instanceOf(RequestError);
        epoch = 2;
        broken = undefined;
        version = 'new';
        const notes: string[] = [];
        await load(disposition, paginator, notes);
        expect(notes.join('\n')).to.contain('starts from its first page').and.contain('410');
        const rows = await readRows(path());
        expect(ids(rows)).to.deep.equal(all);
        expect(rows.filter((row) => row['version'] === 'old')).to.have.length(0);
      });

  it('is given up once more in the middle, and still every row comes once', async () => {
    await rejected(load('append', paginators[0]![1]));
    epoch = 2;
    broken = 2;
    await rejected(load('append', paginators[0]![1]));
    epoch = 3;
    broken = 7;
    await rejected(load('append', paginators[0]![1]));
    epoch = 4;
    broken = undefined;
    await load('append', paginators[0]![1]);
    expect(ids(await readRows(path()))).to.deep.equal(all);
  });

  it('in a configuration is the same', async () => {
    const config = {
      client: { base_url: server.url, paginator: { type: 'cursor' as const, cursor_path: 'next' } },
      resource_defaults: { endpoint: { retry: { max_retries: 0 } } },
      resources: ['rows'],
    };
    const options = { out: folder, checkpoint: { pages: 1 }, onProgress: (_: string, event: Progress) => heard(event) };
    expect(await rejected(restApi(config as never).run(options as never))).to.be.instanceOf(Error);
    epoch = 2;
    broken = undefined;
    await restApi(config as never).run(options as never);
    expect(ids(await readRows(path()))).to.deep.equal(all);
  });

  for (const other of [500, 200])
    it(`is what a ${other} says where an action knows its text, and a failure where the walk has gone on`, async () => {
      await rejected(load('append', paginators[0]![1]));
      epoch = 2;
      status = other;
      broken = undefined;
      version = 'new';
      const notes: string[] = [];
      const actions = [{ status: other, content: 'cursor has expired', action: 'restart' }] as const;
      await load('append', paginators[0]![1], notes, actions);
      expect(notes.join('\n')).to.contain('starts from its first page');
      const rows = await readRows(path());
      expect(ids(rows)).to.deep.equal(all);
      expect(rows.filter((row) => row['version'] === 'old')).to.have.length(0);
    });

  it('is no place of an earlier run where the walk has just begun: the action is then a failure', async () => {
    const lost = cursor({ cursorPath: 'next' });
    const stale: Paginator = { ...lost, next: (...page) => lost.next(...page) && '0-1' };
    status = 500;
    const error = await rejected(
      load('append', stale, [], [{ status: 500, content: 'has expired', action: 'restart' }]),
    );
    expect(error).to.be.instanceOf(RequestError).and.have.property('status', 500);
  });

  for (const other of [401, 403, 500])
    it(`is not what a ${other} says: the place is kept`, async () => {
      await rejected(load('append', paginators[0]![1]));
      epoch = 2;
      status = other;
      broken = undefined;
      const before = server.requests.length;
      expect(await rejected(load('append', paginators[0]![1]))).to.have.property('status', other);
      expect(server.requests.length - before).to.equal(1);
    });

  it('fails as before when its first page is refused as well', async () => {
    await rejected(load('append', paginators[0]![1]));
    epoch = 2;
    broken = 0;
    expect(await rejected(load('append', paginators[0]![1]))).to.have.property('status', 500);
  });
});
