// Which rows of a configuration go into the log as they stand in their body: those that nothing touches, whatever else is asked of them.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type RestApiConfig, restApi } from '../../lib/rest-api/index.js';
import { failureOf, readRows } from '../sinks/parquet-file.js';

/** A number that JSON.stringify writes in another way tells whether a line was copied or written. */
const rows = '[{"id":1,"n":1.50,"o":{"x":1}},{"id":2,"n":2.50,"o":{"x":2}}]';

describe('the rows of a configuration', () => {
  let out: string;
  let server: Server;
  let url = '';
  /** Whether the page after the first is there. */
  let isWhole = true;

  before(async () => {
    server = createServer((request, response) => {
      const { searchParams } = new URL(request.url ?? '', 'http://localhost');
      const isSecond = searchParams.get('offset') === '2';
      response.writeHead(isSecond && !isWhole ? 404 : 200, { 'content-type': 'application/json' });
      response.end(isSecond ? '[]' : rows);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());
  beforeEach(async () => {
    isWhole = true;
    out = await mkdtemp(join(tmpdir(), 'sluice-raw-config-'));
  });
  afterEach(() => rm(out, { recursive: true, force: true }));

  type Resource = Exclude<RestApiConfig['resources'][number], string>;
  const paginator = { type: 'offset', limit: 2, total_path: null } as const;
  const config = (...resources: Resource[]): RestApiConfig => ({
    client: { base_url: url },
    resources: resources.map(({ endpoint, ...resource }) => ({
      ...resource,
      endpoint: { path: 'a', paginator, data_selector: '$', ...(endpoint as object) },
    })),
  });

  /** What the log of table `a` holds when the run fails at the second page. */
  async function logged(...resources: Resource[]): Promise<string> {
    isWhole = false;
    await failureOf(restApi(config(...resources)).run({ out }));
    const stage = join(out, '.sluice');
    const files = (await readdir(stage, { recursive: true })).filter((file) => /t-a\.\d+\.jsonl$/.test(file));
    return (await Promise.all(files.map((file) => readFile(join(stage, file), 'utf8')))).join('');
  }

  const incremental = { cursor_path: 'id', initial_value: 1, row_order: 'asc' } as const;
  const copied: Readonly<Record<string, Resource[]>> = {
    'when they are only read': [{ name: 'a' }],
    'when they are merged by a key': [{ name: 'a', primary_key: 'id', write_disposition: 'merge' }],
    'when a cursor lets all of a page through': [{ name: 'a', endpoint: { incremental } }],
    'when a cursor is read from the response': [
      { name: 'a', endpoint: { incremental: { cursor_path: "['content-type']", cursor_from: 'headers' } } },
    ],
    'when other resources are asked for with them': [
      { name: 'a' },
      { name: 'b', endpoint: { path: 'b/{resources.a.id}', paginator: 'single_page' } },
    ],
    'of a child that takes nothing of its parent': [
      { name: 'p', selected: false, endpoint: { path: 'p', paginator: 'single_page' } },
      { name: 'a', endpoint: { path: 'a/{resources.p.id}' } },
    ],
  };
  for (const [when, resources] of Object.entries(copied)) {
    it(`are copied ${when}`, async () => {
      expect(await logged(...resources)).to.include('"n":1.50,');
    });
  }

  const written: Readonly<Record<string, Resource[]>> = {
    'when a step makes others of them': [{ name: 'a', processing_steps: [{ map: 'item' }] }],
    'when a step leaves some out': [{ name: 'a', processing_steps: [{ filter: 'item.id < 2' }] }],
    'when a cursor leaves some out': [{ name: 'a', endpoint: { incremental: { ...incremental, initial_value: 2 } } }],
    'when they take something of their parent': [
      { name: 'p', selected: false, endpoint: { path: 'p', paginator: 'single_page' } },
      { name: 'a', endpoint: { path: 'a/{resources.p.id}' }, include_from_parent: ['id'] },
    ],
    'when a function looks at the responses': [
      { name: 'a', endpoint: { response_actions: [{ status_code: 200, action: () => undefined }] } },
    ],
  };
  for (const [when, resources] of Object.entries(written)) {
    it(`are written anew ${when}`, async () => {
      const text = await logged(...resources);
      expect(text).to.match(/"n":[12]\.5,/);
      expect(text).to.not.include('.50');
    });
  }

  it('stay whole where a function of a child changes what it includes in place', async () => {
    const change = (row: object) => {
      (row as { _a_o: { x: number } })._a_o.x = 7;
      return row;
    };
    const resources = config(
      { name: 'a' },
      {
        name: 'b',
        endpoint: { path: 'b/{resources.a.id}', paginator: 'single_page' },
        include_from_parent: ['o'],
        processing_steps: [{ map: change }],
      },
    );
    await restApi(resources).run({ out });
    expect(await readRows(join(out, 'a.parquet'))).to.have.length(2);
    for (const { _a_o: o } of await readRows(join(out, 'b.parquet'))) expect(o).to.deep.equal({ x: '7' });
  });
});
