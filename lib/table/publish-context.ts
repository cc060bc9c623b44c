// What the steps of a publish share: the database, what is to be published, and how a query becomes a file.
import { digestExpression, quoteIdentifier, sqlType, storedType } from '../schema/index.js';
import type { Database } from './duckdb.js';
import type { Publication } from './engine.js';
import { keyRules, type MergeRules } from './merge-rules.js';
import * as sql from './merge-sql.js';
import { copyOptions, defaultLayout } from './parquet-layout.js';
import type { RowGroups } from './row-groups.js';
import { leaveStatisticsOut } from './splice/leave-statistics-out.js';
import type { PublishedFile } from './splice/published-file.js';

/** How the engine reads a format's files and writes them; Parquet needs no help. */
export interface FileFormat {
  /** Makes a Parquet file of a published one, whose row groups are of so many rows where rows are wide. */
  import(database: Database, file: string, parquet: string, wideRows?: number): Promise<void>;
  /** Writes a query's rows, in their order. Returns their number. */
  export(database: Database, query: string, publication: Publication): Promise<number>;
}

/** One publish under way. */
export class PublishContext {
  readonly database: Database;
  readonly publication: Publication;
  /** `undefined` for Parquet. */
  readonly format: FileFormat | undefined;
  /** The published columns in their final types. */
  readonly columns: readonly sql.SqlColumn[];
  /** Rows of a full row group. */
  readonly rowGroupRows: number;
  readonly groups: RowGroups;
  readonly rules: MergeRules;
  /** The file that row groups may be copied from. */
  readonly published: PublishedFile | undefined;

  constructor(
    database: Database,
    publication: Publication,
    format: FileFormat | undefined,
    groups: RowGroups,
    published?: PublishedFile,
  ) {
    this.database = database;
    this.publication = publication;
    this.format = format;
    this.columns = publication.schema.columns.map(({ name, type }) => ({ name, type: sqlType(type) }));
    this.rowGroupRows = groups.rows;
    this.groups = groups;
    this.published = published;
    this.rules = publication.rules ?? keyRules(publication.primaryKey, publication.schema);
  }

  /** A column for being compared with itself in other rows: of wide rows what stands for its value. */
  comparable(name: string): string {
    const column = this.publication.schema.columns.find((each) => each.name === name);
    const isWide = this.groups.isWide && column !== undefined;
    return isWide ? digestExpression(quoteIdentifier(name), column.type) : quoteIdentifier(name);
  }

  /** The rows of a relation with these columns as they are compared. */
  compared(relation: string, columns: readonly string[]): string {
    const values = columns.map((name) => [name, this.comparable(name)] as const);
    const replaced = values.filter(([name, value]) => value !== quoteIdentifier(name));
    return replaced.length === 0 ? relation : sql.replacing(relation, Object.fromEntries(replaced));
  }

  /** How many rows of a query meet a condition. */
  async count(relation: string, condition: string): Promise<number> {
    const [rows = 0] = await this.database.numbers(`SELECT count(*) FROM (${sql.where(relation, condition)})`);
    return rows;
  }

  /**
   * Writes a query's rows into a Parquet file: as the published one stores them, or in their final types to be read again soon. Returns
   * their number.
   */
  async copy(query: string, file: string, purpose: 'final' | 'quick'): Promise<number> {
    const { layout = defaultLayout, metadata } = this.publication;
    if (purpose === 'quick') {
      const options = copyOptions({ ...defaultLayout, compression: 'lz4_raw' }, this.groups.quickRows, {});
      return await this.#copied(sql.copyTo(query, file, options));
    }
    const all = { ...layout.metadata, ...metadata };
    const rows = await this.#copied(sql.copyTo(this.#stored(query), file, copyOptions(layout, this.rowGroupRows, all)));
    if (layout.statistics !== true) await leaveStatisticsOut(file, layout.statistics || []);
    return rows;
  }

  async #copied(copy: string): Promise<number> {
    const [rows = 0] = await this.database.numbers(copy);
    return rows;
  }

  /** A query's columns as the published file stores them. */
  #stored(query: string): string {
    const columns = this.publication.schema.columns.map(({ name, type }) => ({
      name,
      type: sqlType(type),
      stored: storedType(type, this.publication.layout?.timestamps),
    }));
    return columns.every(({ type, stored }) => type === stored) ? query : sql.asStored(query, columns);
  }
}
