import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { firstRows } from '../../lib/cli/first-rows.js';
import { compare } from '../../lib/rest-api/incremental/compare.js';
import { cursorValue } from '../../lib/rest-api/incremental/cursor-value.js';
import { conversions, earlier } from '../../lib/rest-api/incremental/dates.js';
import { type RestApiConfig, restApi } from '../../lib/rest-api/index.js';
import { type Answer, ScriptedApi } from '../golden/scripted-api.js';

describe('incremental runs', () => {
  let out: string;
  let api: ScriptedApi | undefined;

  beforeEach(async () => {
    out = await mkdtemp(join(tmpdir(), 'sluice-incremental-'));
  });
  afterEach(async () => {
    await api?.stop();
    api = undefined;
    await rm(out, { recursive: true, force: true });
  });

  async function source(
    answers: Record<string, Answer | readonly Answer[]>,
    resource: object = {},
    incremental: object = {},
  ): Promise<RestApiConfig> {
    api = await ScriptedApi.start(() => ({ answers }));
    return {
      client: { base_url: api.url, retry: { max_retries: 0 } },
      resources: [
        {
          name: 'p',
          endpoint: {
            paginator: { type: 'offset', limit: 2, total_path: null },
            incremental: { cursor_path: 'at', start_param: 'since', ...incremental },
          },
          ...resource,
        },
      ],
    } as RestApiConfig;
  }

  const ids = async () =>
    (await firstRows(join(out, 'p.parquet'), 1000)).map(({ id }) => Number(id)).sort((a, b) => a - b);
  const sinces = () => api!.asked.map(({ line }) => new URL(line.slice(4), 'http://x').searchParams.get('since'));
  const page = (...rows: readonly (readonly [number, string])[]) => ({ body: rows.map(([id, at]) => ({ id, at })) });

  it('go on from the furthest value of the run before, and drop the rows at it that they have', async () => {
    const config = await source({
      'GET /p?limit=2&offset=0': page([1, 'a'], [2, 'c']),
      'GET /p?limit=2&offset=2': page([3, 'c']),
      'GET /p?limit=2&offset=3': page(),
      'GET /p?limit=2&offset=0&since=c': page([3, 'c'], [4, 'c']),
      'GET /p?limit=2&offset=2&since=c': page([2, 'c'], [5, 'd']),
      'GET /p?limit=2&offset=4&since=c': page(),
    });
    await restApi(config).run({ out });
    const { receipts } = await restApi(config).run({ out });
    expect(receipts['p']?.rows).to.equal(2);
    expect(await ids()).to.deep.equal([1, 2, 3, 4, 5]);
    expect(sinces()).to.deep.equal([null, null, null, 'c', 'c', 'c']);
  });

  it('take rows at the boundary in again where a merge makes that harmless, and remember them for a run that appends', async () => {
    const config = await source(
      { 'GET /p': [page([1, 'a'], [2, 'a']), page(), page([2, 'a'], [3, 'b']), page()] },
      {
        primary_key: 'id',
        write_disposition: 'merge',
      },
    );
    await restApi(config).run({ out });
    const state = JSON.parse(await readFile(join(out, '.sluice', 'state', 'p.json'), 'utf8'));
    expect(state.state.last).to.equal('a');
    expect(state.state.seen).to.have.lengthOf(2);
    const { receipts } = await restApi(config).run({ out });
    expect(receipts['p']).to.include({ inserted: 1, unchanged: 1 });
    expect(await ids()).to.deep.equal([1, 2, 3]);
  });

  for (const [what, first, second] of [
    ['digits', ['9', '10'], ['10', '11']],
    [
      'times with and without a fraction',
      ['2024-01-31T10:00:00Z', '2024-01-31T10:00:00.5Z'],
      ['2024-01-31T10:00:00.5Z', '2024-01-31T10:00:00.75Z'],
    ],
    [
      'times of other zones',
      ['2024-01-31T12:00:00+02:00', '2024-01-31T11:00:00Z'],
      ['2024-01-31T11:00:00Z', '2024-01-31T12:30:00+01:00'],
    ],
  ] as const)
    it(`lose no row and take none twice by how the cursor is written: ${what}`, async () => {
      const [a, b] = first;
      const config = await source({
        'GET /p': [page([1, a], [2, b]), page(), page([2, second[0]], [3, second[1]]), page()],
      });
      await restApi(config).run({ out });
      await restApi(config).run({ out });
      expect(sinces()).to.deep.equal([null, null, b, b]);
      expect(await ids()).to.deep.equal([1, 2, 3]);
    });

  describe('whose configuration changes between them', () => {
    type Way = readonly [resource: object, incremental?: object];
    const append = { write_disposition: 'append' };
    const merge = { write_disposition: 'merge', primary_key: 'id' };
    const upTo = (last: number) => ({
      body: [...Array(last).keys()].map((at) => ({ id: at + 1, number: ((at * 7) % 10) + 1, at: 'a' })),
    });

    const byId = { primary_key: 'id' };
    const byNumber = { primary_key: 'number' };
    const cases: readonly (readonly [what: string, ways: readonly Way[]])[] = [
      ['appends where it merged', [[merge], [append]]],
      ['merges, and then appends again', [[append], [merge], [append]]],
      ['appends by a key where it merged', [[merge], [append, { primary_key: 'id' }]]],
      ['goes by a key where it went by the whole row', [[append], [append, { primary_key: 'id' }]]],
      [
        'goes by another key, and back',
        [
          [append, byId],
          [append, byNumber],
          [append, byId],
        ],
      ],
      ['goes by the whole row where it had a key', [[append, byId], [append]]],
      ['starts at the boundary where it had a lag', [[merge, { lag: 1 }], [append]]],
    ];
    for (const [what, ways] of cases)
      it(`have each row at the boundary once: one ${what}`, async () => {
        let last = 2;
        for (const [resource, incremental] of ways) {
          for (const rows of [last, last + 1]) {
            const config = await source({ 'GET /p': [upTo(rows), page()] }, resource, incremental);
            await restApi(config).run({ out });
            expect(await ids()).to.deep.equal([...Array(rows).keys()].map((at) => at + 1));
            await api!.stop();
          }
          last += 1;
        }
      });
  });

  it('never move back, whatever the API sends', async () => {
    const config = await source({ 'GET /p': [page([1, 'm']), page(), page([2, 'b'], [3, 'm']), page(), page()] });
    for (let run = 0; run < 3; run += 1) await restApi(config).run({ out });
    expect(sinces().filter((since) => since !== null)).to.deep.equal(['m', 'm', 'm']);
    expect(await ids()).to.deep.equal([1, 3]);
  });

  it('that fail leave the state as it was, and know when they go on what the pages before had', async () => {
    const config = await source({
      'GET /p?limit=2&offset=0': page([1, 'x'], [2, 'b']),
      'GET /p?limit=2&offset=2': [{ status: 500 }, page([3, 'c'])],
      'GET /p?limit=2&offset=3': page(),
      'GET /p?limit=2&offset=0&since=x': page(),
    });
    const failed = await restApi(config)
      .run({ out })
      .catch((error: unknown) => error);
    expect(failed).to.have.property('code', 'ERR_HTTP_STATUS');
    await restApi(config).run({ out });
    await restApi(config).run({ out });
    expect(await ids()).to.deep.equal([1, 2, 3]);
    expect(sinces().at(-1)).to.equal('x');
  });

  it('start anew when the table is gone, or is replaced each time', async () => {
    const config = await source({ 'GET /p': page([1, 'a']), 'GET /p?limit=2&offset=2': page() });
    await restApi(config).run({ out });
    await rm(join(out, 'p.parquet'));
    await restApi(config).run({ out });
    const replaced = { ...config, resource_defaults: { write_disposition: 'replace' as const } };
    await restApi(replaced).run({ out });
    expect(sinces().filter((since) => since !== null)).to.deep.equal([]);
    expect(await ids()).to.deep.equal([1]);
  });

  it('with an end neither read nor write state', async () => {
    const rows = page([1, 'a'], [2, 'c']);
    const config = await source({ 'GET /p': [rows, page(), rows, page()] }, {}, { initial_value: 'a', end_value: 'c' });
    await restApi(config).run({ out });
    await restApi(config).run({ out });
    expect(sinces()).to.deep.equal(['a', 'a', 'a', 'a']);
    expect(await readFile(join(out, '.sluice', 'state', 'p.json'), 'utf8').catch(() => 'none')).to.equal('none');
  });

  it('with a lag start earlier than they ended, but not before the initial value', async () => {
    const answers = {
      'GET /p': [page([1, '2024-03-01T10:00:00Z']), page(), page([2, '2024-03-01T09:30:00Z']), page()],
    };
    const config = await source(answers, {}, { initial_value: '2024-01-01T00:00:00Z', lag: 3600 });
    await restApi(config).run({ out });
    await restApi(config).run({ out });
    expect(sinces()).to.include('2024-03-01T09:00:00Z');
    expect(await ids()).to.deep.equal([1, 2]);
  });

  it('of a child have one cursor over all parents', async () => {
    api = await ScriptedApi.start(() => ({
      answers: {
        'GET /a': { body: [{ id: 1 }, { id: 2 }] },
        'GET /a/1/b': page([1, 'p']),
        'GET /a/2/b': page([2, 'q']),
      },
    }));
    const config: RestApiConfig = {
      client: { base_url: api.url, paginator: 'single_page' },
      resources: [
        { name: 'a', selected: false },
        {
          name: 'p',
          endpoint: { path: 'a/{resources.a.id}/b', incremental: { cursor_path: 'at', start_param: 'since' } },
        },
      ],
    };
    await restApi(config).run({ out });
    await restApi(config).run({ out });
    expect(sinces()).to.deep.equal([null, null, null, null, 'q', 'q']);
    expect(await ids()).to.deep.equal([1, 2]);
  });
});

