// Tables that are found as rows come, of a run that died while it published and whose stage was damaged then: they are known again, none loses rows, and
// none leaves a file behind.
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { restApi } from '../../../lib/rest-api/index.js';
import { query } from '../../sinks/parquet-file.js';
import { changeRows } from './change-rows.js';
import { PagedApi } from './paged-api.js';
import { recordCalls } from './recording-disk.js';

describe('tables by row of a run that died while it published, and whose stage is damaged', function () {
  this.timeout(120_000);
  let folder: string;
  let api: PagedApi;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-found-'));
    api = await PagedApi.start();
  });
  afterEach(async () => {
    await api.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const stage = '.sluice/rows@by-row';
  const journal = `${stage}/journal.jsonl`;
  /** Each damages one file. */
  const damages: Readonly<Record<string, (image: string) => Promise<void>>> = {
    'journal cut to nothing': (image) => truncate(join(image, journal), 0),
    'rows changed': (image) => changeRows(join(image, stage)),
  };
  const rows = (table: string, first: number, count = 5) =>
    Array.from({ length: count }, (_, index) => ({ id: first + index, table }));
  const list = (...listed: ReturnType<typeof rows>[]): void => api.list({ '/rows': listed.flat() });

  /** @param more resources that have no rows: of them nothing is published, so that they are asked again. */
  const load = (
    out: string,
    sink: object,
    disposition: 'append' | 'replace' = 'append',
    more: readonly string[] = [],
  ): Promise<unknown> =>
    restApi({
      client: {
        base_url: api.url,
        paginator: { type: 'offset', limit: 5, total_path: 'total' },
        retry: { initial_delay: 0.001 },
      },
      resources: [
        {
          name: 'rows',
          write_disposition: disposition,
          table_name: ({ table }) => String(table),
          sink,
          endpoint: { data_selector: 'data' },
        },
        ...more.map((name) => ({ name, endpoint: { data_selector: 'data' } })),
      ],
    }).run({ out, checkpoint: { pages: 1 } });

  /** What a load leaves that is killed before a call, which is found among those of the whole load. */
  const killed = async (
    from: string,
    run: (out: string) => Promise<unknown>,
    at: (trace: readonly string[]) => number,
  ) => {
    const out = join(folder, `run-${(await readdir(folder)).length}`);
    await cp(from, out, { recursive: true });
    const { trace, moments } = await recordCalls(out, () => run(out), { wanted: () => true });
    const call = at(trace);
    expect(call).to.be.within(1, trace.length - 1);
    const image = `${out}-killed`;
    await moments[call]!.image('killed').write(image);
    return image;
  };

  const ids = async (files: string): Promise<number[]> =>
    (await query(`SELECT id::INTEGER AS id FROM read_parquet('${files}') ORDER BY 1`)).map(({ id }) => Number(id));
  const named = async (out: string): Promise<string[]> => {
    const { tables } = JSON.parse(await readFile(join(out, '_manifest.json'), 'utf8'));
    return Object.values(tables as Record<string, { files: { path: string }[] }>)
      .flatMap(({ files }) => files.map(({ path }) => path))
      .sort();
  };
  const filesOf = async (out: string): Promise<string[]> => {
    const all = await readdir(out, { recursive: true });
    return all.filter((each) => /^[ab]\/.*\.parquet$/.test(each)).sort();
  };

  it('have their rows also when the journal has lost the commit that named them', async () => {
    list(rows('a', 0), rows('b', 10));
    const base = await mkdtemp(join(folder, 'base-'));
    const image = await killed(
      base,
      (out) => load(out, { format: 'parquet' }),
      (trace) => trace.indexOf('rename a.parquet') + 1,
    );
    const lines = (await readFile(join(image, journal), 'utf8')).trimEnd().split('\n');
    for (let kept = 1; kept <= lines.length; kept += 1) {
      const copy = join(folder, `kept-${kept}`);
      await cp(image, copy, { recursive: true });
      await writeFile(join(copy, journal), `${lines.slice(0, kept).join('\n')}\n`);
      list(rows('a', 0), rows('b', 10));
      await load(copy, { format: 'parquet' });
      const where = `${kept} of ${lines.length} lines`;
      expect(await ids(join(copy, 'a.parquet')), where).to.deep.equal([0, 1, 2, 3, 4]);
      expect(await ids(join(copy, 'b.parquet')), where).to.deep.equal([10, 11, 12, 13, 14]);
      expect(api.served, where).to.equal(0);
    }
  });

  it('leave no file that was replaced when the run that finishes them is killed in its turn: directories', async () => {
    const base = await mkdtemp(join(folder, 'base-'));
    const run = (out: string): Promise<unknown> => load(out, { layout: 'directory' }, 'replace', ['others']);
    list(rows('a', 0), rows('b', 10));
    await run(base);
    list(rows('a', 20), rows('b', 30));
    const image = await killed(base, run, (trace) => trace.indexOf('rename _manifest.json') + 1);
    const both = (await readdir(join(image, '.sluice'))).find((each) => each.includes('+'));
    await changeRows(join(image, '.sluice', both!));
    // From where it says that all rows have come.
    for (let later = 1; ; later += 1) {
      let end = 0;
      const second = await killed(image, run, (trace) => {
        const at = trace.findLastIndex((call) => /^rename .*load\.jsonl$/.test(call)) + later;
        end = Math.min(at - later + 12, trace.length - 1) - at;
        return at;
      });
      await run(second);
      expect(await filesOf(second), `killed ${later} calls after`).to.deep.equal(await named(second));
      if (end <= 0) return;
    }
  });

  for (const [what, sink] of [
    ['plain files', { format: 'parquet' }],
    ['directories', { layout: 'directory' }],
  ] as const) {
    for (const [damage, change] of Object.entries(damages)) {
      it(`go on with their cursor also when one that is named beforehand had no rows: ${what}, ${damage}`, async () => {
        const run = (out: string): Promise<unknown> =>
          restApi({
            client: { base_url: api.url, paginator: { type: 'offset', limit: 5 }, retry: { initial_delay: 0.001 } },
            resources: [
              {
                name: 'rows',
                write_disposition: 'append',
                table_name: { by: 'item.table', tables: ['a', 'b'] },
                sink,
                endpoint: { data_selector: 'data', incremental: { cursor_path: 'at', start_param: 'since' } },
              },
            ],
          }).run({ out, checkpoint: { pages: 1 } });
        const upTo = (count: number): void =>
          api.list({ '/rows': rows('a', 0, count).map((row) => ({ ...row, at: row.id })) });
        const base = await mkdtemp(join(folder, 'base-'));
        upTo(10);
        const moment = what === 'directories' ? 'rename _manifest.json' : 'rename a.parquet';
        const image = await killed(base, run, (trace) => trace.indexOf(moment) + 1);
        await change(image);
        // More has come meanwhile, which the load that is finished must not skip.
        upTo(20);
        await run(image);
        await run(image);
        const a = what === 'directories' ? join(image, 'a', '*.parquet') : join(image, 'a.parquet');
        expect(await ids(a)).to.deep.equal(Array.from({ length: 20 }, (_, id) => id));
      });

      it(`go on with their cursor also when one of them had nothing to change: ${what}, ${damage}`, async () => {
        const run = (out: string): Promise<unknown> =>
          restApi({
            client: { base_url: api.url, paginator: { type: 'offset', limit: 5 }, retry: { initial_delay: 0.001 } },
            resources: [
              {
                name: 'rows',
                write_disposition: 'merge',
                primary_key: 'id',
                table_name: ({ table }) => String(table),
                sink,
                endpoint: { data_selector: 'data', incremental: { cursor_path: 'at', start_param: 'since', lag: 50 } },
              },
            ],
          }).run({ out, checkpoint: { pages: 1 } });
        const listed = (...lists: ReturnType<typeof rows>[]): void =>
          api.list({ '/rows': lists.flat().map((row) => ({ ...row, at: row.id })) });
        const base = await mkdtemp(join(folder, 'base-'));
        const [first, second, third] = [
          [rows('a', 0), rows('b', 10)],
          [rows('a', 20)],
          [rows('a', 300), rows('a', 900)],
        ];
        listed(...first);
        await run(base);
        listed(...first, ...second);
        const moment = what === 'directories' ? 'rename _manifest.json' : 'rename a.parquet';
        const image = await killed(base, run, (trace) => trace.indexOf(moment) + 1);
        await change(image);
        listed(...first, ...second, ...third);
        await run(image);
        await run(image);
        const a = what === 'directories' ? join(image, 'a', '*.parquet') : join(image, 'a.parquet');
        expect(await ids(a)).to.deep.equal([0, 20, 300, 900].flatMap((id) => [id, id + 1, id + 2, id + 3, id + 4]));
      });
    }
  }

  it('are known also when the run that finishes them is killed in its turn, and the second place of the load is damaged', async () => {
    const run = (out: string): Promise<unknown> =>
      restApi({
        client: { base_url: api.url, paginator: { type: 'offset', limit: 5 }, retry: { initial_delay: 0.001 } },
        resource_defaults: { write_disposition: 'append' },
        resources: [
          {
            name: 'rows',
            table_name: ({ table }) => String(table),
            endpoint: { data_selector: 'data', incremental: { cursor_path: 'at', start_param: 'since' } },
          },
          { name: 'others', sink: { layout: 'directory' }, endpoint: { data_selector: 'data' } },
        ],
      }).run({ out, checkpoint: { pages: 1 } });
    const upTo = (count: number): void => {
      const listed = [...rows('a', 0, count), ...rows('b', 0, count)].map((row) => ({ ...row, at: row.id }));
      api.list({ '/rows': listed, '/others': rows('c', 0, 10) });
    };
    const base = await mkdtemp(join(folder, 'base-'));
    upTo(5);
    const image = await killed(base, run, (trace) => trace.indexOf('rename a.parquet') + 1);
    const both = join('.sluice', (await readdir(join(image, '.sluice'))).find((each) => each.includes('+'))!);
    await changeRows(join(image, both));
    // From where its journal has its start.
    for (const part of [0, 0.5, 0.9]) {
      const second = await killed(image, run, (trace) => {
        const begun = trace.findIndex((call) => call.startsWith(`sync ${both}/journal.jsonl`));
        const end = trace.findIndex((call) => call.endsWith('_manifest.json'));
        return begun + 1 + Math.floor((end - begun) * part);
      });
      await truncate(join(second, both, 'load.jsonl'), 5);
      upTo(20);
      await run(second);
      await run(second);
      const where = `killed after ${part}`;
      for (const table of ['a', 'b'])
        expect(await ids(join(second, `${table}.parquet`)), where).to.deep.equal([...Array(20).keys()]);
      expect(await readdir(join(second, '.sluice')), where)
        .to.not.include('a.parquet')
        .and.not.include('b.parquet');
      upTo(5);
    }
  });

  for (const [what, sink] of [
    ['plain files', { format: 'parquet' }],
    ['directories', { layout: 'directory' }],
  ] as const) {
    it(`leave nothing of what was to be published of one that does not come any more: ${what}`, async () => {
      const base = await mkdtemp(join(folder, 'base-'));
      const run = (out: string): Promise<unknown> => load(out, sink);
      list(rows('a', 0), rows('b', 10));
      const first = what === 'directories' ? '_manifest.json' : '.placing.json';
      const image = await killed(base, run, (trace) =>
        trace.findIndex((call) => call.startsWith('rename') && call.endsWith(first)),
      );
      await changeRows(join(image, stage));
      list(rows('a', 0));
      await run(image);
      const left = (await readdir(image, { recursive: true })).filter((each) => /^\.?b[./]/.test(each));
      expect(left).to.deep.equal([]);
      expect(await readdir(join(image, '.sluice'))).to.not.include('b.drafts');
      // The table can be made afterwards.
      list(rows('b', 10));
      await run(image);
      const b = what === 'directories' ? join(image, 'b', '*.parquet') : join(image, 'b.parquet');
      expect(await ids(b)).to.deep.equal([10, 11, 12, 13, 14]);
    });
  }
});
