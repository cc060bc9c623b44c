// Where a resource's table is: its file by its format, the sink that writes it, and which loads wrote it.
import { join } from 'node:path';
import type { OperatorFunction } from 'rxjs';
import { arrow, csv, duckdb, jsonl, parquet } from '../../sinks/index.js';
import { OptionError, type Receipt, type Row, type Rows } from '../core/index.js';
import { appliedLoads } from '../schema/index.js';
import {
  databaseOf,
  type OwnOptions,
  ownOptions,
  readArrowInfo,
  readDirectoryInfo,
  readTableInfo,
  readTextInfo,
  TableError,
  type TableInfo,
  type TableOptions,
  tableOptions,
} from '../table/index.js';
import { fileNameOf } from './file-name.js';
import { defaultDatabase, type TableFormat, tableFormats } from './table-format.js';

/** Options that every sink takes. */
export interface FileSinkOptions extends TableOptions {
  /** Memory for the engine that publishes, such as `512MB`. */
  readonly memoryLimit?: string;
}

interface Kind {
  /** Whose options the sink has. */
  readonly own: OwnOptions;
  sink(path: string, options: FileSinkOptions): OperatorFunction<Rows<Row>, Receipt>;
  info(path: string): Promise<TableInfo | undefined>;
}

const textInfo = (path: string) => readTextInfo(path, 'ignore');

const kinds: Readonly<Record<string, Kind>> = {
  parquet: { own: 'parquet', sink: parquet, info: readTableInfo },
  arrow: { own: 'arrow', sink: arrow, info: readArrowInfo },
  csv: { own: 'text', sink: csv, info: textInfo },
  jsonl: { own: 'text', sink: jsonl, info: textInfo },
};

const directory: Kind = {
  own: 'parquet',
  sink: (path, options) => parquet(path, { ...options, layout: 'directory' }),
  info: directoryInfo,
};

/** Files that no manifest names may be what a run left that died before its first one: the sink tells, which knows that load. */
async function directoryInfo(path: string): Promise<TableInfo | undefined> {
  try {
    return await readDirectoryInfo(path);
  } catch (error) {
    if (error instanceof TableError && error.code === 'ERR_TABLE_PATH') return undefined;
    throw error;
  }
}

/** A table of a database file. */
function inDatabase(file: string, at: { readonly table: string; readonly schema?: string }): Kind {
  const { inspect } = databaseOf(file, at);
  return {
    own: 'duckdb',
    sink: (_, options) => duckdb(file, { ...options, ...at }),
    info: (path) => inspect(path, ''),
  };
}

export interface TableFileOptions {
  /** @default 'parquet' */
  readonly format?: TableFormat | undefined;
  /** Whether it is a folder of files. @default false */
  readonly isDirectory?: boolean;
  /** Of `duckdb`: the file that holds the table, in the folder of the tables. @default 'tables.duckdb' */
  readonly database?: string | undefined;
  /** Of `duckdb`: the schema in it. @default 'main' */
  readonly schema?: string | undefined;
}

export class TableFile {
  /** Of a table in a database, the path that stands for it: `out/orders@tables.duckdb`. */
  readonly path: string;
  readonly #kind: Kind;

  /** @throws OptionError `ERR_INVALID_OPTION` for a format that is none */
  constructor(out: string, table: string, options: TableFileOptions = {}) {
    const { format = 'parquet', isDirectory = false, database = defaultDatabase, schema } = options;
    if (!tableFormats.includes(format))
      throw new OptionError('format', `there is no "${format}". Give ${tableFormats.join(', ')}`);
    if (isDirectory && format !== 'parquet')
      throw new OptionError('format', `${format} is one file; a directory has files of parquet`);
    if (format === 'duckdb') {
      const at = { table, ...(schema !== undefined && { schema }) };
      const file = join(out, database);
      this.path = databaseOf(file, at).path;
      this.#kind = inDatabase(file, at);
      return;
    }
    this.path = join(out, isDirectory ? table : `${table}.${format}`);
    this.#kind = isDirectory ? directory : kinds[format.split('.')[0]!]!;
  }

  /**
   * Writes rows into the file. What the sink does not know is left out: a run may ask for another format than the configuration, which has been
   * checked.
   */
  sink(options: FileSinkOptions): OperatorFunction<Rows<Row>, Receipt> {
    const { own, sink } = this.#kind;
    const known = new Set([...tableOptions, ...ownOptions[own]]);
    return sink(this.path, Object.fromEntries(Object.entries(options).filter(([name]) => known.has(name))));
  }

  /** The loads that have been applied to the file, the latest first; none when there is none that is known. */
  async loads(): Promise<readonly string[]> {
    return appliedLoads((await this.#kind.info(this.path))?.metadata);
  }
}

/** What of a resource's plan says where its table is. */
interface TablePlan {
  readonly table: string;
  readonly format: TableFormat | undefined;
  readonly sink: Readonly<Record<string, unknown>>;
}

/** What stands for the tables of a resource whose rows name them, whichever there are: no file is written there. */
export function dividedPath(out: string, resource: string): string {
  return join(out, `${fileNameOf(resource)}@by-row`);
}

const ofDirectories = ['partitionBy', 'fileMaxItems', 'fileMaxBytes', 'fileMaxSeconds'];

/** The file of a resource's table. What a run says of its format wins over what the configuration says. */
export function tableFileOf(
  { table, format: own, sink }: TablePlan,
  { out, format = own }: { readonly out: string; readonly format?: TableFormat | undefined },
): TableFile {
  const isDirectory = sink['layout'] === 'directory' || ofDirectories.some((option) => sink[option] !== undefined);
  const { database, schema } = sink as Pick<TableFileOptions, 'database' | 'schema'>;
  return new TableFile(out, table, { format, isDirectory, database, schema });
}
