// Reads encoded rows back through DuckDB, with the types and casts that lib/schema gives.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { type EncodedRows, selectLog, type TableSchema } from '../../lib/schema/index.js';

export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
export type ReadRow = Record<string, Value>;

/** A DuckDB session and a folder for logs. */
export class LogReader {
  private constructor(
    private readonly instance: DuckDBInstance,
    readonly connection: DuckDBConnection,
    private readonly folder: string,
  ) {}

  static async open(): Promise<LogReader> {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run("SET TimeZone='UTC'");
    return new LogReader(instance, connection, await mkdtemp(join(tmpdir(), 'sluice-schema-')));
  }

  async close(): Promise<void> {
    this.connection.closeSync();
    this.instance.closeSync();
    await rm(this.folder, { recursive: true });
  }

  /** The path of a file in the folder. */
  path(name: string): string {
    return join(this.folder, name);
  }

  async query(sql: string): Promise<ReadRow[]> {
    const result = await this.connection.runAndReadAll(sql);
    const names = result.columnNames();
    // From entries, so that a column may be called __proto__.
    return result.getRowsJson().map((row) => Object.fromEntries(row.map((value, i) => [names[i]!, value as Value])));
  }

  async run(sql: string): Promise<void> {
    await this.connection.run(sql);
  }

  /** Writes a log and gives the SELECT that reads it with a schema. */
  async select({ chunk, longestLine }: EncodedRows, schema: TableSchema): Promise<string> {
    const file = this.path('log.jsonl');
    await writeFile(file, chunk);
    return selectLog({ files: [file], longestLine }, schema.columns);
  }

  async read(encoded: EncodedRows, schema: TableSchema): Promise<ReadRow[]> {
    return await this.query(await this.select(encoded, schema));
  }
}
