// The engine on DuckDB: reads the log with the final types, removes duplicates, merges, writes one file. Memory stays within the
// limit whatever the number of rows: only keys are held, and what does not fit is spilled.
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { OptionError } from '../core/index.js';
import {
  convertExpression,
  importExpression,
  quoteIdentifier,
  readExpression,
  readType,
  sqlType,
  storedType,
} from '../schema/index.js';
import { files } from '../stage/index.js';
import { Database } from './duckdb.js';
import type { Engine, Publication, Published } from './engine.js';
import * as sql from './merge-sql.js';
import { TableError } from './table-error.js';

export interface DuckDbOptions {
  /**
   * Memory for DuckDB alone, as it writes it. More makes large merges faster.
   * @default '128MB', and twice as much up to '1GB' when a table cannot do with that
   */
  readonly memoryLimit?: string;
  /**
   * Each thread writes a row group of its own, so threads need memory: with too little of it, two are slower than one.
   * @default one for each 128 MB of `memoryLimit`, at most the number of cores
   */
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
  /** To be tried one after the other. */
  readonly #limits: readonly Limits[];
  readonly #format: FileFormat | undefined;

  /** @throws OptionError for a `memoryLimit` that DuckDB would not understand */
  constructor({ memoryLimit, threads }: DuckDbOptions = {}, format?: FileFormat) {
    const limits = memoryLimit === undefined ? defaultLimits : [memoryLimit];
    this.#limits = limits.map((limit) => ({ memoryLimit: limit, threads: threads ?? threadsFor(limit) }));
    this.#format = format;
  }

  async publish(publication: Publication): Promise<Published> {
    const last = this.#limits.length - 1;
    for (const limits of this.#limits.slice(0, last)) {
      try {
        return await this.#publish(publication, limits);
      } catch (error) {
        if (!(error instanceof TableError && error.code === 'ERR_ENGINE_MEMORY')) throw error;
      }
    }
    return await this.#publish(publication, this.#limits[last]!);
  }

  async #publish(publication: Publication, limits: Limits): Promise<Published> {
    const { table, scratch, signal } = publication;
    const database = await Database.open({ ...limits, table, scratch, signal });
    try {
      return await new Merge(database, publication, this.#format, await rowGroupRows(publication)).run();
    } finally {
      database.close();
    }
  }
}

type Limits = Required<DuckDbOptions>;

