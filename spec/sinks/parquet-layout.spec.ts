// The options that say how a Parquet file is laid out: each is found again in the footer of the file.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { asyncBufferFromFile, type ColumnMetaData, type FileMetaData, parquetMetadataAsync } from 'hyparquet';
import { type ParquetOptions, parquet } from '../../sinks/index.js';
import { load, query, readRows } from './parquet-file.js';

const rows = Array.from({ length: 5000 }, (_, index) => ({
  id: index,
  name: `name ${index % 20}`,
  at: new Date(1_700_000_000_000 + index * 1000).toISOString(),
  owner: { id: index % 7, since: '2020-02-29T00:00:00Z' },
}));

describe('the layout of a Parquet file', () => {
  let folder: string;
  let file: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-layout-'));
  });
  beforeEach(() => {
    file = join(folder, `table-${Math.random()}.parquet`);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const footer = async (): Promise<FileMetaData> =>
    parquetMetadataAsync(await asyncBufferFromFile(file), { geoparquet: false });
  const columns = async (): Promise<Record<string, ColumnMetaData>> =>
    Object.fromEntries(
      (await footer()).row_groups[0]!.columns.map(({ meta_data }) => [meta_data!.path_in_schema.join('.'), meta_data!]),
    );
  const written = async (options: ParquetOptions): Promise<Record<string, ColumnMetaData>> => {
    await load(file, [rows], options);
    expect(await readRows(file, 'count(*)::INTEGER AS n, sum(id)::INTEGER AS ids')).to.deep.equal([
      { n: 5000, ids: 12_497_500 },
    ]);
    return columns();
  };

  const codecs = {
    zstd: 'ZSTD',
    snappy: 'SNAPPY',
    gzip: 'GZIP',
    lz4: 'LZ4_RAW',
    lz4_raw: 'LZ4_RAW',
    brotli: 'BROTLI',
    none: 'UNCOMPRESSED',
    uncompressed: 'UNCOMPRESSED',
  } as const;
  for (const [compression, codec] of Object.entries(codecs)) {
    it(`compresses with ${compression}`, async () => {
      const found = await written({ compression: compression as keyof typeof codecs });
      expect(new Set(Object.values(found).map((column) => column.codec))).to.deep.equal(new Set([codec]));
    });
  }

  it('compresses with zstd when nothing is said, and otherwise with another level', async () => {
    const fast = await written({ compressionLevel: 1 });
    expect(fast['id']!.codec).to.equal('ZSTD');
    await rm(file);
    const small = await written({ compressionLevel: 19 });
    expect(small['id']!.total_compressed_size).not.to.equal(fast['id']!.total_compressed_size);
  });

  it('makes row groups of so many rows', async () => {
    await written({ rowGroupRows: 2048 });
    expect((await footer()).row_groups.map((group) => Number(group.num_rows))).to.deep.equal([2048, 2048, 904]);
  });

  it('stores values in dictionaries, with bloom filters, unless told not to', async () => {
    const usual = await written({});
    expect(usual['name']!.dictionary_page_offset).not.to.equal(undefined);
    expect(usual['name']!.bloom_filter_length).to.be.greaterThan(0);
    await rm(file);
    const plain = await written({ dictionary: false });
    for (const column of Object.values(plain)) {
      expect(column.dictionary_page_offset).to.equal(undefined);
      expect(column.bloom_filter_offset).to.equal(undefined);
      expect(column.encodings).to.deep.equal(['PLAIN']);
    }
    await rm(file);
    const without = await written({ bloomFilters: false });
    expect(without['name']!.dictionary_page_offset).not.to.equal(undefined);
    expect(without['name']!.bloom_filter_offset).to.equal(undefined);
    await rm(file);
    const exact = await written({ bloomFilters: 0.0001 });
    expect(exact['name']!.bloom_filter_length).to.be.greaterThan(usual['name']!.bloom_filter_length!);
  });

  it('tells bounds of all columns, of none, or of the named ones, also in what a merge adds', async () => {
    const merge = { primaryKey: 'id', writeDisposition: 'merge', rowGroupRows: 2048 } as const;
    const all = await written({});
    expect(Object.values(all).every(({ statistics }) => statistics !== undefined)).to.equal(true);
    await rm(file);
    const none = await written({ statistics: false });
    expect(Object.values(none).some(({ statistics }) => statistics !== undefined)).to.equal(false);
    await rm(file);
    await written({ ...merge, statistics: ['id', 'owner'] });
    await load(file, [[{ ...rows[4999]!, name: 'changed' }]], { ...merge, statistics: ['id', 'owner'] });
    for (const { columns: list } of (await footer()).row_groups) {
      const bounded = list.filter(({ meta_data }) => meta_data!.statistics !== undefined);
      expect(bounded.map(({ meta_data }) => meta_data!.path_in_schema.join('.'))).to.deep.equal([
        'id',
        'owner.id',
        'owner.since',
      ]);
    }
    expect(await query(`SELECT max(id)::INTEGER AS id, max(name) AS name FROM '${file}'`)).to.deep.equal([
      { id: 4999, name: 'name 9' },
    ]);
  });

  it('carries metadata of the user beside its own, also through a merge', async () => {
    const options = {
      primaryKey: 'id',
      writeDisposition: 'merge',
      rowGroupRows: 2048,
      metadata: { 'data owner': "the team's – 東京", empty: '' },
    } as const;
    await written(options);
    await load(file, [[{ ...rows[4999]!, name: 'changed' }]], options);
    const pairs = Object.fromEntries((await footer()).key_value_metadata!.map(({ key, value }) => [key, value]));
    expect(pairs).to.have.keys('data owner', 'empty', 'sluice');
    expect(pairs).to.include({ 'data owner': "the team's – 東京", empty: '' });
  });

  it('stores timestamps as instants, or as local time in UTC, and goes on with either', async () => {
    const adjusted = async (): Promise<unknown[]> =>
      (await footer()).schema.flatMap(({ logical_type: logical }) =>
        logical?.type === 'TIMESTAMP' ? [[logical.unit, logical.isAdjustedToUTC]] : [],
      );
    const merge = { primaryKey: 'id', writeDisposition: 'merge', rowGroupRows: 2048 } as const;
    await written(merge);
    expect(await adjusted()).to.deep.equal([
      ['MICROS', true],
      ['MICROS', true],
    ]);
    const local = { ...merge, timestamps: 'local' } as const;
    const change = (id: number) => ({ ...rows[id]!, name: 'changed' });
    await load(file, [[change(4999)]], local);
    expect(await adjusted()).to.deep.equal([
      ['MICROS', false],
      ['MICROS', false],
    ]);
    const receipt = await load(file, [[change(4999), change(4998), rows[0]!]], local);
    expect(receipt).to.include({ updated: 1, unchanged: 2, total: 5000 });
    const sql =
      'typeof("at") AS type, strftime(min("at"), \'%c\') AS low, count(DISTINCT "at")::INTEGER AS n, any_value(owner.since)::VARCHAR AS since';
    expect(await query(`SELECT ${sql} FROM '${file}' GROUP BY 1`)).to.deep.equal([
      { type: 'TIMESTAMP', low: '2023-11-14 22:13:20', n: 5000, since: '2020-02-29 00:00:00' },
    ]);
    expect(await load(file, [[change(4997)]], merge)).to.include({ updated: 1, total: 5000 });
    expect(await adjusted()).to.deep.equal([
      ['MICROS', true],
      ['MICROS', true],
    ]);
  });

  const wrong: Record<string, readonly [options: object, option: string, says: RegExp]> = {
    'an unknown compression': [{ compression: 'lzma' }, 'compression', /"lzma".*zstd, snappy/],
    'a level out of range': [{ compressionLevel: 30 }, 'compressionLevel', /1 to 22, not 30/],
    'a level for a codec without': [
      { compression: 'snappy', compressionLevel: 3 },
      'compressionLevel',
      /is for zstd; snappy/,
    ],
    'row groups of too few rows': [{ rowGroupRows: 100 }, 'rowGroupRows', /at least 2048, not 100/],
    'a dictionary that is no switch': [{ dictionary: 'yes' }, 'dictionary', /true or false, not "yes"/],
    'statistics that are a name': [{ statistics: 'id' }, 'statistics', /names of columns, not "id"/],
    'a share of false positives of 1': [{ bloomFilters: 1 }, 'bloomFilters', /below 1, not 1/],
    'bloom filters without dictionaries': [
      { dictionary: false, bloomFilters: true },
      'bloomFilters',
      /dictionary: false/,
    ],
    'metadata under the key of Sluice': [{ metadata: { sluice: 'x' } }, 'metadata', /"sluice" is taken/],
    'metadata under an empty key': [{ metadata: { '': 'x' } }, 'metadata', /empty or has a NUL/],
    'metadata under a key with NUL': [{ metadata: { 'a\0b': 'x' } }, 'metadata', /empty or has a NUL/],
    'keys of metadata that differ by case': [
      { metadata: { Owner: 'x', owner: 'y' } },
      'metadata',
      /"Owner" and "owner"/,
    ],
    'an engine that there is not': [{ engine: 'duck' }, 'engine', /no engine "duck". Give duckdb or parquetjs/],
    'metadata that is no text': [{ metadata: { version: 1 } }, 'metadata.version', /a text, not 1/],
    'unknown timestamps': [{ timestamps: 'utc' }, 'timestamps', /'instant' or 'local', not "utc"/],
    'statistics by parquetjs': [{ engine: 'parquetjs', statistics: true }, 'statistics', /parquetjs cannot/],
    'a level by parquetjs': [{ engine: 'parquetjs', compressionLevel: 3 }, 'compressionLevel', /parquetjs cannot/],
  };
  for (const [what, [options, option, says]] of Object.entries(wrong)) {
    it(`refuses ${what} before anything is read`, () => {
      expect(() => parquet(file, options as ParquetOptions))
        .to.throw(says)
        .that.includes({ code: 'ERR_INVALID_OPTION', option });
    });
  }
});
