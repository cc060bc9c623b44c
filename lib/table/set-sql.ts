// The SQL of sets of rows: which rows are the ones that count, which are known, and what becomes of them. Nothing here runs anything.
//
// A set is kept as bits, one for each place: that is all that a merge holds for each row, and a filter on it is a plain expression,
// not a join, so the rows keep their order.
import { type ColumnType, valueExpression } from '../schema/index.js';
import type { MergeRules, RuleValue } from './merge-rules.js';
import { rowNumber } from './merge-sql.js';
import { identifier, literal } from './sql-text.js';

/** The value of a rule in a row; NULL where no row has it. */
export function value(path: RuleValue, relation = ''): string {
  return path === undefined ? 'NULL' : valueExpression(path, relation);
}

/** An instant, given as ISO text; NULL for null. */
export function instant(text: string | null): string {
  return text === null ? 'NULL::TIMESTAMPTZ' : `${literal(text)}::TIMESTAMPTZ`;
}

/** Whether a row says that it is deleted. */
export function isMark({ hardDelete }: Pick<MergeRules, 'hardDelete'>, relation = ''): string {
  if (hardDelete === undefined) return 'false';
  const mark = value(hardDelete, relation);
  const { kind } = hardDelete.type;
  if (kind === 'bool') return `coalesce(${mark}, false)`;
  // What a column of booleans becomes when one text comes in it: its false marks no row even then.
  if (kind === 'text') return `coalesce(${mark} <> 'false', false)`;
  return kind === 'json' ? `coalesce(${mark}::VARCHAR NOT IN ('null', 'false'), false)` : `${mark} IS NOT NULL`;
}

/** Whether a row `l` of the load and a row `p` of the table have the same key. */
export function sameKey(key: readonly RuleValue[], { nullKeys }: Pick<MergeRules, 'nullKeys'>): string {
  const equals = nullKeys === 'group' ? 'IS NOT DISTINCT FROM' : '=';
  return key.map((part) => `${value(part, 'l.')} ${equals} ${value(part, 'p.')}`).join(' AND ');
}

/** Whether `l` and `p` have the same in these columns. */
export function sameValues(columns: readonly string[]): string {
  return ['true', ...columns.map((name) => `l.${identifier(name)} IS NOT DISTINCT FROM p.${identifier(name)}`)].join(
    ' AND ',
  );
}

/** Whether a hash of these columns is the same: to find equal rows by, before they are compared. */
export function sameHash(columns: readonly string[]): string {
  const hash = (relation: string): string => `hash(${columns.map((name) => relation + identifier(name)).join(', ')})`;
  return `${hash('l.')} = ${hash('p.')}`;
}

/** Those of `rows` places that a query gives as `place`. */
export function places(place: string, rows: number, condition?: string): string {
  const set = `bitstring_agg(${place}, 0, ${Math.max(rows - 1, 0)})`;
  return `coalesce(${set}${condition === undefined ? '' : ` FILTER (${condition})`}, ${none(rows)})`;
}

/** The empty set. A constant of many bits would take longer than all else: each of them is set on its own, and statements copy it. */
export function none(rows: number): string {
  return `(SELECT xor(one, one) FROM (SELECT bitstring_agg(0, 0, ${Math.max(rows - 1, 0)}) AS one))`;
}

/** Keeps a set under a name. */
export function setVariable(name: string, query: string): string {
  return `SET VARIABLE ${name} = (${query})`;
}

/** A set that was kept. */
export function variable(name: string): string {
  return `getvariable(${literal(name)})`;
}

/** The places of the rows for which a condition holds. */
export function whereSet(relation: string, rows: number, condition: string): string {
  return `SELECT ${places(rowNumber, rows, condition)} FROM (${relation})`;
}

/** The places of the row of each key that counts: the last, or the first in an order of one of its values. */
export function lastOfKeys(
  relation: string,
  rows: number,
  key: readonly string[],
  rules: Pick<MergeRules, 'dedupSort'>,
): string {
  const groups = `SELECT ${winner(rules)} AS place FROM (${relation}) GROUP BY ${key.join(', ')}`;
  return `SELECT ${places('place', rows)} FROM (${groups})`;
}

