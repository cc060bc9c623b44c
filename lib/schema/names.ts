// The names of columns: the keys as they are, except what DuckDB and Parquet cannot hold.
import { toUSVString } from 'node:util';
import { SchemaError } from './schema-error.js';

/** What to do with a key that is like the name of another column but for its case. */
export type CollisionPolicy = 'suffix' | 'error';

/** A name as engines compare it: DuckDB and Spark take `Id` and `id` for one column. */
export function foldName(name: string): string {
  return name.toLowerCase();
}

/** A key as a column name: the empty key is `_empty`, NUL and lone surrogates become U+FFFD. */
export function columnName(key: string): string {
  if (key === '') return '_empty';
  return toUSVString(key.replaceAll('\0', '\uFFFD'));
}

/**
 * The name for a new column: `name`, and when a column is called that already, `name_2`, `name_3`, and so on.
 *
 * @param taken Tells whether a folded name is in use, and by which column.
 * @throws SchemaError `ERR_COLUMN_COLLISION` when the policy is `error` and the name is taken.
 */
export function freeName(
  { key, name }: { readonly key: string; readonly name: string },
  taken: (folded: string) => string | undefined,
  policy: CollisionPolicy,
): string {
  const other = taken(foldName(name));
  if (other === undefined) return name;
  if (policy === 'error') {
    throw new SchemaError(
      'ERR_COLUMN_COLLISION',
      `the keys "${other}" and "${key}" would both be the column "${name}", since engines do not tell cases apart. Rename one of them, or allow a suffix`,
      { column: key },
    );
  }
  for (let number = 2; ; number += 1) {
    const numbered = `${name}_${number}`;
    if (taken(foldName(numbered)) === undefined) return numbered;
  }
}

/** The error of a key that is called like a column that this package fills. */
export function takenName(name: string): SchemaError {
  return new SchemaError(
    'ERR_COLUMN_COLLISION',
    `the rows have a key "${name}", which is the name of a column that is added to them. Rename the key, for example with mapRows`,
    { column: name },
  );
}

/** Whether the fields of a struct can have these names: none empty, none with NUL, no two alike but for their case. */
export function areFieldNames(names: Iterable<string>): boolean {
  const folded = new Set<string>();
  for (const name of names) {
    const fold = foldName(toUSVString(name));
    if (name === '' || name.includes('\0') || folded.has(fold)) return false;
    folded.add(fold);
  }
  return true;
}
