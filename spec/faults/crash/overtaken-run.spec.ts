// A run of two tables that is killed, one of them loaded alone meanwhile, and the first run again: what it had read is older than what that table has by
// then, and must neither come over it, nor twice.
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
import { recordCalls } from './recording-disk.js';

type Resource = Exclude<RestApiConfig['resources'][number], string>;
type Version = readonly [rows: number, version: number];

interface Way {
  readonly disposition: 'append' | 'replace' | 'merge';
  readonly hasCursor?: boolean;
}

const layouts: Readonly<Record<string, Partial<Resource>>> = {
  'plain files': {},
  directories: { sink: { layout: 'directory' } },
  'a database': { sink: { format: 'duckdb' } },
  'tables by row': { table_name: { by: 'item.table', tables: ['a', 'b', 'a_odd', 'b_odd'] } },
};
const names = ['a', 'b'] as const;

/** Which of them is loaded alone, and the other one: it makes a difference where they come to their places one after the other. */
function orders(layout: string): (readonly [alone: string, other: string])[] {
  return layout === 'plain files'
    ? [
        ['a', 'b'],
        ['b', 'a'],
      ]
    : [['a', 'b']];
}

/** What is listed at first, when the run that is killed reads, and when the one that comes between does. */
const first: Version = [10, 1];
const older: Version = [17, 2];
const newer: Version = [20, 3];

