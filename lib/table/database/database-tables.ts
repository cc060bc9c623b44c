// All tables of a DuckDB database file that sinks have written.
import { stat } from 'node:fs/promises';
import { decodeMetadata } from '../../schema/index.js';
import type { TableInfo } from '../table-info.js';
import { withDatabaseFile } from './database-file.js';
import { type DatabaseTable, readRecords, sqlName } from './database-table.js';

/** A table of a database, and what it is called there. */
export interface NamedTableInfo extends TableInfo {
  readonly name: string;
}

/**
 * What a database file holds, in order of names; those of other schemas than `main` are called `schema.table`. `undefined` when there is
 * no such file.
 * @throws TableError as `withDatabaseFile`; SchemaError `ERR_SCHEMA_METADATA`
 */
export async function readDatabaseTables(file: string): Promise<NamedTableInfo[] | undefined> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return undefined;
  return await withDatabaseFile(file, { memoryLimit: '128MB', threads: 1, table: file }, async (database) => {
    const tables: NamedTableInfo[] = [];
    for (const { schema, name, metadata: text } of await readRecords(database)) {
      const table: DatabaseTable = { file, schema, name };
      const metadata = decodeMetadata(text);
      const [rows = 0] = await database.numbers(`SELECT count(*) FROM ${sqlName(table)}`);
      tables.push({
        name: schema === 'main' ? name : `${schema}.${name}`,
        file,
        bytes: found.size,
        rows,
        schema: { columns: metadata.columns },
        shape: metadata.shape,
        metadata,
      });
    }
    return tables;
  });
}
