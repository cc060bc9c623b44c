// Arrow IPC files as a format of the DuckDB engine.
import { writeArrow } from './arrow-export.js';
import { importArrow } from './arrow-import.js';
import type { FileFormat } from './duckdb-engine.js';
import { identifier, literal } from './sql-text.js';

const imported = identifier('__sluice_imported');

export const arrowFormat: FileFormat = {
  async import(database, file, parquet) {
    await importArrow(database.connection, file, '__sluice_imported');
    await database.run(`COPY ${imported} TO ${literal(parquet)} (FORMAT parquet, COMPRESSION lz4_raw)`);
    await database.run(`DROP TABLE ${imported}`);
  },
  async export(database, query, { table, schema, metadata, destination, rowGroupRows, signal }) {
    const options = { table, signal, ...(rowGroupRows !== undefined && { batchRows: rowGroupRows }) };
    await writeArrow(database.connection, query, schema, metadata, destination, options);
  },
};
