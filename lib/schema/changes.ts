// The differences between two schemas of a table, as a receipt shows them.
import type { SchemaChange } from '../core/index.js';
import { displayType } from './sql.js';
import type { TableSchema } from './type.js';

/** What changed from `before` to `after`, in the order of the columns: added, widened, and then nullable. */
export function schemaChanges(before: TableSchema | undefined, after: TableSchema): SchemaChange[] {
  const known = new Map(before?.columns.map((column) => [column.name, column]));
  const changes: SchemaChange[] = [];
  for (const { name, type, nullable } of after.columns) {
    const to = displayType(type);
    const column = known.get(name);
    if (column === undefined) {
      changes.push({ column: name, change: 'added', to });
      continue;
    }
    const from = displayType(column.type);
    if (from !== to) changes.push({ column: name, change: 'widened', from, to });
    if (nullable && !column.nullable) changes.push({ column: name, change: 'nullable', to });
  }
  return changes;
}