const defaultLimits = ['128MB', '256MB', '512MB', '1GB'];

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
    await this.#database.restart();
    const { relation, distinct } = await this.#lastOf(loaded);
    const query = sql.withoutPlace(relation, this.#columns);
    if (this.#format !== undefined) {
      await this.#write(query);
    } else if (distinct < rows) {
      const draft = join(scratch, 'distinct.parquet');
      await this.#copy(query, draft, 'final');
      await files.rename(draft, destination);
    }
    return { inserted: distinct, updated: 0, unchanged: 0, duplicates: rows - distinct, total: distinct };
  }

  /** The previous rows that stay, in their order, and after them the new and changed ones in the order of the log. */
  async #merge(previous: Previous): Promise<Published> {
    const { rows, scratch, schemaChanged = false } = this.#publication;
    const loaded = join(scratch, 'load.parquet');
    await this.#copy(this.#log(), loaded, 'quick');
    await this.#database.restart();
    const { relation, distinct } = await this.#lastOf(loaded);
    const sides = { load: relation, loadRows: rows, previous: previous.relation, previousRows: previous.rows };
    const { found, unchanged, replaced } = await this.#compare(sides);
    const counts = { inserted: distinct - found, updated: found - unchanged, unchanged, duplicates: rows - distinct };
    if (distinct === unchanged && !schemaChanged) return { ...counts, total: previous.rows, written: false };
    const stay = await this.#without(previous.relation, 'replaced', replaced);
    const come = await this.#without(relation, 'unchanged', unchanged);
    await this.#write(sql.concatenated([stay, come].map((part) => sql.withoutPlace(part, this.#columns))));
    return { ...counts, total: previous.rows - replaced + counts.inserted + counts.updated };
  }

  async #compare(sides: sql.Sides): Promise<{ found: number; unchanged: number; replaced: number }> {
    const { primaryKey } = this.#publication;
    const judge = async (twice: boolean): Promise<number[]> => {
      await this.#database.run(sql.createVerdict(sides, this.#columns, primaryKey, twice));
      return await this.#database.numbers(sql.countVerdict);
    };
    let [pairs = 0, found = 0, unchanged = 0, replaced = 0] = await judge(false);
    if (pairs > found) {
      await this.#database.run(sql.createTwice(sides, primaryKey));
      [pairs = 0, found = 0, unchanged = 0, replaced = 0] = await judge(true);
    }
    return { found, unchanged, replaced };
  }

  /** The rows of a relation that are not in a set of the verdict. */
  async #without(relation: string, set: 'unchanged' | 'replaced', count: number): Promise<string> {
    if (count === 0) return relation;
    await this.#database.run(sql.setFromVerdict(set));
    return sql.whereBit(relation, set, 0);
  }

  async #previous(): Promise<Previous | undefined> {
    const { previous, scratch } = this.#publication;
    if (previous === undefined) return undefined;
    let file = previous.file;
    if (this.#format !== undefined) {
      file = join(scratch, 'previous.parquet');
      await this.#format.import(this.#database, previous.file, file);
    }
    const final = new Map(this.#publication.schema.columns.map(({ name, type }) => [name, type]));
    const found = new Map(
      (await this.#database.rows(sql.describeParquet(file))).map(([name, type]) => [name, String(type)]),
    );
    const existing = previous.columns.flatMap(({ name, type }) => {
      const to = final.get(name);
      const stored = found.get(name) ?? sqlType(type);
      // A foreign file may have other types than the ones that stand for them here.
      const from =
        stored === storedType(type)
          ? sql.typed(quoteIdentifier(name), stored, sqlType(type))
          : importExpression(quoteIdentifier(name), stored);
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

  /** The loaded rows, the last one of each key. */
  async #lastOf(loaded: string): Promise<{ readonly relation: string; readonly distinct: number }> {
    const { rows, primaryKey } = this.#publication;
    const existing = this.#columns.map(({ name }) => ({ name, cast: quoteIdentifier(name) }));
    const relation = sql.selectExisting(loaded, this.#columns, existing);
    await this.#database.run(sql.setLastRows(relation, primaryKey, rows));
    const [distinct = 0] = await this.#database.numbers(sql.countLastRows);
    return { relation: distinct === rows ? relation : sql.whereBit(relation, 'last_rows', 1), distinct };
  }

  async #write(query: string): Promise<void> {
    if (this.#format === undefined) await this.#copy(query, this.#publication.destination, 'final');
    else await this.#format.export(this.#database, query, this.#publication);
  }

  /** A query's columns as the published file stores them. */
  #stored(query: string): string {
    const columns = this.#publication.schema.columns.map(({ name, type }) => ({
      name,
      type: sqlType(type),
      stored: storedType(type),
    }));
    return columns.every(({ type, stored }) => type === stored) ? query : sql.asStored(query, columns);
  }

  async #copy(query: string, file: string, purpose: 'final' | 'quick'): Promise<void> {
    const { compression = 'zstd', metadata } = this.#publication;
    const rowGroupRows = this.#rowGroupRows;
    const options =
      purpose === 'final' ? { compression, rowGroupRows, metadata } : { compression: 'lz4_raw', rowGroupRows };
    await this.#database.run(sql.copyToParquet(purpose === 'final' ? this.#stored(query) : query, file, options));
  }
}

const units: Readonly<Record<string, number>> = { K: 1e3, M: 1e6, G: 1e9, T: 1e12 };

/** @throws OptionError for what DuckDB would not understand */
function threadsFor(memoryLimit: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([KMGT])i?B\s*$/i.exec(memoryLimit);
  if (!match) throw new OptionError('memoryLimit', `must be an amount such as 512MB or 2GB, not ${memoryLimit}`);
  const bytes = Number(match[1]) * units[match[2]!.toUpperCase()]!;
  return Math.min(Math.max(Math.floor(bytes / 128e6), 1), availableParallelism());
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
