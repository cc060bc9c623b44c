// Publishing in JavaScript alone: reads the log, removes duplicates, merges, writes Parquet. Memory holds the keyed rows of the log.
import { rm } from 'node:fs/promises';
import { AbortedError, SluiceError } from '../core/index.js';
import type { Column, ColumnType } from '../schema/index.js';
import { nothingPublished, type Publication, type Published } from './engine.js';
import { type ParquetjsCompression, ParquetjsFile } from './parquetjs-file.js';
import { readLogLines } from './parquetjs-log.js';
import { readPrevious } from './parquetjs-previous.js';
import { convert, fromLog, keyOf, own, same, Unfit, type Value } from './parquetjs-value.js';
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

function fileOptions({ table, format, schema, metadata, compression = 'snappy', rowGroupRows }: Publication) {
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
  return { columns: schema.columns, metadata, compression: known, rowGroupRows: rowGroupRows ?? 10_000 };
}

/** One publish under way. */
class Publish {
  readonly #publication: Publication;
  readonly #file: ParquetjsFile;
  readonly #columns: readonly Column[];

  constructor(publication: Publication, file: ParquetjsFile) {
    this.#publication = publication;
    this.#file = file;
    this.#columns = publication.schema.columns;
  }

  async run(): Promise<Published> {
    const { disposition, primaryKey, rows } = this.#publication;
    const merges = disposition === 'merge' || disposition === 'replace';
    return merges && primaryKey.length > 0 && rows > 0 ? this.#merge() : this.#append();
  }

  /** The previous rows, and the log after them. */
  async #append(): Promise<Published> {
    const { rows } = this.#publication;
    for await (const rows of this.#previous()) await this.#file.addAll(rows);
    for await (const rows of this.#log()) await this.#file.addAll(rows);
    return { ...nothingPublished, inserted: rows, total: this.#file.rows };
  }

  /** The previous rows that stay, in their order, and after them the new and changed ones in the order of the log. */
  async #merge(): Promise<Published> {
    const { rows, primaryKey, schemaChanged } = this.#publication;
    const key = primaryKey.map((name) => this.#columns.findIndex((column) => column.name === name));
    const loaded = await this.#lastOfEachKey(key);
    const seen = new Map<Key, 'unchanged' | 'updated'>();
    for await (const rows of this.#previous()) {
      await this.#file.addAll(rows.filter((row) => stays(row, keyOf(row, key), loaded, seen)));
    }
    const fresh = [...loaded].filter(([at, row]) => row !== writtenAlready && seen.get(at) !== 'unchanged');
    await this.#file.addAll(fresh.map(([, row]) => row));
    const unchanged = [...seen.values()].filter((state) => state === 'unchanged').length;
    const counts = {
      ...nothingPublished,
      inserted: loaded.size - seen.size,
      updated: seen.size - unchanged,
      unchanged,
      duplicates: rows - loaded.size,
      total: this.#file.rows,
    };
    const hadTable = this.#publication.previous !== undefined && this.#publication.disposition === 'merge';
    return hadTable && unchanged === loaded.size && !schemaChanged ? { ...counts, written: false } : counts;
  }

  /** In the order of their places in the log. */
  async #lastOfEachKey(key: readonly number[]): Promise<Map<Key, readonly Value[]>> {
    const last = new Map<Key, readonly Value[]>();
    for await (const rows of this.#log()) {
      for (const row of rows) {
        const at = keyOf(row, key);
        if (at === undefined) throw new Error('a row of the log has NULL in its key');
        last.delete(at);
        last.set(at, row);
      }
    }
    return last;
  }

  async *#log(): AsyncGenerator<Value[][]> {
    const { segments, rows, signal } = this.#publication;
    let count = 0;
    for await (const lines of readLogLines(rows === 0 ? [] : segments)) {
      if (signal.aborted) throw new AbortedError();
      count += lines.length;
      yield lines.map((line) => this.#columns.map((column) => this.#exactly(column, fromLog, own(line, column.name))));
    }
    if (count !== rows) throw new Error(`the log has ${count} rows where it should have ${rows}`);
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

type Key = NonNullable<ReturnType<typeof keyOf>>;

/** Stands for a loaded row that the file has already. */
const writtenAlready: readonly Value[] = [];

/** Whether a previous row is written again, and what that says of the loaded row with its key. */
function stays(
  row: readonly Value[],
  key: Key | undefined,
  loaded: Map<Key, readonly Value[]>,
  seen: Map<Key, 'unchanged' | 'updated'>,
): boolean {
  const load = key === undefined ? undefined : loaded.get(key);
  if (key === undefined || load === undefined) return true;
  const before = seen.get(key);
  if (before === undefined && rowsAreSame(row, load)) {
    seen.set(key, 'unchanged');
    return true;
  }
  // The previous table may have the key twice, as a foreign file may: one row remains of it, and it is written already.
  if (before === 'unchanged') loaded.set(key, writtenAlready);
  seen.set(key, 'updated');
  return false;
}

function rowsAreSame(one: readonly Value[], other: readonly Value[]): boolean {
  return one.every((value, at) => same(value, other[at]!));
}

function tableError({ table }: Publication, cause: unknown): unknown {
  if (cause instanceof SluiceError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TableError('ERR_TABLE_WRITE', table, `publishing failed: ${reason}. The rows are kept in the stage.`, {
    cause,
  });
}
