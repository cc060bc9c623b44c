// Decides a merge in which rows take the place of others: `delete-insert`, `upsert` and `insert-only`, hard deletes, and missing rows.
import { type ComingRows, type Decision, keepLeaving, type PreviousRows } from './decision.js';
import { type LoadedRows, loadRows } from './loaded-rows.js';
import type { MergeRules } from './merge-rules.js';
import * as sql from './merge-sql.js';
import type { PublishContext } from './publish-context.js';
import * as sets from './set-sql.js';
import { groupsBefore } from './splice/key-bounds.js';
import { nearRows } from './splice/near-rows.js';

/** The previous rows that stay, and after them the soft-deleted ones, and the new and changed ones in the order of the log. */
export async function decideByKey(context: PublishContext, previous: PreviousRows): Promise<Decision> {
  const { rules } = context;
  const key = rules.primaryKey.map((part) => sets.value(part));
  const load = await loadRows(context, 'quick', rules.deduplicated ? [] : key);
  await beginEarly(context, load);
  await pair(context, load, previous, neededFor(rules));
  await keepMarks(context, load);
  return rules.strategy === 'insert-only'
    ? await insertOnly(context, load, previous)
    : await deleteInsert(context, load, previous);
}

const [marked, missing, going] = ['marked', 'missing', 'going'];

/** The sets that the rules ask for. */
function neededFor({ strategy, missing, mergeKey, hardDelete }: MergeRules): readonly sets.VerdictSet[] {
  if (strategy === 'insert-only') return ['found'];
  const [isMissing, byMergeKey] = [missing !== 'keep', mergeKey.length > 0];
  return [
    'found',
    'unchanged',
    'replaced',
    ...(isMissing ? (['known'] as const) : []),
    ...(byMergeKey ? (['stays'] as const) : []),
    ...(isMissing || byMergeKey || hardDelete !== undefined ? (['succeeded'] as const) : []),
  ];
}

/** Row groups that cannot have one of the keys stay, where rows leave by their key alone. */
async function beginEarly(context: PublishContext, { relation }: LoadedRows): Promise<void> {
  const { published, rules } = context;
  if (published === undefined || rules.strategy === 'insert-only') return;
  if (rules.missing !== 'keep' || rules.mergeKey.length > 0) return;
  await published.beginEarly(await groupsBefore(context, published.footer, relation));
}

/** Makes the table `verdict`, with `found` among its sets. */
export async function pair(
  context: PublishContext,
  { relation, rows }: Pick<ComingRows, 'relation' | 'rows'>,
  previous: PreviousRows,
  wanted: readonly sets.VerdictSet[],
): Promise<void> {
  const { database, columns, rules } = context;
  const keys = rules.primaryKey.flatMap((part) => (part?.fields.length === 0 ? [part.column] : []));
  const left = [...keys, ...rules.uncompared];
  const compared = columns.filter(({ name }) => !left.includes(name)).map(({ name }) => name);
  const match: sets.Match = {
    // Without a primary key no row is known again.
    on: rules.primaryKey.length === 0 ? 'false' : sets.sameKey(rules.primaryKey, rules),
    same: rules.strategy === 'insert-only' ? 'true' : sets.sameValues(compared),
    mark: sets.isMark(rules, 'l.'),
  };
  const sides = { load: relation, loadRows: rows, previous: previous.relation, previousRows: previous.rows };
  // Values of fixed size are read in a fraction of the time. Rows that differ in them are not the same, and what they are found by tells
  // where in the table the others are to be compared.
  const light = columns.filter(({ name, type }) => compared.includes(name) && isLight(type)).map(({ name }) => name);
  // What is looked into to find the pairs, and to tell marks.
  const used = new Set(
    [...rules.primaryKey, rules.hardDelete].flatMap((part) => (part === undefined ? [] : [part.column])),
  );
  const insertsOnly = rules.strategy === 'insert-only';
  const first = insertsOnly ? wanted : [...new Set([...wanted, 'unchanged', 'known'] as const)];
  await database.run(sets.createVerdict(sides, { ...match, same: sets.sameValues(light) }, first, false));
  const [pairs = 0, found = 0, alike = 0] = await database.numbers(
    `SELECT pairs, bit_count(found), ${insertsOnly ? 0 : 'bit_count(unchanged)'} FROM verdict`,
  );
  if (alike > 0 && !insertsOnly && light.length < compared.length) {
    sides.previous = await nearRows(database, previous, 'SELECT known FROM verdict');
    await database.run(sets.createVerdict(comparedSides(), match, wanted, false));
  }
  if (pairs > found && !insertsOnly) {
    await database.run(sets.createTwice(sides, match));
    await database.run(sets.createVerdict(comparedSides(), match, wanted, true));
  }

  function comparedSides(): sets.Sides {
    const other = compared.filter((name) => !light.includes(name) && !used.has(name));
    return { ...sides, load: context.compared(sides.load, other), previous: context.compared(sides.previous, other) };
  }
}

