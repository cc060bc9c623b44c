// The engine without a binary: what it publishes, read with DuckDB.
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { ExactNumber } from '../../lib/core/index.js';
import { ParquetjsEngine } from '../../lib/table/parquetjs-engine.js';
import { query, Workbench } from './parquetjs-publication.js';

describe('the parquetjs engine', () => {
  const engine = new ParquetjsEngine();
  let bench: Workbench;
  beforeEach(async () => {
    bench = await Workbench.open();
  });
  afterEach(() => bench.close());

  const all = (columns = '*') => query(bench.file, `SELECT ${columns} FROM $file`);

  it('writes every type so that DuckDB reads the same type and value', async () => {
    await bench.publish(engine, {
      rows: [
        {
          bool: true,
          big: 9223372036854775807n,
          double: 1.5,
          decimal: new ExactNumber('0.1234567890123456789'),
          text: 'é🙂\u0000 \uFEFF',
          at: '2024-02-29T10:00:00.123456+02:00',
          day: '0001-01-01',
          time: '23:59:59.999999',
          json: { a: [1, '2'], b: 1 },
          bytes: new Uint8Array([0, 255]),
          list: [1, null, 3],
          struct: { a: 'x', b: { c: [true] } },
          structs: [{ k: 1 }, { k: null }],
          lists: [[1, 2], [], null, [null]],
          nothing: null,
        },
        { json: [1], at: '1901-01-01T00:00:00.000001Z', big: -9223372036854775808n, decimal: -5, double: -0, list: [] },
        { at: '9999-12-31T23:59:59.999999Z', day: '1969-12-31', text: '' },
      ],
    });
    expect(
      await query(bench.file, 'SELECT column_name AS name, column_type AS type FROM (DESCRIBE FROM $file)'),
    ).to.deep.equal(
      Object.entries({
        bool: 'BOOLEAN',
        big: 'BIGINT',
        double: 'DOUBLE',
        decimal: 'DECIMAL(38,19)',
        text: 'VARCHAR',
        at: 'TIMESTAMP WITH TIME ZONE',
        day: 'DATE',
        time: 'TIME',
        json: 'VARCHAR',
        bytes: 'BLOB',
        list: 'BIGINT[]',
        struct: 'STRUCT(a VARCHAR, b STRUCT(c BOOLEAN[]))',
        structs: 'STRUCT(k BIGINT)[]',
        lists: 'BIGINT[][]',
        nothing: 'VARCHAR',
      }).map(([name, type]) => ({ name, type })),
    );
    const rows = await all(
      '* REPLACE ("at"::VARCHAR AS "at", "time"::VARCHAR AS "time", list::VARCHAR AS list, struct::VARCHAR AS struct, structs::VARCHAR AS structs, lists::VARCHAR AS lists, bytes::VARCHAR AS bytes, json::VARCHAR AS json, double::VARCHAR AS double)',
    );
    const none = { bool: null, time: null, bytes: null, struct: null, structs: null, lists: null, nothing: null };
    expect(rows).to.deep.equal([
      {
        bool: true,
        big: '9223372036854775807',
        double: '1.5',
        decimal: '0.1234567890123456789',
        text: 'é🙂\u0000 \uFEFF',
        at: '2024-02-29 08:00:00.123456+00',
        day: '0001-01-01',
        time: '23:59:59.999999',
        json: '{"a":[1,"2"],"b":1}',
        bytes: '\\x00\\xFF',
        list: '[1, NULL, 3]',
        struct: "{'a': x, 'b': {'c': [true]}}",
        structs: "[{'k': 1}, {'k': NULL}]",
        lists: '[[1, 2], [], NULL, [NULL]]',
        nothing: null,
      },
      {
        ...none,
        big: '-9223372036854775808',
        double: '-0.0',
        decimal: '-5.0000000000000000000',
        text: null,
        at: '1901-01-01 00:00:00.000001+00',
        day: null,
        json: '[1]',
        list: '[]',
      },
      {
        ...none,
        big: null,
        double: null,
        decimal: null,
        text: '',
        at: '9999-12-31 23:59:59.999999+00',
        day: '1969-12-31',
        json: null,
        list: null,
      },
    ]);
  });

  for (const compression of ['snappy', 'gzip', 'none']) {
    it(`writes many rows in several row groups, with ${compression}`, async () => {
      const rows = Array.from({ length: 5000 }, (_, id) => ({
        id,
        text: id % 3 ? `text ${id}` : null,
        tags: Array(id % 4).fill(id),
      }));
      await bench.publish(engine, { rows, compression, rowGroupRows: 777 });
      expect(
        await all('count(*) n, sum(id) ids, count(text) texts, sum(len(tags)) tags, sum(list_sum(tags)) sum'),
      ).to.deep.equal([{ n: '5000', ids: '12497500', texts: '3333', tags: '7500', sum: '18752500' }]);
      const groups = await query(
        bench.file,
        'SELECT count(DISTINCT row_group_id) n, any_value(compression) c FROM parquet_metadata($file)',
      );
      expect(groups).to.deep.equal([
        { n: '7', c: { none: 'UNCOMPRESSED', snappy: 'SNAPPY', gzip: 'GZIP' }[compression] },
      ]);
    });
  }

  it('writes the metadata, and says which columns are never NULL', async () => {
    await bench.publish(engine, { rows: [{ id: 1, name: null }] });
    const [metadata] = await query(bench.file, 'SELECT decode(value) AS value FROM parquet_kv_metadata($file)');
    expect(metadata).to.deep.equal({ value: '{"é":1}' });
    const schema = await query(
      bench.file,
      'SELECT name, repetition_type FROM parquet_schema($file) WHERE type IS NOT NULL',
    );
    expect(schema).to.deep.equal([
      { name: 'id', repetition_type: 'REQUIRED' },
      { name: 'name', repetition_type: 'OPTIONAL' },
    ]);
  });

  it('keeps names that parquetjs-lite mixes up: dots, commas, numbers, names of every object', async () => {
    const row = { 'a,b': 1, a: { b: 2 }, '2': 3, '1': 4, 'x.y': 5, constructor: 6, toString: 7, list: [{ 'a,b': 8 }] };
    await bench.publish(engine, { rows: [row, { a: null }] });
    const [first, second] = (await all()) as Record<string, unknown>[];
    expect(first).to.deep.equal({
      '1': '4',
      '2': '3',
      'a,b': '1',
      a: { b: '2' },
      'x.y': '5',
      constructor: '6',
      toString: '7',
      list: [{ 'a,b': '8' }],
    });
    expect(Object.values(second!).every((value) => value === null)).to.equal(true);
  });

  it('writes a table without rows', async () => {
    await bench.publish(engine, { rows: [{ id: 1 }] });
    await bench.publish(engine, { rows: [] });
    expect(await all()).to.deep.equal([]);
  });

  it('appends, with new columns and wider types, to what it wrote itself', async () => {
    await bench.publish(engine, {
      rows: [{ id: 1, n: 1, s: { a: 1 }, day: '2024-01-01', at: '2024-01-01T00:00:00.5Z' }],
      disposition: 'append',
    });
    await bench.publish(engine, {
      rows: [{ id: 2, n: 1.5, s: { a: 'x', b: [1] }, day: 'soon', at: 'later', added: true }],
      disposition: 'append',
    });
    expect(await all()).to.deep.equal([
      { id: '1', n: 1, s: { a: '1', b: null }, day: '2024-01-01', at: '2024-01-01T00:00:00.5Z', added: null },
      { id: '2', n: 1.5, s: { a: 'x', b: ['1'] }, day: 'soon', at: 'later', added: true },
    ]);
  });

  it('merges: counts what is new, changed, unchanged and double, keeps the order', async () => {
    const load = { disposition: 'merge', primaryKey: ['id'] } as const;
    await bench.publish(engine, { ...load, rows: [1, 2, 3, 4].map((id) => ({ id, name: `n${id}`, tags: [id] })) });
    const published = await bench.publish(engine, {
      ...load,
      rows: [
        { id: 5, name: 'old', tags: [] },
        { id: 2, name: 'new', tags: [2] },
        { id: 3, name: 'n3', tags: [3] },
        { id: 5, name: 'last', tags: [] },
      ],
    });
    expect(published).to.include({ inserted: 1, updated: 1, unchanged: 1, duplicates: 1, total: 5 });
    expect(await all('id, name')).to.deep.equal([
      { id: '1', name: 'n1' },
      { id: '3', name: 'n3' },
      { id: '4', name: 'n4' },
      { id: '2', name: 'new' },
      { id: '5', name: 'last' },
    ]);
  });

  it('writes nothing when nothing changed', async () => {
    const load = {
      disposition: 'merge',
      primaryKey: ['id'],
      rows: [{ id: 1, x: 0.1, at: '2024-01-01T00:00:00Z' }],
    } as const;
    await bench.publish(engine, load);
    const before = await readFile(bench.file);
    const published = await bench.publish(engine, load);
    expect(published).to.include({ inserted: 0, updated: 0, unchanged: 1, duplicates: 0, total: 1, written: false });
    expect((await readFile(bench.file)).equals(before)).to.equal(true);
  });

  it('tells compound keys apart that look alike when joined', async () => {
    const load = { disposition: 'merge', primaryKey: ['a', 'b'] } as const;
    await bench.publish(engine, {
      ...load,
      rows: [
        { a: '1', b: '11', n: 1 },
        { a: '11', b: '1', n: 2 },
      ],
    });
    const published = await bench.publish(engine, { ...load, rows: [{ a: '1', b: '11', n: 3 }] });
    expect(published).to.include({ inserted: 0, updated: 1, total: 2 });
  });

  it('refuses what it does not know, and leaves the old file', async () => {
    await bench.publish(engine, { rows: [{ id: 1 }] });
    const failed = async (load: Parameters<Workbench['publish']>[1]) =>
      bench.publish(engine, load).then(
        () => expect.fail('it went through'),
        (error: { code: string; message: string }) => error,
      );
    const compression = await failed({ rows: [{ id: 1 }], compression: 'zstd' });
    expect(compression.code).to.equal('ERR_TABLE_TYPE');
    expect(compression.message).to.contain('zstd');
    expect((await failed({ rows: [{ id: 1 }], format: 'arrow' })).code).to.equal('ERR_TABLE_TYPE');
    const declared = [{ name: 'id', type: { kind: 'bigint' }, nullable: true }] as const;
    const value = await failed({ rows: [{ id: 1.5 }], declared });
    expect(value.code).to.equal('ERR_TABLE_VALUE');
    expect(value.message).to.contain('column id').and.to.contain('1.5');
    expect(await all()).to.deep.equal([{ id: '1' }]);
  });
});