/** NULL comes last, and of rows with the same value the last one wins. */
function winner({ dedupSort }: Pick<MergeRules, 'dedupSort'>): string {
  if (dedupSort === undefined) return `max(${rowNumber})`;
  const sort = comparable(value(dedupSort.by), dedupSort.by.type);
  return dedupSort.order === 'desc'
    ? `max({n: ${sort} IS NOT NULL, v: ${sort}, place: ${rowNumber}}).place`
    : `-(min({n: ${sort} IS NULL, v: ${sort}, place: -${rowNumber}}).place)`;
}

/** JSON has no order of its own: it is compared as text. */
function comparable(sql: string, { kind }: ColumnType): string {
  return kind === 'json' ? `CAST(${sql} AS VARCHAR)` : sql;
}

/** The places of rows of the table of which the load has the key. */
export function whoseKeyCame(
  load: string,
  previous: string,
  rows: number,
  key: readonly RuleValue[],
  rules: Pick<MergeRules, 'nullKeys'>,
): string {
  return `SELECT ${places(`p.${rowNumber}`, rows)} FROM (${previous}) AS p WHERE EXISTS (SELECT 1 FROM (${load}) AS l WHERE ${sameKey(key, rules)})`;
}

/** The rows to merge, and how many there are in the two files. */
export interface Sides {
  readonly load: string;
  readonly loadRows: number;
  readonly previous: string;
  readonly previousRows: number;
}

export interface Match {
  /** Which rows `l` and `p` belong together. */
  readonly on: string;
  /** Whether they are the same. */
  readonly same: string;
  /** Whether `l` says that `p` is deleted. */
  readonly mark: string;
}

/**
 * Of the loaded rows those that have a partner, and those that are the same as it. Of the published rows those that have a partner, and of
 * these those that are the same, those that are not, and those whose partner is more than a mark.
 */
export type VerdictSet = 'found' | 'unchanged' | 'known' | 'stays' | 'replaced' | 'succeeded';

/**
 * Pairs each loaded row with the published ones of the same key, in one row: how many pairs there are, and the wanted sets, each of which takes its time. Where a key
 * is published twice, the loaded rows of the table `twice` count as changed.
 */
export function createVerdict(
  { load, loadRows, previous, previousRows }: Sides,
  match: Match,
  wanted: readonly VerdictSet[],
  twice: boolean,
): string {
  const same = twice ? `${match.same} AND l.${rowNumber} NOT IN (SELECT loaded FROM twice)` : match.same;
  const pairs =
    `SELECT l.${rowNumber} AS loaded, p.${rowNumber} AS published, ${match.mark} AS mark, NOT (${match.mark}) AND ${same} AS same ` +
    `FROM (${load}) AS l JOIN (${previous}) AS p ON ${match.on}`;
  const sets: Readonly<Record<VerdictSet, string>> = {
    found: places('loaded', loadRows),
    unchanged: places('loaded', loadRows, 'same'),
    known: places('published', previousRows),
    stays: places('published', previousRows, 'same'),
    replaced: places('published', previousRows, 'NOT same'),
    succeeded: places('published', previousRows, 'NOT mark'),
  };
  const list = wanted.map((set) => `, ${sets[set]} AS ${set}`);
  return `CREATE OR REPLACE TEMP TABLE verdict AS SELECT count(*) AS pairs${list.join('')} FROM (${pairs})`;
}

/** The loaded rows whose key is published more than once, as it may be in a file that was written without a key. */
export function createTwice({ load, previous }: Sides, { on }: Match): string {
  return (
    `CREATE TEMP TABLE twice AS SELECT l.${rowNumber} AS loaded FROM (${load}) AS l JOIN (${previous}) AS p ` +
    `ON ${on} GROUP BY l.${rowNumber} HAVING count(*) > 1`
  );
}
