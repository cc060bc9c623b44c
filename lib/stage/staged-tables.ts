// What the records of a journal come to: the later ones over the earlier.
import type { Json, Position } from '../core/index.js';
import { type JournalRecord, journalVersion, type StartRecord, type TableMark, type WalkMark } from './journal.js';
import type { SegmentMark } from './segment-writer.js';
import type { RecoveredTable } from './table-log.js';

/** What is special of some of the tables whose sources have completed. */
type Completion = Pick<StartRecord, 'partial' | 'published'>;

/** What a load has come to. */
export class StagedTables {
  readonly tables = new Map<string, StagedTable>();
  /** The tables whose sources have completed. */
  readonly complete = new Set<string>();
  /** Those of them of which only a part was read. */
  readonly partial = new Set<string>();
  /** Those of them that had the load already when it went on: nothing is staged of them. */
  readonly published = new Set<string>();
  #settled: ReadonlySet<string> | undefined;

  constructor(records: Iterable<JournalRecord> = []) {
    for (const record of records) this.add(record);
  }

  /** The tables that have no new version, by what was said last. */
  get settled(): ReadonlySet<string> {
    return this.#settled ?? new Set();
  }

  /** Whether tables of the load may be in their places. */
  get isBegun(): boolean {
    if (this.#settled !== undefined || this.published.size > 0) return true;
    return [...this.tables.values()].some(({ prepared }) => prepared !== undefined);
  }

  add(record: JournalRecord): void {
    if (record.type === 'commit') this.commit(record.tables);
    else if (record.type === 'prepared') this.#of(record.table).prepared = record.what;
    else if (record.type === 'settled') this.#settled = new Set(record.tables);
    else if (record.type === 'complete') this.#completed(record.tables ?? this.tables.keys(), record);
    else {
      // It says all that was said of them before.
      const marks = Object.entries(record.tables ?? {}).map(
        ([name, mark]) => [name, { ...mark, fresh: true }] as const,
      );
      this.commit(Object.fromEntries(marks));
      this.#completed(record.complete ?? [], record);
      if (record.settled !== undefined) this.#settled = new Set(record.settled);
    }
  }

  commit(marks: Readonly<Record<string, TableMark>>): void {
    for (const [name, mark] of Object.entries(marks)) {
      if (mark.fresh) this.tables.set(name, new StagedTable(this.tables.get(name)?.prepared));
      this.#of(name).commit(mark);
    }
  }

  /**
   * All of it, but what was prepared, as the record that a journal can begin with.
   * @param positionsOf How far the walks of a table have come, where that is known without them.
   */
  record(
    { loadId, startedAt }: Pick<StartRecord, 'loadId' | 'startedAt'>,
    positionsOf?: (table: string) => readonly Position[] | undefined,
  ): StartRecord {
    const marks = [...this.tables].map(([name, table]) => [name, table.mark(positionsOf?.(name))] as const);
    return {
      type: 'start',
      version: journalVersion,
      loadId,
      startedAt,
      tables: Object.fromEntries(marks),
      complete: [...this.complete],
      ...(this.partial.size > 0 && { partial: [...this.partial] }),
      ...(this.published.size > 0 && { published: [...this.published] }),
      ...(this.#settled && { settled: [...this.#settled] }),
    };
  }

  /** The record for tables whose sources have completed, a part of them in this run. */
  completion(tables: readonly string[], partial: readonly string[]): JournalRecord {
    // What was recorded of a table that an earlier run has completed stays.
    const parts = partial.filter((table) => !this.complete.has(table));
    return {
      type: 'complete',
      tables,
      ...(parts.length > 0 && { partial: parts }),
      ...(this.published.size > 0 && { published: [...this.published] }),
    };
  }

  get preparedRecords(): JournalRecord[] {
    return [...this.tables].flatMap(([table, { prepared }]): JournalRecord[] =>
      prepared === undefined ? [] : [{ type: 'prepared', table, what: prepared }],
    );
  }

  #completed(tables: Iterable<string>, { partial = [], published = [] }: Completion): void {
    for (const name of tables) this.complete.add(name);
    for (const name of partial) this.partial.add(name);
    for (const name of published) this.published.add(name);
  }

  #of(name: string): StagedTable {
    const table = this.tables.get(name) ?? new StagedTable();
    this.tables.set(name, table);
    return table;
  }
}

export class StagedTable implements RecoveredTable {
  rows = 0;
  longestLine = 0;
  shape: Json | undefined;
  prepared: Json | undefined;
  fingerprint: string | undefined;
  rules: Json | undefined;
  base: string | null | undefined;
  discarded = { rows: 0, values: 0 };
  tellsOfOthers = false;
  readonly #segments = new Map<string, SegmentMark>();
  readonly #walks = new Map<string, WalkMark>();

  constructor(prepared?: Json) {
    this.prepared = prepared;
  }

  get segments(): SegmentMark[] {
    return [...this.#segments.values()];
  }

  get walks(): WalkMark[] {
    return [...this.#walks.values()];
  }

  commit(mark: TableMark): void {
    for (const segment of mark.segments) this.#segments.set(segment.file, segment);
    for (const walk of mark.walks) this.#walks.set(walk.walk, walk);
    this.rows = mark.rows;
    this.longestLine = mark.longestLine;
    if (mark.fingerprint !== undefined) this.fingerprint = mark.fingerprint;
    if (mark.rules !== undefined) this.rules = mark.rules;
    if (mark.base !== undefined) this.base = mark.base;
    if (mark.shape !== undefined) this.shape = mark.shape;
    if (mark.discarded !== undefined) this.discarded = mark.discarded;
    if (mark.tellsOfOthers) this.tellsOfOthers = true;
  }

  /** All that commits have said. @param positions How far its walks have come, where that is known without them. */
  mark(positions?: readonly Position[]): TableMark {
    const { rows, longestLine, shape, fingerprint, rules, base, discarded, tellsOfOthers, segments } = this;
    return {
      segments,
      rows,
      longestLine,
      walks: positions?.map((position) => ({ walk: position.walk, position })) ?? this.walks,
      ...(fingerprint !== undefined && { fingerprint }),
      ...(rules !== undefined && { rules }),
      ...(base !== undefined && { base }),
      ...(shape !== undefined && { shape }),
      ...(discarded.rows + discarded.values > 0 && { discarded }),
      ...(tellsOfOthers && { tellsOfOthers }),
    };
  }

  /** What holds also without its rows; `undefined` when that is nothing. */
  get withoutRows(): TableMark | undefined {
    const { shape, tellsOfOthers } = this;
    if (!tellsOfOthers || shape === undefined) return undefined;
    return { segments: [], rows: 0, longestLine: 0, walks: [], shape, tellsOfOthers };
  }
}
