// Decides the type of each column from what was seen: the narrowest type that holds every value without loss.
import { toUSVString } from 'node:util';
import { mostDigits } from './digits.js';
import { areFieldNames } from './names.js';
import { kinds, numberKinds, type Seen } from './seen.js';
import type { Shape } from './shape.js';
import type { Column, ColumnType, TableSchema } from './type.js';

/** A column whose type is given, whatever its values look like. */
export type DeclaredColumn = Pick<Column, 'name' | 'type'> & Partial<Column>;

export interface ResolveOptions {
  /** Win over what was seen. Those that no row had come last, and are nullable. */
  readonly declared?: readonly DeclaredColumn[];
}

/**
 * The schema of everything that a shape has seen. No value is rounded, and none gets a column of its own:
 * integers and decimals become `double` where a double holds all of them, else `decimal`, else text; values of different
 * scalar kinds become text; lists or objects mixed with anything else become JSON.
 */
export function resolve(shape: Shape, options: ResolveOptions = {}): TableSchema {
  const declared = new Map(options.declared?.map((column) => [column.name, column]));
  const columns: Column[] = [];
  for (const { name, seen } of shape.columns) {
    const given = declared.get(name);
    declared.delete(name);
    columns.push({
      name,
      type: given?.type ?? resolveType(seen),
      nullable: seen.has(kinds.null) || given?.nullable === true,
      ...(given?.description !== undefined && { description: given.description }),
    });
  }
  for (const given of declared.values()) columns.push({ ...given, nullable: true });
  return { columns };
}

/** The type that holds everything seen at one place. */
export function resolveType(seen: Seen): ColumnType {
  const flags = seen.flags & ~kinds.null;
  if (flags === 0) return { kind: 'unknown' };
  if (seen.has(kinds.json)) return { kind: 'json' };
  if (seen.has(kinds.list)) return { kind: 'list', item: seen.item ? resolveType(seen.item) : { kind: 'unknown' } };
  if (seen.has(kinds.struct)) return structType(seen);
  if ((flags & ~numberKinds) === 0) return numberType(seen);
  switch (flags) {
    case kinds.bool:
      return { kind: 'bool' };
    case kinds.timestamp:
      return { kind: 'timestamp' };
    case kinds.date:
      return { kind: 'date' };
    case kinds.time:
      return { kind: 'time' };
    case kinds.binary:
      return { kind: 'binary' };
    default:
      return { kind: 'text' };
  }
}

function structType({ fields }: Seen): ColumnType {
  if (fields === undefined || fields.size === 0 || !areFieldNames(fields.keys())) return { kind: 'json' };
  return {
    kind: 'struct',
    fields: [...fields].map(([key, field]) => ({ name: toUSVString(key), type: resolveType(field) })),
  };
}

function numberType(seen: Seen): ColumnType {
  if (!seen.has(kinds.huge | kinds.double | kinds.exact)) return { kind: 'bigint' };
  if (!seen.has(kinds.long | kinds.huge | kinds.exact)) return { kind: 'double' };
  if (seen.digits + seen.scale > mostDigits) return { kind: 'text' };
  return { kind: 'decimal', precision: mostDigits, scale: seen.scale };
}