describe('a run that is killed, and another one of one of its tables alone before it goes on', function () {
  this.timeout(240_000);
  let api: PagedApi;
  let folder: string;
  let notes: string[] = [];
  before(async () => {
    api = await PagedApi.start();
  });
  after(() => api.stop());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-overtaken-run-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const list = ([count, version]: Version, { disposition, hasCursor }: Way): void => {
    // A row that is another one now, and is asked for again, is appended.
    const said = hasCursor && disposition === 'append' ? 1 : version;
    const rowsOf = (name: string) =>
      Array.from({ length: count }, (_, at) => ({
        id: at,
        at,
        version: said,
        table: at % 2 === 0 ? name : `${name}_odd`,
      }));
    api.list({ '/a': rowsOf('a'), '/b': rowsOf('b') });
  };

  const run = async (
    layout: string,
    out: string,
    { disposition, hasCursor }: Way,
    select: readonly string[] = names,
  ) => {
    const resources = names.map((name) => ({
      ...layouts[layout],
      ...(layout === 'tables by row' && { table_name: { by: 'item.table', tables: [name, `${name}_odd`] } }),
      name,
      primary_key: 'id',
      write_disposition: disposition,
      endpoint: { path: name, ...(hasCursor && { incremental: { cursor_path: 'at', start_param: 'since' } }) },
    }));
    const config: RestApiConfig = {
      client: { base_url: api.url, paginator: { type: 'offset', limit: 5 }, retry: { initial_delay: 0.001 } },
      resource_defaults: { endpoint: { data_selector: 'data' } },
      resources,
    };
    notes = [];
    const onProgress = (_: unknown, event: Progress): void => {
      if (event.type === 'note') notes.push(event.message);
    };
    return await restApi(config).run({ out, checkpoint: { pages: 1 }, onProgress, select });
  };

  /** The rows of a resource, each as its id and version. */
  const rowsOf = async (layout: string, out: string, name: string): Promise<string[]> => {
    const columns = `SELECT id::INTEGER AS id, version::INTEGER AS version FROM`;
    const textOf = (rows: readonly Readonly<Record<string, unknown>>[]) =>
      rows.map(({ id, version }) => `${Number(id)} v${Number(version)}`).sort();
    if (layout === 'a database') {
      const database = await DuckDBInstance.create(join(out, 'tables.duckdb'), { access_mode: 'READ_ONLY' });
      const connection = await database.connect();
      const reader = await connection.runAndReadAll(`${columns} ${name}`);
      const rows = reader.getRowObjectsJson();
      connection.closeSync();
      database.closeSync();
      return textOf(rows);
    }
    const tables = layout === 'tables by row' ? [name, `${name}_odd`] : [name];
    const files = tables.map((table) =>
      join(out, layout === 'directories' ? `${table}/*.parquet` : `${table}.parquet`),
    );
    return textOf(await query(`${columns} read_parquet([${files.map((file) => `'${file}'`).join()}])`));
  };

  /** The rows from `start` on, as they were listed. */
  const all = ([count, version]: Version, start = 0): string[] =>
    [...Array(count).keys()].slice(start).map((id) => `${id} v${version}`);

  /** What there is when a run is killed before some of its calls; one before it was whole. */
  async function* killed(layout: string, way: Way) {
    const out = await mkdtemp(join(folder, 'run-'));
    list(first, way);
    await run(layout, out, way);
    list(older, way);
    const { trace, moments } = await recordCalls(out, () => run(layout, out, way), { wanted: () => true });
    const complete = trace.findIndex((call) => call.startsWith('rename') && call.endsWith('load.jsonl'));
    const end = trace.findIndex((call) => call.startsWith('rename') && call.endsWith('load.done'));
    const said = [...trace.keys()].filter((at) => at > complete && /^write .*journal\.jsonl$/.test(trace[at]!));
    const begun = said[1] ?? end - 1;
    const commits = [...trace.keys()].filter((at) => at < complete && /^write .*journal\.jsonl$/.test(trace[at]!));
    const early = commits[Math.floor(commits.length / 2)]! + 2;
    // Where all tables come to their places at once there is no more to be told apart.
    const more = layout === 'plain files' ? tried({ from: complete + 1, to: end, sample: 3 }) : [];
    for (const at of new Set([early, begun + 1, ...more])) {
      const image = await mkdtemp(join(folder, 'image-'));
      await moments[at]!.image('killed').write(image);
      yield { image, where: `killed before ${trace[at]} (${at})`, isComplete: at > complete, isBegun: at > begun };
    }
  }

  for (const layout of Object.keys(layouts))
    for (const [alone, other] of orders(layout)) {
      for (const way of [{ disposition: 'merge' }, { disposition: 'replace' }] as const)
        it(`never ${way.disposition}s older rows over newer ones: ${layout}, ${alone} alone`, async () => {
          for await (const { image, where, isComplete } of killed(layout, way)) {
            list(newer, way);
            await run(layout, image, way, [alone]);
            list(newer, way);
            await run(layout, image, way);
            expect(await rowsOf(layout, image, alone), where).to.have.members(all(newer));
            if (isComplete) {
              expect(api.served, where).to.equal(0);
              expect(await rowsOf(layout, image, other), where).to.have.members(all(older));
            }
            await run(layout, image, way);
            for (const name of names) expect(await rowsOf(layout, image, name), where).to.have.members(all(newer));
          }
        });

      it(`appends the rows of both where each reads all: ${layout}, ${alone} alone`, async () => {
        const way = { disposition: 'append' } as const;
        for await (const { image, where, isComplete } of killed(layout, way)) {
          if (!isComplete) continue;
          list(newer, way);
          await run(layout, image, way, [alone]);
          list(newer, way);
          await run(layout, image, way);
          expect(api.served, where).to.equal(0);
          const both = [...all(first), ...all(older)];
          expect(await rowsOf(layout, image, alone), where).to.have.members([...both, ...all(newer)]);
          expect(await rowsOf(layout, image, other), where).to.have.members(both);
        }
      });

      for (const disposition of ['append', 'merge'] as const)
        it(`has each row once, as it was last, with a cursor: ${layout}, ${disposition}, ${alone} alone`, async () => {
          const way = { disposition, hasCursor: true };
          for await (const { image, where, isBegun } of killed(layout, way)) {
            list(newer, way);
            await run(layout, image, way, [alone]);
            list(newer, way);
            await run(layout, image, way);
            const known = await rowsOf(layout, image, alone);
            expect(known.map((row) => row.split(' ')[0]!).sort(), where).to.deep.equal(
              [...Array(20).keys()].map(String).sort(),
            );
            if (disposition === 'merge') expect(known, where).to.include.members(all(newer, 17));
            const isRead = api.served > 0;
            expect(isRead, where).to.equal(!isBegun);
            await run(layout, image, way);
            for (const name of names) {
              const ids = (await rowsOf(layout, image, name)).map((row) => row.split(' ')[0]!).sort();
              expect(ids, `${name}, ${where}`).to.deep.equal([...Array(20).keys()].map(String).sort());
            }
          }
        });
    }

  it('says what it leaves out, and what it drops', async () => {
    const way = { disposition: 'merge' } as const;
    const said: string[] = [];
    for await (const { image } of killed('plain files', way)) {
      list(newer, way);
      await run('plain files', image, way, ['a']);
      await run('plain files', image, way);
      said.push(...notes);
    }
    const [dropped, left] = ['since the one that was cut short began', 'since the rows of the run'];
    expect(said.join('\n')).to.match(new RegExp(`has published in "a" ${dropped}: its \\d+ rows are dropped`));
    expect(said.join('\n')).to.match(new RegExp(`has published in "a" ${left} \\S+ were read: these are left out`));
  });
});
