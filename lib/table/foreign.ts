// Parquet files that something else wrote: their columns in our types.
import { type TableSchema, typeFromDuckDb } from '../schema/index.js';
import { Database } from './duckdb.js';
import { describeParquet } from './merge-sql.js';

/** The columns of any Parquet file. Types that have no equal here become the one that holds their values, text for all others. */
export async function foreignSchema(file: string, table: string): Promise<TableSchema> {
  const database = await Database.open({ table, memoryLimit: '64MB', threads: 1 });
  try {
    const rows = await database.rows(describeParquet(file));
    return {
      columns: rows.map(([name, type]) => ({ name: String(name), type: typeFromDuckDb(String(type)), nullable: true })),
    };
  } finally {
    database.close();
  }
}
