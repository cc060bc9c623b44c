// Publishing tables in a DuckDB database file. What leaves and what comes is decided while the table is prepared, and kept in files; all
// tables of a run in one database are then changed in one transaction, which also records the load, so that nothing is applied twice.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { convertExpression, metadataKey, type Shape, sqlType } from '../../schema/index.js';
import { files, makeFolder, type Stage } from '../../stage/index.js';
import { auditTable } from '../audit.js';
import { decide } from '../decide.js';
import { leavingRows, type PreviousRows } from '../decision.js';
import { nothingPublished, type Published } from '../engine.js';
import * as sql from '../merge-sql.js';
import { PublishContext } from '../publish-context.js';
import {
  type PendingTable,
  type PublishOptions,
  type PublishTask,
  published,
  publishTask,
  settled,
  type Target,
} from '../publish-task.js';
import { rowGroups } from '../row-groups.js';
import { sliced } from '../slices.js';
import { copyRows } from '../splice/write-rows.js';
import { identifier, literal } from '../sql-text.js';
import { tellChildren } from '../tell-children.js';
import { orWithUniqueKeys } from '../unique-keys.js';
import { writeError } from '../write-error.js';
import { withDatabaseFile } from './database-file.js';
import {
  type DatabaseInfo,
  type DatabasePublisher,
  type DatabaseTable,
  sqlName,
  standingOf,
  tableOfPath,
} from './database-table.js';
import { type DatabaseChange, DatabaseTransaction } from './database-transaction.js';

export async function prepareDatabase(
  target: Target,
  publisher: DatabasePublisher,
  shape: Shape,
  stage: Stage,
  options: PublishOptions,
): Promise<PendingTable> {
  const { path, table: name } = target;
  const table = tableOfPath(path, publisher);
  const scratch = join(stage.folder, 'scratch');
  let transaction: DatabaseTransaction | undefined;
  try {
    const info = (await target.inspect(path, stage.loadId)) as DatabaseInfo | undefined;
    if (info?.record.loadId === stage.loadId) return settled(published(info.record.counts, info.schema, [], info));
    const task = await publishTask(target, shape, stage, options);
    if ('settled' in task) return settled(task.settled);
    await files.mkdir(scratch, { recursive: true });
    const ours = DatabaseTransaction.of(stage, publisher);
    transaction = ours;
    const { change, counts } = await prepareChange(task, table, publisher, info, {
      folder: ours.nextFolder(),
      loadId: stage.loadId,
    });
    if (change === undefined) return settled(published(counts, task.schema, [], info));
    ours.add(change);
    return {
      isSettled: false,
      place: () =>
        ours.place().catch((error: unknown) => {
          throw writeError(name, publisher.file, error);
        }),
      finish: async () => {
        const { size: bytes } = await stat(publisher.file);
        return published(counts, task.schema, task.changes, { file: publisher.file, bytes });
      },
      discard: () => ours.abandon(name),
    };
  } catch (error) {
    await transaction?.abandon(name);
    throw writeError(name, publisher.file, error);
  } finally {
    await files.rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  }
}

interface Prepared {
  readonly counts: Published;
  /** Absent when the table stays as it is. */
  readonly change?: DatabaseChange;
}

async function prepareChange(
  task: PublishTask,
  table: DatabaseTable,
  { limits }: DatabasePublisher,
  info: DatabaseInfo | undefined,
  { folder, loadId }: { readonly folder: string; readonly loadId: string },
): Promise<Prepared> {
  await makeFolder(folder);
  return await orWithUniqueKeys({ ...task.publication, destination: folder }, (publication) =>
    limits.use(
      async (limit) => {
        const { scratch, signal } = publication;
        const groups = await rowGroups(publication, { careful: limit.careful ?? false });
        const { isWide } = groups;
        const log = isWide ? await sliced(publication) : publication;
        return await withDatabaseFile(
          table.file,
          { ...limit, table: table.name, scratch, signal, isWide },
          (database) => decideChange(new PublishContext(database, log, undefined, groups), task, table, info, loadId),
        );
      },
      { careful: true, longestLine: publication.longestLine },
    ),
  );
}

