// Arrow IPC files as a format of the DuckDB engine. DuckDB and apache-arrow are loaded when the first such file is read or written.
import type { RecordBatch } from 'apache-arrow';
import type { FileFormat } from './duckdb-engine.js';
import { identifier, literal } from './sql-text.js';

const imported = '__sluice_imported';

export interface ArrowFormatOptions {
  /** Most rows in a record batch. @default 65536 */
  readonly batchRows?: number;
}

/** Record batches end at their number of rows, or at 32 MiB. */
export function arrowFormat({ batchRows }: ArrowFormatOptions = {}): FileFormat {
  return {
    async import(database, file, parquet) {
      const { importArrow } = await import('./arrow-import.js');
      await importArrow(database.connection, file, imported);
      await database.run(`COPY ${identifier(imported)} TO ${literal(parquet)} (FORMAT parquet, COMPRESSION lz4_raw)`);
      await database.run(`DROP TABLE ${identifier(imported)}`);
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
