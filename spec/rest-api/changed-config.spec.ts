// A run that goes on with one that was cut short, after the configuration has changed: what no longer fits begins anew, which is said, and
// the rest goes on.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { firstRows } from '../../lib/cli/first-rows.js';
import type { Progress } from '../../lib/core/index.js';
import { type RestApiConfig, restApi } from '../../lib/rest-api/index.js';
import { ScriptedApi } from '../golden/scripted-api.js';

const everyId = [...Array(200).keys()];
const pageCount = 100;

describe('a configuration that changes while a run is cut short', () => {
  let out: string;
  let api: ScriptedApi;
  let notes: string[];
  beforeEach(async () => {
    out = await mkdtemp(join(tmpdir(), 'sluice-changed-'));
    notes = [];
    const listing = { records: everyId.map((id) => ({ id })), by: 'offset', total: 'total' } as const;
    const one = (id: number) => ({ body: { data: [{ of: id }], total: 1 } });
    api = await ScriptedApi.start(() => ({
      listings: { 'GET /a': listing, 'GET /b': listing },
      answers: Object.fromEntries(everyId.map((id) => [`GET /a/${id}/notes`, one(id)])),
    }));
  });
  afterEach(async () => {
    await api.stop();
    await rm(out, { recursive: true, force: true });
  });

  let onCommit: (table: string, rows: number) => void = () => undefined;
  const onProgress = (_: unknown, event: Progress): void => {
    if (event.type === 'note') notes.push(event.message);
    if (event.type === 'commit') onCommit(event.table, event.rows);
  };
  type Resource = Exclude<RestApiConfig['resources'][number], string>;
  const resource = (name: string, more: object = {}): Resource => ({ name, write_disposition: 'append', ...more });
  const run = async (resources: readonly Resource[], { headers = {}, signal = new AbortController().signal } = {}) => {
    const config: RestApiConfig = {
      client: { base_url: api.url, headers, paginator: { type: 'offset', limit: 2 } },
      resource_defaults: { endpoint: { data_selector: 'data' } },
      resources: [...resources],
    };
    api.asked.length = 0;
    notes = [];
    return await restApi(config).run({ out, signal, checkpoint: { pages: 1 }, onProgress });
  };
  /** Stops a run when some rows of each table are safe. */
  const cutShort = async (resources: readonly Resource[], more = {}): Promise<void> => {
    const controller = new AbortController();
    const safe = new Set<string>();
    onCommit = (table, rows) => {
      if (rows >= 4) safe.add(table);
      if (safe.size === resources.length) controller.abort();
    };
    const error = await run(resources, { ...more, signal: controller.signal }).catch((reason: unknown) => reason);
    onCommit = () => undefined;
    expect(error).to.include({ code: 'ERR_ABORTED' });
  };
  const ids = async (table: string) =>
    (await firstRows(join(out, `${table}.parquet`), 1000)).map(({ id }) => Number(id));
  const asked = (path: string) => api.asked.filter(({ line }) => line.startsWith(`GET /${path}?`)).length;

  it('goes on when nothing of it, or only the credentials, how it retries, or the disposition changed', async () => {
    await cutShort([resource('a')]);
    await run([resource('a', { write_disposition: 'replace', endpoint: { path: 'a', retry: { max_retries: 2 } } })], {
      headers: { authorization: 'Bearer new' },
    });
    expect(await ids('a')).to.deep.equal(everyId);
    expect(asked('a')).to.be.lessThan(pageCount - 1);
    expect(notes.join()).not.to.include('anew');
  });

  for (const [what, change, rows] of [
    ['its parameters', { endpoint: { path: 'a', params: { more: 1 } } }, everyId],
    ['what is done with its rows', { processing_steps: [{ filter: 'item.id > 3' }] }, everyId.slice(4)],
    ['its columns', { columns: { id: { data_type: 'text' } } }, everyId],
    ['its key', { primary_key: 'id', write_disposition: 'merge' }, everyId],
  ] as const) {
    it(`begins anew with the resource that changed, and says so: ${what}`, async () => {
      await cutShort([resource('b'), resource('a')]);
      await run([resource('b'), resource('a', change)]);
      expect(await ids('a')).to.deep.equal([...rows]);
      expect(await ids('b')).to.deep.equal(everyId);
      expect(asked('a')).to.equal(pageCount);
      expect(asked('b')).to.be.lessThan(pageCount - 1);
      expect(notes.join()).to.match(/"a" are made in another way.*begins anew/);
    });
  }

  it('begins anew with a resource whose parent changed', async () => {
    const notesOf = resource('notes', { endpoint: { path: 'a/{resources.a.id}/notes', paginator: 'single_page' } });
    await cutShort([resource('a'), notesOf]);
    await run([resource('a', { processing_steps: [{ filter: 'item.id > 3' }] }), notesOf]);
    expect(await ids('a')).to.deep.equal(everyId.slice(4));
    const rows = await firstRows(join(out, 'notes.parquet'), 1000);
    expect(rows.map(({ of }) => Number(of)).sort((x, y) => x - y)).to.deep.equal(everyId.slice(4));
  });
});
