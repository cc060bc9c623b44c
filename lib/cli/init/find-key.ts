// Finds the column that tells rows apart.
import type { Row } from '../../core/index.js';

/** Names of keys, the likeliest first. */
const names = [
  'id',
  '_id',
  'uuid',
  'guid',
  'uid',
  'key',
  'identifier',
  'pageid',
  'nodeid',
  'iid',
  'sha',
  'code',
  'slug',
  'number',
];
/** Fewer rows than this prove nothing of a column that is not called like a key. */
const enough = 5;

/** What comes nearest to a key; `undefined` when no column is different in each row. */
export function findKey(rows: readonly Row[], resource: string): string | undefined {
  const ranked = Object.keys(rows[0] ?? {})
    .map((column, index) => ({ column, rank: rankOf(column, resource), index }))
    .filter(({ column, rank }) => (rank > 0 || rows.length >= enough) && isUnique(rows, column))
    .filter(({ rank, column }) => rank > 0 || isWhole(rows, column))
    .sort((a, b) => b.rank - a.rank || a.index - b.index);
  return ranked[0]?.column;
}

function rankOf(column: string, resource: string): number {
  const plain = column.toLowerCase();
  const at = names.indexOf(plain);
  if (at !== -1) return 100 - at;
  const bare = plain.replace(/[^a-z0-9]/g, '');
  const singular = resource
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .replace(/ies$/, 'y')
    .replace(/s$/, '');
  if (singular !== '' && (bare === `${singular}id` || bare === `${singular}key` || bare === `${singular}uuid`))
    return 99;
  return /(^|[^a-z])(id|uuid|guid)$/.test(plain) || /[a-z](Id|ID|Uuid|Guid)$/.test(column) ? 50 : 0;
}

function isUnique(rows: readonly Row[], column: string): boolean {
  const seen = new Set<string>();
  for (const row of rows) {
    const value = row[column];
    const isKey =
      (typeof value === 'string' && value !== '' && value.length <= 200) ||
      typeof value === 'bigint' ||
      Number.isInteger(value);
    if (!isKey) return false;
    seen.add(`${typeof value} ${value}`);
  }
  return seen.size === rows.length;
}

/** A column that is not called like a key is one only when it holds whole numbers: texts are mostly names and times. */
function isWhole(rows: readonly Row[], column: string): boolean {
  return rows.every((row) => Number.isInteger(row[column]) || typeof row[column] === 'bigint');
}
