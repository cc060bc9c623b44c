// What is decided before a table is published: its columns, whether there is anything to do, and what the engine is asked for.
import { join } from 'node:path';
import { meant, type ReceiptColumn, type SchemaChange } from '../core/index.js';
import {
  appliedLoads,
  type ColumnPolicy,
  columnPolicy,
  displayType,
  encodeMetadata,
  metadataKey,
  type Shape,
  schemaChanges,
  type TableSchema,
} from '../schema/index.js';
import type { Stage } from '../stage/index.js';
import type { Audit } from './audited-table.js';
import type { ComingFile } from './coming-files.js';
import type { DatabasePublisher } from './database/database-table.js';
import type { DirectoryEngine } from './directory/directory-engine.js';
import type { ManifestEntry } from './directory/manifest.js';
import { type Engine, nothingPublished, type Publication, type Published } from './engine.js';
import type { Kinship } from './kinship.js';
import { mergeRules, ownColumns } from './merge-rules.js';
import type { ParquetLayout } from './parquet-layout.js';
import { plan } from './plan.js';
import { TableError } from './table-error.js';
import type { TableInfo } from './table-info.js';
import { version } from './version.js';
import type { WriteRules } from './write-rules.js';

/** A table in a directory. */
export interface Directory {
  readonly engine: DirectoryEngine;
  /** For child tables, which lack the columns that partitions are made of. */
  readonly childEngine: DirectoryEngine;
  /** Where its new files are written, before they are in their folders. @default `.sluice/<folder>.drafts` beside it */
  readonly drafts?: string;
}

/** A table as a sink describes it. */
export interface Target extends WriteRules {
  readonly table: string;
  readonly path: string;
  readonly format: Publication['format'];
  /** What the user says about columns. @default `columnPolicy()`: all is found from the rows */
  readonly columns?: ColumnPolicy;
  /** Stands for how the rows are made: rows that were staged under another one are dropped. @default nothing is dropped */
  readonly fingerprint?: string;
  /** How a Parquet file is laid out. @default `defaultLayout` */
  readonly layout?: ParquetLayout;
  /** Columns that options of the format name, by the option: each must be there. @default none */
  readonly namedColumns?: Readonly<Record<string, readonly string[]>>;
  /** Looks at the table before it is published. */
  readonly audit?: Audit;
  readonly engine: Engine;
  /** The engine for another file of the same format. @default the same engine */
  readonly engineFor?: (path: string) => Engine;
  /** The file for rows that the contract leaves out. @default they are only counted */
  readonly deadLetters?: string;
  /** The part of the table in a family of tables. @default it is alone */
  readonly kinship?: Kinship;
  /**
   * What the published file says of the table; `undefined` when there is none. `loadId` is the run's: what one of that name has left that died
   * is its own.
   */
  readonly inspect: (file: string, loadId: string) => Promise<TableInfo | undefined>;
  /** Set when the path is a directory, which is published by this engine and not by the other. */
  readonly directory?: Directory;
  /** Set when the table is one in a database file. */
  readonly database?: DatabasePublisher;
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
  /** Whether there is nothing to put in its place: the table stays as it is. */
  readonly isSettled: boolean;
  /** Puts the new files in their places. */
  place(): Promise<void>;
  /** The plain files that `place` puts in their places. @default it places something else */
  readonly coming?: readonly ComingFile[];
  /** What the manifest of its folder is to say of it, when all are placed. */
  readonly manifest?: ManifestEntry;
  /** Removes what the new files have replaced. */
  finish(): Promise<PublishedTable>;
  /** Removes what was written and not placed. Never fails. */
  discard(): Promise<void>;
}

/** What there is to publish. */
export interface PublishTask {
  readonly schema: TableSchema;
  readonly changes: readonly SchemaChange[];
  readonly previous: TableInfo | undefined;
  /** What the file or files are to say of the table. */
  metadata(schema: TableSchema): Readonly<Record<string, string>>;
  /** For the engine; it lacks where to write, and what is published. */
  readonly publication: Omit<Publication, 'destination' | 'previous'>;
}

export interface PublishOptions {
  readonly signal: AbortSignal;
  /** Segments that are typed already. */
  readonly parts?: Publication['parts'];
}

