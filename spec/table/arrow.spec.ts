// Arrow files: what goes in by a DuckDB query comes out again, in DuckDB and in apache-arrow.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import {
  CompressionType,
  compressionRegistry,
  Dictionary,
  Int16,
  Int32,
  LargeUtf8,
  RecordBatchFileWriter,
  RecordBatchReader,
  Table,
  TimestampNanosecond,
  tableFromIPC,
  tableToIPC,
  Utf8,
  Utf8View,
  vectorFromArray,
} from 'apache-arrow';
import { expect } from 'chai';
import { arrowBatches, writeArrow } from '../../lib/table/arrow-export.js';
import { describeArrow } from '../../lib/table/arrow-file.js';
import { importArrow } from '../../lib/table/arrow-import.js';

const hostile = `
  SELECT * FROM (VALUES
    (1, true, 9223372036854775807::BIGINT, 'é🙂' || chr(0) || 'z', '12345678901234567890123456789012345678'::DECIMAL(38,0), 1.25::DECIMAL(4,2), 99999.9999::DECIMAL(9,4), 12345678901234.5678::DECIMAL(18,4),
      1.5::DOUBLE, DATE '0001-01-01', TIMESTAMPTZ '9999-12-31 23:59:59.999999+00', TIME '23:59:59.999999', '\\xAA\\x00'::BLOB,
      [[1::BIGINT, NULL], [], NULL], {a: 'x', b: {c: [1.5::DECIMAL(38,2)]}}, [{k: DATE '2024-02-29', v: NULL::VARCHAR}]),
    (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (3, false, (-9223372036854775808)::BIGINT, '', '-1'::DECIMAL(38,0), -0.01::DECIMAL(4,2), -0.0001::DECIMAL(9,4), -1::DECIMAL(18,4),
      '-infinity'::DOUBLE, DATE '1969-12-31', TIMESTAMPTZ '1901-01-01 00:00:00.000001+00', TIME '00:00:00', ''::BLOB,
      [], {a: NULL, b: NULL}, []),
    (4, true, 0, '\uFEFFstarts with a mark', 0, 0, 0, 0, '-0.0'::DOUBLE, DATE '9999-12-31', TIMESTAMPTZ '1970-01-01 00:00:00+00', TIME '12:00:00', repeat('ab', 20)::BLOB,
      NULL, {a: 'long enough to be kept outside', b: {c: NULL}}, [NULL, {k: NULL, v: 'w'}])
  ) AS t(id, bool, big, text, huge, d4, d9, d18, dbl, date, ts, time, blob, lists, struct, structs)`;

