// What a run finds in its stage: the last commit, with the segments cut to it. A stage that does not fit its journal is set aside.
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json, Meter } from '../core/index.js';
import { crc32 } from './checksum.js';
import { hasCode } from './durable.js';
import { files } from './file-system.js';
import {
  type JournalContent,
  type JournalRecord,
  journalVersion,
  readJournal,
  rewriteJournal,
  type StartRecord,
  type WalkMark,
} from './journal.js';
import { type LoadRecord, loadFile, readLoad, readOpenLoad, writeLoad } from './load-file.js';
import type { SegmentMark } from './segment-writer.js';
import { isLock, setAside } from './set-aside.js';
import { StageError } from './stage-error.js';
import type { RecoveredTable } from './table-log.js';

export interface Recovered {
  readonly loadId: string;
  readonly startedAt: string;
  /** Whether the stage was damaged: all that is known of the load is its name, and what was about to be published. */
  readonly isDamaged: boolean;
  /** The tables whose sources have completed. */
  readonly complete: ReadonlySet<string>;
  /** Those of them of which only a part was read. */
  readonly partial: ReadonlySet<string>;
  readonly journalBytes: number;
  readonly tables: ReadonlyMap<string, RecoveredTable>;
}

/**
 * Reads the journal and cuts the segments to its last commit; `undefined` when there is nothing to go on from. A damaged stage is set aside; the
 * load keeps its name where that is known, since some of its tables may be published.
 * @throws StageError `ERR_STAGE_VERSION` when a newer version of Sluice wrote it.
 */
export async function recover(folder: string, meter: Meter | undefined): Promise<Recovered | undefined> {
  const journal = await readJournal(folder);
  const load = journal === undefined ? await readOpenLoad(folder) : await readLoad(folder);
  const start = journal?.whole.find(isStart) ?? load;
  if (start === undefined && journal?.damage === undefined) return undefined;
  if (start !== undefined && start.version > journalVersion) throw newer(folder, start.version);
  const found: LoadRecord | undefined = start && { ...(load?.loadId === start.loadId && load), ...start };
  // A run that died while it set a damaged stage aside, or, on some disks, while it removed one whose rows are published.
  if (journal === undefined) return found && beginAnew(found, []);
  const tables = collect(journal.records);
  const damage = damageOf(journal) ?? (await cut(folder, tables));
  if (damage === undefined) return await goOn(folder, journal, found!, tables);
  if (found !== undefined) await writeLoad(folder, { ...found, version: journalVersion });
  const aside = await setAside(folder);
  const message = `The stage ${folder} is damaged (${damage}). It was moved to ${aside}, and the run starts from the beginning.`;
  meter?.report({ type: 'note', message });
  return found && beginAnew(found, journal.whole);
}

function isStart(record: JournalRecord): record is StartRecord {
  return record.type === 'start';
}

/** Where the load is known by its second place, its journal had a start. */
function damageOf({ damage, records }: JournalContent): string | undefined {
  return damage ?? (records.length === 0 ? 'the journal has no start' : undefined);
}

async function goOn(
  folder: string,
  journal: JournalContent,
  start: LoadRecord,
  tables: Map<string, Collected>,
): Promise<Recovered> {
  addShapes(tables, start);
  const journalBytes = start.version < journalVersion ? await migrate(folder, journal) : journal.bytes;
  const { loadId, startedAt } = start;
  const partial = new Set(
    journal.records.flatMap((record) => (record.type === 'complete' ? (record.partial ?? []) : [])),
  );
  return { loadId, startedAt, isDamaged: false, complete: completeTables(journal), partial, journalBytes, tables };
}

function beginAnew(load: LoadRecord, whole: readonly JournalRecord[]): Recovered {
  const { loadId, startedAt } = load;
  const tables = collect(whole.filter(({ type }) => type === 'prepared'));
  addShapes(tables, load);
  return { loadId, startedAt, isDamaged: true, complete: new Set(), partial: new Set(), journalBytes: 0, tables };
}

/** Of tables by which others are known: a journal that has lost its end, or all, does not name all of them any more. What it does say is newer. */
function addShapes(tables: Map<string, Collected>, { shapes = {} }: LoadRecord): void {
  for (const [name, shape] of Object.entries(shapes)) {
    const table = tables.get(name) ?? new Collected();
    tables.set(name, table);
    table.shape = { ...(shape as object), ...(table.shape as object | undefined) };
  }
}

