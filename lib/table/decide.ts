// The middle step of a publish: decides which of the previous rows leave and which rows of the log come.
import type { Decision, PreviousRows } from './decision.js';
import { leavingRows } from './decision.js';
import { loadRows, logQuery } from './loaded-rows.js';
import * as sql from './merge-sql.js';
import type { PublishContext } from './publish-context.js';

/** What the disposition makes of the previous rows and the log. Nothing is published by it. */
export async function decide(context: PublishContext, previous: PreviousRows | undefined): Promise<Decision> {
  const { disposition, primaryKey, rows } = context.publication;
  if (disposition === 'append' || primaryKey.length === 0 || rows === 0) return appended(context, previous);
  return previous === undefined ? await firstLoad(context) : await merged(context, previous);
}

/** The previous rows, and the log after them. */
function appended(context: PublishContext, previous: PreviousRows | undefined): Decision {
  const { rows } = context.publication;
  const coming = [{ relation: logQuery(context), rows }];
  return { previous, leaving: 0, coming, counts: { inserted: rows, updated: 0, unchanged: 0, duplicates: 0 } };
}

/** The log alone, the last row of each key. */
async function firstLoad(context: PublishContext): Promise<Decision> {
  const { rows } = context.publication;
  // Most logs hold no key twice: then what was written to look for them is the result.
  const { file, relation, distinct } = await loadRows(context, context.format === undefined ? 'final' : 'quick');
  return {
    previous: undefined,
    leaving: 0,
    coming: [{ relation, rows: distinct }],
    ...(distinct === rows && { ready: file }),
    counts: { inserted: distinct, updated: 0, unchanged: 0, duplicates: rows - distinct },
  };
}

/** The previous rows that stay, in their order, and after them the new and changed ones in the order of the log. */
async function merged(context: PublishContext, previous: PreviousRows): Promise<Decision> {
  const { database, publication } = context;
  const { rows } = publication;
  const { relation, distinct } = await loadRows(context, 'quick');
  const sides = { load: relation, loadRows: rows, previous: previous.relation, previousRows: previous.rows };
  const { found, unchanged, replaced } = await compare(context, sides);
  if (replaced > 0) await database.run(sql.setFromVerdict('replaced', leavingRows));
  if (unchanged > 0) await database.run(sql.setFromVerdict('unchanged', 'unchanged'));
  const come = unchanged === 0 ? relation : sql.whereBit(relation, 'unchanged', 0);
  return {
    previous,
    leaving: replaced,
    coming: [{ relation: come, rows: distinct - unchanged }],
    counts: { inserted: distinct - found, updated: found - unchanged, unchanged, duplicates: rows - distinct },
  };
}

async function compare(
  { database, columns, publication }: PublishContext,
  sides: sql.Sides,
): Promise<{ found: number; unchanged: number; replaced: number }> {
  const { primaryKey } = publication;
  const judge = async (twice: boolean): Promise<number[]> => {
    await database.run(sql.createVerdict(sides, columns, primaryKey, twice));
    return await database.numbers(sql.countVerdict);
  };
  let [pairs = 0, found = 0, unchanged = 0, replaced = 0] = await judge(false);
  if (pairs > found) {
    await database.run(sql.createTwice(sides, primaryKey));
    [pairs = 0, found = 0, unchanged = 0, replaced = 0] = await judge(true);
  }
  return { found, unchanged, replaced };
}
