// What the table half is measured against: DuckDB's own way from a file of JSON lines to Parquet, with all cores and all memory.
// Arguments: JSONL FOLDER.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { report } from './processes.js';

const [jsonl = '', folder = '.'] = process.argv.slice(2);
await report(async () => {
  const connection = await (await DuckDBInstance.create()).connect();
  const file = join(folder, 'floor.parquet');
  const source = `read_json('${jsonl}', format = 'newline_delimited')`;
  await connection.run(`COPY (SELECT * FROM ${source}) TO '${file}' (FORMAT parquet, COMPRESSION zstd)`);
  const reader = await connection.runAndReadAll(`SELECT count(*) FROM read_parquet('${file}')`);
  return { rows: Number(reader.getRows()[0]![0]), detail: { bytes: (await stat(file)).size } };
});
