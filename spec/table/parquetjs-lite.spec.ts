// Why the engine takes only the encoding of pages from parquetjs-lite: what the rest of it does to values, shown on files. When one
// of these fails, the library has become better, and docs/formats.md and the engine can follow.
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'chai';
import { query } from './parquetjs-publication.js';

type Fields = Record<
  string,
  { type?: string; optional?: boolean; repeated?: boolean; fields?: Fields; statistics?: false }
>;
interface Parquetjs {
  readonly ParquetSchema: new (fields: Fields) => object;
  readonly ParquetWriter: {
    openFile(schema: object, path: string): Promise<{ appendRow(row: object): Promise<void>; close(): Promise<void> }>;
  };
  readonly ParquetReader: {
    openFile(
      path: string,
    ): Promise<{ getCursor(): { next(): Promise<Record<string, unknown> | null> }; close(): Promise<void> }>;
  };
}

const parquetjs = createRequire(import.meta.url)('parquetjs-lite') as Parquetjs;

describe('parquetjs-lite by itself', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-parquetjs-lite-'));
    file = join(folder, 'file.parquet');
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function write(fields: Fields, rows: readonly object[]): Promise<void> {
    const writer = await parquetjs.ParquetWriter.openFile(new parquetjs.ParquetSchema(fields), file);
    try {
      for (const row of rows) await writer.appendRow(row);
    } finally {
      await writer.close();
    }
  }

  /** The library throws texts. */
  async function refusal(fields: Fields, rows: readonly object[]): Promise<string> {
    try {
      await write(fields, rows);
    } catch (error) {
      return String(error);
    }
    return expect.fail('it went through');
  }

  async function writeWithDuckDb(sql: string, options: string): Promise<void> {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    await connection.run(`COPY (${sql}) TO '${file}' (FORMAT parquet, ${options})`);
    connection.closeSync();
  }

  async function readFirst(): Promise<unknown> {
    const reader = await parquetjs.ParquetReader.openFile(file);
    try {
      return await reader.getCursor().next();
    } finally {
      await reader.close();
    }
  }

  it('rounds integers beyond 2^53', async () => {
    await write({ a: { type: 'INT64' } }, [{ a: 9007199254740993n }]);
    expect(await query(file, 'SELECT a FROM $file')).to.deep.equal([{ a: '9007199254740992' }]);
  });

  it('loses the sign of -0 and refuses NaN', async () => {
    await write({ a: { type: 'DOUBLE' } }, [{ a: -0 }]);
    expect(await query(file, 'SELECT a::VARCHAR AS a FROM $file')).to.deep.equal([{ a: '0.0' }]);
    expect(await refusal({ a: { type: 'DOUBLE' } }, [{ a: Number.NaN }])).to.contain('NaN');
  });

  it('has no decimals', async () => {
    expect(await refusal({ a: { type: 'DECIMAL' } }, [])).to.contain('invalid parquet type');
  });

  it('refuses microseconds before 1970, and times of day altogether', async () => {
    expect(await refusal({ a: { type: 'TIMESTAMP_MICROS' } }, [{ a: -1n }])).to.contain('TIMESTAMP_MICROS');
    expect(await refusal({ a: { type: 'TIME_MICROS' } }, [{ a: 1n }])).to.contain('BigInt');
  });

  it('writes instants that DuckDB takes for local times', async () => {
    await write({ a: { type: 'TIMESTAMP_MICROS' } }, [{ a: 1n }]);
    expect(await query(file, 'SELECT typeof(a) AS type FROM $file')).to.deep.equal([{ type: 'TIMESTAMP' }]);
  });

  it('writes the bounds of texts in another order than that of the format, so that the lowest is above the highest', async () => {
    await write({ a: { type: 'UTF8' } }, [{ a: '～' }, { a: '🙂' }]);
    const bounds = await query(
      file,
      'SELECT stats_min_value AS low, stats_max_value AS high FROM parquet_metadata($file)',
    );
    expect(bounds).to.deep.equal([{ low: '🙂', high: '～' }]);
    expect(Buffer.compare(Buffer.from('🙂'), Buffer.from('～'))).to.equal(1);
  });

  it('puts columns whose names are numbers first, whatever their order', async () => {
    await write({ b: { type: 'INT64' }, '1': { type: 'INT64' } }, [{ b: 1, '1': 2 }]);
    expect(await query(file, 'FROM $file')).to.deep.equal([{ '1': '2', b: '1' }]);
    const names = await query(file, 'SELECT column_name AS name FROM (DESCRIBE FROM $file)');
    expect(names).to.deep.equal([{ name: '1' }, { name: 'b' }]);
  });

  it('mixes a column with a comma in its name up with the field of a struct', async () => {
    const fields: Fields = { 'a,b': { type: 'INT64' }, a: { fields: { b: { type: 'INT64' } } } };
    await write(fields, [{ 'a,b': 1, a: { b: 2 } }]).catch(() => undefined);
    const read = await query(file, 'SELECT "a,b" AS one, a.b AS other FROM $file').catch(() => 'unreadable');
    expect(read).to.not.deep.equal([{ one: '1', other: '2' }]);
  });

  it('does not read what DuckDB compresses with zstd', async () => {
    await writeWithDuckDb('SELECT i FROM range(10) t(i)', 'COMPRESSION zstd');
    const read = await readFirst().catch((error: unknown) => String(error));
    expect(read).to.contain('ZSTD');
  });

  it('reads numbers as texts from the dictionaries of DuckDB', async () => {
    await writeWithDuckDb('SELECT (i % 3)::BIGINT AS x FROM range(10000) t(i)', 'COMPRESSION snappy');
    expect(await readFirst()).to.deep.equal({ x: '0' });
  });

  it('cuts the microseconds of the instants that it reads', async () => {
    await write({ a: { type: 'TIMESTAMP_MICROS' } }, [{ a: 1_500_001n }]);
    expect(await readFirst()).to.deep.equal({ a: new Date(1500) });
  });
});
