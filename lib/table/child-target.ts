// Where a child table is, and how it is written: beside its table, in the same format.
import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { type ChildName, columnPolicy, links } from '../schema/index.js';
import { databasePath } from './database/database-table.js';
import { draftsOf } from './directory/placing.js';
import type { ParquetLayout } from './parquet-layout.js';
import type { Directory, Target } from './publish-task.js';

/** The child table as a target of its own. */
export function childTarget(target: Target, { path, table }: ChildName): Target {
  const { columns = columnPolicy(), disposition } = target;
  const file = target.database ? databasePath({ ...target.database, name: table }) : childPath(target, table);
  const {
    hardDelete: _,
    dedupSort: __,
    validity: ___,
    kinship: ____,
    deadLetters: _____,
    audit: ______,
    ...rest
  } = target;
  return {
    ...rest,
    table,
    path: file,
    // What becomes of its rows is decided by its table.
    strategy: 'delete-insert',
    primaryKey: disposition === 'append' ? [] : [links.id],
    mergeKey: [],
    deduplicated: true,
    deleteMissing: 'keep',
    nullKeys: 'error',
    columns: columns.child(path),
    ...(target.layout && { layout: childLayout(target.layout) }),
    ...(target.engineFor && { engine: target.engineFor(file) }),
    ...(target.directory && { directory: childDirectory(target, target.directory, file) }),
  };
}

/** Its drafts are among those of its table: whoever finds the one after a crash finds the other. */
function childDirectory(target: Target, directory: Directory, path: string): Directory {
  return { ...directory, engine: directory.childEngine, drafts: join(draftsOf(target), basename(path)) };
}

/** Columns that the table names are its own. */
function childLayout(layout: ParquetLayout): ParquetLayout {
  return { ...layout, statistics: typeof layout.statistics === 'boolean' ? layout.statistics : true };
}

/** `out/orders__lines.parquet` for the child table `orders__lines` of `out/orders.parquet`; endings such as `.csv.gz` stay whole. */
function childPath({ path, table }: Target, child: string): string {
  const name = basename(path);
  const dot = name.indexOf('.', 1);
  const end = name.startsWith(`${table}.`) ? table.length : dot < 0 ? name.length : dot;
  return join(dirname(path), short(name.slice(0, end), inFileName(child.slice(table.length))) + name.slice(end));
}

/** What file systems do not take, written as in a URL. */
function inFileName(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what file systems refuse
  return text.replace(/[%/\\:*?"<>|\x00-\x1f\x7f]/g, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

const longest = 180;

/** File systems take names of 255 bytes. */
function short(stem: string, suffix: string): string {
  const name = stem + suffix;
  if (Buffer.byteLength(name) <= longest) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return `${[...name].slice(0, 40).join('')}__${hash}`;
}
