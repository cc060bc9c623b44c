// The values of a table as the parquetjs engine holds them, one form for each value, so that two are equal only when the values are.
import type { ColumnType } from '../schema/index.js';
import { logJson } from '../schema/log-json.js';
import { parseExact } from './parquetjs-log.js';
import { dateText, daysOf, instantOf, instantText, timeOf, timeText } from './parquetjs-temporal.js';

/**
 * `bool`, `double` and texts are themselves. `bigint`, a decimal's unscaled digits, and the microseconds of timestamps and times are a
 * number where a double holds them and a `bigint` else; dates are days. Lists are arrays, structs arrays of their fields' values.
 */
export type Value = null | boolean | number | bigint | string | Buffer | readonly Value[];

/** A value does not fit its type. The engine adds the column. */
export class Unfit extends Error {
  override readonly name = 'Unfit';

  constructor(value: unknown, type: ColumnType) {
    const text = logJson(value) ?? String(value);
    super(`${text.length > 80 ? `${text.slice(0, 80)}…` : text} is not exact as ${type.kind}`);
  }
}

/** Reads a value of the log, parsed with its long integers as `bigint`. @throws Unfit when the type cannot hold it exactly. */
export function fromLog(value: unknown, type: ColumnType): Value {
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case 'bool':
      if (typeof value === 'boolean') return value;
      break;
    case 'bigint':
      return integer(value, type);
    case 'double':
      return double(value, type);
    case 'decimal':
      if (typeof value === 'boolean' || typeof value === 'object') break;
      return unscaled(String(value), type);
    case 'timestamp':
      return temporal(value, type, instantOf);
    case 'date':
      return temporal(value, type, daysOf);
    case 'time':
      return temporal(value, type, timeOf);
    case 'binary':
      if (typeof value === 'string') return Buffer.from(value, 'base64');
      break;
    case 'json':
      return logJson(value) ?? null;
    case 'list':
      if (Array.isArray(value)) return value.map((item) => fromLog(item, type.item));
      break;
    case 'struct':
      if (typeof value === 'object' && !Array.isArray(value)) {
        return type.fields.map((field) => fromLog(own(value, field.name), field.type));
      }
      break;
    default:
      return typeof value === 'string' ? value : (logJson(value) ?? null);
  }
  throw new Unfit(value, type);
}

/** A member of a parsed object; `null` when it is not there, whatever `Object.prototype` has. */
export function own(value: object, name: string): unknown {
  return Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : null;
}

/** Parses a value of a JSON column. */
export function parseMembers(json: string): unknown {
  return parseExact(json);
}

/** A value of a published column as its widened type. @throws Unfit when that would not be exact. */
export function convert(value: Value, from: ColumnType, to: ColumnType): Value {
  if (value === null || from.kind === 'unknown') return null;
  if (from.kind === to.kind && from.kind !== 'list' && from.kind !== 'struct' && from.kind !== 'decimal') return value;
  if (to.kind === 'text' || to.kind === 'unknown') return toText(value, from);
  if (to.kind === 'json') return jsonOf(value, from);
  if (from.kind === 'list' && to.kind === 'list') {
    return (value as readonly Value[]).map((item) => convert(item, from.item, to.item));
  }
  if (from.kind === 'struct' && to.kind === 'struct') {
    return to.fields.map((field) => {
      const at = from.fields.findIndex(({ name }) => name === field.name);
      return at < 0 ? null : convert((value as readonly Value[])[at]!, from.fields[at]!.type, field.type);
    });
  }
  if (from.kind === 'text' && to.kind === 'binary') return Buffer.from(value as string);
  return fromLog(from.kind === 'json' ? parseExact(value as string) : toLog(value, from), to);
}

/** Whether two values of one type are the same to SQL: NULL is NULL, NaN is NaN, and -0 is 0. */
export function same(one: Value, other: Value): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) {
    return Number.isNaN(one) && Number.isNaN(other);
  }
  if (Buffer.isBuffer(one) || Buffer.isBuffer(other)) {
    return Buffer.isBuffer(one) && Buffer.isBuffer(other) && one.equals(other);
  }
  return one.length === other.length && one.every((item, at) => same(item, other[at]!));
}

