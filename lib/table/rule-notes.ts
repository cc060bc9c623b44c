// What a person should know of the columns that the rules of a table name, now that the columns are known.
import type { ReceiptColumn, SchemaChange } from '../core/index.js';
import type { Target } from './publish-task.js';

type Rules = Pick<Target, 'table' | 'disposition' | 'primaryKey' | 'mergeKey' | 'dedupSort' | 'hardDelete' | 'columns'>;

/** Notes for the receipt: of columns that rules name and no row has, and of keys that are written in another way from now on. */
export function ruleNotes(
  rules: Rules,
  schema: readonly ReceiptColumn[],
  changes: readonly SchemaChange[],
): readonly string[] {
  return [...missingColumns(rules, schema), ...changedKeys(rules, changes)];
}

/** Such a column may only be rare; it may also be misspelt, and then the rule does nothing. */
function missingColumns(rules: Rules, schema: readonly ReceiptColumn[]): string[] {
  const { table, disposition, dedupSort, hardDelete } = rules;
  if (schema.length === 0) return [];
  const named = { dedupSort: dedupSort?.column, hardDelete: disposition === 'merge' ? hardDelete : undefined };
  return Object.entries(named).flatMap(([option, name]) => {
    if (name === undefined || columnOf(rules, name, schema) !== undefined) return [];
    return [
      `No row of the table "${table}" has the column "${name}", which ${option} names: as long as that is so, it does nothing.`,
    ];
  });
}

/** An instant that was published has one form; as a text it may come in others, which are other keys. */
function changedKeys(rules: Rules, changes: readonly SchemaChange[]): string[] {
  const { table, disposition, primaryKey, mergeKey } = rules;
  if (disposition !== 'merge') return [];
  const widened = changes.filter(({ from, to }) => from?.startsWith('TIMESTAMP') === true && to === 'VARCHAR');
  return [...new Set([...primaryKey, ...mergeKey])].flatMap((key) => {
    const change = columnOf(
      rules,
      key,
      widened.map(({ column }) => ({ name: column })),
    );
    if (change === undefined) return [];
    return [
      `The key column "${key}" of the table "${table}" holds texts from now on, since not all of its values are instants. Those that were ` +
        'published are written as 2024-01-31T10:00:00Z: a row whose key comes in another form is taken for a new one.',
    ];
  });
}

function columnOf<T extends { readonly name: string }>(
  { columns }: Rules,
  name: string,
  among: readonly T[],
): T | undefined {
  const names = new Set((columns?.pathsOf(name) ?? [[name]]).map(([column]) => column?.toLowerCase()));
  return among.find((each) => names.has(each.name.toLowerCase()));
}
