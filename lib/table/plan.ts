// Decides the columns of a published table: from what was seen, what is declared, and what the published file has.
import type { ColumnType, DeclaredColumn, TableSchema } from '../schema/index.js';
import { resolve, Shape, sqlType } from '../schema/index.js';
import type { WriteDisposition } from './engine.js';
import type { TableInfo } from './table-info.js';

export interface Plan {
  readonly schema: TableSchema;
  /** What was seen of the columns in all loads that the new file holds. */
  readonly shape: Shape;
}

export interface PlanInput {
  readonly disposition: WriteDisposition;
  readonly declared: readonly DeclaredColumn[];
  /** What was seen in this load. */
  readonly shape: Shape;
  readonly previous: TableInfo | undefined;
}

/** The columns that the new file gets. */
export function plan({ disposition, declared, shape, previous }: PlanInput): Plan {
  if (previous === undefined) return { schema: resolve(shape, { declared }), shape };
  if (disposition === 'replace') return { schema: replaced(resolve(shape, { declared }), previous), shape };
  const all = copyOf(previous.shape);
  all.merge(shape);
  const kept = inherited(previous).filter(({ name }) => !declared.some((column) => column.name === name));
  return { schema: resolve(all, { declared: [...declared, ...kept] }), shape: all };
}

/** A column of which only NULL came keeps the type it had; a load without any row keeps all columns. */
function replaced(schema: TableSchema, { schema: { columns } }: TableInfo): TableSchema {
  if (schema.columns.length === 0) return { columns };
  const before = new Map(columns.map(({ name, type }) => [name, type]));
  return {
    columns: schema.columns.map((column) =>
      column.type.kind === 'unknown' ? { ...column, type: before.get(column.name) ?? column.type } : column,
    ),
  };
}

/** Columns whose type was declared in an earlier run: it is not what was seen that made it. */
function inherited({ metadata, shape, schema }: TableInfo): readonly DeclaredColumn[] {
  if (metadata === undefined) return [];
  const seen = new Map(resolve(shape).columns.map(({ name, type }) => [name, type]));
  return schema.columns.filter(({ name, type }) => !isSame(seen.get(name), type));
}

function isSame(one: ColumnType | undefined, other: ColumnType): boolean {
  return one !== undefined && sqlType(one) === sqlType(other);
}

function copyOf(shape: Shape): Shape {
  return Shape.fromJSON(shape.toJSON());
}
