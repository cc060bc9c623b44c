// Rows through the encoder for child tables, as lines of each table.
import { expect } from 'chai';
import {
  type ColumnOptions,
  columnPolicy,
  type EncodedRows,
  NestedEncoder,
  type RowIdentity,
} from '../../lib/schema/index.js';

export type Line = Record<string, unknown>;
export type Tables = Record<string, Line[]>;

export interface Loading extends ColumnOptions {
  readonly keys?: readonly string[];
  readonly identity?: RowIdentity;
}

export function encoderOf({ keys = ['id'], identity, ...options }: Loading = {}): NestedEncoder {
  const policy = columnPolicy({ nesting: 'tables', ...options });
  const encoder = policy.encoder({ table: 't', keys, ...(identity && { identity }) });
  if (!(encoder instanceof NestedEncoder)) throw new Error('it has no child tables');
  return encoder;
}

export function load(rows: readonly unknown[], options: Loading = {}): Tables {
  return tablesOf(encoderOf(options).encode(rows, { page: 3 }));
}

export function tablesOf({ chunk, rows, children = [] }: EncodedRows): Tables {
  const tables: Tables = { t: linesOf(chunk, rows) };
  for (const child of children)
    tables[child.table] = [...(tables[child.table] ?? []), ...linesOf(child.chunk, child.rows)];
  return tables;
}

function linesOf(chunk: Buffer, rows: number): Line[] {
  const lines = chunk.toString().split('\n');
  expect(lines.pop()).to.equal('');
  expect(lines).to.have.length(rows);
  return lines.map((line) => JSON.parse(line));
}

/** Without what ties it to others. */
export function own(line: Line | undefined): Line {
  return Object.fromEntries(Object.entries(line ?? {}).filter(([key]) => !/^_dlt_|^__sluice/.test(key)));
}
