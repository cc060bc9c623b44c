// Arrow IPC files as a format of the DuckDB engine. DuckDB and apache-arrow are loaded when the first such file is read or written.
import type { RecordBatch } from 'apache-arrow';
import type { FileFormat } from './publish-context.js';
import { identifier, literal } from './sql-text.js';
import { pathPattern } from './text-sql.js';

export interface ArrowFormatOptions {
  /** Most rows in a record batch. @default 65536 */
  readonly batchRows?: number;
}

/** Record batches end at their number of rows, or at 32 MiB. */
export function arrowFormat({ batchRows }: ArrowFormatOptions = {}): FileFormat {
  return {
    async import(database, file, parquet) {
      const { importArrow } = await import('./arrow-import.js');
      const table = identifier('__sluice_imported');
      const options = '(FORMAT parquet, COMPRESSION lz4_raw)';
      const parts: string[] = [];
      // The rows go through the table batch by batch: a table in memory would take up what the merge needs.
      await importArrow(database.connection, file, '__sluice_imported', async () => {
        const part = `${parquet}.${parts.length}`;
        parts.push(literal(pathPattern(part)));
        await database.run(`COPY ${table} TO ${literal(part)} ${options}`);
        await database.run(`TRUNCATE ${table}`);
      });
      const rows = parts.length === 0 ? table : `read_parquet([${parts.join(', ')}])`;
      await database.run(`COPY (FROM ${rows}) TO ${literal(parquet)} ${options}`);
      await database.run(`DROP TABLE ${table}`);
    },
    async export(database, query, { table, schema, metadata, destination, signal }) {
      const { writeArrow } = await import('./arrow-export.js');
      const options = { table, signal, ...(batchRows !== undefined && { batchRows }) };
      await writeArrow(database.connection, query, schema, metadata, destination, options);
    },
  };
}

/** The record batches of an Arrow file, one after the other. */
export async function* readArrowBatches(file: string): AsyncGenerator<RecordBatch, void> {
  const { eachArrowBatch } = await import('./arrow-file.js');
  yield* eachArrowBatch(file);
}
