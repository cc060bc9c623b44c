// The file of a resource's table: its name by its format, the sink that writes it, and which loads wrote it.
import { join } from 'node:path';
import type { OperatorFunction } from 'rxjs';
import { arrow, csv, jsonl, parquet } from '../../sinks/index.js';
import { OptionError, type Receipt, type Row, type Rows } from '../core/index.js';
import { appliedLoads } from '../schema/index.js';
import {
  readArrowInfo,
  readDirectoryInfo,
  readTableInfo,
  readTextInfo,
  type TableInfo,
  type TableOptions,
} from '../table/index.js';
import { type TableFormat, tableFormats } from './table-format.js';

/** Options that every sink takes. */
export interface FileSinkOptions extends TableOptions {
  /** Memory for the engine that publishes, such as `512MB`. */
  readonly memoryLimit?: string;
}

interface Kind {
  sink(path: string, options: FileSinkOptions): OperatorFunction<Rows<Row>, Receipt>;
  info(path: string): Promise<TableInfo | undefined>;
}

const textInfo = (path: string) => readTextInfo(path, 'ignore');

const kinds: Readonly<Record<string, Kind>> = {
  parquet: { sink: parquet, info: readTableInfo },
  arrow: { sink: arrow, info: readArrowInfo },
  csv: { sink: csv, info: textInfo },
  jsonl: { sink: jsonl, info: textInfo },
};

const directory: Kind = {
  sink: (path, options) => parquet(path, { ...options, layout: 'directory' }),
  info: readDirectoryInfo,
};

export interface TableFileOptions {
  /** @default 'parquet' */
  readonly format?: TableFormat | undefined;
  /** Whether it is a folder of files. @default false */
  readonly isDirectory?: boolean;
}

export class TableFile {
  readonly path: string;
  readonly #kind: Kind;

  /** @throws OptionError `ERR_INVALID_OPTION` for a format that is none */
  constructor(out: string, table: string, { format = 'parquet', isDirectory = false }: TableFileOptions = {}) {
    if (!tableFormats.includes(format))
      throw new OptionError('format', `there is no "${format}". Give ${tableFormats.join(', ')}`);
    if (isDirectory && format !== 'parquet')
      throw new OptionError('format', `${format} is one file; a directory has files of parquet`);
    this.path = join(out, isDirectory ? table : `${table}.${format}`);
    this.#kind = isDirectory ? directory : kinds[format.split('.')[0]!]!;
  }

  /** Writes rows into the file. */
  sink(options: FileSinkOptions): OperatorFunction<Rows<Row>, Receipt> {
    return this.#kind.sink(this.path, options);
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

const ofDirectories = ['partitionBy', 'fileMaxItems', 'fileMaxBytes'];

/** The file of a resource's table. What a run says of its format wins over what the configuration says. */
export function tableFileOf(
  { table, format: own, sink }: TablePlan,
  { out, format = own }: { readonly out: string; readonly format?: TableFormat | undefined },
): TableFile {
  const isDirectory = sink['layout'] === 'directory' || ofDirectories.some((option) => sink[option] !== undefined);
  return new TableFile(out, table, { format, isDirectory });
}
