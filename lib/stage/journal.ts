// The journal: one record a line, each with its checksum. The last whole record is what the run goes on from.
import { randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json, Position } from '../core/index.js';
import { crc32 } from './checksum.js';
import { syncFolder, writeDurably } from './durable.js';
import { files } from './file-system.js';
import { readIfThere } from './read-file.js';
import type { SegmentMark } from './segment-writer.js';

/** Version 2 knows tables that are begun anew, and how their rows are made; version 3 journals whose start says what one before it said. */
export const journalVersion = 3;
export const journalFile = 'journal.jsonl';
/** What is wrong with a journal that does not begin with its start. */
export const noStart = 'the journal has no start';

/** How far a table has taken a walk in. */
export interface WalkMark {
  readonly walk: string;
  /** The last page before which none is missing; absent when the first has not come yet. */
  readonly position?: Position;
  /** Pages after it that came early, out of order. */
  readonly beyond?: readonly Position[];
}

/** What a commit says of one table. Segments and walks: only those that changed since the commit before. */
export interface TableMark {
  /** All that earlier commits say of the table counts for nothing. */
  readonly fresh?: true;
  /** Stands for how the rows are made; absent when it did not change. */
  readonly fingerprint?: string;
  /** How the rows come into the published table; absent when it did not change, and in journals of older versions. */
  readonly rules?: Json;
  /**
   * The load that was published in the table when its rows began to be staged; `null` when there was none. Absent when it did not change, and in
   * journals of older versions.
   */
  readonly base?: string | null;
  readonly segments: readonly SegmentMark[];
  /** Rows and longest line of the whole log of the table. */
  readonly rows: number;
  readonly longestLine: number;
  /** What was seen of each column; absent when it did not change. */
  readonly shape?: Json;
  readonly walks: readonly WalkMark[];
  /** Of the whole log, like the rows; absent when nothing was left out. */
  readonly discarded?: { readonly rows: number; readonly values: number };
  /** Whether what was seen of it tells of other tables. */
  readonly tellsOfOthers?: true;
}

/** The first record: which load it is. It is also what is kept of a load in its second place. */
export interface StartRecord {
  readonly type: 'start';
  readonly version: number;
  readonly loadId: string;
  readonly startedAt: string;
  /** Set when the load has begun before, and what was staged of it then was damaged: a part of it may be published. */
  readonly again?: true;
  /** All that was committed before; absent when nothing was. */
  readonly tables?: Readonly<Record<string, TableMark>>;
  /** The tables whose sources have completed; absent when none has. */
  readonly complete?: readonly string[];
  readonly partial?: readonly string[];
  /** As in the record `complete`. */
  readonly published?: readonly string[];
  /** As in the record `settled`; absent when there was none. */
  readonly settled?: readonly string[];
}

export type JournalRecord =
  | StartRecord
  | { readonly type: 'commit'; readonly tables: Readonly<Record<string, TableMark>> }
  | {
      /** The sources of these tables have completed: what remains is to publish. */
      readonly type: 'complete';
      /** Absent in old journals: all tables. */
      readonly tables?: readonly string[];
      /** Those of them of which only a part was read; absent when there is none. */
      readonly partial?: readonly string[];
      /** Those of them that had the load already when it went on, and so have no rows here; absent when there is none. */
      readonly published?: readonly string[];
    }
  /**
   * Tables are about to be put in their places, and these, which may be none, have no new version, since nothing of them changes. Older versions said
   * so only where there were some.
   */
  | { readonly type: 'settled'; readonly tables: readonly string[] }
  /** What came of a table whose new file is about to be put in its place. */
  | { readonly type: 'prepared'; readonly table: string; readonly what: Json };

/** What a journal file holds. */
export interface JournalContent {
  readonly records: readonly JournalRecord[];
  /** Bytes up to the end of the last whole record. */
  readonly bytes: number;
  /** Set when a record before the last one is not whole: the file was damaged, not cut short. */
  readonly damage?: string;
  /** All records that are whole, also after one that is not. */
  readonly whole: readonly JournalRecord[];
}

