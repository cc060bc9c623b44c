// Values from two worlds, a JSON response or a database on one side and DuckDB on the other, as texts that can be compared.
import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
} from '@duckdb/node-api';

/** An instant among expected values: `new Instant('2026-01-31T12:00:00.5Z')`. At most milliseconds. */
export class Instant {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  get micros(): bigint {
    return BigInt(Date.parse(this.text)) * 1000n;
  }
}

/**
 * One text for equal values. Kinds stay apart: the number 1 is not the text "1", nor is an instant the text that it was
 * written as. Fields without a value and missing fields are the same, because a column cannot tell them apart.
 */
export function canonical(value: unknown): string {
  return JSON.stringify(plain(value));
}

function plain(value: unknown): unknown {
  if (value === null || value === undefined || typeof value === 'boolean') return value ?? null;
  if (typeof value === 'string') return `text ${value}`;
  if (typeof value === 'bigint') return `number ${value}`;
  if (typeof value === 'number') return `number ${Number.isInteger(value) ? BigInt(value) : value}`;
  if (value instanceof DuckDBDecimalValue) return `number ${value.toString().replace(/\.?0+$/, '')}`;
  if (value instanceof DuckDBTimestampTZValue || value instanceof Instant) return `instant ${value.micros}`;
  if (value instanceof DuckDBDateValue) return `date ${value.toString()}`;
  if (value instanceof DuckDBBlobValue) return `bytes ${Buffer.from(value.bytes).toString('base64')}`;
  if (value instanceof DuckDBListValue) return value.items.map(plain);
  if (Array.isArray(value)) return value.map(plain);
  const fields = Object.entries(value instanceof DuckDBStructValue ? value.entries : value)
    .filter(([, field]) => field !== null && field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([name, field]) => [name, plain(field)]));
}
