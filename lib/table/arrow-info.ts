// What a published Arrow file says of its table: columns, rows, metadata.
import { decodeMetadata, metadataKey, shapeFromSchema } from '../schema/index.js';
import { fileSize, type TableInfo } from './table-info.js';

/**
 * Reads what an Arrow IPC file says of its table, without its rows. Works for files that something else wrote, too.
 * @returns `undefined` when there is no such file
 * @throws TableError `ERR_TABLE_CORRUPT`, `ERR_TABLE_PATH`, `ERR_TABLE_TYPE` for a type that cannot be read without loss;
 *   SchemaError `ERR_SCHEMA_METADATA` for a file of a newer Sluice
 */
export async function readArrowInfo(file: string): Promise<TableInfo | undefined> {
  const bytes = await fileSize(file);
  if (bytes === undefined) return undefined;
  // Loaded when the first Arrow file is met: most programs have none.
  const { describeArrow } = await import('./arrow-file.js');
  const { rows, columns, metadata: entries } = await describeArrow(file);
  const text = entries[metadataKey];
  if (text !== undefined) {
    const metadata = decodeMetadata(text);
    return { file, bytes, rows, schema: { columns: metadata.columns }, shape: metadata.shape, metadata };
  }
  const schema = { columns };
  return { file, bytes, rows, schema, shape: shapeFromSchema(schema) };
}
