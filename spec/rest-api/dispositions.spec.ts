// How a configuration says that rows come into a table, from dlt's words to the rows of the file.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Receipt, Row } from '../../lib/core/index.js';
import { type RestApiConfig, restApi } from '../../lib/rest-api/index.js';
import { type Script, ScriptedApi } from '../golden/scripted-api.js';
import { readRows } from '../sinks/parquet-file.js';

type Resource = Extract<RestApiConfig['resources'][number], object>;

describe('dispositions of a configuration', () => {
  let out: string;
  let api: ScriptedApi;
  let rows: readonly Row[];

  beforeEach(async () => {
    out = await mkdtemp(join(tmpdir(), 'sluice-disposition-'));
    api = await ScriptedApi.start((): Script => ({ answers: { 'GET /p': { body: rows as never } } }));
  });
  afterEach(async () => {
    await api.stop();
    await rm(out, { recursive: true, force: true });
  });

  async function load(resource: Omit<Resource, 'name'>, next: readonly Row[], options: object = {}): Promise<Receipt> {
    rows = next;
    await api.stop();
    api = await ScriptedApi.start((): Script => ({ answers: { 'GET /p': { body: next as never } } }));
    const client = { base_url: api.url, paginator: 'single_page' as const };
    const { receipts } = await restApi({ client, resources: [{ name: 'p', ...resource }] }).run({ out, ...options });
    return receipts['p']!;
  }
  const table = (sql = '*') => readRows(join(out, 'p.parquet'), sql);

  it("keeps versions with all of dlt's options for scd2", async () => {
    const scd2 = (boundary: string): Omit<Resource, 'name'> => ({
      write_disposition: {
        disposition: 'merge',
        strategy: 'scd2',
        validity_column_names: ['since', 'until'],
        active_record_timestamp: '9999-12-31',
        boundary_timestamp: boundary,
        row_version_column_name: 'hash',
      },
    });
    await load(scd2('2024-01-01'), [
      { id: 1, hash: 'a' },
      { id: 2, hash: 'b' },
    ]);
    const receipt = await load(scd2('2024-02-01T12:00:00+01:00'), [
      { id: 1, hash: 'a' },
      { id: 2, hash: 'c' },
    ]);
    expect(receipt).to.include({ inserted: 1, unchanged: 1, retired: 1, total: 3 });
    expect(await table('hash, since::VARCHAR AS since, until::VARCHAR AS until')).to.deep.equal([
      { hash: 'a', since: '2024-01-01 00:00:00+00', until: '9999-12-31 00:00:00+00' },
      { hash: 'b', since: '2024-01-01 00:00:00+00', until: '2024-02-01 11:00:00+00' },
      { hash: 'c', since: '2024-02-01 11:00:00+00', until: '9999-12-31 00:00:00+00' },
    ]);
  });

  it('goes by the hints of columns: keys, deletions, the order of rows with one key', async () => {
    const resource: Omit<Resource, 'name'> = {
      write_disposition: { disposition: 'merge', strategy: 'delete-insert' },
      columns: {
        id: { primary_key: true },
        day: { merge_key: true },
        version: { dedup_sort: 'desc' },
        deleted: { hard_delete: true, data_type: 'bool' },
      },
    };
    await load(resource, [
      { id: 1, day: 'mon', version: 1, deleted: false },
      { id: 2, day: 'mon', version: 1, deleted: false },
      { id: 3, day: 'tue', version: 1, deleted: false },
      { id: 4, day: 'wed', version: 1, deleted: false },
    ]);
    const receipt = await load(resource, [
      { id: 1, day: 'mon', version: 3, deleted: false },
      { id: 1, day: 'mon', version: 2, deleted: false },
      { id: 3, day: 'tue', version: 2, deleted: true },
    ]);
    expect(receipt).to.include({ updated: 1, duplicates: 1, deleted: 2, skipped: 1, total: 2 });
    expect(await table('id, version')).to.deep.equal([
      { id: '4', version: '1' },
      { id: '1', version: '3' },
    ]);
  });

  it('replaces by merge key alone', async () => {
    const resource: Omit<Resource, 'name'> = { write_disposition: 'merge', merge_key: 'day' };
    await load(resource, [{ day: 'mon' }, { day: 'mon' }, { day: 'tue' }]);
    expect(await load(resource, [{ day: 'mon' }])).to.include({ inserted: 1, deleted: 2, total: 2 });
  });

  it('removes rows that a full read no longer brings, but not after a part of it', async () => {
    const resource: Omit<Resource, 'name'> = { write_disposition: 'merge', primary_key: 'id', delete_missing: 'hard' };
    await load(resource, [{ id: 1 }, { id: 2 }]);
    expect(await load(resource, [{ id: 1 }], { limit: 1 })).to.include({ deleted: 0, total: 2 });
    expect(await load(resource, [{ id: 1 }])).to.include({ deleted: 1, total: 1 });
  });

  it('takes no row for missing in an incremental read', async () => {
    const resource: Omit<Resource, 'name'> = {
      write_disposition: 'merge',
      primary_key: 'id',
      delete_missing: { mode: 'soft', column: 'left_at' },
      endpoint: { incremental: { cursor_path: 'at', initial_value: 0 } },
    };
    await load(resource, [
      { id: 1, at: 1 },
      { id: 2, at: 2 },
    ]);
    expect(await load(resource, [{ id: 2, at: 2 }])).to.include({ softDeleted: 0, total: 2 });
  });

  it('begins the table anew on a full refresh, as its strategy says', async () => {
    const missing: Omit<Resource, 'name'> = { write_disposition: 'merge', primary_key: 'id', delete_missing: 'soft' };
    await load(missing, [{ id: 1 }, { id: 2 }]);
    expect(await load(missing, [{ id: 3 }], { fullRefresh: true })).to.include({
      inserted: 1,
      softDeleted: 0,
      total: 1,
    });
    await rm(join(out, 'p.parquet'));
    const scd2: Omit<Resource, 'name'> = { write_disposition: { disposition: 'merge', strategy: 'scd2' } };
    await load(scd2, [{ id: 1 }]);
    await load(scd2, [{ id: 2 }]);
    const columns = { gone: { hard_delete: true } };
    const rows = [
      { id: 3, gone: false },
      { id: 3, gone: false },
      { id: 4, gone: true },
    ];
    const receipt = await load({ ...scd2, columns }, rows, { fullRefresh: true });
    expect(receipt).to.include({ inserted: 1, duplicates: 1, skipped: 1, retired: 0, total: 1 });
    expect(await table('id, _dlt_valid_from IS NOT NULL AS since, _dlt_valid_to AS until')).to.deep.equal([
      { id: '3', since: true, until: null },
    ]);
  });

  it('does not read a resource that is to be skipped', async () => {
    const client = { base_url: api.url, paginator: 'single_page' as const };
    const resources: Resource[] = [
      { name: 'p', write_disposition: 'skip' },
      { name: 'q', endpoint: 'p' },
    ];
    rows = [{ id: 1 }];
    const { receipts } = await restApi({ client, resources }).run({ out });
    expect(Object.keys(receipts)).to.deep.equal(['q']);
  });

  it('takes fields within objects for keys', async () => {
    const resource: Omit<Resource, 'name'> = { write_disposition: 'merge', primary_key: 'owner.id' };
    await load(resource, [{ owner: { id: 1, name: 'Ada' } }]);
    expect(await load(resource, [{ owner: { id: 1, name: 'Ada L.' } }])).to.include({ updated: 1, total: 1 });
  });
});
