// What the rules of a merge say of single rows, as the parquetjs engine holds them.
import type { Column, ColumnType, ValuePath } from '../schema/index.js';
import { logJson } from '../schema/log-json.js';
import type { MergeRules, RuleValue } from './merge-rules.js';
import { own, parseMembers, type Value } from './parquetjs-value.js';

export type Row = readonly Value[];

/** Reads the value of a rule in a row; NULL where no row has it. */
export function reader(path: RuleValue, columns: readonly Column[]): (row: Row) => Value {
  if (path === undefined) return () => null;
  const at = columns.findIndex(({ name }) => name === path.column);
  const { type } = columns[at]!;
  return path.fields.length === 0 ? (row) => row[at]! : (row) => within(row[at]!, type, path);
}

function within(value: Value, type: ColumnType, { fields, structs }: ValuePath): Value {
  let inner: Value = value;
  let of = type;
  for (const name of fields.slice(0, structs)) {
    if (inner === null || of.kind !== 'struct') return null;
    const at = of.fields.findIndex((field) => field.name === name);
    inner = (inner as Row)[at]!;
    of = of.fields[at]!.type;
  }
  if (structs === fields.length || inner === null) return inner;
  let member: unknown = parseMembers(inner as string);
  for (const name of fields.slice(structs)) {
    member = typeof member === 'object' && member !== null ? own(member, name) : null;
  }
  return member === null || member === undefined ? null : (logJson(member) ?? null);
}

/** Makes one text of the values of a key, different for different values; `undefined` when NULL in it makes the row nobody's. */
export function keyReader(
  key: readonly RuleValue[],
  columns: readonly Column[],
  { nullKeys }: Pick<MergeRules, 'nullKeys'>,
): (row: Row) => Key | undefined {
  const readers = key.map((part) => reader(part, columns));
  const [only] = readers;
  const isGroup = nullKeys === 'group';
  if (only !== undefined && readers.length === 1) {
    return (row) => {
      const value = only(row);
      if (value === null) return isGroup ? noValue : undefined;
      return typeof value === 'object' ? identity(value) : value;
    };
  }
  return (row) => {
    const values = readers.map((read) => read(row));
    return !isGroup && values.includes(null) ? undefined : identity(values);
  };
}

/** A key of a `Map`. Stands alone for one scalar, which is most keys. */
export type Key = string | number | bigint | boolean | symbol;

const noValue = Symbol('NULL');

/** A text that two values of one type share only when they are the same. */
export function identity(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (Buffer.isBuffer(value)) return `x${value.toString('hex')}`;
  // -0 and 0 are the same.
  return typeof value === 'object' ? `[${value.map(identity).join(',')}]` : String(value === 0 ? 0 : value);
}

/** Whether a row says that it is deleted. */
export function markReader({ hardDelete }: MergeRules, columns: readonly Column[]): (row: Row) => boolean {
  if (hardDelete === undefined) return () => false;
  const read = reader(hardDelete, columns);
  switch (hardDelete.type.kind) {
    case 'bool':
      return (row) => read(row) === true;
    case 'text':
      return (row) => ![null, 'false'].includes(read(row) as string | null);
    case 'json':
      return (row) => !['null', 'false'].includes((read(row) ?? 'null') as string);
    default:
      return (row) => read(row) !== null;
  }
}

/** Whether a row counts and not the one with the same key that came before it. NULL comes last. */
export function sorter({ dedupSort }: MergeRules, columns: readonly Column[]): (later: Row, earlier: Row) => boolean {
  if (dedupSort === undefined) return () => true;
  const read = reader(dedupSort.by, columns);
  const sign = dedupSort.order === 'asc' ? 1 : -1;
  return (later, earlier) => {
    const [one, other] = [read(later), read(earlier)];
    if (one === null || other === null) return other === null;
    return sign * compare(one, other) <= 0;
  };
}

/** As SQL orders values: texts by their bytes, NaN after all numbers, NULL within lists last. */
function compare(one: Value, other: Value): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  if (typeof one === 'string') return Buffer.compare(Buffer.from(one), Buffer.from(other as string));
  if (Buffer.isBuffer(one)) return Buffer.compare(one, other as Buffer);
  if (typeof one === 'object') {
    for (const [at, value] of one.entries()) {
      if (at >= (other as Row).length) return 1;
      const order = compare(value, (other as Row)[at]!);
      if (order !== 0) return order;
    }
    return one.length - (other as Row).length;
  }
  if (Number.isNaN(one) || Number.isNaN(other)) return Number(Number.isNaN(one)) - Number(Number.isNaN(other));
  return one < (other as typeof one) ? -1 : Number(one > (other as typeof one));
}
