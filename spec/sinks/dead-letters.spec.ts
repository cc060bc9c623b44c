import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { concat, lastValueFrom, map, of, timer } from 'rxjs';
import type { Rows } from '../../lib/core/index.js';
import type { ParquetOptions } from '../../sinks/index.js';
import { parquet } from '../../sinks/index.js';
import { failureOf, load, readRows } from './parquet-file.js';

describe('dead letters', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-letters-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const at = (name: string) => join(folder, name);
  const strict: ParquetOptions = {
    columns: { id: { data_type: 'bigint', nullable: false } },
    schemaContract: { data_type: 'discard_row' },
    deadLetters: true,
  };
  const letters = async (file = at('t.dead.jsonl')) =>
    (await readFile(file, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));

  it('are rows as they came, with the reason and the page that they came with', async () => {
    const bad = { id: 'x', big: 2 ** 53, nested: { list: [1] } };
    const receipt = await load(at('t.parquet'), [[{ id: 1 }], [bad, { id: 2 }, { id: null }]], strict);
    expect(receipt).to.include({ rows: 2, total: 2 });
    expect(receipt.discarded).to.deep.equal({ rows: 2, values: 0 });
    const [first, second] = await letters();
    expect(first).to.deep.equal({
      load_id: receipt.loadId,
      table: 't',
      walk: 'walk',
      page: 1,
      index: 0,
      left_out: 'row',
      reasons: [{ code: 'data_type', column: 'id', message: 'the column "id" is BIGINT, and cannot hold "x"' }],
      row: bad,
    });
    expect(second).to.include({ page: 1, index: 2 });
    expect(second.reasons[0]).to.include({ code: 'null', column: 'id' });
  });

  it('gather over the loads of a table, and begin anew with a table that is replaced', async () => {
    await load(at('t.parquet'), [[{ id: 'a' }, { id: 1 }]], strict);
    await load(at('t.parquet'), [[{ id: 2 }]], strict);
    await load(at('t.parquet'), [[{ id: 'b' }]], strict);
    expect((await letters()).map(({ row }) => row.id)).to.deep.equal(['a', 'b']);
    await load(at('t.parquet'), [[{ id: 'c' }, { id: 3 }]], { ...strict, writeDisposition: 'replace' });
    expect((await letters()).map(({ row }) => row.id)).to.deep.equal(['c']);
    await load(at('t.parquet'), [[{ id: 4 }]], { ...strict, writeDisposition: 'replace' });
    expect(existsSync(at('t.dead.jsonl'))).to.equal(false);
  });

  it('go where they are sent, or nowhere', async () => {
    await load(at('t.parquet'), [[{ id: 'a' }]], { ...strict, deadLetters: at('letters/all.jsonl') });
    expect(await letters(at('letters/all.jsonl'))).to.have.length(1);
    await load(at('u.parquet'), [[{ id: 'a' }]], { ...strict, deadLetters: false });
    expect(existsSync(at('u.dead.jsonl'))).to.equal(false);
    expect(() => parquet(at('t.parquet'), { deadLetters: '' }))
      .to.throw()
      .with.property('code', 'ERR_INVALID_OPTION');
  });

  it('of rows that are dropped since they are made in another way are dropped with them', async () => {
    const sink = (fingerprint: string) =>
      parquet<object>(at('t.parquet'), { ...strict, fingerprint, checkpoint: { pages: 1 } });
    const page = (number: number, id: unknown): Rows<object> => ({
      rows: [{ id }],
      position: { walk: 'walk', page: number, next: number + 1 },
      bytes: 10,
    });
    const broken = concat(of(page(0, 'a'), page(1, 1)), timer(50).pipe(map(() => expect.fail('broken'))));
    const failed = await lastValueFrom(broken.pipe(sink('one'))).catch((error: unknown) => error);
    expect(failed).to.have.property('message', 'broken');
    await lastValueFrom(of(page(0, 'b'), page(1, 2)).pipe(sink('another')));
    expect((await letters()).map(({ row }) => row.id)).to.deep.equal(['b']);
  });

  it('are rows of which values were left out, too, once each, with all reasons', async () => {
    const options: ParquetOptions = {
      columns: { id: { data_type: 'bigint' }, at: { data_type: 'date' } },
      schemaContract: { columns: 'discard_value', data_type: 'discard_value' },
      deadLetters: true,
    };
    await load(at('t.parquet'), [[{ id: 1, at: '2024-01-31' }]], options);
    const bad = { id: 'x', at: 'never', extra: { deep: 2n ** 70n } };
    const receipt = await load(at('t.parquet'), [[{ id: 2 }], [{ id: 3 }, bad]], options);
    expect(receipt).to.include({ inserted: 3, total: 4 });
    expect(receipt.discarded).to.deep.equal({ rows: 0, values: 3 });
    const all = await letters();
    expect(all).to.have.length(1);
    expect(all[0]).to.include({ page: 1, index: 1, left_out: 'values' });
    expect(all[0].reasons.map(({ code, column }: Record<string, string>) => [code, column])).to.deep.equal([
      ['data_type', 'id'],
      ['data_type', 'at'],
      ['new_column', 'extra'],
    ]);
    expect(await readFile(at('t.dead.jsonl'), 'utf8')).to.include(
      '"row":{"id":"x","at":"never","extra":{"deep":1180591620717411303424}}',
    );
  });

  it('are rows with a value that stands for nothing, as the contract says', async () => {
    const options: ParquetOptions = {
      columns: { at: { data_type: 'timestamp' } },
      schemaContract: { data_type: 'discard_value' },
      deadLetters: true,
    };
    const receipt = await load(
      at('t.parquet'),
      [
        [
          { id: 1, at: new Date(Number.NaN) },
          { id: 2, at: new Date(0) },
        ],
      ],
      options,
    );
    expect(receipt).to.deep.include({ total: 2, discarded: { rows: 0, values: 1 } });
    expect((await letters())[0]).to.deep.include({ left_out: 'values', row: { id: 1, at: 'Invalid Date' } });
  });

  it('are the rows of child tables, too', async () => {
    const nestedHints = { l: { columns: { n: { data_type: 'bigint' } } } } as const;
    const options = { ...strict, nesting: 'tables', nestedHints } as const;
    const receipt = await load(at('t.parquet'), [[{ id: 1, l: [{ n: 'x' }, { n: 5 }] }]], options);
    expect(receipt.children?.[0]?.discarded).to.deep.equal({ rows: 1, values: 0 });
    expect((await letters()).map(({ table, index, row }) => ({ table, index, row }))).to.deep.equal([
      { table: 't__l', index: 0, row: { n: 'x' } },
    ]);
  });

  it('are all rows of a table that may not be made', async () => {
    const options: ParquetOptions = { schemaContract: { tables: 'discard_row' }, deadLetters: true };
    const receipt = await load(at('t.parquet'), [[{ id: 1 }, { id: 2 }]], options);
    expect(receipt).to.deep.include({ rows: 0, files: [], discarded: { rows: 2, values: 0 } });
    expect((await letters()).map(({ reasons }) => reasons[0].code)).to.deep.equal(['new_table', 'new_table']);
    expect(existsSync(at('t.parquet'))).to.equal(false);
    await load(at('t.parquet'), [[{ id: 1 }]]);
    expect(await load(at('t.parquet'), [[{ id: 2 }]], options)).to.include({ rows: 1, total: 2 });
  });

  it('are not of a table that is frozen and is not there: the run fails before it asks', async () => {
    const failure = await failureOf(load(at('t.parquet'), [[{ id: 1 }]], { schemaContract: 'freeze' }));
    expect(failure).to.include({ code: 'ERR_SCHEMA_CONTRACT' });
    expect(failure.message).to.include('tables');
    await load(at('t.parquet'), [[{ id: 1 }]]);
    await load(at('t.parquet'), [[{ id: 2 }]], { schemaContract: 'freeze' });
    expect(await readRows(at('t.parquet'))).to.have.length(2);
  });
});