describe('a lag', () => {
  for (const [value, lag, moved] of [
    ['2024-03-01', 1, '2024-02-29'],
    ['2024-03-01T00:00:00Z', 1, '2024-02-29T23:59:59Z'],
    ['2024-03-01 00:00', 60, '2024-02-29 23:59'],
    ['2024-03-01T01:00:00.123456+02:00', 3600, '2024-03-01T00:00:00.123456+02:00'],
    ['2024-03-01T01:00:00.5', 0.25, '2024-03-01T01:00:00.2'],
    ['v12', 3, 'v12'],
  ] as const) {
    it(`of ${lag} before ${value} is ${moved}`, () => {
      expect(earlier(value, lag)).to.equal(moved);
    });
  }

  it('of a number is taken from it, of a long one without losing digits', () => {
    expect(earlier(10, 3)).to.equal(7);
    expect(earlier({ number: '9007199254740993' }, 1)).to.deep.equal({ number: '9007199254740992' });
  });
});

describe('cursor values', () => {
  it('are ordered as numbers or as texts, and not across', () => {
    expect(compare(9, 10)).to.be.lessThan(0);
    expect(compare('9', '10')).to.be.lessThan(0);
    expect(compare('-10', '-9')).to.be.lessThan(0);
    expect(compare('1.25', '12.5')).to.be.lessThan(0);
    expect(compare('9007199254740993', '9007199254740992')).to.be.greaterThan(0);
    expect(compare('2024-01-31T10:00:00Z', '2024-01-31T10:00:00.5Z')).to.be.lessThan(0);
    expect(compare('2024-01-31T10:00:00.25Z', '2024-01-31T10:00:00.5Z')).to.be.lessThan(0);
    expect(compare('2024-01-31T10:00:00+02:00', '2024-01-31T09:00:00Z')).to.be.lessThan(0);
    expect(compare('2024-01-31T10:00:00+02:00', '2024-01-31T09:30:00+01:00')).to.be.lessThan(0);
    expect(compare('2024-01-31 10:00:00', '2024-01-31T09:00:00')).to.be.greaterThan(0);
    expect(compare('2024-01-31T10:00:00.000Z', '2024-01-31T10:00:00Z')).to.equal(0);
    // What is neither is a text.
    expect(compare('v9', 'v10')).to.be.greaterThan(0);
    expect(compare('09', '1')).to.be.lessThan(0);
    expect(compare('2024-01-31', '2024-01-31T10:00:00Z')).to.be.lessThan(0);
    expect(compare(1, '1')).to.equal(undefined);
    expect(compare(cursorValue(9007199254740993n)!, cursorValue(9007199254740992n)!)).to.be.greaterThan(0);
  });

  it('convert between times and counts of seconds', () => {
    expect(conversions.epoch_seconds('2024-01-01T00:00:00Z')).to.equal(1704067200);
    expect(conversions.epoch_seconds('2024-01-01 00:00:00')).to.equal(1704067200);
    expect(conversions.epoch_milliseconds('2024-01-01')).to.equal(1704067200000);
    expect(conversions.date('2024-01-01T23:00:00-02:00')).to.equal('2024-01-02');
    expect(conversions.from_epoch_seconds(1704067200)).to.equal('2024-01-01T00:00:00.000Z');
    expect(() => conversions.epoch_seconds('soon')).to.throw(RangeError);
  });
});
