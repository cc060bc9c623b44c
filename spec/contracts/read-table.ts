// Reads published tables back for the contract suites.
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  DuckDBBlobValue,
  type DuckDBConnection,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimeValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { Row } from '../../lib/core/index.js';
import { importArrow } from '../../lib/table/arrow-import.js';
import { readManifest } from '../../lib/table/directory/manifest.js';
import { Database } from '../../lib/table/duckdb.js';
import { type TextKind, textFormat } from '../../lib/table/text-format.js';

/** The rows of a Parquet file; `undefined` when there is none. */
export function readParquetTable(file: string): Promise<Row[] | undefined> {
  return read(file, (connection) => connection.run(`CREATE VIEW rows AS FROM read_parquet('${file}')`));
}

/** The rows of a directory of Parquet files, by the manifest beside it; `undefined` when that names no such table. */
export async function readDirectoryTable(path: string): Promise<Row[] | undefined> {
  const table = (await readManifest(dirname(path)))?.tables[basename(path)];
  if (table === undefined) return undefined;
  const list = table.files.map((file) => `'${join(dirname(path), file.path)}'`);
  if (list.length === 0) return [];
  return await read(path, (connection) =>
    connection.run(`CREATE VIEW rows AS FROM read_parquet([${list.join(', ')}], hive_partitioning=false)`),
  );
}

/** The rows of a table in a DuckDB database; `undefined` when there is none. */
export function readDatabaseTable(file: string, table: string): Promise<Row[] | undefined> {
  return read(file, async (connection) => {
    await connection.run(`ATTACH '${file}' AS d (READ_ONLY)`);
    const found = await connection.runAndReadAll(`SELECT 1 FROM duckdb_tables() WHERE table_name = '${table}'`);
    if (found.currentRowCount === 0) return false;
    await connection.run(`CREATE VIEW rows AS FROM d.main."${table}"`);
    return true;
  });
}

/** The rows of an Arrow file; `undefined` when there is none. */
export function readArrowTable(file: string): Promise<Row[] | undefined> {
  return read(file, (connection) => importArrow(connection, file, 'rows'));
}

/** The rows of a CSV or JSON lines file, read as a later run does; `undefined` when there is none. */
export function readTextTable(kind: TextKind, file: string): Promise<Row[] | undefined> {
  return read(file, async (connection) => {
    const database = await Database.open({ table: 'table', memoryLimit: '128MB', threads: 1 });
    await textFormat(kind, file).import(database, file, `${file}.copy.parquet`);
    database.close();
    await connection.run(`CREATE VIEW rows AS FROM read_parquet('${file}.copy.parquet')`);
  });
}

async function read(
  file: string,
  open: (connection: DuckDBConnection) => Promise<unknown>,
): Promise<Row[] | undefined> {
  if ((await stat(file).catch(() => undefined)) === undefined) return undefined;
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    if ((await open(connection)) === false) return undefined;
    const described = (await connection.runAndReadAll('DESCRIBE rows')).getRows();
    // The client drops a mark at the start of a text.
    const texts = described.flatMap(([name, type]) =>
      type === 'VARCHAR' ? [`"${String(name).replaceAll('"', '""')}"`] : [],
    );
    const replaced = texts.map((name) => `replace(${name}, chr(65279), '${mark}') AS ${name}`);
    const reader = await connection.runAndReadAll(
      `SELECT * ${replaced.length > 0 ? `REPLACE (${replaced.join(', ')})` : ''} FROM rows`,
    );
    return reader.getRowObjects().map((row) => object(row));
  } finally {
    connection.closeSync();
  }
}

function object(members: Readonly<Record<string, DuckDBValue>>): Row {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, plain(value)]));
}

/** Stands for a byte order mark. */
const mark = '\uE000';

function plain(value: DuckDBValue): unknown {
  if (typeof value === 'string') return value.replaceAll(mark, '\uFEFF');
  if (value instanceof DuckDBListValue) return value.items.map(plain);
  if (value instanceof DuckDBStructValue) return object(value.entries);
  if (value instanceof DuckDBBlobValue) return value.bytes;
  if (value instanceof DuckDBTimestampTZValue) return String(value);
  if (value instanceof DuckDBDateValue || value instanceof DuckDBTimeValue || value instanceof DuckDBDecimalValue)
    return String(value);
  return value;
}