describe('arrow files', () => {
  let folder: string;
  let connection: DuckDBConnection;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-arrow-'));
    connection = await (await DuckDBInstance.create(':memory:')).connect();
    await connection.run("SET TimeZone = 'UTC'");
  });
  afterEach(async () => {
    connection.closeSync();
    await rm(folder, { recursive: true });
  });

  async function one(sql: string): Promise<unknown> {
    return (await connection.runAndReadAll(sql)).getRows()[0]![0];
  }

  async function roundTrip(sql: string, batchRows?: number): Promise<void> {
    const file = join(folder, 'table.arrow');
    await connection.run(`CREATE TABLE before AS ${sql}`);
    await writeArrow(connection, 'SELECT * FROM before', { columns: [] }, {}, file, {
      ...(batchRows && { batchRows }),
    });
    await importArrow(connection, file, 'after');
    expect(await one('SELECT count(*) FROM after')).to.equal(await one('SELECT count(*) FROM before'));
    const different = await connection.runAndReadAll(
      'SELECT * FROM (SELECT before, after FROM before POSITIONAL JOIN after) WHERE before::VARCHAR IS DISTINCT FROM after::VARCHAR OR before IS DISTINCT FROM after',
    );
    expect(different.getRowsJson()).to.deep.equal([]);
  }

  it('bring every type and NULL back exactly', async () => {
    await connection.run(`CREATE TABLE small AS ${hostile}`);
    await roundTrip('SELECT * REPLACE (d4::DECIMAL(4,2) AS d4, d9::DECIMAL(9,4) AS d9) FROM small');
  });

  it('bring many rows back, whatever the size of the batches', async () => {
    await roundTrip(
      `SELECT i::BIGINT AS id, CASE WHEN i % 7 > 0 THEN i * 0.5::DOUBLE END AS dbl, CASE WHEN i % 3 > 0 THEN 'text ' || i END AS text, CASE WHEN i % 5 > 0 THEN i % 2 = 0 END AS bool,
        CASE WHEN i % 11 > 0 THEN range(i % 4) END AS list, (i * 1000003)::DECIMAL(38, 3) AS huge, make_timestamp(i)::TIMESTAMPTZ AS ts,
        CASE WHEN i % 13 > 0 THEN {x: i, y: CASE WHEN i % 2 = 0 THEN 'y' END} END AS struct FROM range(10000) t(i)`,
      1000,
    );
  });

  it('hold no rows when there are none, and still their schema', async () => {
    const file = join(folder, 'empty.arrow');
    const schema = {
      columns: [{ name: 'id', type: { kind: 'bigint' }, nullable: false, description: 'the key' } as const],
    };
    await writeArrow(connection, 'SELECT 1::BIGINT AS id WHERE false', schema, { sluice: '{"v":1}' }, file);
    expect(await describeArrow(file)).to.deep.equal({
      metadata: { sluice: '{"v":1}' },
      rows: 0,
      columns: [{ name: 'id', type: { kind: 'bigint' }, nullable: false }],
    });
    const field = tableFromIPC(await readFile(file)).schema.fields[0]!;
    expect([field.nullable, field.metadata.get('description')]).to.deep.equal([false, 'the key']);
    expect(await importArrow(connection, file, 'after')).to.equal(0);
  });

  it('can be read as a stream too, behind the magic', async () => {
    const file = join(folder, 'table.arrow');
    await writeArrow(connection, 'SELECT i::BIGINT AS i FROM range(5) t(i)', { columns: [] }, {}, file);
    const stream = RecordBatchReader.from((await readFile(file)).subarray(8));
    expect(stream.isStream()).to.equal(true);
    const values = [...stream].flatMap((batch) => [...batch.getChildAt(0)!]);
    expect(values).to.deep.equal([0n, 1n, 2n, 3n, 4n]);
  });

  it('end a batch at its number of rows and at its size', async () => {
    const sizes = async (options: { batchRows?: number; batchBytes?: number }) => {
      const sql = "SELECT repeat('x', 1000) AS text FROM range(3000)";
      const { batches } = await arrowBatches(connection, sql, { columns: [] }, {}, options);
      const rows: number[] = [];
      for await (const batch of batches) rows.push(batch.numRows);
      return rows;
    };
    expect(await sizes({ batchRows: 1200 })).to.deep.equal([1200, 1200, 600]);
    const bySize = await sizes({ batchBytes: 500_000 });
    expect(Math.max(...bySize)).to.be.lessThan(1000);
    expect(bySize.reduce((sum, rows) => sum + rows, 0)).to.equal(3000);
  });

  it('stop when the signal aborts', async () => {
    const stop = new AbortController();
    const sql = 'SELECT i::BIGINT AS i FROM range(1000000) t(i)';
    const { batches } = await arrowBatches(
      connection,
      sql,
      { columns: [] },
      {},
      { batchRows: 10, signal: stop.signal },
    );
    let seen = 0;
    try {
      for await (const batch of batches) {
        seen += batch.numRows;
        stop.abort();
      }
      expect.fail('it went on');
    } catch (error) {
      expect((error as { code?: string }).code).to.equal('ERR_ABORTED');
    }
    expect(seen).to.be.lessThan(5000);
  });

  it('made by others are read: narrow integers, large text, views, dictionaries', async () => {
    const file = join(folder, 'foreign.arrow');
    const table = new Table({
      small: vectorFromArray([1, null, -3], new Int16()),
      large: vectorFromArray(['a', null, 'ü'], new LargeUtf8()),
      view: vectorFromArray(['short', 'longer than twelve bytes', null], new Utf8View()),
      dictionary: vectorFromArray(['x', 'y', null], new Dictionary(new Utf8(), new Int32())),
    });
    await writeFile(file, tableToIPC(table, 'file'));
    await importArrow(connection, file, 'after');
    const rows = await connection.runAndReadAll('SELECT * FROM after');
    expect(rows.getRowsJson()).to.deep.equal([
      ['1', 'a', 'short', 'x'],
      [null, null, 'longer than twelve bytes', 'y'],
      ['-3', 'ü', null, null],
    ]);
  });

  it('with types that would be rounded are refused, with the column', async () => {
    const file = join(folder, 'foreign.arrow');
    const table = new Table({ at: vectorFromArray([1], new TimestampNanosecond('UTC')) });
    await writeFile(file, tableToIPC(table, 'file'));
    const error = await importArrow(connection, file, 'after').catch((caught) => caught);
    expect(error.code).to.equal('ERR_TABLE_TYPE');
    expect(error.message).to.contain('column at');
  });

  it('that are compressed are refused before a row is read', async () => {
    const file = join(folder, 'compressed.arrow');
    // What its content would be does not matter: a codec is known by its first bytes.
    compressionRegistry.set(CompressionType.ZSTD, { encode: () => Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0) });
    const writer = RecordBatchFileWriter.writeAll(new Table({ id: vectorFromArray([1], new Int32()) }), {
      compressionType: CompressionType.ZSTD,
    });
    await writeFile(file, writer.toUint8Array(true));
    const error = await describeArrow(file).catch((caught) => caught);
    expect(error.code).to.equal('ERR_TABLE_CORRUPT');
    expect(error.message).to.contain('compressed');
  });

  it('that are none are refused, with the path', async () => {
    const file = join(folder, 'text.arrow');
    await writeFile(file, 'id,name\n1,a\n');
    const error = await describeArrow(file).catch((caught) => caught);
    expect(error.code).to.equal('ERR_TABLE_CORRUPT');
    expect(error.message).to.contain(file);
  });
});
