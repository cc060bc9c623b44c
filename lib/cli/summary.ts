// What a person wants to see at the end of a run: counts, the table's schema, its file, and its first rows.
import type { Receipt, ReceiptColumn } from '../core/index.js';
import { count, counted, duration, size } from './numbers.js';
import { plainStyle, type Style } from './style.js';
import { textTable, width } from './text-table.js';

export interface SummaryOptions {
  /** @default plain text */
  readonly style?: Style;
  /** Columns of the terminal; a preview that is wider leaves columns out. @default no limit */
  readonly columns?: number;
  /** Rows of the table to show below the schema. */
  readonly preview?: readonly Readonly<Record<string, unknown>>[];
}

/**
 * The summary of one table's run.
 *
 * @example console.log(summary(receipt, { preview: await firstRows(receipt.files[0], 5) }))
 */
export function summary(receipt: Receipt, { style = plainStyle, preview, columns }: SummaryOptions = {}): string {
  const { counts, seconds } = receipt;
  const facts: [string, string][] = [
    ['pages', count(counts.pages)],
    ['requests', count(counts.requests)],
    ['retries', count(counts.retries)],
    ['rows read', count(receipt.rows)],
    ['inserted', count(receipt.inserted)],
    ['updated', count(receipt.updated)],
    ['unchanged', count(receipt.unchanged)],
    ...present('deleted', receipt.deleted),
    ...present('marked as deleted', receipt.softDeleted),
    ...present('versions retired', receipt.retired),
    ...present('skipped', receipt.skipped),
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
    ...(preview && preview.length > 0
      ? ['', ...previewTable(preview, { indent: '  ', ...(columns !== undefined && { columns }) })]
      : []),
  ].join('\n');
}

/** What most runs have none of is shown only when there is some. */
function present(name: string, value: number): [string, string][] {
  return value === 0 ? [] : [[name, count(value)]];
}

/** The lines that say how a table's columns changed. */
export function changes({ schema, schemaChanges }: Receipt, style: Style): string[] {
  // A new table: all its columns are new, which the schema below shows.
  if (schemaChanges.filter(({ change }) => change === 'added').length === schema.length) return [];
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

export interface PreviewOptions {
  readonly indent?: string;
  /** Longer values are cut. @default 24 */
  readonly maximumCell?: number;
  /** Columns of the terminal; columns of the table that do not fit are left out, and counted. @default no limit */
  readonly columns?: number;
}

/** The lines of a table of rows; numbers are flush right. */
export function previewTable(
  rows: readonly Readonly<Record<string, unknown>>[],
  { indent = '', maximumCell = 24, columns = Number.POSITIVE_INFINITY }: PreviewOptions = {},
): string[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const shown = names.slice(0, Math.max(1, fitting(rows, names, maximumCell, columns - width(indent))));
  const right = shown.flatMap((name, column) => (rows.every((row) => isNumber(row[name])) ? [column] : []));
  const lines = textTable([shown, ...rows.map((row) => shown.map((name) => cell(row[name])))], {
    indent,
    right,
    maximumCell,
  });
  const rest = names.length - shown.length;
  return rest === 0 ? lines : [...lines, `${indent}… and ${counted(rest, 'column')} more`];
}

/** How many of the columns fit into `space`. */
function fitting(
  rows: readonly Readonly<Record<string, unknown>>[],
  names: readonly string[],
  maximumCell: number,
  space: number,
): number {
  let used = 0;
  for (const [index, name] of names.entries()) {
    const widest = Math.max(width(name), ...rows.map((row) => width(cell(row[name]))));
    used += Math.min(widest, maximumCell) + (index === 0 ? 0 : 2);
    if (used > space) return index;
  }
  return names.length;
}

function isNumber(value: unknown): boolean {
  return value === null || typeof value === 'number' || typeof value === 'bigint';
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object') return String(value);
  return JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? integer(item) : item));
}

/** As a number where JSON has it exactly, else as its digits. */
function integer(value: bigint): number | string {
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}
