// What a person wants to see at the end of a run: counts, the table's schema, its file, and its first rows.
import type { Receipt, ReceiptColumn } from '../core/index.js';
import { count, duration, size } from './numbers.js';
import { plainStyle, type Style } from './style.js';
import { textTable } from './text-table.js';

export interface SummaryOptions {
  /** @default plain text */
  readonly style?: Style;
  /** Rows of the table to show below the schema. */
  readonly preview?: readonly Readonly<Record<string, unknown>>[];
}

/**
 * The summary of one table's run.
 *
 * @example console.log(summary(receipt, { preview: await firstRows(receipt.files[0], 5) }))
 */
export function summary(receipt: Receipt, { style = plainStyle, preview }: SummaryOptions = {}): string {
  const { counts, seconds } = receipt;
  const facts: [string, string][] = [
    ['pages', count(counts.pages)],
    ['requests', count(counts.requests)],
    ['retries', count(counts.retries)],
    ['rows read', count(receipt.rows)],
    ['inserted', count(receipt.inserted)],
    ['updated', count(receipt.updated)],
    ['unchanged', count(receipt.unchanged)],
    ['duplicates dropped', count(receipt.duplicates)],
    ['rows in the table', count(receipt.total)],
    ...receipt.files.map((file): [string, string] => ['file', file]),
    ['size', size(receipt.bytes)],
    ['time', `${duration(seconds)}, ${count(counts.rows / Math.max(seconds, 0.001))} rows/s`],
  ];
  const label = Math.max(...facts.map(([name]) => name.length));
  return [
    style.bold(receipt.table),
    ...facts.map(([name, value]) => `  ${style.dim(name.padEnd(label))}  ${value}`),
    ...changes(receipt, style),
    '',
    ...schemaTable(receipt.schema, { indent: '  ' }),
    ...(preview && preview.length > 0 ? ['', ...previewTable(preview, { indent: '  ' })] : []),
  ].join('\n');
}

function changes({ schemaChanges }: Receipt, style: Style): string[] {
  return schemaChanges.map(({ column, change, from, to }) => {
    const how = change === 'nullable' ? 'may be NULL now' : from === undefined ? `is ${to}` : `was ${from}, is ${to}`;
    return `  ${style.yellow(change === 'added' ? 'new column' : 'changed')} ${column} ${how}`;
  });
}

/** The lines of a table of columns: name, type, nullable, and, where it is known, key. */
export function schemaTable(
  columns: readonly (ReceiptColumn & { readonly key?: boolean })[],
  { indent = '' }: { readonly indent?: string } = {},
): string[] {
  const keyed = columns.some((column) => column.key !== undefined);
  const head = ['column', 'type', 'nullable', ...(keyed ? ['key'] : [])];
  const body = columns.map(({ name, type, nullable, key }) => [
    name,
    type,
    nullable ? 'yes' : 'no',
    ...(keyed ? [key ? 'yes' : ''] : []),
  ]);
  return textTable([head, ...body], { indent, maximumCell: 100 });
}

/** The lines of a table of rows; numbers are flush right. */
export function previewTable(
  rows: readonly Readonly<Record<string, unknown>>[],
  { indent = '', maximumCell = 24 }: { readonly indent?: string; readonly maximumCell?: number } = {},
): string[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const right = names.flatMap((name, column) => (rows.every((row) => isNumber(row[name])) ? [column] : []));
  return textTable([names, ...rows.map((row) => names.map((name) => cell(row[name])))], { indent, right, maximumCell });
}

function isNumber(value: unknown): boolean {
  return value === null || typeof value === 'number' || typeof value === 'bigint';
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object') return String(value);
  return JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? String(item) : item));
}
