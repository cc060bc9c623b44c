// Values that are kept as texts or as JSON: they have one spelling, whether values were made of their records or not.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { tap } from 'rxjs';
import { keepsPristine } from '../../lib/core/index.js';
import { client, offset, pages, run } from '../../lib/index.js';
import { mapRows, select } from '../../operators/index.js';
import { type ParquetOptions, parquet } from '../../sinks/index.js';
import { readRows } from '../sinks/parquet-file.js';

describe('values that are kept as texts or as JSON', () => {
  let folder: string;
  let file = 0;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-spelling-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Ten pages with these values of the column "a", one row for each, by a transport of the test's own. */
  function walk(values: readonly string[]) {
    const fetch = async (url: string) => {
      for (let turn = 0; turn < 3; turn += 1) await setImmediate();
      const page = Number(new URL(url).searchParams.get('offset')) / values.length;
      const rows = values.map((value, at) => `{"id":${1000 + values.length * page + at},"a":${value}}`);
      const body = page < 10 ? `{"data":[${rows.join(',')}]}` : '{"data":[]}';
      return new Response(body, { headers: { 'content-type': 'application/json' } });
    };
    return pages(client({ baseUrl: 'http://localhost', fetch }), '/v1/a', offset({ limit: values.length }));
  }

  async function load(values: readonly string[], isRead: boolean, options: ParquetOptions = {}, out = '') {
    file += 1;
    const path = out || join(folder, `${file}.parquet`);
    let unread = 0;
    const rows = walk(values).pipe(
      keepsPristine(
        tap(({ raw }) => {
          unread += raw?.unread === undefined ? 0 : 1;
        }),
      ),
      select('data'),
    );
    const key: ParquetOptions = { primaryKey: 'id', writeDisposition: 'merge', ...options };
    const { updated } = await run((isRead ? rows.pipe(mapRows((row) => row)) : rows).pipe(parquet(path, key)));
    return { unread, updated, path, rows: (await readRows(path)).map((row) => JSON.stringify(row)) };
  }

  const cases: Readonly<Record<string, { values: readonly string[]; options?: ParquetOptions }>> = {
    'numbers in JSON': { values: ['{"x":1.0}', '[10.50]', '{"x":0.0000001}'] },
    'keys that come twice in JSON': { values: ['{"x":1,"x":2}', '[]', '{"y":{"x":1,"\\u0078":2}}'] },
    'keys that are indices in JSON': { values: ['{"b":1,"2":2,"1":3}', '[]'] },
    'numbers among texts': { values: ['1.0', '"a"', '10.50', '-0.0'] },
    'numbers among flags': { values: ['1.0', 'true'] },
    'objects with keys that no struct can have': { values: ['{"x":1.0,"X":2}', '{"x":2.50,"2":1,"1":1}'] },
    'numbers that are declared texts': { values: ['1.0', '2'], options: { columns: { a: { data_type: 'text' } } } },
    'lists that are declared JSON': { values: ['[1.0]', '[2]'], options: { columns: { a: { data_type: 'json' } } } },
    'objects where all are kept as JSON': {
      values: ['{"b":1.0,"1":1}', '{"b":2,"1":1}'],
      options: { nesting: 'json' },
    },
  };
  for (const [name, { values, options }] of Object.entries(cases)) {
    it(`have one spelling: ${name}`, async () => {
      const { rows } = await load(values, false, options);
      expect(rows).to.have.length(10 * values.length);
      expect(rows).to.deep.equal((await load(values, true, options)).rows);
    });
  }

  it('have it also where the type was declared by a run before', async () => {
    const { path } = await load(['1.0', '2'], true, { columns: { a: { data_type: 'text' } } });
    const { updated, rows } = await load(['1.0', '2'], false, {}, path);
    expect(updated).to.equal(0);
    expect(rows[0]).to.equal('{"id":"1000","a":"1"}');
  });

  it('may be spelled in any way among numbers, without values being made of them', async () => {
    const { unread, rows } = await load(['1.0', '10.50'], false);
    expect(unread).to.be.above(4);
    expect(rows).to.deep.equal((await load(['1.0', '10.50'], true)).rows);
  });

  it('are not read either where each is spelled as usual', async () => {
    const { unread, rows } = await load(['{"x":1.5,"y":[{}, {"é":"\\u00e9"}]}', '[1]'], false);
    expect(unread).to.be.above(4);
    expect(rows).to.deep.equal((await load(['{"x":1.5,"y":[{}, {"é":"\\u00e9"}]}', '[1]'], true)).rows);
  });
});
