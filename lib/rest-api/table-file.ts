// The file of a resource's table: its name by its format, the sink that writes it, and which loads wrote it.
import { join } from 'node:path';
import type { OperatorFunction } from 'rxjs';
import { arrow, csv, jsonl, parquet } from '../../sinks/index.js';
import { OptionError, type Receipt, type Row, type Rows } from '../core/index.js';
import { appliedLoads } from '../schema/index.js';
import { readArrowInfo, readTableInfo, readTextInfo, type TableInfo, type TableOptions } from '../table/index.js';
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

export class TableFile {
  readonly path: string;
  readonly #kind: Kind;

  /** @throws OptionError `ERR_INVALID_OPTION` for a format that is none */
  constructor(out: string, table: string, format: TableFormat = 'parquet') {
    if (!tableFormats.includes(format))
      throw new OptionError('format', `there is no "${format}". Give ${tableFormats.join(', ')}`);
    this.path = join(out, `${table}.${format}`);
    this.#kind = kinds[format.split('.')[0]!]!;
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

/** The file of a resource's table. What a run says of its format wins over what the configuration says. */
export function tableFileOf(
  { table, format: own }: { readonly table: string; readonly format: TableFormat | undefined },
  { out, format = own }: { readonly out: string; readonly format?: TableFormat | undefined },
): TableFile {
  return new TableFile(out, table, format);
}
