// The middle step of a publish: decides which of the previous rows leave and which rows of the log come.
import { decideByKey } from './decide-by-key.js';
import { decideChild } from './decide-child.js';
import { decideVersions, versionKey } from './decide-versions.js';
import type { Decision, PreviousRows } from './decision.js';
import { loadRows, logInOrder } from './loaded-rows.js';
import { willMerge } from './merge-rules.js';
import * as sql from './merge-sql.js';
import type { PublishContext } from './publish-context.js';
import * as sets from './set-sql.js';

/** What the disposition makes of the previous rows and the log. Nothing is published by it. */
export async function decide(context: PublishContext, previous: PreviousRows | undefined): Promise<Decision> {
  const { publication, rules } = context;
  const { kinship } = publication;
  if (kinship?.role === 'child') return await decideChild(context, kinship, previous);
  if (!willMerge(publication, rules)) return await appended(context, previous);
  if (previous === undefined || previous.rows === 0) return await firstLoad(context, previous);
  if (rules.versions !== undefined) return await decideVersions(context, previous, rules.versions);
  return await decideByKey(context, previous);
}

/** The previous rows, and the log after them. */
async function appended(context: PublishContext, previous: PreviousRows | undefined): Promise<Decision> {
  const { rows } = context.publication;
  const coming = await logInOrder(context);
  return { previous, leaving: 0, coming, counts: { inserted: rows, updated: 0, unchanged: 0, duplicates: 0 } };
}

/** The log alone: of each key the row that counts, unless it says that the row is deleted. */
async function firstLoad(context: PublishContext, previous: PreviousRows | undefined): Promise<Decision> {
  const { rules } = context;
  const key = rules.versions ? versionKey(context, rules.versions) : rules.primaryKey.map((part) => sets.value(part));
  const purpose = context.format === undefined ? 'final' : 'quick';
  const { files, relation, rows, distinct } = await loadRows(context, purpose, rules.deduplicated ? [] : key);
  const marked = rules.hardDelete ? sets.isMark(rules) : undefined;
  const skipped = marked === undefined ? 0 : await context.count(relation, marked);
  const come = skipped === 0 ? relation : sql.where(relation, `NOT (${marked})`);
  const isAll = distinct === rows && skipped === 0;
  return {
    previous,
    leaving: 0,
    // Most logs hold no key twice: then what was written to look for them is the result.
    coming: [{ relation: come, rows: distinct - skipped, ...(files && isAll && { files }) }],
    ...(!isAll && { accepted: come }),
    counts: { inserted: distinct - skipped, updated: 0, unchanged: 0, duplicates: rows - distinct, skipped },
  };
}
