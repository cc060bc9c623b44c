// The last step of a publish: writes the rows that stay and those that come into one new file.
import { auditTable } from './audit.js';
import { type ComingRows, type Decision, leavingRows, totalOf } from './decision.js';
import { nothingPublished, type Published } from './engine.js';
import * as sql from './merge-sql.js';
import type { PublishContext } from './publish-context.js';
import { spliceDecision } from './splice/splice-decision.js';
import { checkRows, writeAnew } from './splice/write-rows.js';

/** Carries a decision out. Nothing is written when it changes nothing and the columns are those of the published file. */
export async function writeDecision(context: PublishContext, decision: Decision): Promise<Published> {
  const { publication, columns, format } = context;
  const { previous, leaving, coming, counts } = decision;
  const published = { ...nothingPublished, ...counts, total: totalOf(decision) };
  if (previous !== undefined && leaving === 0 && published.total === previous.rows && !publication.schemaChanged) {
    return { ...published, written: false };
  }
  const parts = [...stayingRows(decision), ...coming];
  await auditTable(context.database, publication, queryOf(parts, columns), published);
  if (await spliceDecision(context, decision)) return published;
  if (format === undefined) await writeAnew(context, parts);
  else checkRows(context, parts, await format.export(context.database, queryOf(parts, columns), publication));
  return published;
}

function stayingRows({ previous, leaving }: Decision): readonly ComingRows[] {
  if (previous === undefined) return [];
  const { relation, rows } = previous;
  return [{ relation: leaving === 0 ? relation : sql.whereBit(relation, leavingRows, 0), rows: rows - leaving }];
}

function queryOf(parts: readonly ComingRows[], columns: readonly sql.SqlColumn[]): string {
  return sql.concatenated(parts.map(({ relation }) => sql.withoutPlace(relation, columns)));
}
