// Rows of which no value is made: what comes into the table is what would come of their values.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import { type Observable, tap } from 'rxjs';
import { keepsPristine } from '../../lib/core/index.js';
import { client, offset, type Page, pages, run } from '../../lib/index.js';
import { mapRows, retry, select } from '../../operators/index.js';
import { parquet } from '../../sinks/index.js';
import { readRows } from '../sinks/parquet-file.js';

type Record = { readonly [name: string]: unknown };

/** Pages of a server, by a transport of the test's own. */
function served(bodies: readonly string[], size: number, allowRepeatedPages = false) {
  const fetch = async (url: string) => {
    // As any server, it answers when the page before has been taken in.
    for (let turn = 0; turn < 3; turn += 1) await setImmediate();
    const at = Number(new URL(url).searchParams.get('offset')) / size;
    const body = bodies[at] ?? '{"data":[]}';
    return new Response(body, { headers: { 'content-type': 'application/json' } });
  };
  return pages(client({ baseUrl: 'http://localhost', fetch }), '/v1/projects', offset({ limit: size }), {
    allowRepeatedPages,
  });
}

describe('rows of which no value is made', () => {
  let folder: string;
  let file = 0;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-unread-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** What a load of the pages comes to, and how many of them were not read. */
  async function load(source: Observable<Page>, isRead: boolean) {
    let unread = 0;
    file += 1;
    const out = join(folder, `${file}.parquet`);
    const watched = source.pipe(
      retry(),
      keepsPristine(
        tap(({ raw }) => {
          unread += raw?.unread === undefined ? 0 : 1;
        }),
      ),
      select('data'),
    );
    const rows = isRead ? watched.pipe(mapRows((row) => row)) : watched;
    const { schema } = await run(rows.pipe(parquet(out, { primaryKey: 'id', writeDisposition: 'merge' })));
    return { unread, schema, rows: await readRows(out) };
  }

  const values = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom<unknown>('a', 'b', 'open', 'é–', 'x"y\\') },
    { weight: 4, arbitrary: fc.nat(20) },
    { weight: 1, arbitrary: fc.integer() },
    fc.constantFrom<unknown>(null, true, 1.5, 0.25, '2024-01-01', '2024-01-01T10:00:00Z', 9007199254740993n, -0),
    fc.constantFrom<unknown>([1, 2], ['a'], [], { a: 1 }, { a: { b: 'c' } }, { z: null }),
  );
  const columns = fc.record(
    { name: values, count: values, owner: values, at: values },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Record>;

  it('come out as they do when values are made, whatever is new on the way', async function () {
    this.timeout(60_000);
    let unread = 0;
    let all = 0;
    const write = (value: unknown) =>
      JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `#${inner}` : inner)).replace(/"#(\d+)"/g, '$1');
    await fc.assert(
      fc.asyncProperty(
        fc.array(columns, { minLength: 1, maxLength: 3 }),
        fc.array(fc.tuple(fc.nat(), columns), { maxLength: 3 }),
        fc.boolean(),
        async (usual, odd, isSpaced) => {
          const rows = Array.from({ length: 60 }, (_, id) => ({ id: id % 50, ...usual[id % usual.length] }));
          for (const [at, row] of odd) rows[at % 60] = { id: at % 60, ...row };
          const bodies = Array.from({ length: 12 }, (_, page) => {
            const list = rows.slice(page * 5, page * 5 + 5).map(write);
            return `{"page":${page},"data":[${list.join(isSpaced ? ', ' : ',')}],"more":"]"}`;
          });
          const one = await load(served(bodies, 5, true), false);
          const other = await load(served(bodies, 5, true), true);
          expect(one.schema).to.deep.equal(other.schema);
          expect(one.rows).to.deep.equal(other.rows);
          unread += one.unread;
          all += bodies.length;
        },
      ),
      { numRuns: 25 },
    );
    expect(unread / all).to.be.above(0.1);
  });

  it('are known again when a page comes a second time', async () => {
    const page = (from: number) =>
      JSON.stringify({ data: Array.from({ length: 5 }, (_, at) => ({ id: 1000 + from + at, name: `é${at}` })) });
    for (const again of [1, 2, 7]) {
      const bodies = Array.from({ length: 10 }, (_, at) => page(5 * (at < 8 ? at : again)));
      const error = await load(served(bodies, 5), false).then(
        () => undefined,
        (reason: { code?: string; message: string }) => reason,
      );
      expect(error?.code, `page ${again}`).to.equal('ERR_PAGINATION_LOOP');
      expect(error?.message).to.include(`the same records as page ${again}`);
    }
  });

  it('go to two tables, each with all of them', async () => {
    const bodies = Array.from({ length: 10 }, (_, at) =>
      JSON.stringify({ data: Array.from({ length: 5 }, (_, place) => ({ id: 1000 + 5 * at + place, name: 'x' })) }),
    );
    const source = served(bodies, 5).pipe(select('data'));
    const files = ['a', 'b'].map((name) => join(folder, `${name}.parquet`));
    await Promise.all(files.map((out) => run(source.pipe(parquet(out, { primaryKey: 'id' })))));
    for (const out of files) expect(await readRows(out)).to.have.length(50);
  });
});
