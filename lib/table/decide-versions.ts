// Decides a merge that keeps versions of rows (`scd2`): those that are valid no more get their end, new ones begin.

import { type Decision, keepLeaving, leavingRows, type PreviousRows } from './decision.js';
import { loadRows } from './loaded-rows.js';
import type { MergeRules, RuleValue, Versions } from './merge-rules.js';
import * as sql from './merge-sql.js';
import type { PublishContext } from './publish-context.js';
import * as sets from './set-sql.js';
import { nearRows } from './splice/near-rows.js';
import { identifier } from './sql-text.js';

/** What tells rows of one load apart: the primary key, else the version, else all columns. */
export function versionKey(context: PublishContext, versions: Versions): string[] {
  const { rules, columns } = context;
  if (rules.primaryKey.length > 0) return rules.primaryKey.map((part) => sets.value(part));
  if (versions.rowVersion) return [sets.value(versions.rowVersion)];
  return versioned(columns, rules, versions).map((name) => context.comparable(name));
}

/**
 * The previous rows that stay, after them the versions that end, and the new versions in the order of the log. A version stays when the load
 * has the same row.
 */
export async function decideVersions(
  context: PublishContext,
  previous: PreviousRows,
  versions: Versions,
): Promise<Decision> {
  const { database, rules } = context;
  const load = await loadRows(context, 'quick', versionKey(context, versions));
  const { relation, rows, distinct } = load;
  const to = identifier(versions.to);
  const isValid =
    versions.active === null ? `${to} IS NULL` : `(${to} IS NULL OR ${to} = ${sets.instant(versions.active)})`;
  const isMark = sets.isMark(rules);
  const key = keyOf(rules, versions);
  const on = key.length > 0 ? sets.sameKey(key, rules) : 'true';
  const near =
    on === 'true'
      ? previous.relation
      : await nearRows(database, previous, sets.whoseKeyCame(relation, previous.relation, previous.rows, key, rules));
  const used = key.flatMap((part) => (part === undefined ? [] : [part.column]));
  const compared = versioned(context.columns, rules, versions).filter((name) => !used.includes(name));
  const sides = {
    load: context.compared(rules.hardDelete ? sql.where(relation, `NOT (${isMark})`) : relation, compared),
    loadRows: rows,
    previous: context.compared(sql.where(near, isValid), compared),
    previousRows: previous.rows,
  };
  await database.run(sets.createVerdict(sides, matchOf(context, versions), ['unchanged', 'stays'], false));
  const ends = [`(${sets.whereSet(previous.relation, previous.rows, isValid)})`, '~stays'];
  if (versions.onlyOfKeys) {
    ends.push(`(${sets.whoseKeyCame(load.all, previous.relation, previous.rows, versions.onlyOfKeys, rules)})`);
  }
  await keepLeaving(database, `SELECT ${ends.join(' & ')} FROM verdict`);
  const marks = rules.hardDelete ? `(${sets.whereSet(relation, rows, isMark)})` : sets.none(rows);
  await database.run(sets.setVariable('going', `SELECT unchanged | ${marks} FROM verdict`));
  const [retired = 0, unchanged = 0, going = 0] = await database.numbers(
    `SELECT bit_count(places), bit_count(unchanged), bit_count(${sets.variable('going')}) FROM verdict, leaving`,
  );
  const ended = sql.replacing(sql.whereBit(previous.relation, leavingRows, 1), {
    [versions.to]: sets.instant(versions.boundary),
  });
  const begun = going === 0 ? relation : sql.whereBit(relation, 'going', 0);
  const inserted = distinct - going;
  return {
    previous,
    leaving: retired,
    coming: [...(retired > 0 ? [{ relation: ended, rows: retired }] : []), { relation: begun, rows: inserted }],
    // A version that is there already has the rows of its lists.
    accepted: begun,
    counts: { inserted, updated: 0, unchanged, duplicates: rows - distinct, retired, skipped: going - unchanged },
  };
}

/** The columns in which versions can differ. */
function versioned(columns: readonly sql.SqlColumn[], { uncompared }: MergeRules, { from, to }: Versions): string[] {
  const left = [...uncompared, from, to];
  return columns.flatMap(({ name }) => (left.includes(name) ? [] : [name]));
}

/** What a row must have in common with its next version, or with itself. */
function keyOf({ primaryKey }: MergeRules, { rowVersion }: Versions): readonly RuleValue[] {
  return [...primaryKey, ...(rowVersion ? [rowVersion] : [])];
}

function matchOf({ rules, columns }: PublishContext, versions: Versions): sets.Match {
  const key = keyOf(rules, versions);
  const compared = versioned(columns, rules, versions);
  const same = versions.rowVersion ? 'true' : sets.sameValues(compared);
  const near = key.length > 0 ? sets.sameKey(key, rules) : sets.sameHash(compared);
  return { on: `${near} AND ${same}`, same: 'true', mark: 'false' };
}
