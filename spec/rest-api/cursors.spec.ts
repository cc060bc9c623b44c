// Cursors beyond dlt's: one for each row of a parent, in responses, shared, in slices; and state that stays small.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { lastValueFrom, toArray } from 'rxjs';
import { firstRows } from '../../lib/cli/first-rows.js';
import { mostKnown } from '../../lib/rest-api/incremental/boundary.js';
import { Cursors } from '../../lib/rest-api/incremental/cursors.js';
import { type RestApiConfig, restApi } from '../../lib/rest-api/index.js';
import { planIncremental } from '../../lib/rest-api/plan/incremental.js';
import { type Answer, ScriptedApi } from '../golden/scripted-api.js';

describe('cursors', () => {
  let out: string;
  let api: ScriptedApi | undefined;

  beforeEach(async () => {
    out = await mkdtemp(join(tmpdir(), 'sluice-cursors-'));
  });
  afterEach(async () => {
    await api?.stop();
    api = undefined;
    await rm(out, { recursive: true, force: true });
  });

  async function source(
    answers: Record<string, Answer | readonly Answer[]>,
    resources: RestApiConfig['resources'],
  ): Promise<RestApiConfig> {
    api = await ScriptedApi.start(() => ({ answers }));
    return { client: { base_url: api.url, paginator: 'single_page', retry: { max_retries: 0 } }, resources };
  }

  const asked = () => api!.asked.splice(0).map(({ line }) => line.slice(4));
  const ids = async (table: string) =>
    (await firstRows(join(out, `${table}.parquet`), 100_000)).map(({ id }) => Number(id)).sort((a, b) => a - b);

  describe('of each row of the parent', () => {
    const events = {
      name: 'events',
      endpoint: {
        path: 'users/{resources.users.id}/events',
        concurrency: 1,
        data_selector: '$',
        incremental: { cursor_path: 'at', start_param: 'since', per_parent: true },
      },
    } as const;
    const event = (id: number, at: string) => ({ id, at });

    it('leave only what they have come to in memory, and nothing of the bodies that it was read from', () => {
      const plan = planIncremental(
        { path: '', incremental: { cursor_path: 'at', per_parent: true } },
        { keepsDuplicates: true },
      )!;
      const cursors = new Cursors('events', plan, {
        parents: { k0: { last: 'z', seen: [] }, old: { last: 'y', seen: [] } },
      });
      setFlagsFromString('--expose-gc');
      const heap = (): number => {
        (runInNewContext('gc') as () => void)();
        return process.memoryUsage().heapUsed;
      };
      const before = heap();
      const parents = 5_000;
      for (let parent = 0; parent < parents; parent += 1) {
        const body = `{"at":"2026-01-01T00:00:00.${String(parent).padStart(6, '0')}Z"}${' '.repeat(10_000)}`;
        const tracker = cursors.for(`k${parent}`).ranges()[0]!.track();
        // A part of a long text holds the whole of it.
        tracker.take([{ at: body.slice(7, 34) }]);
        tracker.done();
      }
      expect(heap() - before).to.be.below(parents * 2_000);
      const known = cursors.state!.parents!;
      expect(Object.keys(known)).to.have.length(parents + 1);
      expect([known['k0']?.last, known['old']?.last]).to.deep.equal(['z', 'y']);
      expect(known['k7']?.last).to.equal('2026-01-01T00:00:00.000007Z');
      expect(known['k7']?.seen).to.have.length(1);
    });

    it('go on from where each of them has come to', async () => {
      const config = await source(
        {
          'GET /users': { body: [{ id: 1 }, { id: 2 }] },
          'GET /users/1/events': { body: [event(1, 'd'), event(2, 'b')] },
          'GET /users/2/events': { body: [event(3, 'a')] },
          'GET /users/1/events?since=d': { body: [event(1, 'd'), event(4, 'd')] },
          'GET /users/2/events?since=a': { body: [event(3, 'a'), event(5, 'b')] },
          'GET /users/2/events?since=b': { body: [] },
        },
        [{ name: 'users', selected: false }, events],
      );
      await restApi(config).run({ out });
      asked();
      await restApi(config).run({ out });
      expect(asked()).to.deep.equal(['/users', '/users/1/events?since=d', '/users/2/events?since=a']);
      expect(await ids('events'), 'rows at the boundary once').to.deep.equal([1, 2, 3, 4, 5]);
      const [shown] = await restApi(config).state({ out }).show();
      expect(shown).to.include({ resource: 'events', parents: 2 });
    });

    it('stay where they are for a row that is left out, which is written down', async () => {
      const config = await source(
        {
          'GET /users': { body: [{ id: 1 }, { id: 2 }] },
          'GET /users/1/events': [{ status: 404 }, { body: [event(1, 'a')] }],
          'GET /users/2/events': { body: [event(3, 'b')] },
          'GET /users/2/events?since=b': { body: [] },
        },
        [
          { name: 'users', selected: false },
          { ...events, on_error: 'skip' },
        ],
      );
      const { notes } = await restApi(config).run({ out });
      expect(notes.map(({ resource, message }) => `${resource}: ${message}`)).to.deep.equal([
        'events: rows of its parent that were left out: 1; they are in events.left_out.jsonl',
      ]);
      const letter = JSON.parse(await readFile(join(out, 'events.left_out.jsonl'), 'utf8'));
      expect(letter).to.deep.include({
        resource: 'events',
        parents: { 'users.id': 1 },
        code: 'ERR_HTTP_STATUS',
        pages: 0,
      });
      expect(letter.message).to.contain('/users/1/events');
      asked();
      await restApi(config).run({ out });
      expect(asked()).to.deep.equal(['/users', '/users/1/events', '/users/2/events?since=b']);
      expect(await ids('events')).to.deep.equal([1, 3]);
    });

    it('that are one for all do not move at all when a row is left out', async () => {
      const { incremental, ...endpoint } = events.endpoint;
      const config = await source(
        {
          'GET /users': { body: [{ id: 1 }, { id: 2 }] },
          'GET /users/1/events': [{ status: 404 }, { body: [event(1, 'a')] }],
          'GET /users/2/events': { body: [event(3, 'b')] },
        },
        [
          { name: 'users', selected: false },
          {
            ...events,
            primary_key: 'id',
            write_disposition: 'merge',
            on_error: 'skip',
            endpoint: { ...endpoint, incremental: { ...incremental, per_parent: false } },
          },
        ],
      );
      await restApi(config).run({ out });
      asked();
      await restApi(config).run({ out });
      expect(asked()).to.deep.equal(['/users', '/users/1/events', '/users/2/events']);
      expect(await ids('events')).to.deep.equal([1, 3]);
    });
  });

  for (const [from, path, answer] of [
    ['body', 'meta.token', { body: { data: [{ id: 1 }], meta: { token: 't1' } } }],
    ['headers', 'x-token', { body: { data: [{ id: 1 }] }, headers: { 'X-Token': 't1' } }],
    ['request', 'params.page', { body: { data: [{ id: 1 }] } }],
  ] as const) {
    it(`are read from the ${from} of the pages`, async () => {
      const config = await source({ 'GET /a': answer }, [
        {
          name: 'a',
          endpoint: {
            data_selector: 'data',
            params: { page: 't1' },
            incremental: { cursor_path: path, cursor_from: from, start_param: 'delta' },
          },
        },
      ]);
      await restApi(config).run({ out });
      await restApi(config).run({ out });
      expect(asked()).to.deep.equal(['/a?page=t1', '/a?delta=t1&page=t1']);
    });
  }

  it('with the same shared_as go on from the furthest of them', async () => {
    const incremental = { cursor_path: 'at', start_param: 'since', shared_as: 'changes' };
    const config = await source(
      {
        'GET /a': { body: [{ id: 1, at: 'b' }] },
        'GET /b': { body: [{ id: 2, at: 'c' }] },
        'GET /a?since=c': { body: [{ id: 2, at: 'c' }] },
        'GET /b?since=c': { body: [{ id: 2, at: 'c' }] },
      },
      [
        { name: 'a', endpoint: { incremental } },
        { name: 'b', endpoint: { incremental } },
      ],
    );
    await restApi(config).run({ out });
    asked();
    await restApi(config).run({ out });
    expect(asked()).to.have.members(['/a?since=c', '/b?since=c']);
    expect([await ids('a'), await ids('b')], 'a row that only the other has is new').to.deep.equal([[1, 2], [2]]);
    expect(await readdir(join(out, '.sluice', 'state'))).to.deep.equal(['shared%20changes.json']);
    asked();
    await rm(join(out, 'a.parquet'));
    await restApi(config).run({ out });
    expect(asked(), 'one whose table is gone is read anew').to.have.members(['/a', '/b?since=c']);
  });

  it('may go by a function', async () => {
    const length = (values: readonly (string | number)[]) =>
      [...values].sort((a, b) => String(b).length - String(a).length)[0]!;
    const config = await source(
      {
        'GET /a': {
          body: [
            { id: 1, at: 'zz' },
            { id: 2, at: 'aaa' },
          ],
        },
        'GET /a?since=aaa': { body: [] },
      },
      [{ name: 'a', endpoint: { incremental: { cursor_path: 'at', start_param: 'since', last_value_func: length } } }],
    );
    await restApi(config).run({ out });
    await restApi(config).run({ out });
    expect(asked()).to.deep.equal(['/a', '/a?since=aaa']);
  });

  it('remember a bounded number of rows at the boundary, and say when there were more', async () => {
    const many = Array.from({ length: mostKnown + 5 }, (_, id) => ({ id, at: 'same' }));
    const config = await source({ 'GET /a': { body: many } }, [
      { name: 'a', endpoint: { data_selector: '$', incremental: { cursor_path: 'at' } } },
    ]);
    const { notes } = await restApi(config).run({ out });
    expect(notes.map(({ message }) => message).join()).to.contain('furthest value');
    const state = JSON.parse(await readFile(join(out, '.sluice', 'state', 'a.json'), 'utf8'));
    expect(state.state.seen).to.have.length(mostKnown);
    const { receipts } = await restApi(config).run({ out });
    expect(receipts['a']?.rows, 'none is lost, the rest comes again').to.equal(5);
  });

  it('of a resource read alone start from the beginning each time', async () => {
    const config = await source({ 'GET /a': { body: [{ id: 1, at: 'b' }] } }, [
      { name: 'a', endpoint: { incremental: { cursor_path: 'at', start_param: 'since' } } },
    ]);
    const { resources } = restApi(config);
    for (let time = 0; time < 2; time += 1) await lastValueFrom(resources['a']!.pipe(toArray()));
    expect(asked()).to.deep.equal(['/a', '/a']);
  });
});
