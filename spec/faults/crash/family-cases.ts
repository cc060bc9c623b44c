// Loads with child tables: into one file for each table, as directories, and in one database.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { lastValueFrom, map, type OperatorFunction } from 'rxjs';
import type { Receipt, Row, Rows } from '../../../lib/core/index.js';
import { arrow, duckdb, jsonl, type ParquetOptions, parquet } from '../../../sinks/index.js';
import { walk } from '../../sinks/killed-load.js';
import { query, readRows } from '../../sinks/parquet-file.js';
import { directoryRows } from '../../table/directory/directory-rows.js';
import { type CrashCase, checkpoint } from './crash-case.js';
import { databaseRows } from './database-cases.js';

const names = ['orders', 'orders__l', 'orders__l__m'];

interface Family {
  readonly name: string;
  sink(out: string): OperatorFunction<Rows, Receipt>;
  /** The rows of its tables; none of one that is not there. */
  rows(out: string): Promise<readonly (readonly object[])[]>;
  readonly files: readonly string[];
  readonly together?: true;
  readonly crashes?: NonNullable<CrashCase['crashes']>;
}

const family = ({ sink, rows, ...more }: Family): CrashCase => ({
  ...more,
  load: async (out, pages) => {
    const source = walk(pages, () => undefined).pipe(map((page): Rows => ({ ...page, rows: page.rows.map(nested) })));
    return await lastValueFrom(source.pipe(sink(out)));
  },
  tables: async (out) => withParents((await rows(out)) as LinkedRow[][]),
  alone: async (out) => ((await rows(out)) as LinkedRow[][]).map((table) => table.map(withoutIds).sort()),
  counts: false,
});

function withoutIds(row: LinkedRow): string {
  return JSON.stringify(Object.entries(row).filter(([name]) => !/^_dlt_.*id$/.test(name)));
}

type LinkedRow = Readonly<Record<string, unknown>>;

/** The rows of each table as sorted lines, those of a child table behind the line of their parent: the ids by which they are linked differ. */
function withParents(tables: readonly (readonly LinkedRow[])[]): readonly string[][] {
  const known = new Map<unknown, string>();
  return tables.map((rows) => {
    const lines = rows.map((row) => {
      const parent = '_dlt_parent_id' in row ? `${known.get(row['_dlt_parent_id']) ?? 'no parent'} > ` : '';
      const line = `${parent}${withoutIds(row)}`;
      known.set(row['_dlt_id'], line);
      return line;
    });
    return lines.sort();
  });
}

/** Each row has a list with two items, one of them with a list; one row of three pages is against the contract. */
function nested(row: Row): Row {
  const page = Number(row['page']);
  const bad = page % 3 === 0 && row['index'] === 6;
  const lists = { l: [{ a: row['page'], m: [row['index']] }, { a: row['index'] }] };
  return { ...row, ...(bad && { index: 'none' }), ...lists, part: `p${page % 3}` };
}

const options = {
  primaryKey: 'id',
  nesting: 'tables',
  columns: { index: { data_type: 'bigint' } },
  schemaContract: { data_type: 'discard_row' },
  checkpoint,
} as const satisfies ParquetOptions;

/** One table after the other. */
const each = (read: (out: string, table: string) => Promise<readonly object[]>): Family['rows'] => {
  return async (out) => {
    const tables: (readonly object[])[] = [];
    for (const name of names) tables.push(await read(out, name));
    return tables;
  };
};

const parquetFiles = each(async (out, table) => {
  const file = join(out, `${table}.parquet`);
  return existsSync(file) ? await readRows(file) : [];
});

const parquetFamily = (writeDisposition: 'append' | 'merge' | 'replace'): Family => ({
  name: `child tables, ${writeDisposition}`,
  sink: (out) => parquet(join(out, 'orders.parquet'), { ...options, writeDisposition }),
  rows: parquetFiles,
  files: names.map((name) => `${name}.parquet`),
});

/** With the rows that are against the contract, which are set aside. */
const deadLetters = (): CrashCase => {
  const { tables, ...merging } = family({
    ...parquetFamily('merge'),
    name: 'child tables and dead letters',
    sink: (out) => parquet(join(out, 'orders.parquet'), { ...options, writeDisposition: 'merge', deadLetters: true }),
  });
  return {
    ...merging,
    tables: async (out) => [...(await tables(out)), await lettersIn(join(out, 'orders.dead.jsonl'))],
    files: ['orders.dead.jsonl', ...merging.files],
  };
};

async function lettersIn(file: string): Promise<unknown[]> {
  const text = await readFile(file, 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { load_id: _, ...letter } = JSON.parse(line);
      return letter;
    });
}

/** With each value as text. */
function arrowRows(content: Uint8Array): object[] {
  const rows = tableFromIPC(content).toArray() as { toJSON(): Record<string, unknown> }[];
  const values = rows.map((row) => Object.entries(row.toJSON()));
  return values.map((row) => Object.fromEntries(row.map(([name, value]) => [name, String(value)])));
}

const directoryFamily = (writeDisposition: 'append' | 'merge' | 'replace'): Family => ({
  name: `child tables in directories, ${writeDisposition}`,
  sink: (out) =>
    parquet(join(out, 'orders'), {
      ...options,
      writeDisposition,
      ...(writeDisposition === 'append' ? { layout: 'directory', fileMaxItems: 40 } : { partitionBy: 'part' }),
    }),
  rows: each((out, table) => directoryRows(join(out, table))),
  files: ['_manifest.json'],
  together: true,
});

export const familyCases: readonly CrashCase[] = [
  deadLetters(),
  family(parquetFamily('append')),
  family(parquetFamily('replace')),
  family({
    name: 'child tables as text',
    sink: (out) => jsonl(join(out, 'orders.jsonl'), { ...options, writeDisposition: 'merge' }),
    rows: each(async (out, table) => {
      const file = join(out, `${table}.jsonl`);
      return existsSync(file) ? await query(`SELECT * FROM read_json('${file}')`) : [];
    }),
    files: [
      '.sluice',
      ...names.map((name) => `.sluice/${name}.jsonl.table.json`),
      ...names.map((name) => `${name}.jsonl`),
    ],
  }),
  family({
    name: 'child tables in Arrow files',
    sink: (out) => arrow(join(out, 'orders.arrow'), { ...options, writeDisposition: 'merge' }),
    rows: each(async (out, table) => {
      const file = join(out, `${table}.arrow`);
      return existsSync(file) ? arrowRows(await readFile(file)) : [];
    }),
    files: names.map((name) => `${name}.arrow`),
  }),
  family({
    name: 'child tables in a database',
    sink: (out) => duckdb(join(out, 'shop.duckdb'), { ...options, table: 'orders', writeDisposition: 'merge' }),
    rows: (out) => databaseRows(join(out, 'shop.duckdb'), names),
    files: ['shop.duckdb'],
    together: true,
    crashes: ['killed'],
  }),
  family(directoryFamily('append')),
  family(directoryFamily('merge')),
  family(directoryFamily('replace')),
];
