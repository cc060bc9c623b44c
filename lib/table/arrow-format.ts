// Arrow IPC files as a format of the DuckDB engine. DuckDB and apache-arrow are loaded when the first such file is read or written.
import { join } from 'node:path';
import type { RecordBatch, Utf8, Vector } from 'apache-arrow';
import { sqlType } from '../schema/index.js';
import type { Database } from './duckdb.js';
import type { Publication } from './engine.js';
import type { FileFormat } from './publish-context.js';
import { identifier, literal } from './sql-text.js';
import { TableError } from './table-error.js';
import { pathPattern } from './text-sql.js';

export interface ArrowFormatOptions {
  /** Most rows in a record batch. @default 65536 */
  readonly batchRows?: number;
  /** @default 'file' */
  readonly ipc?: 'file' | 'stream';
  /** Columns whose texts are stored once. @default none */
  readonly dictionary?: readonly string[];
}

/** Record batches end at their number of rows, or at 32 MiB. */
export function arrowFormat({ batchRows, ipc, dictionary = [] }: ArrowFormatOptions = {}): FileFormat {
  return {
    async import(database, file, parquet, wideRows) {
      const { importArrow } = await import('./arrow-import.js');
      const table = identifier('__sluice_imported');
      const groups = wideRows === undefined ? '' : `, ROW_GROUP_SIZE ${wideRows}`;
      const options = `(FORMAT parquet, COMPRESSION lz4_raw${groups})`;
      const parts: string[] = [];
      // The rows go through the table batch by batch: a table in memory would take up what the merge needs.
      await importArrow(
        database.connection,
        file,
        '__sluice_imported',
        async () => {
          const part = `${parquet}.${parts.length}`;
          parts.push(literal(pathPattern(part)));
          await database.run(`COPY ${table} TO ${literal(part)} ${options}`);
          // A table that is emptied keeps its memory.
          await database.run(`CREATE OR REPLACE TABLE ${table} AS FROM ${table} LIMIT 0`);
        },
        wideRows,
      );
      const rows = parts.length === 0 ? table : `read_parquet([${parts.join(', ')}])`;
      await database.run(`COPY (FROM ${rows}) TO ${literal(parquet)} ${options}`);
      await database.run(`DROP TABLE ${table}`);
    },
    async export(database, query, publication) {
      const { writeArrow } = await import('./arrow-export.js');
      const { table, schema, metadata, destination, signal } = publication;
      const { rows, dictionaries } = await withDictionaries(database, query, publication, dictionary);
      const options = {
        table,
        signal,
        dictionaries,
        ...(ipc && { ipc }),
        ...(batchRows !== undefined && { batchRows }),
      };
      return await writeArrow(database.connection, rows, schema, metadata, destination, options);
    },
  };
}

/** The record batches of an Arrow file, one after the other. */
export async function* readArrowBatches(file: string): AsyncGenerator<RecordBatch, void> {
  const { eachArrowBatch } = await import('./arrow-file.js');
  yield* eachArrowBatch(file);
}

/** The rows with numbers in the place of texts, and the texts of each such column. */
async function withDictionaries(
  database: Database,
  query: string,
  { schema, scratch, table }: Publication,
  names: readonly string[],
): Promise<{ readonly rows: string; readonly dictionaries: ReadonlyMap<string, Vector<Utf8>> }> {
  const dictionaries = new Map<string, Vector<Utf8>>();
  const columns = schema.columns.filter(({ name }) => names.includes(name));
  const other = columns.find(({ type }) => type.kind !== 'text' && type.kind !== 'unknown');
  if (other !== undefined) {
    const message = `column ${other.name}: only a column of texts can have a dictionary, and it is ${sqlType(other.type)}. Leave it out of the option dictionary.`;
    throw new TableError('ERR_TABLE_TYPE', table, message);
  }
  if (columns.length === 0) return { rows: query, dictionaries };
  const { arrowBatches } = await import('./arrow-export.js');
  const { vectorFromArray, Utf8: Text } = await import('apache-arrow');
  // The rows are needed twice: to find the texts, and to number them.
  const file = join(scratch, 'dictionary.parquet');
  await database.run(`COPY (${query}) TO ${literal(file)} (FORMAT parquet, COMPRESSION lz4_raw)`);
  const read = `read_parquet(${literal(pathPattern(file))})`;
  const numbers: string[] = [];
  for (const [number, { name }] of columns.entries()) {
    const column = identifier(name);
    const type = identifier(`__sluice_dictionary_${number}`);
    await database.run(
      `CREATE TYPE ${type} AS ENUM (SELECT DISTINCT ${column} FROM ${read} WHERE ${column} IS NOT NULL ORDER BY ALL)`,
    );
    const texts = `SELECT unnest(enum_range(NULL::${type}))::VARCHAR AS text`;
    const all = { batchRows: Number.MAX_SAFE_INTEGER, batchBytes: Number.MAX_SAFE_INTEGER };
    const { batches } = await arrowBatches(database.connection, texts, { columns: [] }, {}, all);
    const { value } = await batches.next();
    await batches.return();
    dictionaries.set(name, (value?.getChildAt(0) as Vector<Utf8> | null) ?? vectorFromArray([], new Text()));
    numbers.push(`enum_code(CAST(${column} AS ${type}))::INTEGER AS ${column}`);
  }
  return { rows: `SELECT * REPLACE (${numbers.join(', ')}) FROM ${read}`, dictionaries };
}
