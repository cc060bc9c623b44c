// The last step of a publish: writes the rows that stay and those that come into one new file.
import { moveFile } from '../stage/index.js';
import { type Decision, leavingRows, totalOf } from './decision.js';
import { nothingPublished, type Published } from './engine.js';
import * as sql from './merge-sql.js';
import type { PublishContext } from './publish-context.js';
import { spliceDecision } from './splice/splice-decision.js';

/** Carries a decision out. Nothing is written when it changes nothing and the columns are those of the published file. */
export async function writeDecision(context: PublishContext, decision: Decision): Promise<Published> {
  const { publication, columns, format } = context;
  const { previous, leaving, coming, ready, counts } = decision;
  const published = { ...nothingPublished, ...counts, total: totalOf(decision) };
  if (previous !== undefined && leaving === 0 && published.total === previous.rows && !publication.schemaChanged) {
    return { ...published, written: false };
  }
  if (ready !== undefined && format === undefined) {
    await moveFile(ready, publication.destination);
    return published;
  }
  if (await spliceDecision(context, decision)) return { ...counts, total };
  const stay = previous && (leaving === 0 ? previous.relation : sql.whereBit(previous.relation, leavingRows, 0));
  const parts = [...(stay === undefined ? [] : [stay]), ...coming.map(({ relation }) => relation)];
  const query = sql.concatenated(parts.map((part) => sql.withoutPlace(part, columns)));
  if (format === undefined) await context.copy(query, publication.destination, 'final');
  else await format.export(context.database, query, publication);
  return published;
}