function collect(records: readonly JournalRecord[]): Map<string, Collected> {
  const tables = new Map<string, Collected>();
  for (const record of records) {
    if (record.type === 'prepared') {
      const table = tables.get(record.table) ?? new Collected();
      tables.set(record.table, table);
      table.prepared = record.what;
    }
    if (record.type !== 'commit') continue;
    for (const [name, mark] of Object.entries(record.tables)) {
      const table = (mark.fresh ? undefined : tables.get(name)) ?? new Collected();
      tables.set(name, table);
      for (const segment of mark.segments) table.segmentsByFile.set(segment.file, segment);
      for (const walk of mark.walks) table.walksByName.set(walk.walk, walk);
      table.rows = mark.rows;
      table.longestLine = mark.longestLine;
      if (mark.fingerprint !== undefined) table.fingerprint = mark.fingerprint;
      if (mark.shape !== undefined) table.shape = mark.shape;
      if (mark.discarded !== undefined) table.discarded = mark.discarded;
    }
  }
  return tables;
}

/** Makes a journal of an older version one of this version, so that no older program takes what is added for something else. */
async function migrate(folder: string, { records }: JournalContent): Promise<number> {
  // All that version 1 says means the same today.
  const all = records.map((record) => (isStart(record) ? { ...record, version: journalVersion } : record));
  return await rewriteJournal(folder, all);
}

function completeTables(journal: JournalContent): Set<string> {
  const known = new Set<string>();
  const complete = new Set<string>();
  for (const record of journal.records) {
    if (record.type === 'commit') for (const name of Object.keys(record.tables)) known.add(name);
    if (record.type === 'complete') for (const name of record.tables ?? known) complete.add(name);
  }
  return complete;
}

/** The records of one table, the later ones over the earlier. */
class Collected implements RecoveredTable {
  rows = 0;
  longestLine = 0;
  shape: Json | undefined;
  prepared: Json | undefined;
  fingerprint: string | undefined;
  discarded = { rows: 0, values: 0 };
  readonly segmentsByFile = new Map<string, SegmentMark>();
  readonly walksByName = new Map<string, WalkMark>();

  get segments(): SegmentMark[] {
    return [...this.segmentsByFile.values()];
  }

  get walks(): WalkMark[] {
    return [...this.walksByName.values()];
  }
}

/** Cuts all segments to their committed lengths and removes those that were never committed. Returns what is wrong, if anything. */
async function cut(folder: string, tables: ReadonlyMap<string, RecoveredTable>): Promise<string | undefined> {
  const marks = [...tables.values()].flatMap(({ segments }) => segments);
  for (const mark of marks) {
    const file = join(folder, mark.file);
    const size = await sizeOf(file);
    if (size === undefined) return `${mark.file} is missing`;
    if (size < mark.bytes) return `${mark.file} has ${size} bytes instead of ${mark.bytes}`;
    if ((await checksumOf(file, mark.bytes)) !== mark.crc) return `the checksum of ${mark.file} does not fit`;
    if (size > mark.bytes) await files.truncate(file, mark.bytes);
  }
  const known = new Set(marks.map(({ file }) => file));
  for (const name of await readdir(folder)) {
    const kept = isLock(name) || name === 'journal.jsonl' || name === loadFile || known.has(name);
    if (!kept) await files.rm(join(folder, name), { recursive: true, force: true });
  }
  return undefined;
}

async function sizeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function checksumOf(file: string, bytes: number): Promise<number> {
  let crc = 0;
  if (bytes === 0) return crc;
  const stream = createReadStream(file, { end: bytes - 1, highWaterMark: 1024 * 1024 });
  for await (const chunk of stream) crc = crc32(chunk as Buffer, crc);
  return crc;
}

function newer(folder: string, version: number): StageError {
  return new StageError(
    'ERR_STAGE_VERSION',
    folder,
    `the stage ${folder} was written by a newer version of Sluice (format ${version}, this one knows ${journalVersion}). Finish the run with that version, or remove the folder to start over.`,
  );
}
