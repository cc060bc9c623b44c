// CSV and JSON lines as formats of the DuckDB engine.
import { dirname } from 'node:path';
import { decodeMetadata, metadataKey } from '../schema/index.js';
import { files } from '../stage/index.js';
import type { Publication } from './engine.js';
import { tableName } from './layout.js';
import type { FileFormat } from './publish-context.js';
import { slicesOf } from './slices.js';
import { literal } from './sql-text.js';
import { TableError } from './table-error.js';
import { fileSize, type TableInfo } from './table-info.js';
import { describedText, describeText } from './text-sidecar.js';
import { type Compression, copyToCsv, copyToJsonl, selectCsv, selectJsonl } from './text-sql.js';

export type TextKind = 'csv' | 'jsonl';

const sql = {
  csv: { copy: copyToCsv, select: selectCsv },
  jsonl: { copy: copyToJsonl, select: selectJsonl },
};

/** The format of a table's file at `path`. Compressed as its ending says: `.gz`, `.zst`, or not at all. */
export function textFormat(kind: TextKind, path: string): FileFormat {
  return {
    async import(database, file, parquet, wideRows) {
      const { description, columns } = await known(file);
      // What was a bound for the lines of the log is one for the file's, give or take what quoting adds.
      const longestLine = 2 * description.longestLine + margin;
      const isCut = wideRows !== undefined && kind === 'jsonl' && !file.endsWith('.zst');
      const slices = isCut ? await slicesOf(file, dirname(parquet)) : [];
      const query = sql[kind].select({ paths: slices.length > 0 ? slices : [file], longestLine }, columns);
      const groups = wideRows === undefined ? '' : `, ROW_GROUP_SIZE ${wideRows}`;
      await database.run(`COPY (${query}) TO ${literal(parquet)} (FORMAT parquet, COMPRESSION lz4_raw${groups})`);
      for (const slice of slices) await files.rm(slice);
    },
    async export(database, query, publication) {
      const { schema, metadata, destination } = publication;
      const copy = sql[kind].copy(query, schema.columns, destination, compressionOf(path));
      const [rows = 0] = await database.numbers(copy);
      await describeText(path, destination, { rows, longestLine: await longestLineOf(path, publication), metadata });
      return rows;
    },
  };
}

/**
 * What is known of the table in a CSV or JSON lines file.
 * @param foreign What to do with a file that was written by something else, or changed since: `refuse` it, or `ignore` it because it is replaced.
 * @returns `undefined` when there is no such file
 * @throws TableError `ERR_TABLE_PATH`, `ERR_TABLE_CORRUPT`; SchemaError `ERR_SCHEMA_METADATA` for a file of a newer Sluice
 */
export async function readTextInfo(file: string, foreign: 'refuse' | 'ignore'): Promise<TableInfo | undefined> {
  const bytes = await fileSize(file);
  if (bytes === undefined) return undefined;
  if (foreign === 'ignore' && (await describedText(file)) === undefined) return undefined;
  const { description, metadata, columns } = await known(file);
  return { file, bytes, rows: description.rows, schema: { columns }, shape: metadata.shape, metadata };
}

const margin = 1024 * 1024;

async function known(file: string) {
  const description = await describedText(file);
  const text = description?.metadata[metadataKey];
  if (description === undefined || text === undefined) {
    const message = `${file} was not written by Sluice, or was changed since, or what describes it in .sluice is gone or damaged, so the types of its columns are not known. It is left as it is: move it away, or use writeDisposition: 'replace'.`;
    throw new TableError('ERR_TABLE_CORRUPT', tableName(file), message);
  }
  const metadata = decodeMetadata(text);
  return { description, metadata, columns: metadata.columns };
}

/** Every line names all columns, also those that its row is without. */
async function longestLineOf(path: string, { longestLine, schema }: Publication): Promise<number> {
  const names = schema.columns.reduce((sum, { name }) => sum + Buffer.byteLength(name) + '"":null,'.length, 0);
  const before = (await describedText(path))?.longestLine ?? 0;
  return Math.max(before, longestLine + names);
}

function compressionOf(path: string): Compression {
  return path.endsWith('.gz') ? 'gzip' : path.endsWith('.zst') ? 'zstd' : 'none';
}
