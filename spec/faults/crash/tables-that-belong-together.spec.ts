// A run that is killed while it puts tables in their places that belong together, and one of other tables after it: the tables are then of the same rows,
// whatever is loaded next.
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type RestApiConfig, restApi } from '../../../lib/rest-api/index.js';
import { query } from '../../sinks/parquet-file.js';
import { tried } from './crash-options.js';
import { type Listings, PagedApi } from './paged-api.js';
import { recordCalls } from './recording-disk.js';

interface Together {
  readonly name: string;
  readonly resources: RestApiConfig['resources'];
  listings(count: number): Listings;
  /** What is loaded between the run that is killed and the one that goes on with it. */
  readonly alone: string;
  readonly tables: readonly string[];
  /** Whether what is loaded alone makes no difference to what the others get. */
  readonly isApart?: boolean;
}

const numbers = (count: number): number[] => [...Array(count).keys()];
const since = { cursor_path: 'at', start_param: 'since' };

const cases: readonly Together[] = [
  {
    name: 'a table with child tables',
    resources: [
      { name: 'a', write_disposition: 'append', nesting: 'tables', endpoint: { path: 'a', incremental: since } },
      { name: 'b', write_disposition: 'append', endpoint: { path: 'b', incremental: since } },
    ],
    listings: (count) => ({
      '/a': numbers(count).map((id) => ({ id, at: id, lines: [{ id }], notes: [{ id, text: 'x' }] })),
      '/b': numbers(count).map((id) => ({ id, at: id })),
    }),
    alone: 'a',
    tables: ['a', 'a__lines', 'a__notes', 'b'],
    isApart: true,
  },
  {
    name: 'tables by row',
    resources: [
      {
        name: 'events',
        write_disposition: 'append',
        table_name: { by: 'item.kind', tables: ['odd', 'even'] },
        endpoint: { path: 'events', incremental: since },
      },
      { name: 'b', write_disposition: 'append', endpoint: { path: 'b', incremental: since } },
    ],
    listings: (count) => ({
      '/events': numbers(count).map((id) => ({ id, at: id, kind: id % 2 === 1 ? 'odd' : 'even' })),
      '/b': numbers(count).map((id) => ({ id, at: id })),
    }),
    alone: 'events',
    tables: ['odd', 'even', 'b'],
    isApart: true,
  },
  ...(['a', 'b'] as const).map((alone) => ({
    name: `two tables with one cursor, ${alone} alone`,
    resources: ['a', 'b'].map((name) => ({
      name,
      write_disposition: 'append' as const,
      endpoint: { path: name, incremental: { ...since, shared_as: 'both' } },
    })),
    listings: (count: number) => ({
      '/a': numbers(count).map((id) => ({ id, at: id })),
      '/b': numbers(count).map((id) => ({ id, at: id })),
    }),
    alone,
    tables: ['a', 'b'],
  })),
  ...(['parents', 'children'] as const).map((alone) => ({
    name: `a table, and one that is asked for with the rows of its cursor, ${alone} alone`,
    resources: [
      { name: 'parents', write_disposition: 'append' as const, endpoint: { path: 'parents', incremental: since } },
      {
        name: 'children',
        write_disposition: 'append' as const,
        endpoint: { path: 'parents/{resources.parents.id}/children' },
      },
    ],
    listings: (count: number) => ({
      '/parents': numbers(count).map((id) => ({ id, at: id })),
      ...Object.fromEntries(numbers(count).map((id) => [`/parents/${id}/children`, [{ id }]])),
    }),
    alone,
    tables: ['parents', 'children'],
  })),
];

