// Names that options give of values in a row: a column, or a field within one, such as `owner.id`.
import type { Row } from '../core/index.js';
import { foldName } from './names.js';
import { pathSeparator } from './rewrite.js';
import type { Shape } from './shape.js';
import { fieldOf, quoteIdentifier, quoteLiteral } from './sql.js';
import type { Column, ColumnType, Field } from './type.js';

/** The places where the value of a name may be, each as a column and the fields within it. The first that is there counts. */
export type ValuePaths = readonly (readonly string[])[];

export interface ValuePathOptions {
  /** Whether objects are laid flat. @default false */
  readonly flatten?: boolean;
  /** The name of a key. @default the key */
  readonly naming?: (key: string) => string;
}

/** A column of that name comes before a field within another. */
export function valuePaths(
  name: string,
  { flatten = false, naming = (key) => key }: ValuePathOptions = {},
): ValuePaths {
  const parts = name.split('.').map(naming);
  const within = flatten ? [parts.join(pathSeparator)] : parts;
  return parts.length === 1 && parts[0] === name ? [[name]] : [[name], within, [naming(name)]];
}

/** Where a value is in the rows of a table. */
export interface ValuePath {
  readonly column: string;
  readonly fields: readonly string[];
  /** Of the value itself. */
  readonly type: ColumnType;
  /** How many of the fields are those of structs; the others are members of the JSON that these lead to. */
  readonly structs: number;
}

/** The first of the paths that leads to a value; `undefined` when the columns have none of them. */
export function resolvePath(paths: ValuePaths, columns: readonly Column[]): ValuePath | undefined {
  for (const [name = '', ...fields] of paths) {
    const column = named(columns, name);
    const found = column && within(column.type, fields);
    if (found) return { column: column.name, ...found };
  }
  return undefined;
}

/** The value of a row, as it is written to the log. */
export function valueAt(row: Row, paths: ValuePaths, shape: Shape): unknown {
  for (const [name = '', ...fields] of paths) {
    const value = memberAt(row[shape.column(name)?.key ?? name], fields);
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}

/** The value in SQL; NULL where there is none. `relation` is an alias with its point, such as `l.`. */
export function valueExpression({ column, fields, structs }: ValuePath, relation = ''): string {
  let sql = relation + quoteIdentifier(column);
  for (const field of fields.slice(0, structs)) sql = fieldOf(sql, field);
  if (structs === fields.length) return sql;
  const pointer = fields.slice(structs).map((field) => `/${field.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  return `nullif(CAST(json_extract(${sql}, ${quoteLiteral(pointer.join(''))}) AS VARCHAR), 'null')`;
}

function within(type: ColumnType, fields: readonly string[]): Omit<ValuePath, 'column'> | undefined {
  const path: string[] = [];
  let inner = type;
  for (const name of fields) {
    if (inner.kind === 'json')
      return { fields: [...path, ...fields.slice(path.length)], type: inner, structs: path.length };
    const field = inner.kind === 'struct' ? named(inner.fields, name) : undefined;
    if (field === undefined) return undefined;
    path.push(field.name);
    inner = field.type;
  }
  return { fields: path, type: inner, structs: path.length };
}

function named<T extends Pick<Field, 'name'>>(list: readonly T[], name: string): T | undefined {
  return list.find((each) => each.name === name) ?? list.find((each) => foldName(each.name) === foldName(name));
}

/** What is within a value, by the keys that lead to it. */
export function memberAt(value: unknown, fields: readonly string[]): unknown {
  let inner = value;
  for (const field of fields) inner = memberOf(inner, field);
  return inner;
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}
