// Two runs of one configuration, the second of which comes when the first has read how far its cursors had come, and has not begun to write its tables: it
// is told that the first is writing, or no row comes twice.
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'chai';
import { type RestApiConfig, restApi } from '../../lib/rest-api/index.js';
import type { SourceRunOptions } from '../../lib/rest-api/run-options.js';
import { files } from '../../lib/stage/index.js';
import { PagedApi } from '../faults/crash/paged-api.js';
import { recordCalls } from '../faults/crash/recording-disk.js';
import { query } from '../sinks/parquet-file.js';

type Resource = Exclude<RestApiConfig['resources'][number], string>;

const { link, open, rename, unlink } = files;

describe('a run that comes between the state of another and its tables', () => {
  let api: PagedApi;
  let out: string;
  before(async () => {
    api = await PagedApi.start();
  });
  after(() => api.stop());
  beforeEach(async () => {
    out = await mkdtemp(join(tmpdir(), 'sluice-at-once-'));
  });
  afterEach(async () => {
    Object.assign(files, { link, open, rename, unlink });
    api.onPage = () => undefined;
    await rm(out, { recursive: true, force: true });
  });

  const list = (count: number): void => {
    const rows = Array.from({ length: count }, (_, at) => ({ id: at, at, table: at % 2 === 0 ? 'even' : 'odd' }));
    api.list({ '/a': rows, '/b': rows, '/parents': [{ id: 1 }, { id: 2 }], '/of/1': rows, '/of/2': rows });
  };

  const incremental = { cursor_path: 'at', start_param: 'since' };
  const appended = (name: string, more: Partial<Resource> = {}): Resource => ({
    name,
    primary_key: 'id',
    write_disposition: 'append',
    endpoint: { path: name, incremental },
    ...more,
  });
  const source = (resources: RestApiConfig['resources']) =>
    restApi({
      client: { base_url: api.url, paginator: { type: 'offset', limit: 5 }, retry: { initial_delay: 0.001 } },
      resource_defaults: { endpoint: { data_selector: 'data' } },
      resources,
    });
  const run = (resources: RestApiConfig['resources'], options: Partial<SourceRunOptions> = {}) =>
    source(resources).run({ out, checkpoint: { pages: 1 }, ...options });

  /** Does `work` while `first` is held before it takes the lock of what it writes. Returns what became of both. */
  const between = async <T>(first: () => Promise<unknown>, work: () => Promise<T>) => {
    let [reach, go] = [(): void => undefined, (): void => undefined];
    const reached = new Promise<void>((resolve) => {
      reach = resolve;
    });
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    let isHeld = false;
    files.open = async (path, ...more) => {
      if (!isHeld && /\.sluice[/\\][^/\\]+(?<!@state)[/\\]lock\./.test(String(path))) {
        isHeld = true;
        reach();
        await held;
      }
      return await open(path, ...more);
    };
    const one = first();
    await Promise.race([reached, one]);
    expect(isHeld).to.equal(true);
    const other = await work().then(
      () => 'done',
      (error: { code: string }) => error.code,
    );
    go();
    await one;
    return other;
  };

  const idsOf = async (from: string): Promise<number[]> => {
    const rows = await query(`SELECT id::INTEGER AS id FROM ${from} ORDER BY id`);
    return rows.map(({ id }) => Number(id));
  };
  const numbers = (count: number, times = 1) =>
    [...Array(count).keys()].flatMap((id) => Array.from({ length: times }, () => id));

  const layouts: Readonly<Record<string, { readonly more: Partial<Resource>; from(): string }>> = {
    'a plain file': { more: {}, from: () => `'${out}/a.parquet'` },
    'a directory': { more: { sink: { layout: 'directory' } }, from: () => `'${out}/a/*.parquet'` },
    'tables by row': {
      more: { table_name: { by: 'item.table', tables: ['even', 'odd'] } },
      from: () => `read_parquet(['${out}/even.parquet', '${out}/odd.parquet'])`,
    },
  };
  for (const [layout, { more, from }] of Object.entries(layouts)) {
    const resources = [appended('a', more)];
    it(`has each row once: ${layout}`, async () => {
      list(7);
      await run(resources);
      list(12);
      const other = await between(
        () => run(resources),
        () => run(resources),
      );
      expect(await idsOf(from())).to.deep.equal(numbers(12));
      expect(other).to.equal('ERR_STAGE_LOCKED');
      await run(resources);
      expect(await idsOf(from())).to.deep.equal(numbers(12));
    });

    it(`has each row once where both may go on with a run that was cut short: ${layout}`, async () => {
      list(7);
      await run(resources);
      list(20);
      const controller = new AbortController();
      api.onPage = () => {
        if (api.served === 3) controller.abort();
      };
      expect(await run(resources, { signal: controller.signal }).catch(({ code }) => code)).to.equal('ERR_ABORTED');
      await between(
        () => run(resources),
        () => run(resources),
      );
      await run(resources);
      expect(await idsOf(from())).to.deep.equal(numbers(20));
    });
  }

  it('has each row once: a table of a database', async () => {
    const resources = [appended('a', { sink: { format: 'duckdb' } })];
    list(7);
    await run(resources);
    list(12);
    await between(
      () => run(resources),
      () => run(resources),
    );
    const database = await DuckDBInstance.create(join(out, 'tables.duckdb'), { access_mode: 'READ_ONLY' });
    const connection = await database.connect();
    const reader = await connection.runAndReadAll('SELECT id::INTEGER AS id FROM a ORDER BY id');
    const ids = reader.getRowObjectsJson().map(({ id }) => Number(id));
    connection.closeSync();
    database.closeSync();
    expect(ids).to.deep.equal(numbers(12));
  });

  it('has each row once where the cursor is one that the rows of the parent have', async () => {
    const endpoint = {
      path: 'of/{resources.parents.id}',
      paginator: { type: 'offset', limit: 5 } as const,
      incremental: { ...incremental, per_parent: true },
    };
    const resources: RestApiConfig['resources'] = ['parents', appended('a', { endpoint })];
    list(7);
    await run(resources);
    list(12);
    // Of another selection: no lock of a stage keeps it away.
    await between(
      () => run(resources),
      () => run(resources, { select: ['a'] }),
    );
    expect(await idsOf(layouts['a plain file']!.from())).to.deep.equal(numbers(12, 2));
  });

  it('does not take back what others have come to that share the cursor', async () => {
    const endpoint = (path: string) => ({ path, incremental: { ...incremental, shared_as: 'both' } });
    const resources = ['a', 'b'].map((name) => appended(name, { endpoint: endpoint(name) }));
    list(7);
    await run(resources);
    const other = await between(
      () => run(resources, { select: ['a'] }),
      async () => {
        list(12);
        await run(resources, { select: ['b'] }).finally(() => list(9));
      },
    );
    expect(other).to.equal('ERR_STAGE_LOCKED');
    list(12);
    await run(resources, { select: ['b'] });
    expect(await idsOf(`'${out}/b.parquet'`)).to.satisfy((ids: number[]) => new Set(ids).size === ids.length);
  });

  it('has each row once also where it writes what was staged, and neither reads nor changes the state', async () => {
    const resources = [appended('a')];
    list(7);
    await run(resources);
    list(12);
    const { trace, moments } = await recordCalls(out, () => run(resources), { wanted: () => true });
    const complete = trace.findIndex((call) => call.startsWith('rename') && call.endsWith('load.jsonl')) + 1;
    expect(complete).to.be.above(0);
    const image = await mkdtemp(join(out, 'image-'));
    await moments[complete]!.image('killed').write(image);
    await between(
      () => run(resources, { out: image }),
      () => run(resources, { out: image, until: 3 }),
    );
    expect(await idsOf(`'${image}/a.parquet'`)).to.deep.equal(numbers(12));
  });

  it('is refused, too, where it is a person who sets or forgets the state: that would be lost', async () => {
    const resources = [appended('a')];
    const state = source(resources).state({ out });
    list(7);
    await run(resources);
    list(12);
    const set = await between(
      () => run(resources),
      () => state.set('a', 3),
    );
    expect(set).to.equal('ERR_STAGE_LOCKED');
    const reset = await between(
      () => run(resources),
      () => state.reset('a'),
    );
    expect(reset).to.equal('ERR_STAGE_LOCKED');
    expect(await state.set('a', 3)).to.equal(3);
  });

  /** Lets others go on until something has happened, or long enough for what does not. */
  const untilOrLong = async (has: () => boolean): Promise<void> => {
    for (let turn = 0; turn < 1000 && !has(); turn += 1) await stat(out);
  };

  it('waits for one of this process that was aborted, and is about to end', async () => {
    const resources = [appended('a')];
    list(20);
    const controller = new AbortController();
    let next: Promise<unknown> | undefined;
    let isTried = false;
    files.link = async (from, to) => {
      isTried ||= next !== undefined;
      await link(from, to);
    };
    files.unlink = async (path) => {
      if (next !== undefined && /@state[/\\]lock$/.test(String(path))) await untilOrLong(() => isTried);
      await unlink(path);
    };
    api.onPage = () => {
      if (api.served !== 3) return;
      controller.abort();
      next = run(resources);
      next.catch(() => undefined);
    };
    const first = await run(resources, { signal: controller.signal }).catch(({ code }) => code);
    expect(first).to.equal('ERR_ABORTED');
    await next;
    expect(await idsOf(layouts['a plain file']!.from())).to.deep.equal(numbers(20));
  });

  it('comes after all that a run which is aborted writes of its states', async () => {
    list(7);
    const controller = new AbortController();
    let isOver = false;
    let wasOver: boolean | undefined;
    files.rename = async (from, to) => {
      if (wasOver === undefined && String(to).endsWith(join('state', 'a.json'))) {
        controller.abort();
        await untilOrLong(() => isOver);
        wasOver = isOver;
      }
      await rename(from, to);
    };
    const first = await run([appended('a')], { signal: controller.signal })
      .catch(({ code }) => code)
      .finally(() => {
        isOver = true;
      });
    expect(first).to.equal('ERR_ABORTED');
    expect(wasOver).to.equal(false);
  });

  it('leaves nothing of the locks of states', async () => {
    list(7);
    await run([appended('a')]);
    const left = await query(`SELECT file FROM glob('${out}/.sluice/*/*') ORDER BY file`);
    expect(left).to.deep.equal([{ file: `${out}/.sluice/state/a.json` }]);
  });
});
