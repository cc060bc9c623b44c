// The engine on DuckDB: reads the log with the final types, removes duplicates, merges, writes one file. Memory stays within the
// limit whatever the number of rows: only keys are held, and what does not fit is spilled.
import { rename, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { convertExpression, quoteIdentifier, readExpression, readType, sqlType } from '../schema/index.js';
import { Database } from './duckdb.js';
import type { Engine, Publication, Published } from './engine.js';
import * as sql from './merge-sql.js';

export interface DuckDbOptions {
  /** Memory for DuckDB alone, as it writes it. More makes large merges faster. @default '128MB' */
  readonly memoryLimit?: string;
  /** @default the number of cores, at most 4 */
  readonly threads?: number;
}

/** How the engine reads a format's files and writes them; Parquet needs no help. */
export interface FileFormat {
  /** Makes a Parquet file of a published one. */
  import(database: Database, file: string, parquet: string): Promise<void>;
  /** Writes a query's rows, in their order. */
  export(database: Database, query: string, publication: Publication): Promise<void>;
}

export class DuckDbEngine implements Engine {
  readonly name = 'duckdb';
  readonly #options: Required<DuckDbOptions>;
  readonly #format: FileFormat | undefined;

  constructor(options: DuckDbOptions = {}, format?: FileFormat) {
    const threads = options.threads ?? Math.min(availableParallelism(), 4);
    this.#options = { memoryLimit: options.memoryLimit ?? '128MB', threads };
    this.#format = format;
  }

  async publish(publication: Publication): Promise<Published> {
    const { table, scratch, signal } = publication;
    const database = await Database.open({ ...this.#options, table, scratch, signal });
    try {
      return await new Merge(database, publication, this.#format, await rowGroupRows(publication)).run();
    } finally {
      database.close();
    }
  }
}

/** One publish under way. */
class Merge {
  readonly #database: Database;
  readonly #publication: Publication;
  readonly #format: FileFormat | undefined;
  readonly #columns: readonly sql.SqlColumn[];
  readonly #rowGroupRows: number;

  constructor(database: Database, publication: Publication, format: FileFormat | undefined, rowGroupRows: number) {
    this.#database = database;
    this.#publication = publication;
    this.#format = format;
    this.#columns = publication.schema.columns.map(({ name, type }) => ({ name, type: sqlType(type) }));
    this.#rowGroupRows = rowGroupRows;
  }

  async run(): Promise<Published> {
    const { disposition, primaryKey, rows } = this.#publication;
    const previous = disposition === 'replace' ? undefined : await this.#previous();
    if (disposition === 'append' || primaryKey.length === 0 || rows === 0) return await this.#append(previous);
    return previous === undefined ? await this.#distinct() : await this.#merge(previous);
  }

  /** The previous rows, and the log after them. */
  async #append(previous: Previous | undefined): Promise<Published> {
    const { rows } = this.#publication;
    const log = this.#log();
    const kept = previous ? [sql.withoutPlace(previous.relation, this.#columns)] : [];
    await this.#write(sql.concatenated([...kept, log]));
    return { inserted: rows, updated: 0, unchanged: 0, duplicates: 0, total: rows + (previous?.rows ?? 0) };
  }

  /** The log alone, the last row of each key. */
  async #distinct(): Promise<Published> {
    const { rows, destination, scratch } = this.#publication;
    // Most logs hold no key twice: then what was written to look for them is the result.
    const loaded = this.#format === undefined ? destination : join(scratch, 'load.parquet');
    await this.#copy(this.#log(), loaded, 'final');
    const load = this.#load(loaded);
    const distinct = await this.#findLast(load);
    if (distinct === rows) {
      if (this.#format !== undefined) await this.#write(sql.withoutPlace(load, this.#columns));
    } else {
      await this.#database.run(sql.setBits('last_rows', sql.lastRows, rows));
      const query = sql.whereBit(load, 'last_rows', 1, this.#columns);
      if (this.#format !== undefined) await this.#write(query);
      else {
        const draft = join(scratch, 'distinct.parquet');
        await this.#copy(query, draft, 'final');
        await rename(draft, destination);
      }
    }
    return { inserted: distinct, updated: 0, unchanged: 0, duplicates: rows - distinct, total: distinct };
  }

  /** The previous rows that stay, in their order, and after them the new and changed ones in the order of the log. */
  async #merge(previous: Previous): Promise<Published> {
    const { rows, primaryKey, scratch } = this.#publication;
    const loaded = join(scratch, 'load.parquet');
    await this.#copy(this.#log(), loaded, 'quick');
    const load = this.#load(loaded);
    const distinct = await this.#findLast(load);
    await this.#database.run(sql.createMatches(load, previous.relation, this.#columns, primaryKey));
    await this.#database.run(sql.createVerdict());
    const [found = 0, unchanged = 0] = await this.#database.numbers(sql.countVerdict);
    const counts = { inserted: distinct - found, updated: found - unchanged, unchanged, duplicates: rows - distinct };
    if (distinct === unchanged && !this.#publication.schemaChanged) {
      return { ...counts, total: previous.rows, written: false };
    }
    await this.#database.run(sql.setBits('replaced_rows', sql.replacedRows, previous.rows));
    await this.#database.run(sql.setBits('written_rows', sql.writtenRows, rows));
    const [replaced = 0] = await this.#database.numbers(`SELECT count(*) FROM (${sql.replacedRows})`);
    const parts = [
      replaced === 0
        ? sql.withoutPlace(previous.relation, this.#columns)
        : sql.whereBit(previous.relation, 'replaced_rows', 0, this.#columns),
      ...(distinct === unchanged ? [] : [sql.whereBit(load, 'written_rows', 1, this.#columns)]),
    ];
    await this.#write(sql.concatenated(parts));
    return { ...counts, total: previous.rows - replaced + counts.inserted + counts.updated };
  }

  async #previous(): Promise<Previous | undefined> {
    const { previous, scratch } = this.#publication;
    if (previous === undefined) return undefined;
    let file = previous.file;
    if (this.#format !== undefined) {
      file = join(scratch, 'previous.parquet');
      await this.#format.import(this.#database, previous.file, file);
    }
    const types = new Map(this.#publication.schema.columns.map(({ name, type }) => [name, type]));
    const existing = previous.columns.flatMap(({ name, type }) => {
      const to = types.get(name);
      // A foreign file may have narrower types than the ones that stand for them here.
      const from = `CAST(${quoteIdentifier(name)} AS ${sqlType(type)})`;
      return to === undefined ? [] : [{ name, cast: convertExpression(from, type, to) }];
    });
    const [rows = 0] = await this.#database.numbers(`SELECT count(*) FROM ${sql.readParquet(file)}`);
    return { relation: sql.selectExisting(file, this.#columns, existing), rows };
  }

  #log(): string {
    const { segments, rows, schema, longestLine } = this.#publication;
    if (rows === 0) return sql.noRows(this.#columns);
    const columns = schema.columns.map((column) => ({
      name: column.name,
      readType: readType(column.type),
      expression: readExpression(column),
    }));
    return sql.readLog(segments, columns, longestLine);
  }

  #load(file: string): string {
    const existing = this.#columns.map(({ name }) => ({ name, cast: quoteIdentifier(name) }));
    return sql.selectExisting(file, this.#columns, existing);
  }

  async #findLast(load: string): Promise<number> {
    await this.#database.run(sql.createLast(load, this.#publication.primaryKey));
    const [distinct = 0] = await this.#database.numbers(sql.countLast);
    return distinct;
  }

  async #write(query: string): Promise<void> {
    if (this.#format === undefined) await this.#copy(query, this.#publication.destination, 'final');
    else await this.#format.export(this.#database, query, this.#publication);
  }

  async #copy(query: string, file: string, purpose: 'final' | 'quick'): Promise<void> {
    const { compression = 'zstd', metadata } = this.#publication;
    const rowGroupRows = this.#rowGroupRows;
    const options =
      purpose === 'final' ? { compression, rowGroupRows, metadata } : { compression: 'lz4_raw', rowGroupRows };
    await this.#database.run(sql.copyToParquet(query, file, options));
  }
}

interface Previous {
  /** With the published columns and the place of each row. */
  readonly relation: string;
  readonly rows: number;
}

/** Bytes of log that one row group takes in: what a thread holds in memory while it writes. */
const rowGroupBytes = 16 * 1024 * 1024;

async function rowGroupRows({ rowGroupRows, segments, rows }: Publication): Promise<number> {
  if (rowGroupRows !== undefined) return rowGroupRows;
  if (rows === 0) return 122_880;
  const sizes = await Promise.all(segments.map(async (file) => (await stat(file)).size));
  const line = sizes.reduce((sum, size) => sum + size, 0) / rows;
  // DuckDB works in vectors of 2,048 rows.
  const vectors = Math.floor(rowGroupBytes / Math.max(line, 1) / 2048);
  return 2048 * Math.min(Math.max(vectors, 1), 60);
}
