// Publishing in JavaScript alone: reads the log, removes duplicates, merges, writes Parquet. Memory holds the keyed rows of the log.
import { rm } from 'node:fs/promises';
import { AbortedError, SluiceError } from '../core/index.js';
import { type Column, type ColumnType, rootPlace } from '../schema/index.js';
import { nothingPublished, type Publication, type Published } from './engine.js';
import { keyRules, type MergeRules, willMerge } from './merge-rules.js';
import { defaultLayout } from './parquet-layout.js';
import { ChildMerge, familyOf, idColumn, readFamily, tellFamily } from './parquetjs-family.js';
import { type ParquetjsCompression, ParquetjsFile } from './parquetjs-file.js';
import { readLogLines } from './parquetjs-log.js';
import { missingKey, type RowMerge, rowMerge } from './parquetjs-merge.js';
import { readPrevious } from './parquetjs-previous.js';
import type { Row } from './parquetjs-rule.js';
import { convert, fromLog, own, Unfit, type Value } from './parquetjs-value.js';
import { checkRead } from './row-count.js';
import { TableError } from './table-error.js';

const compressions: Readonly<Record<string, ParquetjsCompression>> = {
  snappy: 'SNAPPY',
  gzip: 'GZIP',
  none: 'UNCOMPRESSED',
  uncompressed: 'UNCOMPRESSED',
};

/** Does what `ParquetjsEngine` promises. */
export async function publish(publication: Publication): Promise<Published> {
  const options = fileOptions(publication);
  const file = await ParquetjsFile.create(publication.destination, options);
  try {
    const published = await new Publish(publication, file).run();
    await file.finish();
    if (published.written === false) await rm(publication.destination);
    return published;
  } catch (error) {
    await file.abandon();
    throw tableError(publication, error);
  }
}

function fileOptions({ table, format, schema, metadata, layout = defaultLayout }: Publication) {
  const { compression = 'snappy', rowGroupRows = 10_000 } = layout;
  if (format !== 'parquet') {
    throw new TableError(
      'ERR_TABLE_TYPE',
      table,
      `the engine parquetjs writes Parquet, not ${format}. Use the engine duckdb.`,
    );
  }
  const known = compressions[compression.toLowerCase()];
  if (known === undefined) {
    const message = `the engine parquetjs does not compress with ${compression}. Use snappy, gzip or none, or the engine duckdb.`;
    throw new TableError('ERR_TABLE_TYPE', table, message);
  }
  return { columns: schema.columns, metadata: { ...layout.metadata, ...metadata }, compression: known, rowGroupRows };
}

/** One publish under way. */
class Publish {
  readonly #publication: Publication;
  readonly #file: ParquetjsFile;
  readonly #columns: readonly Column[];
  readonly #rules: MergeRules;

  constructor(publication: Publication, file: ParquetjsFile) {
    this.#publication = publication;
    this.#file = file;
    this.#columns = publication.schema.columns;
    this.#rules = publication.rules ?? keyRules(publication.primaryKey, publication.schema);
  }

