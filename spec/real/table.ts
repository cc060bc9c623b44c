// Reads a published table the way a user would, with DuckDB, into the same comparable text as the rows of Redmine's database.
import { DuckDBInstance } from '@duckdb/node-api';
import { type ById, comparable } from './expected.js';

export interface Table {
  readonly rows: ById;
  /** Type of each column, as DuckDB names it. */
  readonly types: Readonly<Record<string, string>>;
}

export async function readTable(file: string): Promise<Table> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    const source = `read_parquet('${file.replaceAll("'", "''")}')`;
    const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`);
    const columns = described.getRowObjects() as { column_name: string; column_type: string }[];
    const instants = columns.filter(({ column_type }) => column_type.startsWith('TIMESTAMP'));
    const shown = instants.map(({ column_name }) => `strftime(${column_name}, '%Y-%m-%dT%H:%M:%SZ') AS ${column_name}`);
    const replaced = shown.length > 0 ? ` REPLACE (${shown.join(', ')})` : '';
    const result = await connection.runAndReadAll(
      `SELECT id::INTEGER AS id, to_json(t)::VARCHAR AS row FROM (SELECT *${replaced} FROM ${source}) t`,
    );
    const rows = result.getRowObjects() as { id: number; row: string }[];
    const byId = new Map(rows.map(({ id, row }) => [id, comparable(JSON.parse(row))]));
    if (byId.size !== rows.length) throw new Error(`${file}: ${rows.length} rows, but ${byId.size} ids`);
    return { rows: byId, types: Object.fromEntries(columns.map((it) => [it.column_name, it.column_type])) };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
