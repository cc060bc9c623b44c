// What is measured against: the same changes by hand-written SQL on DuckDB as it comes, all cores and all memory, which writes the table anew.
// Arguments: SCENARIO FILE CHANGES_JSONL.
import { DuckDBInstance } from '@duckdb/node-api';
import { report } from './processes.js';

const [scenario = 'newest', file = '', changes = ''] = process.argv.slice(2);
await report(async () => {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  const types =
    "{id: 'BIGINT', name: 'VARCHAR', status: 'VARCHAR', owner: 'BIGINT', budget: 'DOUBLE', archived: 'BOOLEAN', created_at: 'TIMESTAMPTZ', description: 'VARCHAR'}";
  await connection.run(
    `CREATE TABLE changes AS SELECT * FROM read_json('${changes}', format = 'newline_delimited', columns = ${types})`,
  );
  const kept = scenario === 'append' ? '' : 'ANTI JOIN changes USING (id)';
  const query = `SELECT * FROM read_parquet('${file}') ${kept} UNION ALL SELECT * FROM changes`;
  await connection.run(`COPY (${query}) TO '${file}.new' (FORMAT parquet, COMPRESSION zstd)`);
  const reader = await connection.runAndReadAll(`SELECT count(*) FROM read_parquet('${file}.new')`);
  return { rows: Number(reader.getRows()[0]![0]) };
});
