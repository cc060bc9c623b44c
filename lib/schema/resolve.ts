// Decides the type of each column from what was seen: the narrowest type that holds every value without loss.
import { toUSVString } from 'node:util';
import { contains } from './contains.js';
import { mostDigits } from './digits.js';
import { areFieldNames, foldName } from './names.js';
import { joinSeen, kinds, numberKinds, type Seen } from './seen.js';
import { seenOfType } from './seen-of-type.js';
import type { Shape } from './shape.js';
import type { TemporalKind } from './temporal.js';
import type { Column, ColumnType, TableSchema } from './type.js';

/** A column of which something is given, whatever its values look like. */
export interface DeclaredColumn {
  readonly name: string;
  /** Wins over what was seen, and is widened only by values that it cannot hold. @default found from the values */
  readonly type?: ColumnType;
  readonly nullable?: boolean;
  readonly description?: string;
}

/** What stays text when nothing is said. */
export const keptAsText: readonly TemporalKind[] = ['time'];

export interface ResolveOptions {
  /** Those that no row had come last, and are nullable. */
  readonly declared?: readonly DeclaredColumn[];
  /** Texts that look like these stay text. dlt's default is `['date', 'time']`. @default `['time']`, since Spark opens no file with a TIME */
  readonly keepAsText?: readonly TemporalKind[];
  /** Whether lists and objects become types of their own, or JSON. @default 'native' */
  readonly nesting?: 'native' | 'json';
}

/**
 * The schema of everything that a shape has seen. No value is rounded, and none gets a column of its own:
 * integers and decimals become `double` where a double holds all of them, else `decimal`, else text; values of different
 * scalar kinds become text; lists or objects mixed with anything else become JSON.
 */
export function resolve(shape: Shape, options: ResolveOptions = {}): TableSchema {
  const declared = new Map(options.declared?.map((column) => [foldName(column.name), column]));
  const columns: Column[] = [];
  for (const { name, seen } of shape.columns) {
    const given = declared.get(foldName(name));
    declared.delete(foldName(name));
    columns.push({
      name,
      type: columnType(seen, given?.type, options),
      nullable: seen.has(kinds.null) || given?.nullable === true,
      ...(given?.description !== undefined && { description: given.description }),
    });
  }
  for (const { name, type, description } of declared.values()) {
    columns.push({
      name,
      type: type ?? { kind: 'unknown' },
      nullable: true,
      ...(description !== undefined && { description }),
    });
  }
  return { columns };
}

function columnType(seen: Seen, declared: ColumnType | undefined, options: ResolveOptions): ColumnType {
  if (declared !== undefined) {
    if (contains(declared, seen)) return declared;
    const all = seenOfType(declared);
    joinSeen(all, seen);
    return resolveType(all);
  }
  const type = resolveType(seen);
  if (options.nesting === 'json' && (type.kind === 'list' || type.kind === 'struct')) return { kind: 'json' };
  return withText(type, options.keepAsText ?? keptAsText);
}

function withText(type: ColumnType, kept: readonly TemporalKind[]): ColumnType {
  switch (type.kind) {
    case 'list':
      return { kind: 'list', item: withText(type.item, kept) };
    case 'struct':
      return { kind: 'struct', fields: type.fields.map((field) => ({ ...field, type: withText(field.type, kept) })) };
    case 'timestamp':
    case 'date':
    case 'time':
      return kept.includes(type.kind) ? { kind: 'text' } : type;
    default:
      return type;
  }
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