describe('a run that is killed while its tables come to their places, and one of some of them before it goes on', function () {
  this.timeout(240_000);
  let api: PagedApi;
  let folder: string;
  before(async () => {
    api = await PagedApi.start();
  });
  after(() => api.stop());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-together-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const run = (out: string, resources: RestApiConfig['resources'], select?: readonly string[]) =>
    restApi({
      client: { base_url: api.url, paginator: { type: 'offset', limit: 5 }, retry: { initial_delay: 0.001 } },
      resource_defaults: { endpoint: { data_selector: 'data' } },
      resources,
    }).run({ out, ...(select && { select }) });

  const ids = async (out: string, table: string): Promise<number[]> => {
    const file = join(out, `${table}.parquet`);
    if (!existsSync(file)) return [];
    return (await query(`SELECT id::INTEGER AS id FROM read_parquet('${file}') ORDER BY 1`)).map(({ id }) =>
      Number(id),
    );
  };

  for (const { name, resources, listings, alone, tables, isApart = false } of cases)
    for (const before of [0, 10]) {
      const idsOfAll = async (out: string): Promise<Readonly<Record<string, readonly number[]>>> =>
        Object.fromEntries(await Promise.all(tables.map(async (table) => [table, await ids(out, table)] as const)));

      /** A run of some of the tables, and then all of them until nothing more comes. What the tables hold after each. */
      const goOn = async (out: string) => {
        api.list(listings(20));
        await run(out, resources, [alone]);
        const first = await idsOfAll(out);
        for (let time = 0; time < 2; time += 1) await run(out, resources);
        return { first, last: await idsOfAll(out) };
      };

      it(`come to what they are when it is not killed: ${name}, after ${before} rows`, async () => {
        const out = await mkdtemp(join(folder, 'run-'));
        api.list(listings(before));
        if (before > 0) await run(out, resources);
        api.list(listings(17));
        const { trace, moments } = await recordCalls(out, () => run(out, resources), { wanted: () => true });
        const once = await goOn(out);
        const [to, ...places] = [
          trace.findIndex((call) => call.startsWith('rename') && call.endsWith('load.done')),
          ...[...trace.keys()].filter((at) => /^rename [^.]*\.parquet$/.test(trace[at]!)),
        ] as [number, ...number[]];
        expect(places).to.have.lengthOf(tables.length);
        const from = trace.findIndex((call) => call.startsWith('rename') && call.endsWith('load.jsonl'));
        for (const at of new Set([...places, ...tried({ from, to: to + 1, sample: 3 })])) {
          const isBegun = at > places[0]!;
          if (!isApart && !isBegun) continue;
          const image = await mkdtemp(join(folder, 'image-'));
          await moments[at]!.image('killed').write(image);
          const where = `killed before ${trace[at]} (${at})`;
          const { first, last } = await goOn(image);
          if (isBegun) expect(first, where).to.deep.equal(once.first);
          expect(last, where).to.deep.equal(once.last);
          expect(await readdir(join(image, '.sluice')), where).to.deep.equal(['state']);
        }
      });
    }

  it('says so where its note is damaged, and keeps no longer than that', async () => {
    const { resources, listings } = cases[0]!;
    const out = await mkdtemp(join(folder, 'run-'));
    api.list(listings(10));
    const { moments } = await recordCalls(out, () => run(out, resources), {
      wanted: (_, call) => call === 'rename a.parquet',
    });
    const image = await mkdtemp(join(folder, 'image-'));
    await moments[0]!.image('killed').write(image);
    const [note] = (await readdir(join(image, '.sluice'))).filter((name) => name.endsWith('.placing.json'));
    const content = await readFile(join(image, '.sluice', note!), 'utf8');
    await writeFile(join(image, '.sluice', note!), content.replace('a__lines', 'a__limes'));
    const { notes } = (await run(image, resources)).receipts['a']!;
    expect(notes.join()).to.match(/placing\.json, which named the files .* is damaged and was removed/);
    for (const table of ['a', 'a__lines']) expect(await ids(image, table)).to.deep.equal(numbers(10));
    expect(await readdir(join(image, '.sluice'))).to.deep.equal(['state']);
  });
});
