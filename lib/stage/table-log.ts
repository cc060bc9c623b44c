// The log of one table in a stage: its segments, and what a commit says of it.
import type { Json, Position } from '../core/index.js';
import type { TableMark, WalkMark } from './journal.js';
import { type SegmentMark, SegmentWriter } from './segment-writer.js';
import { Walks } from './walks.js';

/** What recovery found of a table. */
export interface RecoveredTable {
  readonly segments: readonly SegmentMark[];
  readonly rows: number;
  readonly longestLine: number;
  readonly shape: Json | undefined;
  readonly walks: readonly WalkMark[];
}

export interface TableLogOptions {
  readonly folder: string;
  readonly prefix: string;
  readonly recovered: RecoveredTable | undefined;
  readonly rotateBytes?: number;
}

/** Rows as the log takes them: whole lines, each with its newline. */
export interface Lines {
  readonly data: Uint8Array;
  readonly rows: number;
  /** Size of the longest line in bytes. */
  readonly longestLine: number;
}

export class TableLog {
  readonly walks: Walks;
  /** What an earlier run saw of each column, for the encoder to go on from. */
  readonly recoveredShape: Json | undefined;
  readonly #writer: SegmentWriter;
  readonly #segments: Set<string>;
  #rows: number;
  #longestLine: number;
  #committedRows: number;
  #markedRows = 0;
  #shape: () => Json = () => null;
  #shapeText: string | undefined;
  #dirty = false;

  constructor({ folder, prefix, recovered, rotateBytes }: TableLogOptions) {
    const marks = recovered?.segments ?? [];
    this.walks = new Walks(recovered?.walks);
    this.recoveredShape = recovered?.shape;
    this.#shapeText = recovered?.shape === undefined ? undefined : JSON.stringify(recovered.shape);
    this.#rows = recovered?.rows ?? 0;
    this.#committedRows = this.#rows;
    this.#longestLine = recovered?.longestLine ?? 0;
    this.#segments = new Set(marks.map(({ file }) => file));
    this.#writer = new SegmentWriter({ folder, prefix, marks, ...(rotateBytes !== undefined && { rotateBytes }) });
  }

  /** Where a commit finds what was seen of each column: plain JSON. */
  set shape(read: () => Json) {
    this.#shape = read;
  }

  /** Rows taken in, in this run and in those it goes on from. */
  get rows(): number {
    return this.#rows;
  }

  /** Rows of the last commit. */
  get committedRows(): number {
    return this.#committedRows;
  }

  /** Size of the longest line in bytes. */
  get longestLine(): number {
    return this.#longestLine;
  }

  /** Names of the segments that are durable, in order. */
  get segments(): readonly string[] {
    return [...this.#segments];
  }

  /** Whether so much waits to be written that no more should be appended before `drained`. */
  get full(): boolean {
    return this.#writer.full;
  }

  /** Resolves when there is room again. Rejects when writing failed. */
  drained(): Promise<void> {
    return this.#writer.drained();
  }

  /** Takes in the rows of a page together with its position: a commit holds both or none. */
  append(position: Position, lines: Lines): void {
    this.walks.receive(position);
    if (lines.rows > 0) this.#writer.append(lines.data);
    this.#rows += lines.rows;
    this.#longestLine = Math.max(this.#longestLine, lines.longestLine);
    this.#dirty = true;
  }

  /**
   * What the next commit says of this table: everything appended before the call. Resolves when it is durable. `undefined` when
   * nothing changed.
   */
  mark(): Promise<TableMark> | undefined {
    if (!this.#dirty) return undefined;
    this.#dirty = false;
    this.#markedRows = this.#rows;
    const walks = this.walks.changes();
    const shape = this.#shape();
    const text = JSON.stringify(shape);
    const changed = text !== this.#shapeText;
    this.#shapeText = text;
    const mark = { rows: this.#rows, longestLine: this.#longestLine, walks, ...(changed && { shape }) };
    return this.#writer.sync().then((segments) => {
      for (const { file } of segments) this.#segments.add(file);
      return { ...mark, segments };
    });
  }

  /** The journal holds the last mark. */
  committed(): void {
    this.#committedRows = this.#markedRows;
  }

  close(): Promise<void> {
    return this.#writer.close();
  }
}
