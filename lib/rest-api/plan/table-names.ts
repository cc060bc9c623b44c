// A resource whose rows go to several tables: it is read once, and a plan of its own takes the rows of each table.
import type { FullResource } from './defaults.js';

/** Which of the tables a row goes to. */
export interface TableSplit {
  /** An expression in CEL, or a function of the row. */
  readonly by: string | ((row: never) => unknown);
  readonly tables: readonly string[];
}

/** The tables that a resource names by row; `undefined` when it has one. */
export function splitOf({ table_name: given }: Pick<FullResource, 'table_name'>): TableSplit | undefined {
  return typeof given === 'object' ? { by: given.by, tables: given.tables } : undefined;
}

interface Splittable {
  readonly name: string;
  readonly table: string;
  readonly split: TableSplit | undefined;
}

/** The plans that get a table: of a resource with several, one for each. */
export function tablePlans<P extends Splittable>(plans: readonly P[]): P[] {
  return plans.flatMap((plan) => {
    if (plan.split === undefined) return [plan];
    return plan.split.tables.map((table) => ({
      ...plan,
      name: `${plan.name}: ${table}`,
      table,
      from: plan,
      split: undefined,
    }));
  });
}
