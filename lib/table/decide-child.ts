// The decision of a child table: its rows come, stay and leave with the rows of the table that they belong to.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { quoteIdentifier, rootPlace } from '../schema/index.js';
import { acceptedPlaces, belongsTo, placesOf } from './child-sql.js';
import { pair } from './decide-by-key.js';
import { type ComingRows, type Decision, keepLeaving, type PreviousRows } from './decision.js';
import type { ChildKinship } from './kinship.js';
import { logQuery } from './loaded-rows.js';
import * as sql from './merge-sql.js';
import type { PublishContext } from './publish-context.js';
import { checkRead, countLines } from './row-count.js';
import * as sets from './set-sql.js';
import { acceptedFile, goneFile } from './tell-children.js';

const [accepted, left, unchangedRows] = ['accepted', 'left_behind', 'unchanged_rows'];

/**
 * The rows that belong to rows which the table has taken come; those that the same row had before and has no more leave, and so do those of
 * rows that are gone. Rows that are as they were stay where they are.
 */
export async function decideChild(
  context: PublishContext,
  { folder, rootRows }: ChildKinship,
  previous: PreviousRows | undefined,
): Promise<Decision> {
  const { database, publication } = context;
  const load = await loadAccepted(context, acceptedFile(folder), rootRows);
  const duplicates = publication.rows - load.rows;
  if (previous === undefined || publication.disposition === 'append') {
    return { previous, leaving: 0, coming: [load], counts: { inserted: load.rows, duplicates } };
  }
  await pair(context, load, previous, ['found', 'unchanged', 'replaced', 'known']);
  const files = [acceptedFile(folder), goneFile(folder)].filter(existsSync);
  const touched =
    files.length === 0 ? sets.none(previous.rows) : `(${placesOf(previous.relation, previous.rows, files)})`;
  await database.run(sets.setVariable(left, `SELECT ${touched} & ~known FROM verdict`));
  await keepLeaving(database, `SELECT replaced | ${sets.variable(left)} FROM verdict`);
  await database.run(sets.setVariable(unchangedRows, 'SELECT unchanged FROM verdict'));
  const [leaving = 0, deleted = 0, found = 0, unchanged = 0] = await database.numbers(
    `SELECT bit_count(places), bit_count(${sets.variable(left)}), bit_count(found), bit_count(unchanged) FROM verdict, leaving`,
  );
  const come = unchanged === 0 ? load.relation : sql.whereBit(load.relation, unchangedRows, 0);
  return {
    previous,
    leaving,
    coming: [{ relation: come, rows: load.rows - unchanged }],
    counts: { inserted: load.rows - found, updated: found - unchanged, unchanged, duplicates, deleted },
  };
}

/** Types those rows of the log that belong to accepted ones. The database is new after it. */
async function loadAccepted(context: PublishContext, file: string, rootRows: number): Promise<ComingRows> {
  const { database, publication, columns } = context;
  const isPart = existsSync(file);
  if (isPart) await database.run(sets.setVariable(accepted, acceptedPlaces(file, rootRows)));
  const only = { where: belongsTo(accepted), also: [{ name: rootPlace, type: 'BIGINT' }] };
  const loaded = join(publication.scratch, 'load.parquet');
  const rows = await context.copy(logQuery(context, isPart ? only : {}), loaded, 'quick');
  checkRead(publication, isPart && publication.rows > 0 ? await countLines(publication.segments) : rows);
  await database.restart();
  const existing = columns.map(({ name }) => ({ name, cast: quoteIdentifier(name) }));
  return { relation: sql.selectExisting(loaded, columns, existing), rows };
}
