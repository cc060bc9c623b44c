// The log of one table in a stage: its segments, and what a commit says of it.
import type { Json, Position } from '../core/index.js';
import type { TableMark, WalkMark } from './journal.js';
import { type KnownMaking, RowMaking } from './row-making.js';
import { type SegmentMark, SegmentWriter } from './segment-writer.js';
import type { SharedFiles } from './shared-files.js';
import { Walks } from './walks.js';

/** What recovery found of a table. */
export interface RecoveredTable extends KnownMaking {
  readonly segments: readonly SegmentMark[];
  readonly rows: number;
  readonly longestLine: number;
  readonly shape: Json | undefined;
  readonly walks: readonly WalkMark[];
  readonly discarded: Discarded;
  /** What `Stage.prepare` was told last. */
  readonly prepared: Json | undefined;
}

/** What was left out of the log, because it was against the table's contract. */
export interface Discarded {
  readonly rows: number;
  readonly values: number;
}

export interface TableLogOptions {
  readonly folder: string;
  readonly prefix: string;
  readonly recovered: RecoveredTable | undefined;
  readonly rotateBytes?: number;
  /** What it shares with the other tables of the stage. @default nothing */
  readonly shared?: SharedFiles;
}

/** Rows as the log takes them: whole lines, each with its newline. */
export interface Lines {
  readonly data: Uint8Array;
  readonly rows: number;
  /** Size of the longest line in bytes. */
  readonly longestLine: number;
}

/** What was seen of each column, as plain JSON; another version tells that it changed. */
export interface ShapeSource {
  version(): number;
  json(): Json;
}

export class TableLog {
  #walks: Walks;
  #recoveredShape: Json | undefined;
  /** What an earlier run was about to publish when it was cut short. */
  readonly prepared: Json | undefined;
  readonly #options: TableLogOptions;
  #writer: SegmentWriter;
  readonly #segments: Set<string>;
  /** The segment that was appended to at the last mark: also when another follows it by now, the end of it may not be written. */
  #markedSegment: string | undefined;
  /** Segments that are written to their end. */
  #finished = new Set<string>();
  #rows: number;
  #longestLine: number;
  #committedRows: number;
  #discarded: Discarded;
  #markedRows = 0;
  #markedPositions: readonly Position[] = [];
  #committedPositions: readonly Position[];
  #shape: ShapeSource | undefined;
  #shapeVersion: number | undefined;
  #dirty = false;
  #expects = false;
  readonly #followers = new Set<TableLog>();
  /** Is told that `finishedSegments` has one more, before a commit does. */
  onFinished: (() => void) | undefined;
  /** How the rows are made, and come into the published table. */
  readonly making: RowMaking;
  /** Whether the next mark is to say that nothing before it counts. */
  #fresh = false;

  constructor(options: TableLogOptions) {
    const { recovered } = options;
    const marks = recovered?.segments ?? [];
    this.#options = options;
    this.#walks = new Walks(recovered?.walks);
    this.#recoveredShape = recovered?.shape;
    this.making = new RowMaking(recovered);
    this.#discarded = recovered?.discarded ?? { rows: 0, values: 0 };
    this.prepared = recovered?.prepared;
    this.#rows = recovered?.rows ?? 0;
    this.#committedRows = this.#rows;
    this.#committedPositions = this.#walks.positions();
    this.#longestLine = recovered?.longestLine ?? 0;
    this.#segments = new Set(marks.map(({ file }) => file));
    this.#writer = this.#write(marks);
    this.#markedSegment = this.#writer.current;
  }

