// Whether a value fits a declared type, and as what it goes into the log: `"12"` is 12 for a bigint, 5 is fine as a text.
import { ExactNumber, isExactNumber } from '../core/index.js';
import { digitsOf } from './digits.js';
import { isPlainObject, plainValue } from './plain.js';
import { temporalKind } from './temporal.js';
import type { ColumnType, Field } from './type.js';
import { isUnwritable } from './unwritable.js';

/** What `coerce` gives for a value that the type cannot hold. */
export const misfit: unique symbol = Symbol('misfit');

/** Asked what to do with a key that a declared object does not have. */
export type ExtraField = (path: string) => 'keep' | 'drop';

/**
 * The value as a type takes it in without loss, the same object when nothing has to change; `misfit` when it does not fit. NULL fits everything.
 * Taken over from dlt: numbers and booleans in texts, numbers as seconds since 1970 for a timestamp.
 */
export function coerce(value: unknown, type: ColumnType, extra: ExtraField, path: string): unknown {
  if (value === null || value === undefined || type.kind === 'json' || type.kind === 'unknown') return value;
  if (isUnwritable(value)) return misfit;
  const plain = asPlain(value);
  switch (type.kind) {
    case 'text':
      return plain;
    case 'bool':
      return fitBool(plain);
    case 'bigint':
      return fitInteger(plain);
    case 'double':
      return fitDouble(plain);
    case 'decimal':
      return fitDecimal(plain, type);
    case 'timestamp':
      return fitTimestamp(plain);
    case 'date':
      return fitDate(plain);
    case 'time':
      return fitTime(plain);
    case 'binary':
      return fitBinary(plain);
    case 'list':
      return fitList(plain, type.item, extra, path);
    case 'struct':
      return fitStruct(plain, type.fields, extra, path);
  }
}

function asPlain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || isPlainObject(value)) return value;
  return value instanceof Uint8Array || isExactNumber(value) ? value : plainValue(value);
}

function fitBool(value: unknown): unknown {
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'True' || value === 1) return true;
  if (value === 'false' || value === 'False' || value === 0) return false;
  return misfit;
}

const integerText = /^[-+]?\d{1,30}$/;
const numberText = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/;

function fitInteger(value: unknown): unknown {
  if (Number.isSafeInteger(value)) return value;
  if (typeof value === 'string' && integerText.test(value.trim()))
    return fitInteger(BigInt(value.trim().replace(/^\+/, '')));
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? value : misfit;
  return misfit;
}

function fitDouble(value: unknown): unknown {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return BigInt(Number(value)) === value ? Number(value) : misfit;
  // Who declares a double wants the one nearest to a decimal; of an integer all digits count, whether it is a text or not.
  const text = isExactNumber(value) ? value.text : typeof value === 'string' ? value.trim() : '';
  if (/^(NaN|-?Infinity)$/.test(text)) return Number(text);
  const double = numberText.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(double)) return misfit;
  const isRounded =
    typeof value === 'string' && /^[-+]?\d+$/.test(text) && BigInt(double) !== BigInt(text.replace('+', ''));
  return isRounded ? misfit : double;
}

function fitDecimal(value: unknown, { precision, scale }: ColumnType & { kind: 'decimal' }): unknown {
  const text = isExactNumber(value) ? value.text : typeof value === 'string' ? value.trim() : numberAsText(value);
  if (!numberText.test(text)) return misfit;
  const digits = digitsOf(text);
  if (digits.scale > scale || digits.digits > precision - scale) return misfit;
  return typeof value === 'string' ? new ExactNumber(text) : value;
}

function numberAsText(value: unknown): string {
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : '';
}

function fitTimestamp(value: unknown): unknown {
  if (typeof value === 'number') return fromSeconds(value);
  if (typeof value !== 'string') return misfit;
  const text = value.trim();
  const kind = temporalKind(text);
  if (kind === 'timestamp') return text;
  if (kind === 'date') return `${text}T00:00:00Z`;
  // To the minute, as many APIs write it.
  const minutes = text.replace(/^(.{10}[T ]\d\d:\d\d)(Z|[-+].*)?$/, '$1:00$2');
  return temporalKind(minutes) === 'timestamp' ? minutes : misfit;
}

/** Seconds of the first and the last day that readers know. */
const firstSecond = Date.parse('0001-01-01T00:00:00Z') / 1000;
const lastSecond = Date.parse('9999-12-31T23:59:59Z') / 1000;

function fromSeconds(value: number): unknown {
  const seconds = Math.floor(value);
  if (!(seconds >= firstSecond && seconds <= lastSecond) || digitsOf(String(Math.abs(value))).scale > 6) return misfit;
  const micros = Math.round((value - seconds) * 1e6);
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(micros).padStart(6, '0')}Z`;
}

function fitDate(value: unknown): unknown {
  if (typeof value !== 'string') return misfit;
  const text = value.trim();
  const kind = temporalKind(text);
  if (kind === 'date') return text;
  return kind === 'timestamp' && /^.{10}[T ]00:00:00(\.0+)?Z?$/.test(text) ? text.slice(0, 10) : misfit;
}

function fitTime(value: unknown): unknown {
  if (typeof value !== 'string') return misfit;
  const text = value.trim();
  const whole = /^\d\d:\d\d$/.test(text) ? `${text}:00` : text;
  return temporalKind(whole) === 'time' ? whole : misfit;
}

function fitBinary(value: unknown): unknown {
  if (value instanceof Uint8Array) return value;
  if (typeof value !== 'string') return misfit;
  if (/^0x([0-9a-fA-F]{2})*$/.test(value)) return Buffer.from(value.slice(2), 'hex');
  const bytes = Buffer.from(value, 'base64');
  return bytes.toString('base64') === value ? bytes : misfit;
}

function fitList(value: unknown, item: ColumnType, extra: ExtraField, path: string): unknown {
  if (!Array.isArray(value)) return misfit;
  let changed: unknown[] | undefined;
  for (let i = 0; i < value.length; i += 1) {
    const fitted = coerce(value[i], item, extra, `${path}[]`);
    if (fitted === misfit) return misfit;
    if (fitted !== value[i] && !Object.is(fitted, value[i])) {
      changed ??= [...value];
      changed[i] = fitted;
    }
  }
  return changed ?? value;
}

function fitStruct(value: unknown, fields: readonly Field[], extra: ExtraField, path: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !isPlainObject(value)) return misfit;
  const types = new Map(fields.map((field) => [field.name, field.type]));
  const members: [string, unknown][] = [];
  let changed = false;
  for (const [key, inner] of Object.entries(value)) {
    const type = types.get(key);
    if (type === undefined) {
      if (inner !== undefined && extra(`${path}.${key}`) === 'drop') changed = true;
      else members.push([key, inner]);
      continue;
    }
    const fitted = coerce(inner, type, extra, `${path}.${key}`);
    if (fitted === misfit) return misfit;
    changed ||= !Object.is(fitted, inner);
    members.push([key, fitted]);
  }
  return changed ? Object.fromEntries(members) : value;
}
