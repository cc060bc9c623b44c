// What a published Parquet file says of its table: columns, rows, metadata.
import { stat } from 'node:fs/promises';
import { asyncBufferFromFile, type FileMetaData, parquetMetadataAsync } from 'hyparquet';
import {
  decodeMetadata,
  type FileMetadata,
  metadataKey,
  type Shape,
  shapeFromSchema,
  type TableSchema,
} from '../schema/index.js';
import { adviceFor } from '../stage/index.js';
import { foreignSchema } from './foreign.js';
import { tableName } from './layout.js';
import { TableError } from './table-error.js';

export interface TableInfo {
  /** The file, or the directory. */
  readonly file: string;
  /** The files of a directory. */
  readonly files?: readonly string[];
  readonly bytes: number;
  readonly rows: number;
  readonly schema: TableSchema;
  /** What was seen of the columns; of a foreign file what its types tell. */
  readonly shape: Shape;
  /** What Sluice stored in the file; absent in a file that something else wrote. */
  readonly metadata?: FileMetadata;
}

/**
 * Reads what a Parquet file says of its table, without its rows. Works for files that something else wrote, too.
 *
 * @returns `undefined` when there is no such file
 * @throws TableError `ERR_TABLE_CORRUPT`, `ERR_TABLE_PATH`; SchemaError `ERR_SCHEMA_METADATA` for a file of a newer Sluice
 */
export async function readTableInfo(file: string): Promise<TableInfo | undefined> {
  const bytes = await fileSize(file);
  return bytes === undefined ? undefined : infoOf(file, bytes, await readContent(file));
}

/** As `readTableInfo`, for the files of one sink, which asks several times: a file that is still the same is not read again. */
export function tableInfoReader(): typeof readTableInfo {
  const known = new Map<string, { readonly identity: string; readonly content: Content }>();
  return async (file) => {
    const bytes = await fileSize(file);
    if (bytes === undefined) return undefined;
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    const identity = [dev, ino, size, mtimeNs, ctimeNs].join();
    let found = known.get(file);
    if (found?.identity !== identity) {
      found = { identity, content: await readContent(file) };
      known.set(file, found);
    }
    return infoOf(file, bytes, found.content);
  };
}

/** What is read of a file. */
interface Content {
  readonly rows: number;
  /** What Sluice wrote into it, or else the columns. */
  readonly says: string | TableSchema;
}

async function readContent(file: string): Promise<Content> {
  const footer = await readFooter(file);
  const text = footer.key_value_metadata?.find(({ key }) => key === metadataKey)?.value;
  return { rows: Number(footer.num_rows), says: text ?? (await foreignSchema(file, tableName(file))) };
}

/** Each caller gets a shape of its own, since shapes grow. */
function infoOf(file: string, bytes: number, { rows, says }: Content): TableInfo {
  if (typeof says !== 'string') return { file, bytes, rows, schema: says, shape: shapeFromSchema(says) };
  const metadata = decodeMetadata(says);
  const { shape, columns } = metadata;
  return { file, bytes, rows, schema: { columns }, shape, metadata };
}

/** The size of a table's file; `undefined` when there is none. @throws TableError `ERR_TABLE_PATH` when it is no file */
export async function fileSize(file: string): Promise<number | undefined> {
  const found = await stat(file).catch((error: unknown) => {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
    throw new TableError('ERR_TABLE_PATH', tableName(file), `${file} cannot be read: ${String(error)}`, {
      cause: error,
    });
  });
  if (found === undefined) return undefined;
  if (found.isFile()) return found.size;
  const what = found.isDirectory() ? 'a folder' : 'no plain file';
  const advice = 'Give the path of a file, such as out/projects.parquet';
  throw new TableError('ERR_TABLE_PATH', tableName(file), `${file} is ${what}. ${advice}.`);
}

async function readFooter(file: string): Promise<FileMetaData> {
  try {
    return await parquetMetadataAsync(await asyncBufferFromFile(file), { geoparquet: false });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    // It may be well: a system call was refused.
    if ((cause as { syscall?: unknown }).syscall !== undefined) {
      const message = `${file} cannot be read: ${reason}. ${adviceFor(cause)}`.trimEnd();
      throw new TableError('ERR_TABLE_PATH', tableName(file), message, { cause });
    }
    throw new TableError(
      'ERR_TABLE_CORRUPT',
      tableName(file),
      `the published file ${file} cannot be read (${reason}). It is left as it is: move it away to start anew, or restore it from a backup.`,
      { cause },
    );
  }
}