/** Decides what is to be published; a table that stays as it is, is settled. */
export async function publishTask(
  target: Target,
  shape: Shape,
  stage: Stage,
  { signal, parts }: PublishOptions,
): Promise<{ readonly settled: PublishedTable } | PublishTask> {
  const { path, disposition, table, primaryKey, kinship, columns: policy = columnPolicy() } = target;
  const log = stage.table(table);
  const previous = await target.inspect(path, stage.loadId);
  const earlierLoads = appliedLoads(previous?.metadata);
  // One that had nothing to change does not name the load: without rows, all of its own would count as missing.
  if (stage.isPublished(table) || earlierLoads.includes(stage.loadId)) {
    const counts = (log.prepared as Published | undefined) ?? { ...nothingPublished, total: previous?.rows ?? 0 };
    return { settled: published(counts, previous?.schema ?? { columns: [] }, [], previous) };
  }
  const own = ownColumns(target);
  const { schema, shape: all } = plan({ table, disposition, policy, shape, previous, own });
  const changes = schemaChanges(previous?.schema, schema);
  // A table that the contract lets nobody make.
  if (previous === undefined && policy.contract.tables !== 'evolve' && kinship?.role !== 'child') {
    return { settled: published(nothingPublished, { columns: [] }, [], undefined) };
  }
  // Parquet knows no table without columns: nothing came, nothing is there, nothing is written. Columns that are only added are none.
  const isBare = previous === undefined && log.rows === 0 && policy.hints.length === 0;
  if (schema.columns.length === 0 || isBare)
    return { settled: published(nothingPublished, schema, changes, undefined) };
  checkNamedColumns(target, schema);
  const rules = mergeRules(target, policy, schema, {
    table,
    startedAt: laterThan(previous?.metadata?.boundary, stage.startedAt),
    // Nothing can be missing in a table that is new.
    partial: previous !== undefined && isPartial(stage, table),
  });
  const actsOnMissing = disposition === 'merge' && (rules.missing !== 'keep' || rules.versions !== undefined);
  const changed = changes.length > 0 || (kinship?.role === 'root' && kinship.changed);
  const follows = actsOnMissing || kinship?.role === 'child';
  const idle = log.rows === 0 && disposition !== 'replace' && !changed && !follows;
  if (previous !== undefined && idle) {
    return { settled: published({ ...nothingPublished, total: previous.rows }, schema, [], previous) };
  }
  const { loadId } = stage;
  const boundary = rules.versions?.boundary ?? previous?.metadata?.boundary;
  const metadata = ({ columns }: TableSchema): Readonly<Record<string, string>> => ({
    [metadataKey]: encodeMetadata({
      table,
      loadId,
      earlierLoads,
      columns,
      primaryKey,
      shape: all,
      ...(boundary !== undefined && { boundary }),
      ...(kinship?.role === 'root' && { children: kinship.children }),
      writer: `sluice ${version}`,
    }),
  });
  const publication = {
    table,
    format: target.format,
    disposition,
    primaryKey,
    rules,
    schema,
    schemaChanged: changed,
    metadata: metadata(schema),
    segments: stage.segments(table),
    rows: log.rows,
    longestLine: log.longestLine,
    ...(parts && { parts }),
    scratch: join(stage.folder, 'scratch'),
    signal,
    ...(kinship && { kinship }),
    ...(target.audit && { audit: target.audit }),
    ...(target.layout && { layout: target.layout }),
  };
  return { schema, changes, previous, metadata, publication };
}

/** When the run began; where a clock went backwards, just after the load before: so that no version ends before it begins. */
function laterThan(boundary: string | undefined, startedAt: string): string {
  const last = Date.parse(boundary ?? '');
  return last >= Date.parse(startedAt) ? new Date(last + 1).toISOString() : startedAt;
}

/** A misspelt column must not be taken for one that has nothing special. */
function checkNamedColumns({ table, kinship, namedColumns = {} }: Target, { columns }: TableSchema): void {
  if (kinship?.role === 'child') return;
  const names = columns.map(({ name }) => name);
  for (const [option, given] of Object.entries(namedColumns)) {
    const unknown = given.find((name) => !names.includes(name));
    if (unknown === undefined) continue;
    const message = `the option ${option} names the column "${unknown}", and the table has none; ${meant(unknown, names)} The rows are kept in the stage.`;
    throw new TableError('ERR_TABLE_COLUMN', table, message);
  }
}

/** Whether rows may be missing in the load that are there upstream. A row that was discarded did come. */
export function isPartial(stage: Stage, table: string): boolean {
  return stage.isPartial(table) || stage.table(table).discarded.rows > 0;
}

/** A table whose files stay, or are in their places already. */
export function settled(table: PublishedTable): Omit<PendingTable, 'coming'> {
  const nothingToDo = async (): Promise<void> => undefined;
  return { isSettled: true, place: nothingToDo, finish: async () => table, discard: nothingToDo };
}

/** What came of publishing, in the words of the receipt. */
export function published(
  counts: Published,
  { columns }: TableSchema,
  changes: readonly SchemaChange[],
  found: { readonly file: string; readonly files?: readonly string[]; readonly bytes: number } | undefined,
): PublishedTable {
  return {
    counts,
    files: found === undefined ? [] : (found.files ?? [found.file]),
    bytes: found?.bytes ?? 0,
    schema: columns.map(({ name, type, nullable }) => ({ name, type: displayType(type), nullable })),
    schemaChanges: changes,
  };
}