describe('metadata columns', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-metadata-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('say which load, when, and which page; and do not make a row another', async () => {
    const file = join(folder, 't.parquet');
    const options: ParquetOptions = { metadataColumns: true, primaryKey: 'id', writeDisposition: 'merge' };
    const before = Date.now();
    const first = await load(file, [[{ id: 1 }], [{ id: 2, v: 'a' }]], options);
    const second = await load(file, [[{ id: 1 }, { id: 2, v: 'b' }]], options);
    expect(second).to.include({ unchanged: 1, updated: 1 });
    const rows = await readRows(file, '*, epoch_ms(_loaded_at) AS at');
    expect(rows.map(({ id, _dlt_load_id, _source_page }) => [id, _dlt_load_id, _source_page])).to.deep.equal([
      ['1', first.loadId, '0'],
      ['2', second.loadId, '0'],
    ]);
    expect(Number(rows[0]?.['at'])).to.be.within(before, Date.now());
    expect(second.schema.map(({ name, type }) => `${name} ${type}`).slice(-3)).to.deep.equal([
      '_dlt_load_id VARCHAR',
      '_loaded_at TIMESTAMP WITH TIME ZONE',
      '_source_page BIGINT',
    ]);
  });

  it('have names of one’s own, and none that a key has', async () => {
    const file = join(folder, 't.parquet');
    const metadataColumns = { loadId: 'batch' };
    const { schema } = await load(file, [[{ id: 1 }]], { metadataColumns });
    expect(schema.map(({ name }) => name)).to.deep.equal(['id', 'batch']);
    const failure = await failureOf(load(join(folder, 'u.parquet'), [[{ Batch: 1 }]], { metadataColumns }));
    expect(failure).to.include({ code: 'ERR_COLUMN_COLLISION' });
    expect(() => parquet(file, { metadataColumns: { load: true } as object })).to.throw('loadId');
    expect(() => parquet(file, { metadataColumns: { loadId: 'a', loadedAt: 'A' } })).to.throw('same name');
  });
});
