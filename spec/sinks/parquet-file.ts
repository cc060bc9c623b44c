// What the specs of the Parquet sink share: pages to write, files to read back.
import { DuckDBInstance } from '@duckdb/node-api';
import { from, lastValueFrom, type Observable } from 'rxjs';
import type { Receipt, Row, Rows } from '../../lib/core/index.js';
import { type ParquetOptions, parquet } from '../../sinks/index.js';

/** Pages of one walk, numbered from `first`; the last one ends it. */
export function pagesOf<T>(pages: readonly (readonly T[])[], walk = 'walk', first = 0): Rows<T>[] {
  return pages.map((rows, index) => {
    const next = index === pages.length - 1 ? null : first + index + 1;
    return { rows, position: { walk, page: first + index, next }, bytes: 100 * rows.length };
  });
}

/** Loads pages into a file. */
export function load(file: string, pages: readonly (readonly Row[])[], options?: ParquetOptions): Promise<Receipt> {
  return lastValueFrom(from(pagesOf(pages)).pipe(parquet(file, options)));
}

/** The rows of a Parquet file in their order, as DuckDB reads them: integers of 64 bits as text. */
export async function readRows(file: string, sql = '*'): Promise<Record<string, unknown>[]> {
  const path = file.replace(/[*?[]/g, '[$&]').replaceAll("'", "''");
  return await query(`SELECT ${sql} FROM read_parquet('${path}', hive_partitioning=false)`);
}

/** One for all queries of the process: it takes longer to make one than to ask it. It keeps nothing of a file that it has read. */
let reader: Promise<DuckDBInstance> | undefined;

export async function query(sql: string): Promise<Record<string, unknown>[]> {
  reader ??= DuckDBInstance.create(':memory:', { enable_external_file_cache: 'false' });
  const connection = await (await reader).connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    return (await connection.runAndReadAll(sql)).getRowObjectsJson() as Record<string, unknown>[];
  } finally {
    connection.closeSync();
  }
}

/** What a chain fails with. */
export async function failureOf(chain: Observable<unknown> | Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await (chain instanceof Promise ? chain : lastValueFrom(chain, { defaultValue: undefined }));
  } catch (error) {
    return error as Error;
  }
  throw new Error('it should have failed');
}
