// Makes publications for the specs of the parquetjs engine, from rows, and reads with DuckDB what was published.
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { type Column, RowEncoder, resolve, Shape } from '../../lib/schema/index.js';
import type { Engine, Publication, Published } from '../../lib/table/engine.js';
import { defaultLayout } from '../../lib/table/parquet-layout.js';

export interface Load {
  readonly rows: readonly unknown[];
  readonly disposition?: Publication['disposition'];
  readonly primaryKey?: readonly string[];
  /** Columns whose types are these, whatever the rows hold. */
  readonly declared?: readonly Column[];
  readonly compression?: string;
  readonly rowGroupRows?: number;
  readonly format?: Publication['format'];
}

/** One table in a folder of its own, published by an engine load after load. */
export class Workbench {
  readonly #folder: string;
  readonly #shape = new Shape();
  #loads = 0;
  #previous: Publication['previous'];

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(): Promise<Workbench> {
    return new Workbench(await mkdtemp(join(tmpdir(), 'sluice-parquetjs-')));
  }

  get file(): string {
    return this.#previous!.file;
  }

  async publish(engine: Engine, load: Load): Promise<Published> {
    const encoder = new RowEncoder({ shape: this.#shape });
    const encoded = encoder.encode(load.rows, { page: 0 });
    this.#loads += 1;
    const segment = join(this.#folder, `${this.#loads}.jsonl`);
    await writeFile(segment, encoded.chunk);
    const given = new Map(load.declared?.map((column) => [column.name, column]));
    const schema = {
      columns: resolve(this.#shape, { keepAsText: [] }).columns.map((column) => given.get(column.name) ?? column),
    };
    const destination = join(this.#folder, `${this.#loads}.parquet`);
    const published = await engine.publish({
      table: 'things',
      format: load.format ?? 'parquet',
      disposition: load.disposition ?? 'replace',
      primaryKey: load.primaryKey ?? [],
      schema,
      metadata: { sluice: '{"é":1}' },
      segments: [segment],
      rows: encoded.rows,
      longestLine: encoded.longestLine,
      ...(this.#previous && { previous: this.#previous }),
      destination,
      scratch: this.#folder,
      layout: {
        ...defaultLayout,
        ...(load.compression && { compression: load.compression }),
        ...(load.rowGroupRows && { rowGroupRows: load.rowGroupRows }),
      },
      signal: new AbortController().signal,
    });
    if (published.written !== false) {
      const { size: bytes } = await stat(destination);
      this.#previous = { file: destination, columns: schema.columns, rows: published.total, bytes };
    }
    return published;
  }

  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }
}

/** What a query says of a file, which it calls `file`. Instants as UTC. */
export async function query(file: string, sql: string): Promise<unknown[]> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    return (await connection.runAndReadAll(sql.replaceAll('$file', `'${file}'`))).getRowObjectsJson();
  } finally {
    connection.closeSync();
  }
}
