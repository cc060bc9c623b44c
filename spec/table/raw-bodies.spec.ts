// Rows that go into the log as they stand in their body: over real sockets, into real files.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { map, tap } from 'rxjs';
import { client, offset, pages, run } from '../../lib/index.js';
import { retry, select } from '../../operators/index.js';
import { parquet } from '../../sinks/index.js';
import { readRows } from '../sinks/parquet-file.js';

describe('rows that stand in a body', () => {
  let folder: string;
  let server: Server;
  let body = '';
  let url = '';
  const file = () => join(folder, 'table.parquet');

  before(async () => {
    server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-raw-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const walk = () => pages(client({ baseUrl: url }), '/v1/projects', offset({ limit: 100, totalPath: 'total' }));
  const load = async (text: string, primaryKey = 'id') => {
    body = text;
    await run(walk().pipe(retry(), select('data'), parquet(file(), { primaryKey, writeDisposition: 'merge' })));
    return await readRows(file());
  };

  it('come out as JSON.parse reads them, however the body spells them', async () => {
    const compact =
      '{"data":[{"id":1,"t":"a\\u00e9\\/","n":1.50,"o":{"x":[1,2]}},{"id":2,"t":"b","n":2e1,"o":null}],"total":2}';
    const rows = await load(compact);
    expect(rows).to.deep.equal(
      await load(compact.replaceAll('":', '": ').replaceAll(',"', ', "').replaceAll('},{', '}, {')),
    );
    expect(rows).to.deep.equal(await load(JSON.stringify(JSON.parse(compact), null, 2)));
    expect(rows).to.deep.equal([
      { id: '1', t: 'aé/', n: 1.5, o: { x: ['1', '2'] } },
      { id: '2', t: 'b', n: 20, o: null },
    ]);
  });

  it('hold of a key given twice the last value, as JSON.parse does', async () => {
    const text = '{"data":[{"id":1,"a":1,"o":{"x":1,"x":9007199254740993},"a":2},{"id":2,"a":3,"o":null}],"total":2}';
    const short = text.replace('9007199254740993', '7');
    expect(await load(short)).to.deep.equal([
      { id: '1', a: '2', o: { x: '7' } },
      { id: '2', a: '3', o: null },
    ]);
    expect((await load(text)).find(({ id }) => id === '1')).to.deep.equal({
      id: '1',
      a: '2',
      o: { x: '9007199254740993' },
    });
  });

  it('keep what a program changes in them, also in place, wherever it does so', async () => {
    body = '{"data":[{"id":1,"secret":"s"},{"id":2,"secret":"s"}],"total":2}';
    const hide = (rows: readonly unknown[]) => {
      for (const row of rows) delete (row as { secret?: string }).secret;
    };
    const expected = [{ id: '1' }, { id: '2' }];
    const chains = {
      'behind select': walk().pipe(
        select('data'),
        tap(({ rows }) => hide(rows)),
        parquet(join(folder, 'a.parquet')),
      ),
      'before select': walk().pipe(
        tap((page) => hide((page.body as { data: unknown[] }).data)),
        select('data'),
        parquet(join(folder, 'b.parquet')),
      ),
      'by a copy': walk().pipe(
        select('data'),
        map((page) => ({ ...page, rows: page.rows.map(({ id }) => ({ id })) })),
        parquet(join(folder, 'c.parquet')),
      ),
      'in the selector': walk().pipe(
        select((page) => {
          const { data } = page.body as { data: object[] };
          hide(data);
          return data;
        }),
        parquet(join(folder, 'd.parquet')),
      ),
    };
    for (const [where, chain] of Object.entries(chains)) {
      const { files } = await run(chain);
      expect(await readRows(files[0]!), where).to.deep.equal(expected);
    }
  });

  it('keep what a response action changes in them in place', async () => {
    body = '{"data":[{"id":1,"secret":"s"}],"total":1}';
    const action = (response: { body: unknown }) => {
      delete (response.body as { data: { secret?: string }[] }).data[0]!.secret;
      return undefined;
    };
    const source = pages(client({ baseUrl: url }), '/v1/projects', offset({ limit: 100, totalPath: 'total' }), {
      actions: [{ action }],
    });
    await run(source.pipe(select('data'), parquet(file())));
    expect(await readRows(file())).to.deep.equal([{ id: '1' }]);
  });
});
