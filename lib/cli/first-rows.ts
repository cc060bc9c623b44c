// Reads the first rows of a Parquet file, for a person to look at.
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { ColumnType } from '../schema/index.js';
import { readTableInfo } from '../table/index.js';

/**
 * The first rows of a Parquet file, as a preview shows them. A file that is not there has none.
 *
 * @throws TableError `ERR_TABLE_CORRUPT` when it is no Parquet file
 */
export async function firstRows(file: string, rows: number): Promise<Record<string, unknown>[]> {
  const info = await readTableInfo(file);
  if (info === undefined || rows === 0) return [];
  const found = await parquetReadObjects({
    file: await asyncBufferFromFile(file),
    compressors,
    rowStart: 0,
    rowEnd: Math.min(rows, info.rows),
  });
  const types = new Map(info.schema.columns.map(({ name, type }) => [name, type.kind]));
  return found.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, shown(value, types.get(name))])),
  );
}

/** A date without the time that the reader adds to it. */
function shown(value: unknown, kind: ColumnType['kind'] | undefined): unknown {
  return value instanceof Date && kind === 'date' ? value.toISOString().slice(0, 10) : value;
}