/** What is to be done to the table, with the rows in files of the publication's destination. */
async function decideChange(
  context: PublishContext,
  task: PublishTask,
  table: DatabaseTable,
  info: DatabaseInfo | undefined,
  loadId: string,
): Promise<Prepared> {
  const { publication, columns, database } = context;
  const isNew = info === undefined || publication.disposition === 'replace';
  const previous = isNew ? undefined : previousRows(context, table, info);
  const decision = await decide(context, previous);
  await tellChildren(context, decision);
  const { coming, leaving } = decision;
  const come = coming.reduce((sum, { rows }) => sum + rows, 0);
  const total = (isNew ? 0 : info.rows) - leaving + come;
  const counts = { ...nothingPublished, ...decision.counts, total };
  if (!isNew && leaving === 0 && come === 0 && !publication.schemaChanged) return { counts };
  const parts = coming.map(({ relation }) => relation);
  if (previous) parts.unshift(leaving === 0 ? previous.relation : sql.whereBit(previous.relation, leavingRows, 0));
  const all = sql.concatenated(parts.map((part) => sql.withoutPlace(part, columns)));
  await auditTable(database, publication, all, counts);
  const comeFile = join(publication.destination, 'come.parquet');
  const leaveFile = join(publication.destination, 'leave.parquet');
  if (come > 0) {
    await copyRows(context, coming, comeFile, 'quick');
  }
  if (leaving > 0) {
    const places = sql.whereBit(placedRows(table), leavingRows, 1);
    await database.run(`COPY (SELECT place FROM (${places})) TO ${literal(leaveFile)} (FORMAT parquet)`);
  }
  const record = { loadId, counts, metadata: publication.metadata[metadataKey]! };
  const before = info ? { rows: info.rows, loadId: info.record.loadId } : await standingOf(database, table);
  return {
    counts,
    change: {
      table,
      record,
      ...(isNew && { create: task.schema.columns.map((column) => ({ ...column, sql: sqlType(column.type) })) }),
      before,
      alter: isNew ? [] : alterations(task, table, info),
      ...(leaving > 0 && { leave: { file: leaveFile, rows: leaving } }),
      ...(come > 0 && { come: { file: comeFile, rows: come } }),
    },
  };
}

/** The rows with their `rowid` as `place`, and counted without gaps as `__sluice_row`. */
function placedRows(table: DatabaseTable): string {
  return `SELECT *, rowid AS place, row_number() OVER () - 1 AS ${sql.rowNumber} FROM ${sqlName(table)}`;
}

function previousRows(context: PublishContext, table: DatabaseTable, { schema, rows }: DatabaseInfo): PreviousRows {
  const final = new Map(context.publication.schema.columns.map(({ name, type }) => [name, type]));
  const casts = new Map(
    schema.columns.flatMap(({ name, type }) => {
      const to = final.get(name);
      return to === undefined ? [] : [[name, convertExpression(identifier(name), type, to)] as const];
    }),
  );
  const list = context.columns.map(({ name, type }) => `${casts.get(name) ?? `NULL::${type}`} AS ${identifier(name)}`);
  const relation = `SELECT ${[...list, sql.rowNumber].join(', ')} FROM (${placedRows(table)})`;
  return { file: table.file, relation, rows };
}

/** Added columns, and wider types. */
function alterations({ schema, changes }: PublishTask, table: DatabaseTable, before: DatabaseInfo): string[] {
  const old = new Map(before.schema.columns.map(({ name, type }) => [name, type]));
  const name = sqlName(table);
  const changed = new Set(changes.filter(({ change }) => change !== 'nullable').map(({ column }) => column));
  return schema.columns.flatMap((column) => {
    if (!changed.has(column.name)) return [];
    const type = sqlType(column.type);
    const from = old.get(column.name);
    const quoted = identifier(column.name);
    if (from === undefined) return [`ALTER TABLE ${name} ADD COLUMN ${quoted} ${type}`];
    const value = convertExpression(quoted, from, column.type);
    return [`ALTER TABLE ${name} ALTER COLUMN ${quoted} SET DATA TYPE ${type} USING ${value}`];
  });
}
