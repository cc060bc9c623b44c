// DuckDB as this package uses it: one in-memory database for one piece of work, with a memory limit and a folder to spill to.
import type { DuckDBBitValue, DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import { AbortedError } from '../core/index.js';
import { quoteLiteral } from '../schema/index.js';
import { adviceFor } from '../stage/index.js';
import { halfOf } from './memory-amount.js';
import { TableError } from './table-error.js';

export interface DatabaseOptions {
  /** The table that errors name. */
  readonly table: string;
  /** As DuckDB writes it: `128MB`. */
  readonly memoryLimit: string;
  readonly threads: number;
  /** Where it spills to. */
  readonly scratch?: string;
  readonly signal?: AbortSignal;
  /** Whether rows are passed on in the pieces in which they are read, and by one thread: for rows of which many would be too large. @default false */
  readonly isWide?: boolean;
  /** A database file that is attached as `target`. Whoever opens it so takes care that nobody else in this process has it open. */
  readonly attach?: string;
}

export class Database {
  #instance: DuckDBInstance;
  #connection: DuckDBConnection;
  readonly #options: DatabaseOptions;
  readonly #interrupt = (): void => this.#connection.interrupt();

  private constructor(opened: Opened, options: DatabaseOptions) {
    this.#instance = opened.instance;
    this.#connection = opened.connection;
    this.#options = options;
    options.signal?.addEventListener('abort', this.#interrupt);
  }

  /** @throws TableError `ERR_ENGINE_UNAVAILABLE` when DuckDB has no binary here. */
  static async open(options: DatabaseOptions): Promise<Database> {
    return new Database(await openInstance(options), options);
  }

  /** Forgets all tables and gives all memory back: what one step of a merge has cached is of no use to the next. */
  async restart(): Promise<void> {
    // Two instances must never have one file attached, nor take the memory of two.
    this.#closeInstance();
    const opened = await openInstance(this.#options);
    this.#instance = opened.instance;
    this.#connection = opened.connection;
  }

  /** Runs one statement. @throws TableError, or AbortedError when the signal aborted it */
  async run(sql: string): Promise<void> {
    await this.#guard(() => this.#connection.run(sql));
  }

  /**
   * Runs one statement with half the memory, and with all of it when that is not enough: for those that take no longer when they spill, so that they do
   * not make the peak of the process.
   */
  async runSpilling(sql: string): Promise<void> {
    const { memoryLimit } = this.#options;
    await this.#limitMemory(halfOf(memoryLimit));
    try {
      return await this.run(sql);
    } catch (error) {
      if (!(error instanceof TableError && error.code === 'ERR_ENGINE_MEMORY')) throw error;
    } finally {
      await this.#limitMemory(memoryLimit);
    }
    await this.run(sql);
  }

  /** What is in use beyond the limit is spilled. What cannot be spilled is no error of the statement that comes. */
  async #limitMemory(limit: string): Promise<void> {
    await this.#connection.run(`SET memory_limit = ${quoteLiteral(limit)}`).catch(() => undefined);
  }

  /** The rows of a query, values in the order of its columns. */
  async rows(sql: string): Promise<DuckDBValue[][]> {
    return await this.#guard(async () => (await this.#connection.runAndReadAll(sql)).getRows());
  }

  /** The numbers in the only row of a query. */
  async numbers(sql: string): Promise<number[]> {
    const [row = []] = await this.rows(sql);
    return row.map(Number);
  }

  /** The BIT that a query gives, as DuckDB stores it. */
  async bits(query: string): Promise<DuckDBBitValue> {
    const [[bits] = []] = await this.rows(query);
    return bits as DuckDBBitValue;
  }

  /** The connection itself, for what SQL cannot say. */
  get connection(): DuckDBConnection {
    return this.#connection;
  }

  close(): void {
    this.#options.signal?.removeEventListener('abort', this.#interrupt);
    this.#closeInstance();
  }

  #closeInstance(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    if (this.#options.signal?.aborted) throw new AbortedError();
    try {
      return await work();
    } catch (error) {
      if (this.#options.signal?.aborted) throw new AbortedError(undefined, { cause: error });
      throw engineError(this.#options.table, error);
    }
  }
}

interface Opened {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
}

async function openInstance({ isWide, scratch, attach, ...options }: DatabaseOptions): Promise<Opened> {
  const { table, memoryLimit } = options;
  const threads = isWide ? 1 : options.threads;
  const { DuckDBInstance } = await load(table);
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: memoryLimit,
    threads: String(threads),
    temp_directory: scratch ?? '',
    // Nothing is fetched from the network behind the user's back.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    // What is freed goes back to the system at once: the steps of a merge need their memory one after the other.
    // Where there is memory for more threads, less of the time goes into that.
    allocator_flush_threshold: threads === 1 ? '1MB' : '16MB',
    allocator_bulk_deallocation_flush_threshold: threads === 1 ? '1MB' : '64MB',
  });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  // Filters and joins gather small pieces until a whole vector is full.
  if (isWide) await connection.run('SET enable_caching_operators = false');
  if (attach !== undefined) {
    try {
      await connection.run(`ATTACH ${quoteLiteral(attach)} AS target`);
    } catch (error) {
      connection.closeSync();
      instance.closeSync();
      throw error;
    }
  }
  return { instance, connection };
}

/** Loads the library, which takes a twentieth of a second. Where it cannot be loaded, whoever opens a database is told. */
export function preload(): void {
  import('@duckdb/node-api').catch(() => undefined);
}

async function load(table: string): Promise<typeof import('@duckdb/node-api')> {
  try {
    // Built in, it has no other name.
    return (await import('@duckdb/node-api')).default;
  } catch (cause) {
    throw new TableError(
      'ERR_ENGINE_UNAVAILABLE',
      table,
      `DuckDB does not load on this platform (${process.platform}-${process.arch}). Reinstall with optional dependencies, or use the option engine: 'parquetjs', which needs no binary.`,
      { cause },
    );
  }
}

/** What the system says when it refuses a call, and its code: DuckDB's errors have the words alone. */
const refusals = [
  ['Too many open files', 'EMFILE'],
  ['Permission denied', 'EACCES'],
  ['Read-only file system', 'EROFS'],
] as const;

/** What a person can do about an error of DuckDB that a refused system call has caused; empty when nothing is known. */
export function refusalAdvice(message: string): string {
  return adviceFor({ code: refusals.find(([words]) => message.includes(words))?.[1] });
}

/** @param advice What a person can do, who may have given the memory under another name than `memoryLimit` */
export function memoryError(table: string, cause: unknown, advice: string): TableError {
  const [first] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
  const what = `publishing needs more memory (${first}). ${advice} and run again: the rows are kept in the stage.`;
  return new TableError('ERR_ENGINE_MEMORY', table, what, { cause });
}

/** An error of too little memory, with what is known of the rows that took it; any other as it is. */
export function withCauseOfNeed(error: unknown, need: string): unknown {
  if (!(error instanceof TableError && error.code === 'ERR_ENGINE_MEMORY')) return error;
  const { cause, table } = error;
  const [first] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
  return memoryError(table, new Error(`${first}; ${need}`, { cause }), 'Raise the option memoryLimit');
}

/** What an error of DuckDB means for a table that is being published. */
export function engineError(table: string, cause: unknown): TableError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const first = message.split('\n')[0]!;
  if (/No space left on device|max_temp_directory_size/.test(message)) {
    return new TableError(
      'ERR_TABLE_WRITE',
      table,
      `the disk is full (${first}). Make room and run again: the rows are kept in the stage.`,
      { cause },
    );
  }
  if (/Object .* has duplicate key/s.test(message)) {
    return new TableError('ERR_ENGINE_DUPLICATE_KEY', table, `a row holds a key twice (${first})`, { cause });
  }
  // A commit that fails says so first.
  if (message.startsWith('Out of Memory Error') || /failed to (pin|allocate) .* used\)/.test(first)) {
    return memoryError(table, cause, 'Raise the option memoryLimit');
  }
  const what = `publishing failed: ${first}. ${refusalAdvice(message)}`.trimEnd();
  return new TableError('ERR_TABLE_WRITE', table, `${what} The rows are kept in the stage.`, { cause });
}
