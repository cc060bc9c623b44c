// Changes the tables of a run in one database, all in one transaction.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Column } from '../../schema/index.js';
import { files, type Stage } from '../../stage/index.js';
import { type Database, withCauseOfNeed } from '../duckdb.js';
import type { MemoryLimits } from '../memory-limits.js';
import { checkWritten } from '../row-count.js';
import { largestRowBytes, vectorRows } from '../row-groups.js';
import { identifier, literal } from '../sql-text.js';
import { TableError } from '../table-error.js';
import { withDatabaseFile } from './database-file.js';
import {
  type DatabaseTable,
  type LoadRecord,
  recordLoad,
  type Standing,
  sqlName,
  standingOf,
} from './database-table.js';

/** What becomes of a table, with the rows in Parquet files. */
export interface DatabaseChange {
  readonly table: DatabaseTable;
  /** The columns and their types in SQL, of a table that is made, also in the place of another. */
  readonly create?: readonly (Column & { readonly sql: string })[];
  /** The table for which the change was decided, or in whose place it is made. */
  readonly before: Standing;
  /** Statements that give an existing table its new columns. */
  readonly alter: readonly string[];
  /** A file with the `rowid` of each row that leaves, and how many those are. */
  readonly leave?: { readonly file: string; readonly rows: number };
  /** A file with the rows that come, and how many those are. */
  readonly come?: { readonly file: string; readonly rows: number };
  readonly record: LoadRecord;
}

/** Where and how a transaction runs. */
export interface TransactionOptions {
  readonly file: string;
  readonly limits: MemoryLimits;
}

const transactions = new WeakMap<Stage, Map<string, DatabaseTransaction>>();

export class DatabaseTransaction {
  readonly #stage: Stage;
  readonly #options: TransactionOptions;
  readonly #folder: string;
  /** Whether the file was made for this run. */
  readonly #isNew: boolean;
  readonly #changes: DatabaseChange[] = [];
  #placed = 0;
  #folders = 0;

  private constructor(stage: Stage, options: TransactionOptions, number: number) {
    this.#stage = stage;
    this.#options = options;
    this.#isNew = !existsSync(options.file);
    this.#folder = join(stage.folder, `database-${number}`);
  }

  /** The one of a run for a database. */
  static of(stage: Stage, options: TransactionOptions): DatabaseTransaction {
    const ofStage = transactions.get(stage) ?? new Map<string, DatabaseTransaction>();
    transactions.set(stage, ofStage);
    const known = ofStage.get(options.file) ?? new DatabaseTransaction(stage, options, ofStage.size);
    ofStage.set(options.file, known);
    return known;
  }

  /** A folder for the files of one change. */
  nextFolder(): string {
    this.#folders += 1;
    return join(this.#folder, String(this.#folders));
  }

  add(change: DatabaseChange): void {
    this.#changes.push(change);
  }

  /** Notes that a table's turn has come; with the last one, all are changed. */
  async place(): Promise<void> {
    this.#placed += 1;
    if (this.#placed < this.#changes.length) return;
    const { file, limits } = this.#options;
    const { name } = this.#changes[0]!.table;
    try {
      await limits.use((limit) =>
        withDatabaseFile(file, { ...limit, table: name, scratch: join(this.#folder, 'spill') }, (database) =>
          this.#run(database),
        ),
      );
    } catch (error) {
      throw withCauseOfNeed(error, await this.#need());
    }
    await this.discard();
  }

  /** What memory the changes take: a table holds its rows by vectors, and a vector that is written is in memory. */
  async #need(): Promise<string> {
    const come = this.#changes.flatMap((change) => change.come ?? []);
    const needs = await Promise.all(
      come.map(async ({ file, rows }) => (await largestRowBytes([file])) * Math.min(rows, vectorRows)),
    );
    const megabytes = Math.ceil(Math.max(0, ...needs) / 1e6);
    return `a table in a database takes in ${vectorRows} rows at a time, which are up to ${megabytes} MB of this load. A Parquet file or directory takes in fewer`;
  }

  /** Removes the files. */
  async discard(): Promise<void> {
    await files.rm(this.#folder, { recursive: true, force: true }).catch(() => undefined);
  }

  /** Removes the files, and a database that was made for tables that were not put into it. Never fails. */
  async abandon(table: string): Promise<void> {
    await this.discard();
    const { file, limits } = this.#options;
    if (!this.#isNew || !existsSync(file)) return;
    const removeEmpty = async (database: Database): Promise<void> => {
      const [tables] = await database.numbers(`SELECT count(*) FROM duckdb_tables() WHERE database_name = 'target'`);
      // While it is open, nobody else puts tables into it.
      if (tables === 0) await files.rm(file, { force: true });
    };
    await limits
      .use((limit) => withDatabaseFile(file, { ...limit, table, scratch: this.#folder }, removeEmpty))
      .catch(() => undefined);
    await this.discard();
  }

  async #run(database: Database): Promise<void> {
    await database.run('BEGIN');
    try {
      for (const change of this.#changes) await apply(database, change);
      await this.#stage.check();
      await database.run('COMMIT');
    } catch (error) {
      await database.run('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }
}

async function apply(database: Database, change: DatabaseChange): Promise<void> {
  const { table, create, alter, leave, come, record } = change;
  const name = sqlName(table);
  await checkBefore(database, change);
  if (create !== undefined) {
    const columns = create.map((column) => `${identifier(column.name)} ${column.sql}`);
    await database.run(`CREATE SCHEMA IF NOT EXISTS target.${identifier(table.schema)}`);
    await database.run(`DROP TABLE IF EXISTS ${name}`);
    await database.run(`CREATE TABLE ${name} (${columns.join(', ')})`);
    for (const column of create) {
      if (column.description === undefined) continue;
      // A comment is one literal, which holds no NUL.
      const comment = literal(column.description.replaceAll('\0', '\ufffd'));
      await database.run(`COMMENT ON COLUMN ${name}.${identifier(column.name)} IS ${comment}`);
    }
  }
  for (const statement of alter) await database.run(statement);
  if (leave !== undefined) {
    const rows = `SELECT place FROM read_parquet(${literal(pattern(leave.file))})`;
    const [left] = await database.numbers(`DELETE FROM ${name} WHERE rowid IN (${rows})`);
    if (left !== leave.rows) throw changed(table);
  }
  if (come !== undefined) {
    const rows = `SELECT * FROM read_parquet(${literal(pattern(come.file))})`;
    const [came = 0] = await database.numbers(`INSERT INTO ${name} BY NAME ${rows}`);
    checkWritten({ table: table.name }, come.rows, came);
  }
  for (const statement of recordLoad(table, record)) await database.run(statement);
}

/** What was decided for a table must not be done to another one. */
async function checkBefore(database: Database, { table, before }: DatabaseChange): Promise<void> {
  const now = await standingOf(database, table);
  if (now.loadId !== before.loadId || now.rows !== before.rows) throw changed(table);
}

function changed({ name, file }: DatabaseTable): TableError {
  const message = `something else changed it in ${file} while this run published. Run again: the rows are kept in the stage.`;
  return new TableError('ERR_TABLE_WRITE', name, message);
}

function pattern(path: string): string {
  return path.replace(/[*?[]/g, '[$&]');
}