  #write(marks: readonly SegmentMark[], number?: number): SegmentWriter {
    const finished = new Set<string>();
    this.#finished = finished;
    const onFinished = (file: string): void => {
      finished.add(file);
      if (finished === this.#finished) this.onFinished?.();
    };
    return new SegmentWriter({ ...this.#options, marks, onFinished, ...(number !== undefined && { number }) });
  }

  /** How far each walk has come. */
  get walks(): Walks {
    return this.#walks;
  }

  /** What an earlier run saw of each column, for the encoder to go on from. */
  get recoveredShape(): Json | undefined {
    return this.#recoveredShape;
  }

  /**
   * Says what stands for how the rows are made. What was taken in while something else stood for it is dropped.
   * @returns whether something was
   */
  made(fingerprint: string): boolean {
    const before = this.making.fingerprint;
    const drops = before !== undefined && before !== fingerprint;
    if (drops) this.reset();
    this.making.fingerprint = fingerprint;
    return drops;
  }

  /** The next commit says how the rows are made, and how they come into the table, also when none has come. */
  sayHow(): void {
    if (this.making.hasNews) this.#dirty = true;
  }

  /** From now on what is dropped here is dropped there, too. */
  followedBy(log: TableLog): void {
    this.#followers.add(log);
  }

  /** Drops all that was taken in: the next commit says that nothing before it counts. Until then a crash leaves what was. */
  reset(): void {
    for (const log of this.#followers) log.reset();
    // The segments stay until the commit, so the new ones need other names.
    const { number } = this.#writer;
    const dropped = this.#writer;
    dropped.close().catch(() => undefined);
    this.#writer = this.#write([], number);
    this.#walks = new Walks([], this.#walks);
    this.#recoveredShape = undefined;
    this.#segments.clear();
    this.#rows = 0;
    this.#longestLine = 0;
    this.#discarded = { rows: 0, values: 0 };
    this.#shapeVersion = undefined;
    this.#fresh = true;
    this.making.forget();
    this.#dirty = true;
  }

  /** Whether what was seen of it tells of other tables: then it outlives the rows, when these are damaged. */
  tellsOfOthers = false;

  /** Where a commit finds what was seen of each column. */
  set shapeSource(source: ShapeSource) {
    this.#shape = source;
  }

  /** Rows taken in, in this run and in those it goes on from. */
  get rows(): number {
    return this.#rows;
  }

  /** Rows of the last commit. */
  get committedRows(): number {
    return this.#committedRows;
  }

  /** How far each walk had come at the last commit. */
  get committedPositions(): readonly Position[] {
    return this.#committedPositions;
  }

  /** Size of the longest line in bytes. */
  get longestLine(): number {
    return this.#longestLine;
  }

  /** What was left out, in this run and in those it goes on from. */
  get discarded(): Discarded {
    return this.#discarded;
  }

  /** Notes that something of the last page was left out. */
  addDiscarded(rows: number, values: number): void {
    if (rows === 0 && values === 0) return;
    this.#discarded = { rows: this.#discarded.rows + rows, values: this.#discarded.values + values };
  }

  /** Names of the segments that are durable, in order. */
  get segments(): readonly string[] {
    return [...this.#segments];
  }

  /** Names of the segments that get no more rows, and whose rows are all durable, or all written. */
  get finishedSegments(): readonly string[] {
    return [...new Set([...this.segments.filter((file) => file !== this.#markedSegment), ...this.#finished])];
  }

  /** All rows have come: the last segment, too, is finished as soon as it is written. */
  endSegment(): void {
    this.#writer.endSegment();
  }

  /** Whether so much waits to be written that no more should be appended before `drained`. */
  get full(): boolean {
    return this.#writer.full;
  }

  /** Resolves when there is room again. Rejects when writing failed. */
  drained(): Promise<void> {
    return this.#writer.drained();
  }

  /** Notes that pages of this walk come: see `Walks.expect`. A commit says so that has something else to say, of this table or another. */
  expect(walk: string): void {
    if (this.walks.expect(walk)) this.#expects = true;
  }

  /** Whether something was taken in, or dropped, since the last mark. */
  get hasNews(): boolean {
    return this.#dirty;
  }

  /** Takes in the rows of a page together with its position: a commit holds both or none. */
  append(position: Position, lines: Lines): void {
    this.walks.receive(position);
    this.appendLines(lines);
  }

  /** Takes in rows that came with those of another table of the stage, whose log holds their position. */
  appendLines(lines: Lines): void {
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
    if (!this.#dirty && !this.#expects) return undefined;
    this.#dirty = false;
    this.#expects = false;
    this.#markedRows = this.#rows;
    this.#markedPositions = this.walks.positions();
    const walks = this.walks.changes();
    const version = this.#shape?.version();
    const shape = version === this.#shapeVersion ? undefined : this.#shape?.json();
    this.#shapeVersion = version;
    const { rows, values } = this.#discarded;
    const discarded = rows + values > 0 && { discarded: this.#discarded };
    const mark = {
      ...(this.#fresh && { fresh: true as const }),
      ...this.making.mark(),
      rows: this.#rows,
      longestLine: this.#longestLine,
      walks,
      ...discarded,
      ...(shape !== undefined && { shape }),
      ...(this.tellsOfOthers && { tellsOfOthers: true as const }),
    };
    this.#fresh = false;
    const writer = this.#writer;
    const { current } = writer;
    return writer.sync().then((segments) => {
      // What was dropped meanwhile does not come back.
      if (writer === this.#writer) {
        for (const { file } of segments) this.#segments.add(file);
        this.#markedSegment = current;
      }
      return { ...mark, segments };
    });
  }

  /** The journal holds the last mark. */
  committed(): void {
    this.#committedRows = this.#markedRows;
    this.#committedPositions = this.#markedPositions;
  }

  close(): Promise<void> {
    return this.#writer.close();
  }
}