  async run(): Promise<Published> {
    const { disposition, kinship, rows } = this.#publication;
    if (kinship?.role === 'child' && disposition !== 'append') {
      const family = await readFamily(kinship.folder);
      return this.#merge(new ChildMerge(family, this.#columns, rows), family.places && new Set(family.places));
    }
    return willMerge(this.#publication, this.#rules)
      ? this.#merge(rowMerge(this.#rules, this.#columns))
      : this.#append();
  }

  /** The previous rows, and the log after them. */
  async #append(): Promise<Published> {
    const { rows } = this.#publication;
    for await (const rows of this.#previous()) await this.#file.addAll(rows);
    for await (const rows of this.#log()) await this.#file.addAll(rows);
    return { ...nothingPublished, inserted: rows, total: this.#file.rows };
  }

  /** The previous rows that stay, in their order, and after them those that come. */
  async #merge(merge: RowMerge, places?: ReadonlySet<number>): Promise<Published> {
    const { schemaChanged, previous, disposition, kinship } = this.#publication;
    const tells = kinship?.role === 'root';
    const gone: Row[] = [];
    for await (const rows of this.#log(places)) {
      for (const row of rows) {
        this.#checkKey(row);
        merge.load(row);
      }
    }
    let left = 0;
    for await (const rows of this.#previous()) {
      const kept = rows.filter((row) => {
        const stays = merge.stays(row);
        if (tells && !stays) gone.push(row);
        return stays;
      });
      left += rows.length - kept.length;
      await this.#file.addAll(kept);
    }
    const coming = merge.coming();
    await this.#file.addAll(coming);
    if (tells) await tellFamily(kinship.folder, familyOf(merge.accepted(), gone, coming, idColumn(this.#columns)));
    const published = { ...merge.counts(), total: this.#file.rows };
    const changesNothing = left === 0 && coming.length === 0 && !schemaChanged;
    const hadTable = previous !== undefined && disposition === 'merge';
    return hadTable && changesNothing ? { ...published, written: false } : published;
  }

  /** A field that some rows have within an object and others as a column of its own is seen only now. */
  #checkKey(row: Row): void {
    const name = missingKey(row, this.#rules, this.#columns);
    if (name === undefined) return;
    const message = `a row has no value for the key "${name}". Choose another key, or drop such rows before the sink, for example with filterRows. The rows are kept in the stage.`;
    throw new TableError('ERR_TABLE_VALUE', this.#publication.table, message);
  }

  /** @param places Only the lines that belong to rows at these places in the log of the table. */
  async *#log(places?: ReadonlySet<number>): AsyncGenerator<Value[][]> {
    const { segments, rows, signal } = this.#publication;
    let count = 0;
    for await (const lines of readLogLines(rows === 0 ? [] : segments)) {
      if (signal.aborted) throw new AbortedError();
      count += lines.length;
      const kept = places === undefined ? lines : lines.filter((line) => places.has(Number(own(line, rootPlace))));
      yield kept.map((line) => this.#columns.map((column) => this.#exactly(column, fromLog, own(line, column.name))));
    }
    checkRead(this.#publication, count);
  }

  /** The rows of the published table with the columns and types of the new one. */
  async *#previous(): AsyncGenerator<Value[][]> {
    const { previous, disposition, signal } = this.#publication;
    if (previous === undefined || disposition === 'replace') return;
    const sources = this.#columns.map(({ name }) => {
      const at = previous.columns.findIndex((column) => column.name === name);
      const from = previous.columns[at];
      return { at, read: (value: Value, to: ColumnType) => (from ? convert(value, from.type, to) : null) };
    });
    for await (const rows of readPrevious(previous.file, previous.columns)) {
      if (signal.aborted) throw new AbortedError();
      yield rows.map((row) =>
        this.#columns.map((column, to) => this.#exactly(column, sources[to]!.read, row[sources[to]!.at] ?? null)),
      );
    }
  }

  #exactly<T>(column: Column, read: (value: T, type: ColumnType) => Value, value: T): Value {
    let result: Value;
    try {
      result = read(value, column.type);
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      const message = `column ${column.name}: ${error.message}. Declare another type for it. The rows are kept in the stage.`;
      throw new TableError('ERR_TABLE_VALUE', this.#publication.table, message);
    }
    if (result === null && !column.nullable) {
      const message = `column ${column.name}: NULL where the schema says that there is none. The rows are kept in the stage.`;
      throw new TableError('ERR_TABLE_VALUE', this.#publication.table, message);
    }
    return result;
  }
}

function tableError({ table }: Publication, cause: unknown): unknown {
  if (cause instanceof SluiceError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TableError('ERR_TABLE_WRITE', table, `publishing failed: ${reason}. The rows are kept in the stage.`, {
    cause,
  });
}
