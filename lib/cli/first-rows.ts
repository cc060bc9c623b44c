// Reads the first rows of a Parquet file, for a person to look at.
import { asyncBufferFromFile, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { ColumnType } from '../schema/index.js';
import { readTableInfo } from '../table/index.js';

/**
 * The first rows of a Parquet file, as a preview shows them: decimals as text with all their digits. A file that is not there has
 * none.
 *
 * @throws TableError `ERR_TABLE_CORRUPT` when it is no Parquet file
 */
export async function firstRows(file: string, rows: number): Promise<Record<string, unknown>[]> {
  const info = await readTableInfo(file);
  if (info === undefined || rows === 0) return [];
  const buffer = await asyncBufferFromFile(file);
  const found = await parquetReadObjects({
    file: buffer,
    metadata: withoutDecimals(await parquetMetadataAsync(buffer)),
    compressors,
    rowStart: 0,
    rowEnd: Math.min(rows, info.rows),
  });
  const types = new Map(info.schema.columns.map(({ name, type }) => [name, type]));
  return found.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, shown(value, types.get(name))])),
  );
}

/** The columns that are decimals as the integers that the file stores: the reader would make doubles of them. */
function withoutDecimals(metadata: FileMetaData): FileMetaData {
  let inside = 0;
  const schema = metadata.schema.map((element, index) => {
    if (index === 0) return element;
    const top = inside === 0;
    inside += (element.num_children ?? 0) - (top ? 0 : 1);
    if (!top || element.converted_type !== 'DECIMAL') return element;
    const { converted_type, logical_type, ...stored } = element;
    return stored;
  });
  return { ...metadata, schema };
}

/** A date without the time that the reader adds to it, a decimal with its point. */
function shown(value: unknown, type: ColumnType | undefined): unknown {
  if (value instanceof Date && type?.kind === 'date') return value.toISOString().slice(0, 10);
  if (value === null || value === undefined) return null;
  if (type?.kind !== 'decimal') return value;
  const whole = value instanceof Uint8Array ? bigEndian(value) : BigInt(value as number | bigint);
  const digits = String(whole < 0n ? -whole : whole).padStart(type.scale + 1, '0');
  const point = digits.length - type.scale;
  const text = type.scale === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`.replace(/\.?0+$/, '');
  return whole < 0n ? `-${text}` : text;
}

function bigEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(bytes.length * 8, value);
}
