// Writes the rows that come into a directory: each partition into files of its own, none larger than the limits.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { files } from '../../stage/index.js';
import type { ComingRows } from '../decision.js';
import * as sql from '../merge-sql.js';
import type { PublishContext } from '../publish-context.js';
import { writeFile } from '../splice/write-rows.js';
import { identifier, literal } from '../sql-text.js';
import type { Partition, PartitionValues } from './partition.js';
import { type RotationLimits, rowsOfEachFile } from './rotation.js';

/** A new file. */
export interface DraftFile {
  readonly draft: string;
  readonly rows: number;
  readonly bytes: number;
  readonly partition: PartitionValues;
}

export interface RowWriterOptions {
  /** Of the table. */
  readonly context: PublishContext;
  /** Of its files: without the columns that their folders tell. */
  readonly fileContext: PublishContext;
  readonly partitions: readonly Partition[];
  readonly limits: RotationLimits;
  /** The folder for the new files. */
  readonly drafts: string;
}

/** Rows in a Parquet file of the scratch folder, one after the other. */
interface Span {
  readonly file: string;
  readonly first: number;
  readonly rows: number;
  /** In a file that is sorted by partition: its number there. */
  readonly part?: number;
  /** In a file that is not: the places of its rows there. `first` is the place of the first among these. */
  readonly places?: readonly number[];
  readonly partition: PartitionValues;
}

const partNumber = '__sluice_part';

export class RowWriter {
  readonly written: DraftFile[] = [];
  readonly #options: RowWriterOptions;
  #drafts = 0;

  constructor(options: RowWriterOptions) {
    this.#options = options;
  }

  /**
   * Writes rows of the table, one part after the other, in their order within each file. `gathered` may give rows for a partition that gets
   * rows: they go before the others.
   */
  async write(
    parts: readonly ComingRows[],
    gathered: (partition: PartitionValues) => ComingRows | undefined,
  ): Promise<void> {
    if (countOf(parts) === 0) return;
    const { partitions, limits } = this.#options;
    if (partitions.length === 0 && Object.keys(limits).length === 0) {
      const more = gathered([]);
      await this.writeFile(more === undefined ? parts : [more, ...parts], []);
      return;
    }
    for (const span of await this.#spans(parts)) {
      const more = gathered(span.partition);
      const whole = more === undefined ? span : await this.#span([more, spanRows(span)], span.partition);
      await this.#writeSpan(whole);
      if (whole !== span) await files.rm(whole.file);
    }
  }

