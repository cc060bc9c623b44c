// The options that all table sinks share, and what they say of the table.
import { checkNames, type HighWater, namesOf, OptionError } from '../core/index.js';
import { type ColumnOptions, columnPolicy } from '../schema/index.js';
import type { Audit } from './audited-table.js';
import type { Checkpoint } from './checkpoint.js';
import { deadLettersPath } from './dead-letters.js';
import { tableName } from './layout.js';
import type { Target } from './publish.js';
import { type WriteOptions, type WriteRules, writeRules } from './write-rules.js';

export interface TableOptions extends ColumnOptions, WriteOptions {
  /** How much a run may lose when its process is killed: of several tables, the smallest counts for all. @default 100 pages, 5 seconds or 32 MiB, whatever comes first */
  readonly checkpoint?: Checkpoint;
  /** How many pages and bytes may be on their way to the file. @default 16 pages, 64 MiB */
  readonly highWaterMark?: Partial<HighWater>;
  /**
   * Stands for how the rows are made, such as a version of the chain above. When a run that was cut short had another one, what it has
   * staged of the table is dropped, which a note says, and the table begins anew. The primary key counts as well, and options that change what is
   * staged: `naming`, `collisions`, `nesting`, `maxTableNesting`, `nestedHints`, `metadataColumns`. @default nothing more
   */
  readonly fingerprint?: string;
  /**
   * Where rows go that the contract leaves out, or of which it leaves values out: each as a line of JSON with the reasons and the page that it came with. `true` is
   * `<table>.dead.jsonl` beside the table. @default they are only counted
   */
  readonly deadLetters?: boolean | string;
  /**
   * Looks at the table in SQL when the source has completed and nothing is published yet; when it throws, nothing is, and the rows are kept
   * in the stage. Needs DuckDB. @default nobody looks
   * @example async ({ query }) => {
   *   const [row] = await query('SELECT count(*) AS n FROM projects WHERE name IS NULL');
   *   if (row?.n !== 0n) throw new Error(`${row?.n} projects have no name`);
   * }
   */
  readonly audit?: Audit;
  /** The table's name in receipts and errors. @default the file's name without its ending */
  readonly table?: string;
}

/** The names of the options that all sinks share. */
export const tableOptions = namesOf<TableOptions>({
  columns: true,
  schemaContract: true,
  naming: true,
  collisions: true,
  nesting: true,
  maxTableNesting: true,
  nestedHints: true,
  metadataColumns: true,
  keepAsText: true,
  writeDisposition: true,
  primaryKey: true,
  mergeKey: true,
  hardDelete: true,
  dedupSort: true,
  deleteMissing: true,
  partial: true,
  refresh: true,
  nullKeys: true,
  checkpoint: true,
  highWaterMark: true,
  fingerprint: true,
  deadLetters: true,
  audit: true,
  table: true,
});

/**
 * What the options say of the table in a file.
 * @param own The names of the options that the sink has beside these.
 * @throws OptionError `ERR_INVALID_OPTION`; TableError `ERR_TABLE_NO_KEY` for a merge that needs a key and has none
 */
export function tableTarget(
  path: string,
  options: TableOptions,
  own: readonly string[],
): Pick<Target, 'table' | 'path' | 'columns' | 'fingerprint' | 'deadLetters' | 'audit' | keyof WriteRules> {
  checkNames(options, [...own, ...tableOptions]);
  checkNames(options.highWaterMark, ['pages', 'bytes'], 'highWaterMark');
  if (path === '') throw new OptionError('path', 'must be the path of a file, such as out/projects.parquet');
  const { table = tableName(path) } = options;
  const columns = columnPolicy(options);
  const rules = writeRules(options, columns.hints, table);
  const { naming, collisions, nesting, maxTableNesting, nestedHints, metadataColumns } = options;
  const logged = { naming, collisions, nesting, maxTableNesting, nestedHints, metadataColumns };
  const given = Object.entries(logged).filter(([, value]) => value !== undefined);
  const fingerprint = JSON.stringify([rules.primaryKey, options.fingerprint ?? null, ...given]);
  const { deadLetters = false } = options;
  if (deadLetters === '') throw new OptionError('deadLetters', 'must be true, or the path of a file');
  const letters = deadLetters === true ? deadLettersPath({ path, table }) : deadLetters;
  return {
    table,
    path,
    columns,
    fingerprint,
    ...rules,
    ...(letters !== false && { deadLetters: letters }),
    ...(options.audit && { audit: options.audit }),
  };
}