/** Reads a stage's journal; `undefined` when there is none. */
export async function readJournal(folder: string): Promise<JournalContent | undefined> {
  const content = await readIfThere(join(folder, journalFile));
  if (content === 'gone') return undefined;
  if (content === 'unreadable') return { records: [], bytes: 0, whole: [], damage: 'the journal cannot be read' };
  const records: JournalRecord[] = [];
  let bytes = 0;
  while (bytes < content.length) {
    const end = content.indexOf(0x0a, bytes);
    const record = end < 0 ? undefined : decodeRecord(content.subarray(bytes, end));
    if (record === undefined) break;
    records.push(record);
    bytes = end + 1;
  }
  const rest = content.subarray(bytes);
  // A crash leaves at most one record that is not whole. A whole one after it means that something else broke the file.
  const later = rest.indexOf(0x0a);
  const damaged = later >= 0 && later + 1 < rest.length;
  const found = { records, bytes, whole: [...records, ...wholeIn(rest)] };
  if (damaged) return { ...found, damage: `record ${records.length + 1} of the journal is damaged` };
  if (records.length > 0 && records[0]!.type !== 'start') return { ...found, damage: noStart };
  return found;
}

function wholeIn(content: Buffer): JournalRecord[] {
  const records: JournalRecord[] = [];
  for (let at = 0, end = content.indexOf(0x0a); end >= 0; at = end + 1, end = content.indexOf(0x0a, at)) {
    const record = decodeRecord(content.subarray(at, end));
    if (record !== undefined) records.push(record);
  }
  return records;
}

/** Puts these records in the place of a journal. Returns how many bytes they are. */
export async function rewriteJournal(folder: string, records: readonly JournalRecord[]): Promise<number> {
  const lines = Buffer.concat(records.map(encodeRecord));
  await writeDurably(join(folder, journalFile), lines);
  return lines.length;
}

/** Appends records, each durable when `append` resolves. */
export class Journal {
  readonly #handle: FileHandle;
  #bytes: number;

  private constructor(handle: FileHandle, bytes: number) {
    this.#handle = handle;
    this.#bytes = bytes;
  }

  /** Opens the journal of a stage to append after its first `bytes` bytes; what follows them is cut off. */
  static async open(folder: string, bytes: number): Promise<Journal> {
    const handle = await files.open(join(folder, journalFile), bytes === 0 ? 'w' : 'r+');
    try {
      await handle.truncate(bytes);
      await handle.sync();
      await syncFolder(folder);
      return new Journal(handle, bytes);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async append(...records: readonly JournalRecord[]): Promise<void> {
    const lines = Buffer.concat(records.map(encodeRecord));
    for (let done = 0; done < lines.length; ) {
      const { bytesWritten } = await this.#handle.write(lines, done, lines.length - done, this.#bytes + done);
      done += bytesWritten;
    }
    await this.#handle.datasync();
    this.#bytes += lines.length;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** A record as a line with its checksum. */
export function encodeRecord(record: JournalRecord): Buffer {
  const text = Buffer.from(JSON.stringify(record));
  const checksum = Buffer.from(`${crc32(text).toString(16).padStart(8, '0')} `);
  return Buffer.concat([checksum, text, Buffer.from('\n')]);
}

/** `undefined` when its checksum does not fit. */
export function decodeRecord(line: Buffer): JournalRecord | undefined {
  const text = line.subarray(9);
  if (line.subarray(0, 8).toString('latin1') !== crc32(text).toString(16).padStart(8, '0')) return undefined;
  try {
    return JSON.parse(text.toString()) as JournalRecord;
  } catch {
    return undefined;
  }
}

/** Says in an empty journal which load it is of; else closes it. */
export async function begin(journal: Journal, start: StartRecord): Promise<void> {
  try {
    await journal.append(start);
  } catch (error) {
    await journal.close();
    throw error;
  }
}

/** A new load. Its id sorts by time, and is unique. */
export function newRun(): StartRecord {
  const startedAt = new Date().toISOString();
  const time = startedAt.replace(/[-:]|\.\d+/g, '');
  return { type: 'start', version: journalVersion, loadId: `${time}-${randomBytes(4).toString('hex')}`, startedAt };
}
