// Publishing one table in two steps: the engine writes the new file beside the old one; then it is put in its place.
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Json, ReceiptColumn, SchemaChange } from '../core/index.js';
import {
  type ColumnPolicy,
  columnPolicy,
  displayType,
  encodeMetadata,
  metadataKey,
  type Shape,
  schemaChanges,
  type TableSchema,
} from '../schema/index.js';
import { adviceFor, files, makeFolder, type Stage, syncFile, syncFolder } from '../stage/index.js';
import type { Engine, Publication, Published, WriteDisposition } from './engine.js';
import { draftPath } from './layout.js';
import { plan } from './plan.js';
import { TableError } from './table-error.js';
import type { TableInfo } from './table-info.js';
import { version } from './version.js';

/** A table as a sink describes it. */
export interface Target {
  readonly table: string;
  readonly path: string;
  readonly format: Publication['format'];
  readonly disposition: WriteDisposition;
  readonly primaryKey: readonly string[];
  /** What the user says about columns. @default `columnPolicy()`: all is found from the rows */
  readonly columns?: ColumnPolicy;
  readonly compression?: string;
  readonly rowGroupRows?: number;
  readonly engine: Engine;
  /** What the published file says of the table; `undefined` when there is none. */
  readonly inspect: (file: string) => Promise<TableInfo | undefined>;
}

/** What came of publishing. */
export interface PublishedTable {
  readonly counts: Published;
  readonly files: readonly string[];
  readonly bytes: number;
  readonly schema: readonly ReceiptColumn[];
  readonly schemaChanges: readonly SchemaChange[];
}

/**
 * A table whose new file is written, and not visible yet. The session places those of all its tables one after the other, which takes
 * no longer than the renames, and finishes them then.
 */
export interface PendingTable {
  /** Puts the new files in their places. */
  place(): Promise<void>;
  /** Removes what the new files have replaced. */
  finish(): Promise<PublishedTable>;
  /** Removes what was written and not placed. Never fails. */
  discard(): Promise<void>;
}

/**
 * Has the engine write what the stage holds of a table. Readers see the old file until it is placed, and then the new one, whole. A load
 * that the published file has already, after a crash between the rename and the clearing of the stage, is not applied again.
 * @throws TableError; the published file is the old one then
 */
export async function prepareTable(
  target: Target,
  shape: Shape,
  stage: Stage,
  signal: AbortSignal,
): Promise<PendingTable> {
  const { path, disposition, columns: policy = columnPolicy() } = target;
  const log = stage.table(target.table);
  const previous = await target.inspect(path);
  if (previous?.metadata?.loadId === stage.loadId && log.prepared !== undefined) {
    return settled(result(log.prepared as unknown as Published, previous.schema, [], previous));
  }
  const { schema, shape: all } = plan({ disposition, policy, shape, previous });
  const changes = schemaChanges(previous?.schema, schema);
  // Parquet knows no table without columns: nothing came, nothing is there, nothing is written.
  if (schema.columns.length === 0) return settled(result(nothing, schema, changes, undefined));
  const idle = log.rows === 0 && disposition !== 'replace' && changes.length === 0;
  if (previous !== undefined && idle) {
    return settled(result({ ...nothing, total: previous.rows }, schema, [], previous));
  }

  const scratch = join(stage.folder, 'scratch');
  const destination = draftPath(path);
  const { table, primaryKey } = target;
  const metadata = encodeMetadata({
    table,
    loadId: stage.loadId,
    columns: schema.columns,
    primaryKey,
    shape: all,
    writer: `sluice ${version}`,
  });
  const publication: Publication = {
    table,
    format: target.format,
    disposition,
    primaryKey,
    schema,
    schemaChanged: changes.length > 0,
    metadata: { [metadataKey]: metadata },
    segments: stage.segments(table),
    rows: log.rows,
    longestLine: log.longestLine,
    destination,
    scratch,
    signal,
    ...(previous && { previous: { file: path, columns: previous.schema.columns } }),
    ...(target.compression !== undefined && { compression: target.compression }),
    ...(target.rowGroupRows !== undefined && { rowGroupRows: target.rowGroupRows }),
  };
  // What cannot be removed now is removed by the next run; it must not hide what went wrong.
  const discard = (): Promise<void> => files.rm(destination, { force: true }).catch(() => undefined);
  try {
    await makeFolder(scratch);
    const counts = await target.engine.publish(publication);
    if (counts.written === false) {
      await discard();
      return settled(result(counts, schema, [], previous));
    }
    await syncFile(destination);
    return {
      place: () =>
        putInPlace(stage, table, counts, destination, path).catch((error: unknown) => {
          throw writeError(table, path, error);
        }),
      finish: async () => result(counts, schema, changes, { file: path, bytes: (await stat(path)).size }),
      discard,
    };
  } catch (error) {
    await discard();
    throw writeError(table, path, error);
  } finally {
    await files.rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** A table whose file stays, or is in its place already. */
function settled(published: PublishedTable): PendingTable {
  const nothingToDo = async (): Promise<void> => undefined;
  return { place: nothingToDo, finish: async () => published, discard: nothingToDo };
}

const nothing: Published = { inserted: 0, updated: 0, unchanged: 0, duplicates: 0, total: 0 };

async function putInPlace(stage: Stage, table: string, counts: Published, draft: string, path: string): Promise<void> {
  // With these counts in the journal, a run that finds its own load published can still say what it did.
  await stage.prepare(table, counts as unknown as Json);
  await stage.check();
  await files.rename(draft, path);
  await syncFolder(dirname(path));
}

function result(
  counts: Published,
  { columns }: TableSchema,
  changes: readonly SchemaChange[],
  file: { readonly file: string; readonly bytes: number } | undefined,
): PublishedTable {
  return {
    counts,
    files: file === undefined ? [] : [file.file],
    bytes: file?.bytes ?? 0,
    schema: columns.map(({ name, type, nullable }) => ({ name, type: displayType(type), nullable })),
    schemaChanges: changes,
  };
}

function writeError(table: string, path: string, error: unknown): unknown {
  if ((error as { syscall?: unknown }).syscall === undefined) return error;
  const message = `${path} cannot be written: ${(error as Error).message}. ${adviceFor(error)}`.trimEnd();
  return new TableError('ERR_TABLE_WRITE', table, message, { cause: error });
}
