// Decides the columns of a published table: from what was seen, what is declared, and what the published file has.
import type { WriteDisposition } from '../core/index.js';
import type { ColumnPolicy, ColumnType, DeclaredColumn, Shape, TableSchema } from '../schema/index.js';
import { resolve, sqlType } from '../schema/index.js';
import { TableError } from './table-error.js';
import type { TableInfo } from './table-info.js';

export interface Plan {
  readonly schema: TableSchema;
  /** What was seen of the columns in all loads that the new file holds. */
  readonly shape: Shape;
}

export interface PlanInput {
  readonly disposition: WriteDisposition;
  readonly policy: ColumnPolicy;
  /** What was seen in this load. */
  readonly shape: Shape;
  readonly previous: TableInfo | undefined;
  /** Columns that the rules of writing add to those of the rows. @default none */
  readonly own?: readonly { readonly name: string; readonly type: ColumnType }[];
  /** For errors. */
  readonly table: string;
}

/**
 * The columns that the new file gets.
 * @throws TableError `ERR_TABLE_COLUMN` for a name that is taken
 */
export function plan(input: PlanInput): Plan {
  const made = planned(input);
  for (const { name } of made.schema.columns) if (hidden.test(name)) throw unreadable(input.table, name);
  return made;
}

/** What the engine calls the places of rows by: it reads no file with such a column. */
const hidden = /^(file_row_number$|__sluice_)/i;

function unreadable(table: string, name: string): TableError {
  const message = `the rows have a column "${name}", and the engine needs that name for itself. Give it another one, for example with rename({ ${JSON.stringify(name)}: 'row' }).`;
  return new TableError('ERR_TABLE_COLUMN', table, message);
}

function planned({ table, disposition, policy, shape, previous, own = [] }: PlanInput): Plan {
  const options = policy.resolve;
  for (const { name } of own) {
    if (shape.column(name) && previous?.shape.column(name) === undefined) throw taken(table, name);
  }
  if (previous === undefined) {
    const schema = resolve(shape, options);
    // Without a row there is no table yet.
    return { schema: schema.columns.length === 0 ? schema : withOwn(schema, own), shape };
  }
  if (disposition === 'replace') {
    return { schema: withOwn(replaced(resolve(shape, options), previous), own), shape };
  }
  const all = previous.shape.copy(policy.shape);
  all.merge(shape);
  const declared = [...(options.declared ?? [])];
  for (const column of inherited(previous)) {
    const same = declared.findIndex(({ name }) => foldName(name) === foldName(column.name));
    if (same < 0) declared.push(column);
    else if (declared[same]!.type === undefined) declared[same] = { ...column, ...declared[same] };
  }
  return { schema: withOwn(resolve(all, { ...options, declared }), own), shape: all };
}

function withOwn(
  { columns }: TableSchema,
  own: readonly { readonly name: string; readonly type: ColumnType }[],
): TableSchema {
  const names = new Set(columns.map(({ name }) => foldName(name)));
  const added = own.filter(({ name }) => !names.has(foldName(name)));
  return { columns: [...columns, ...added.map((column) => ({ ...column, nullable: true }))] };
}

function taken(table: string, name: string): TableError {
  const message = `the rows have a column "${name}", which the disposition needs for itself. Give it another name (validityColumnNames, deleteMissing.column), or rename that of the rows.`;
  return new TableError('ERR_TABLE_COLUMN', table, message);
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
export function inherited({ metadata, shape, schema }: TableInfo): readonly DeclaredColumn[] {
  if (metadata === undefined) return [];
  const seen = new Map(resolve(shape).columns.map(({ name, type }) => [name, type]));
  return schema.columns.filter(({ name, type }) => !isSame(seen.get(name), type));
}

function isSame(one: ColumnType | undefined, other: ColumnType): boolean {
  return one !== undefined && sqlType(one) === sqlType(other);
}

/** A name as engines compare it. */
function foldName(name: string): string {
  return name.toLowerCase();
}
