// DuckDB as this package uses it: one in-memory database for one piece of work, with a memory limit and a folder to spill to.
import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import { AbortedError } from '../core/index.js';
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
}

export class Database {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #table: string;
  readonly #signal: AbortSignal | undefined;
  readonly #interrupt = (): void => this.#connection.interrupt();

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, { table, signal }: DatabaseOptions) {
    this.#instance = instance;
    this.#connection = connection;
    this.#table = table;
    this.#signal = signal;
    signal?.addEventListener('abort', this.#interrupt);
  }

  /** @throws TableError `ERR_ENGINE_UNAVAILABLE` when DuckDB has no binary here. */
  static async open(options: DatabaseOptions): Promise<Database> {
    const { DuckDBInstance } = await load(options.table);
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: options.memoryLimit,
      threads: String(options.threads),
      temp_directory: options.scratch ?? '',
      // Nothing is fetched from the network behind the user's back.
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      // What is freed goes back to the system at once: the steps of a merge need their memory one after the other.
      allocator_flush_threshold: '1MB',
      allocator_bulk_deallocation_flush_threshold: '8MB',
    });
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    return new Database(instance, connection, options);
  }

  /** Runs one statement. @throws TableError, or AbortedError when the signal aborted it */
  async run(sql: string): Promise<void> {
    await this.#guard(() => this.#connection.run(sql));
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

  /** The connection itself, for what SQL cannot say. */
  get connection(): DuckDBConnection {
    return this.#connection;
  }

  close(): void {
    this.#signal?.removeEventListener('abort', this.#interrupt);
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    if (this.#signal?.aborted) throw new AbortedError();
    try {
      return await work();
    } catch (error) {
      if (this.#signal?.aborted) throw new AbortedError(undefined, { cause: error });
      throw tableError(this.#table, error);
    }
  }
}

async function load(table: string): Promise<typeof import('@duckdb/node-api')> {
  try {
    return await import('@duckdb/node-api');
  } catch (cause) {
    throw new TableError(
      'ERR_ENGINE_UNAVAILABLE',
      table,
      `DuckDB does not load on this platform (${process.platform}-${process.arch}). Reinstall with optional dependencies, or use the option engine: 'parquetjs', which needs no binary.`,
      { cause },
    );
  }
}

function tableError(table: string, cause: unknown): TableError {
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
  if (message.startsWith('Out of Memory Error')) {
    return new TableError(
      'ERR_ENGINE_MEMORY',
      table,
      `publishing needs more memory (${first}). Raise the option memoryLimit and run again: the rows are kept in the stage.`,
      { cause },
    );
  }
  return new TableError('ERR_TABLE_WRITE', table, `publishing failed: ${first}. The rows are kept in the stage.`, {
    cause,
  });
}