function isLight(type: string): boolean {
  return /^(BIGINT|DOUBLE|BOOLEAN|TIMESTAMPTZ|DATE|TIME|DECIMAL\(.*\))$/.test(type);
}

/** Keeps the loaded rows that only say that a row is deleted. */
async function keepMarks({ database, rules }: PublishContext, { relation, rows }: LoadedRows): Promise<void> {
  const isMark =
    rules.hardDelete === undefined ? sets.none(rows) : `(${sets.whereSet(relation, rows, sets.isMark(rules))})`;
  await database.run(sets.setVariable(marked, `SELECT ${isMark}`));
}

/** Rows whose key the table does not have. */
async function insertOnly(
  { database }: PublishContext,
  { relation, rows, distinct }: LoadedRows,
  previous: PreviousRows,
): Promise<Decision> {
  await database.run(sets.setVariable(going, `SELECT found | ${sets.variable(marked)} FROM verdict`));
  const [skipped = 0] = await database.numbers(`SELECT bit_count(${sets.variable(going)})`);
  const inserted = distinct - skipped;
  const come = skipped === 0 ? relation : sql.whereBit(relation, going, 0);
  return {
    previous,
    leaving: 0,
    coming: [{ relation: come, rows: inserted }],
    accepted: come,
    counts: { inserted, updated: 0, unchanged: 0, duplicates: rows - distinct, skipped },
  };
}

async function deleteInsert(context: PublishContext, load: LoadedRows, previous: PreviousRows): Promise<Decision> {
  const { database, rules } = context;
  // Without these rules all that leave have a successor.
  const canEnd = neededFor(rules).includes('succeeded');
  const leaves = ['replaced', ...(await byMergeKey(context, load, previous)), ...(await notSeen(context, previous))];
  await keepLeaving(database, `SELECT ${leaves.join(' | ')} FROM verdict`);
  await database.run(sets.setVariable(going, `SELECT unchanged | ${sets.variable(marked)} FROM verdict`));
  const [leaving = 0, ended = 0, found = 0, unchanged = 0, skipped = 0, skippedFound = 0, stays = 0] =
    await database.numbers(
      `SELECT ${[
        'places',
        canEnd ? 'places & ~succeeded' : sets.none(1),
        'found',
        'unchanged',
        sets.variable(marked),
        `${sets.variable(marked)} & found`,
        sets.variable(going),
      ]
        .map((set) => `bit_count(${set})`)
        .join(', ')} FROM verdict, leaving`,
    );
  const softDeleted = await softDeletedRows(context, previous);
  const come = stays === 0 ? load.relation : sql.whereBit(load.relation, going, 0);
  return {
    previous,
    leaving,
    coming: [...softDeleted, { relation: come, rows: load.distinct - stays }],
    accepted: skipped === 0 ? load.relation : sql.whereBit(load.relation, marked, 0),
    counts: {
      inserted: load.distinct - skipped - (found - skippedFound),
      updated: found - skippedFound - unchanged,
      unchanged,
      duplicates: load.rows - load.distinct,
      deleted: ended - countOf(softDeleted),
      softDeleted: countOf(softDeleted),
      skipped,
    },
  };
}

/** Rows of the table with a merge key that came, but for those that came unchanged. */
async function byMergeKey(
  { database, rules }: PublishContext,
  load: LoadedRows,
  previous: PreviousRows,
): Promise<string[]> {
  if (rules.mergeKey.length === 0) return [];
  const came = sets.whoseKeyCame(load.all, previous.relation, previous.rows, rules.mergeKey, rules);
  await database.run(sets.setVariable('merge_key', came));
  return [`(${sets.variable('merge_key')} & ~stays)`];
}

/** Rows of the table that did not come, but for those that are soft-deleted already. */
async function notSeen({ database, rules }: PublishContext, previous: PreviousRows): Promise<string[]> {
  if (rules.missing === 'keep') return [];
  const already = `${sets.value({ column: rules.deletedAt, fields: [], structs: 0, type: { kind: 'timestamp' } })} IS NOT NULL`;
  const settled =
    rules.missing === 'hard'
      ? sets.none(previous.rows)
      : `(${sets.whereSet(previous.relation, previous.rows, already)})`;
  await database.run(sets.setVariable(missing, `SELECT ~known & ~${settled} FROM verdict`));
  return [sets.variable(missing)];
}

/** What comes in the place of missing rows. */
async function softDeletedRows({ database, rules }: PublishContext, previous: PreviousRows): Promise<ComingRows[]> {
  if (rules.missing !== 'soft') return [];
  const [rows = 0] = await database.numbers(`SELECT bit_count(${sets.variable(missing)})`);
  if (rows === 0) return [];
  const relation = sql.replacing(sql.whereBit(previous.relation, missing, 1), {
    [rules.deletedAt]: sets.instant(rules.now),
  });
  return [{ relation, rows }];
}

function countOf(coming: readonly ComingRows[]): number {
  return coming.reduce((sum, { rows }) => sum + rows, 0);
}