  /** Writes one file, whatever its size; also one without rows. */
  async writeFile(parts: readonly ComingRows[], partition: PartitionValues): Promise<DraftFile> {
    const { fileContext, drafts } = this.#options;
    const draft = join(drafts, String(this.#drafts));
    this.#drafts += 1;
    await writeFile(fileContext, parts, draft, 'final');
    const { size: bytes } = await stat(draft);
    const file = { draft, rows: countOf(parts), bytes, partition };
    this.written.push(file);
    return file;
  }

  async #writeSpan(span: Span): Promise<void> {
    const { draft, bytes } = await this.writeFile([spanRows(span)], span.partition);
    const each = rowsOfEachFile(span.rows, bytes, this.#options.limits);
    if (each >= span.rows) return;
    // It turned out too large.
    this.written.pop();
    await files.rm(draft);
    for (let from = 0; from < span.rows; from += each) {
      const slice = { ...span, first: span.first + from, rows: Math.min(each, span.rows - from) };
      await this.writeFile([spanRows(slice)], span.partition);
    }
  }

  /** The rows of each partition, in a file in which they are one after the other. */
  async #spans(rows: readonly ComingRows[]): Promise<Span[]> {
    const { context, partitions } = this.#options;
    const { database, publication } = context;
    const all = await this.#span(rows, []);
    if (partitions.length === 0) return [all];
    const keys = partitions.map(
      (each, level) => `${each.expression(publication.schema, publication.table)} AS ${key(level)}`,
    );
    const levels = partitions.map((_, level) => key(level)).join(', ');
    const read = sql.readParquet(all.file);
    await database.run(
      `CREATE OR REPLACE TEMP TABLE parts AS SELECT ${levels}, count(*) AS __sluice_rows, row_number() OVER (ORDER BY ${levels}) AS ${partNumber} ` +
        `FROM (SELECT ${keys.join(', ')} FROM ${read}) GROUP BY ${levels}`,
    );
    // As bytes: the client drops a mark at the start of a text.
    const values = partitions.map((_, level) => `to_base64(encode(${key(level)}))`);
    const parts = await database.rows(
      `SELECT ${partNumber}, __sluice_rows, ${values.join(', ')} FROM parts ORDER BY ${partNumber}`,
    );
    const partition = (texts: readonly unknown[]): PartitionValues =>
      texts.map((each) => (each === null ? null : Buffer.from(String(each), 'base64').toString()));
    if (parts.length === 1) return [{ ...all, partition: partition(parts[0]!.slice(2)) }];
    const file = join(publication.scratch, 'sorted.parquet');
    const same = partitions.map((_, level) => `r.${key(level)} IS NOT DISTINCT FROM k.${key(level)}`).join(' AND ');
    const names = context.columns.map(({ name }) => `r.${identifier(name)}`);
    if (context.groups.isWide) {
      // Wide rows stay where they are: to sort them would take the memory of many.
      const places = await this.#placesOfParts(`SELECT file_row_number, ${keys.join(', ')} FROM ${read}`, same);
      return parts.map(([part, count, ...texts]) => {
        const own = places.get(Number(part)) ?? [];
        return { file: all.file, first: 0, rows: Number(count), places: own, partition: partition(texts) };
      });
    }
    // Small row groups, so that each partition is read without its neighbours.
    await database.run(
      `COPY (SELECT ${names.join(', ')}, k.${partNumber} FROM (SELECT *, ${keys.join(', ')} FROM ${read}) AS r ` +
        `JOIN parts AS k ON ${same} ORDER BY k.${partNumber}, r.file_row_number) TO ${literal(file)} (FORMAT parquet, COMPRESSION lz4_raw, ROW_GROUP_SIZE 8192)`,
    );
    await files.rm(all.file);
    let first = 0;
    return parts.map(([part, count, ...values]) => {
      const span = { file, first, rows: Number(count), part: Number(part), partition: partition(values) };
      first += span.rows;
      return span;
    });
  }

  /** Where the rows of each part are in the file, by the number of the part. */
  async #placesOfParts(rows: string, same: string): Promise<ReadonlyMap<number, number[]>> {
    const found = await this.#options.context.database.rows(
      `SELECT k.${partNumber}, r.file_row_number FROM (${rows}) AS r JOIN parts AS k ON ${same} ORDER BY r.file_row_number`,
    );
    const places = new Map<number, number[]>();
    for (const [part, place] of found) {
      const own = places.get(Number(part)) ?? [];
      own.push(Number(place));
      places.set(Number(part), own);
    }
    return places;
  }

  /** Puts rows into a file of their own. */
  async #span(parts: readonly ComingRows[], partition: PartitionValues): Promise<Span> {
    const { context } = this.#options;
    const file = join(context.publication.scratch, `rows-${this.#drafts}.parquet`);
    await writeFile(context, parts, file, 'quick');
    return { file, first: 0, rows: countOf(parts), partition };
  }
}

function countOf(parts: readonly ComingRows[]): number {
  return parts.reduce((sum, { rows }) => sum + rows, 0);
}

function key(level: number): string {
  return `__sluice_p${level}`;
}

function spanRows({ file, first, rows, part, places }: Span): ComingRows {
  if (places !== undefined) return { relation: sql.readPlaces(file, places.slice(first, first + rows)), rows };
  const range = [`file_row_number >= ${first}`, `file_row_number < ${first + rows}`];
  const where = part === undefined ? range : [`${partNumber} = ${part}`, ...range];
  return { relation: `SELECT * FROM ${sql.readParquet(file)} WHERE ${where.join(' AND ')}`, rows };
}
