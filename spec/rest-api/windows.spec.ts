// Ranges of a cursor that are asked for in slices, each by itself.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { firstRows } from '../../lib/cli/first-rows.js';
import { monthsLater } from '../../lib/rest-api/incremental/dates.js';
import { slices } from '../../lib/rest-api/incremental/window.js';
import { type RestApiConfig, restApi } from '../../lib/rest-api/index.js';
import { type Answer, ScriptedApi } from '../golden/scripted-api.js';

describe('slices of a range', () => {
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

  it('are asked for up to now, and go on after the last run', async () => {
    const today = new Date().toISOString().slice(0, 10);
    const ago = (days: number) => new Date(Date.parse(today) - days * 86_400_000).toISOString().slice(0, 10);
    const config = await source({ 'GET /a': { body: [{ id: 1, at: ago(1) }] } }, [
      {
        name: 'a',
        endpoint: {
          concurrency: 1,
          incremental: {
            cursor_path: 'at',
            initial_value: ago(2),
            window: 'day',
            start_param: 'from',
            end_param: 'to',
          },
        },
      },
    ]);
    await restApi(config).run({ out });
    expect(asked()).to.deep.equal([
      `/a?from=${ago(2)}&to=${ago(1)}`,
      `/a?from=${ago(1)}&to=${today}`,
      `/a?from=${today}&to=${ago(-1)}`,
    ]);
    await restApi(config).run({ out });
    expect(asked()).to.deep.equal([`/a?from=${ago(1)}&to=${today}`, `/a?from=${today}&to=${ago(-1)}`]);
    expect(await ids('a')).to.deep.equal([1]);
  });

  it('are each gone on with by themselves after a failure', async () => {
    const slice = (from: number, id: number) => ({
      [`GET /a?from=${from}&to=${from + 10}`]: { body: [{ id, at: from }] },
    });
    const config = await source(
      {
        ...slice(0, 1),
        ...slice(10, 2),
        'GET /a?from=20&to=30': [{ status: 404 }, { body: [{ id: 3, at: 20 }] }],
        ...slice(30, 4),
      },
      [
        {
          name: 'a',
          endpoint: {
            concurrency: 1,
            incremental: {
              cursor_path: 'at',
              initial_value: 0,
              end_value: 40,
              window: 10,
              start_param: 'from',
              end_param: 'to',
            },
          },
        },
      ],
    );
    const failed = await restApi(config)
      .run({ out })
      .catch((error: unknown) => error);
    expect(failed).to.have.property('code', 'ERR_HTTP_STATUS');
    asked();
    await restApi(config).run({ out });
    expect(asked()).to.deep.equal(['/a?from=20&to=30', '/a?from=30&to=40']);
    expect(await ids('a')).to.deep.equal([1, 2, 3, 4]);
  });

  for (const [how, times] of [
    ['with a fraction', ['2024-01-01T12:00:00Z', '2024-01-02T00:00:00.250Z', '2024-01-03T00:00:00.5Z']],
    ['in another zone', ['2024-01-02T01:00:00+02:00', '2024-01-01T19:30:00-05:00', '2024-01-03T01:00:00+01:00']],
    ['with a space', ['2024-01-01T12:00:00Z', '2024-01-02 00:00:00', '2024-01-03 23:59:59']],
  ] as const) {
    it(`hold each row once whose time is written ${how}, unlike their borders`, async () => {
      const rows = times.map((at, index) => ({ id: index + 1, at }));
      // The server goes by the times: each is in one slice.
      const start = (day: number) => `2024-01-0${day}T00%3A00%3A00Z`;
      const slice = (day: number) => `GET /a?from=${start(day)}&to=${start(day + 1)}`;
      const answers = Object.fromEntries(rows.map((row, index) => [slice(index + 1), { body: [row] }]));
      const incremental = {
        cursor_path: 'at',
        initial_value: '2024-01-01T00:00:00Z',
        end_value: '2024-01-04T00:00:00Z',
        window: 'day',
        start_param: 'from',
        end_param: 'to',
      };
      await restApi(await source(answers, [{ name: 'a', endpoint: { incremental } }])).run({ out });
      expect(await ids('a')).to.deep.equal([1, 2, 3]);
    });
  }

  it('do not go beyond an end that is written in another way', () => {
    const cut = (start: string, end: string) =>
      slices('12 hours', { start, end, now: 0 }).map((slice) => `${slice.start}..${slice.end}`);
    expect(cut('2024-01-01T00:00:00.500Z', '2024-01-01T12:00:00Z')).to.have.length(1);
    expect(cut('2024-01-01T00:00:00Z', '2024-01-01T13:00:00+02:00')).to.have.length(1);
    expect(cut('2024-01-01T00:00:00Z', '2024-01-01T12:30:00+02:00')).to.have.length(1);
    expect(cut('2024-01-01T00:00:00', '2024-01-01T13:00:00+02:00')).to.have.length(2);
  });

  it('cover a range without gap and overlap', () => {
    const cut = (size: string | number, start: string | number, end: string | number) =>
      slices(size, { start, end, now: 0 }).map((slice) => `${slice.start}..${slice.end}`);
    expect(cut('6 hours', '2024-01-01T00:00:00+02:00', '2024-01-01T13:00:00+02:00')).to.deep.equal([
      '2024-01-01T00:00:00+02:00..2024-01-01T06:00:00+02:00',
      '2024-01-01T06:00:00+02:00..2024-01-01T12:00:00+02:00',
      '2024-01-01T12:00:00+02:00..2024-01-01T13:00:00+02:00',
    ]);
    expect(cut('year', '2020-02-29', '2022-02-28')).to.deep.equal(['2020-02-29..2021-02-28', '2021-02-28..2022-02-28']);
    expect(cut(7, '2024-01-01', '2024-01-15')).to.deep.equal(['2024-01-01..2024-01-08', '2024-01-08..2024-01-15']);
    expect(monthsLater('2024-01-31 10:00', 13)).to.equal('2025-02-28 10:00');
    expect(() => slices('hour', { start: '1900-01-01T00:00:00Z', end: undefined, now: Date.now() })).to.throw(
      '100000 slices',
    );
  });
});
