// A run of a configuration that is killed, and one of another kind after it: a full refresh, or another disposition. Whatever the first had come to, the
// tables are then those of whole runs: no row is missing, and none is there twice.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'chai';
import type { Progress } from '../../../lib/core/index.js';
import { type RestApiConfig, restApi } from '../../../lib/rest-api/index.js';
import { query } from '../../sinks/parquet-file.js';
import { tried } from './crash-options.js';
import { PagedApi } from './paged-api.js';
import { type Moment, recordCalls } from './recording-disk.js';

type Resource = Exclude<RestApiConfig['resources'][number], string>;

interface Kind {
  readonly fullRefresh?: boolean;
  readonly disposition?: 'append' | 'replace' | 'merge';
  /** The resources of the run. */
  readonly select?: readonly string[];
}

const layouts: Readonly<Record<string, Partial<Resource>>> = {
  'plain files': {},
  directories: { sink: { layout: 'directory' } },
  'a database': { sink: { format: 'duckdb' } },
  'tables by row': { table_name: { by: 'item.table', tables: ['a', 'b'] } },
};

describe('a run that is killed, and one of another kind after it', function () {
  this.timeout(240_000);
  let api: PagedApi;
  let folder: string;
  let notes: string[] = [];
  before(async () => {
    api = await PagedApi.start();
  });
  after(() => api.stop());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-changed-run-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const list = (count: number): void => {
    const rows = Array.from({ length: count }, (_, at) => ({ id: at, at, table: at % 2 === 0 ? 'a' : 'b' }));
    api.list({ '/a': rows, '/b': rows, '/rows': rows });
  };

  /** Of the resources `a` and `b`, which list the same; of tables by row one resource has both. */
  const run = async (layout: string, out: string, { fullRefresh = false, disposition = 'append', select }: Kind) => {
    const names = layout === 'tables by row' ? ['rows'] : ['a', 'b'];
    const config: RestApiConfig = {
      client: { base_url: api.url, paginator: { type: 'offset', limit: 5 }, retry: { initial_delay: 0.001 } },
      resource_defaults: { endpoint: { data_selector: 'data' } },
      resources: names.map((name) => ({
        ...layouts[layout],
        name,
        primary_key: 'id',
        write_disposition: disposition,
        endpoint: { path: name, incremental: { cursor_path: 'at', start_param: 'since' } },
      })),
    };
    notes = [];
    const onProgress = (_: unknown, event: Progress): void => {
      if (event.type === 'note') notes.push(event.message);
    };
    const checkpoint = { pages: 1 };
    return await restApi(config).run({ out, fullRefresh, checkpoint, onProgress, ...(select && { select }) });
  };

  const idsOf = async (layout: string, out: string, table: string): Promise<unknown[]> => {
    const order = 'ORDER BY id';
    if (layout === 'a database') {
      const database = await DuckDBInstance.create(join(out, 'tables.duckdb'), { access_mode: 'READ_ONLY' });
      const connection = await database.connect();
      const reader = await connection.runAndReadAll(`SELECT id::INTEGER AS id FROM ${table} ${order}`);
      const rows = reader.getRowObjectsJson();
      connection.closeSync();
      database.closeSync();
      return rows.map(({ id }) => id);
    }
    const files = join(out, layout === 'directories' ? `${table}/*.parquet` : `${table}.parquet`);
    return (await query(`SELECT id::INTEGER AS id FROM read_parquet('${files}') ${order}`)).map(({ id }) => id);
  };

  /** The rows of both tables must be these, once each. */
  const expectRows = async (layout: string, out: string, count: number, where: string): Promise<void> => {
    const all = [...Array(count).keys()];
    for (const table of ['a', 'b'])
      expect(await idsOf(layout, out, table), `${table}, ${where}`).to.deep.equal(
        layout === 'tables by row' ? all.filter((id) => id % 2 === (table === 'a' ? 0 : 1)) : all,
      );
  };

  /** What there is when a second run is killed before each of its calls, from the first commit on; the first run is whole. */
  async function* killed(layout: string, kind: Kind, { first = 10, second = 17, sample = 10 } = {}) {
    const out = await mkdtemp(join(folder, 'run-'));
    list(first);
    await run(layout, out, {});
    list(second);
    const { trace, moments } = await recordCalls(out, () => run(layout, out, kind), { wanted: () => true });
    const complete = trace.findIndex((call) => call.startsWith('rename') && call.endsWith('load.jsonl'));
    const end = trace.findIndex((call) => call.startsWith('rename') && call.endsWith('load.done'));
    // What the journal says after that: that all rows have come, and that tables come to their places.
    const said = [...trace.keys()].filter((at) => at > complete && /^write .*journal\.jsonl$/.test(trace[at]!));
    const begun = said[1] ?? end - 1;
    expect(begun).to.be.within(complete, end - 1);
    const from = Math.floor(complete / 2);
    for (const at of [...new Set([...tried({ from, to: end + 1, sample }), begun, begun + 2])]) {
      const image = await mkdtemp(join(folder, 'image-'));
      await (moments[at] as Moment).image('killed').write(image);
      yield { image, where: `killed before ${trace[at]} (${at})`, isComplete: at > complete, isBegun: at > begun };
    }
  }

  for (const layout of Object.keys(layouts)) {
    for (const second of [17, 10])
      it(`is a full refresh that keeps nothing of the run before, which had ${second - 10} new rows: ${layout}`, async () => {
        for await (const { image, where } of killed(layout, {}, { second })) {
          list(20);
          await run(layout, image, { fullRefresh: true });
          expect(api.served, where).to.be.at.least(4);
          await expectRows(layout, image, 20, where);
          list(22);
          await run(layout, image, {});
          await expectRows(layout, image, 22, where);
        }
      });

    it(`finishes a full refresh whose rows had all come, without asking, and else begins anew: ${layout}`, async () => {
      for await (const { image, where, isComplete } of killed(layout, { fullRefresh: true })) {
        list(20);
        await run(layout, image, {});
        if (isComplete) expect(api.served, where).to.equal(0);
        await expectRows(layout, image, isComplete ? 17 : 20, where);
        await run(layout, image, {});
        await expectRows(layout, image, 20, where);
      }
    });

    it(`never replaces a table by what a cursor has read of it: ${layout}`, async () => {
      for await (const { image, where } of killed(layout, {})) {
        list(20);
        await run(layout, image, { disposition: 'replace' });
        const wasFinished = api.served === 0;
        await expectRows(layout, image, wasFinished ? 17 : 20, where);
        await run(layout, image, { disposition: 'replace' });
        await expectRows(layout, image, 20, where);
      }
    });
  }

  for (const kind of [{}, { fullRefresh: true }] as const)
    it(`adds no row twice when a run of one of its tables came between, where nothing was published: ${JSON.stringify(kind)}`, async () => {
      for (const between of [{}, { fullRefresh: true }]) {
        for await (const { image, where, isBegun } of killed('plain files', kind, { sample: 6 })) {
          if (isBegun) continue;
          list(20);
          await run('plain files', image, { ...between, select: ['a'] });
          for (let time = 0; time < 2; time += 1) await run('plain files', image, {});
          await expectRows('plain files', image, 20, where);
        }
      }
    });

  it('knows how far it had come also when a run of one of its tables came between, and was killed in its turn', async () => {
    for (const kind of [{}, { fullRefresh: true }] as const) {
      for await (const { image, where } of killed('plain files', kind, { sample: 6 })) {
        list(20);
        const { trace, moments } = await recordCalls(image, () => run('plain files', image, { select: ['a'] }), {
          wanted: (_, call) => call.endsWith('a.parquet/load.jsonl'),
        });
        expect(trace.length, where).to.be.above(0);
        const again = await mkdtemp(join(folder, 'again-'));
        await moments[0]!.image('killed').write(again);
        for (let time = 0; time < 2; time += 1) await run('plain files', again, {});
        await expectRows('plain files', again, 20, where);
      }
    }
  });

  it('says what it drops', async () => {
    const said: string[] = [];
    for await (const { image } of killed('plain files', {}, { sample: 3 })) {
      await run('plain files', image, { fullRefresh: true });
      said.push(notes.join());
    }
    for (const each of said) expect(each).to.match(/had staged is dropped: this one is a full refresh/);
  });
});
