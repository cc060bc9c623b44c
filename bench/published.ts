// A published file of many rows for the benchmarks that change it, and the changes as lines of JSON.
import { writeFile } from 'node:fs/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { changedRow, idsOf, type Scenario, tableQuery } from './merge-rows.js';

export async function writePublished(file: string, rows: number): Promise<void> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run(`COPY (${tableQuery(rows)}) TO '${file}' (FORMAT parquet, COMPRESSION zstd)`);
  connection.closeSync();
  instance.closeSync();
}

export async function writeChanges(file: string, scenario: Scenario, rows: number, changes: number): Promise<void> {
  const lines = idsOf(scenario, rows, changes).map((id) => `${JSON.stringify(changedRow(id, 1))}\n`);
  await writeFile(file, lines.join(''));
}