/** A number where a double holds it: smaller in memory, and one form for each value. */
export function compact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** What the log would have for a value that is neither list nor struct. */
function toLog(value: Value, type: ColumnType): unknown {
  switch (type.kind) {
    case 'decimal':
      return decimalText(BigInt(value as bigint), type.scale).replace(/\.?0+$/, (zeros) =>
        type.scale > 0 ? '' : zeros,
      );
    case 'timestamp':
      return instantText(value as bigint);
    case 'date':
      return dateText(value as number);
    case 'time':
      return timeText(value as number);
    case 'binary':
      return (value as Buffer).toString('base64');
    default:
      return value;
  }
}

function toText(value: Value, type: ColumnType): string {
  if (type.kind === 'json') {
    const json = parseExact(value as string);
    return typeof json === 'string' ? json : (value as string);
  }
  if (type.kind === 'list' || type.kind === 'struct') return jsonOf(value, type);
  const log = toLog(value, type);
  return typeof log === 'string' ? log : logJson(log)!;
}

/** A value as JSON. As in DuckDB's, a double shows that it is one (`1.0`), and decimals have all the digits of their scale. */
function jsonOf(value: Value, type: ColumnType): string {
  if (value === null) return 'null';
  switch (type.kind) {
    case 'json':
      return value as string;
    case 'decimal':
      return decimalText(BigInt(value as bigint), type.scale);
    case 'double': {
      const text = logJson(value)!;
      return /^-?\d+$/.test(text) ? `${text}.0` : text;
    }
    case 'list':
      return `[${(value as readonly Value[]).map((item) => jsonOf(item, type.item)).join(',')}]`;
    case 'struct': {
      const fields = value as readonly Value[];
      return `{${type.fields.map((field, at) => `${JSON.stringify(field.name)}:${jsonOf(fields[at]!, field.type)}`).join(',')}}`;
    }
    default:
      return logJson(toLog(value, type))!;
  }
}

function integer(value: unknown, type: ColumnType): Value {
  if (Number.isSafeInteger(value)) return (value as number) + 0;
  const exact = typeof value === 'string' && /^[+-]?\d+$/.test(value) ? BigInt(value) : value;
  if (typeof exact !== 'bigint' || BigInt.asIntN(64, exact) !== exact) throw new Unfit(value, type);
  return compact(exact);
}

function double(value: unknown, type: ColumnType): Value {
  if (typeof value === 'number') return value;
  // A double beyond 2^53, as JSON writes it, has the digits of an integer, though not always the double's own last ones.
  if (typeof value === 'bigint' && sameDigits(String(value), Number(value))) return Number(value);
  if (typeof value === 'string' && value.trim() !== '') {
    const number = Number(value);
    const exact = Number.isNaN(number) ? /^nan$/i.test(value) : !Number.isFinite(number) || sameDigits(value, number);
    if (exact) return number;
  }
  throw new Unfit(value, type);
}

function sameDigits(text: string, number: number): boolean {
  const one = digitsOf(text);
  const other = digitsOf(String(number));
  return one !== undefined && other !== undefined && one.digits === other.digits && one.exponent === other.exponent;
}

/** A number's digits as one integer without zeros at its end, and the power of ten that it is multiplied with. */
function digitsOf(text: string): { digits: bigint; exponent: number } | undefined {
  const parts = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text.trim());
  if (!parts || (parts[2] === '' && parts[3] === '')) return undefined;
  const all = `${parts[2]}${parts[3]}`;
  const kept = all.replace(/0+$/, '');
  if (kept === '') return { digits: 0n, exponent: 0 };
  const exponent = Number(parts[4] ?? 0) - parts[3]!.length + (all.length - kept.length);
  return { digits: parts[1] === '-' ? -BigInt(kept) : BigInt(kept), exponent };
}

function unscaled(text: string, type: ColumnType & { kind: 'decimal' }): Value {
  const number = digitsOf(text);
  if (number === undefined) throw new Unfit(text, type);
  const { digits, exponent } = number;
  const shift = exponent + type.scale;
  const most = 10n ** BigInt(type.precision);
  if (digits !== 0n && (shift < 0 || shift > type.precision)) throw new Unfit(text, type);
  const value = digits === 0n ? 0n : digits * 10n ** BigInt(shift);
  if (value >= most || value <= -most) throw new Unfit(text, type);
  return compact(value);
}

/** The decimal with all the digits of its scale. */
function decimalText(value: bigint, scale: number): string {
  if (scale === 0) return String(value);
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function temporal(value: unknown, type: ColumnType, read: (text: string) => number | bigint | undefined): Value {
  const count = typeof value === 'string' ? read(value) : undefined;
  if (count === undefined) throw new Unfit(value, type);
  return count;
}
