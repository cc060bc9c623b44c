// What a run finds in its stage: the last commit, with the segments cut to it. A stage that does not fit its journal is set aside.
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Meter } from '../core/index.js';
import { crc32 } from './checksum.js';
import { hasCode } from './durable.js';
import { files } from './file-system.js';
import {
  type JournalContent,
  type JournalRecord,
  journalFile,
  journalVersion,
  noStart,
  readJournal,
  rewriteJournal,
  type StartRecord,
} from './journal.js';
import { isClosed, isLoadFile, loadFile, readLoad, readLoadLeft, readOpenLoad, writeLoad } from './load-file.js';
import { isLock, setAside } from './set-aside.js';
import { StageError } from './stage-error.js';
import { StagedTables } from './staged-tables.js';
import type { RecoveredTable } from './table-log.js';

export interface Recovered {
  /** What the journal begins with. */
  readonly start: StartRecord;
  /** Whether the stage was damaged: all that is known of the load is its name, and what was about to be published. */
  readonly isDamaged: boolean;
  readonly journalBytes: number;
  readonly staged: StagedTables;
}

/**
 * Reads the journal and cuts the segments to its last commit; `undefined` when there is nothing to go on from. Where the journal is damaged after all
 * rows have come, its second place stands for it. A stage that is damaged beyond that is set aside; the load keeps its name where that is known, since
 * some of its tables may be published.
 * @throws StageError `ERR_STAGE_VERSION` when a newer version of Sluice wrote it.
 */
export async function recover(folder: string, meter: Meter | undefined): Promise<Recovered | undefined> {
  const found = await find(folder);
  const { journal, load, start } = found;
  if (start !== undefined && start.version > journalVersion) throw newer(folder, start.version);
  const damage = await damageOf(folder, found);
  const note = (message: string) => meter?.report({ type: 'note', message });
  // A run that died before its journal had a start: the first one, or one that had set a damaged stage aside.
  if (damage === undefined && journal.records.length === 0) {
    if (start !== undefined) return await beginAnew(folder, start, []);
    if (found.isGone && (await hasSegments(folder)) && !(await isClosed(folder)))
      note(
        `The journal of the stage ${folder} is gone: what was staged is removed, and the run starts from the beginning.`,
      );
    return undefined;
  }
  const told = damage === undefined ? new StagedTables(journal.records) : undefined;
  const isBehind = load?.complete !== undefined && (told === undefined || says(load, told) === 'more');
  const staged = isBehind ? withLoad(journal, load, told) : told;
  const wrong = staged === undefined ? damage : await cut(folder, staged.tables);
  if (staged === undefined || wrong !== undefined) {
    const again = start && asideRecord(start, new StagedTables([...journal.whole, ...(load ? [load] : [])]));
    if (again !== undefined) await writeLoad(folder, again);
    const aside = await setAside(folder);
    note(
      `The stage ${folder} is damaged (${wrong}). It was moved to ${aside}, and the run starts from the beginning.${found.warning ?? ''}`,
    );
    return again && (await beginAnew(folder, again, journal.whole));
  }
  if (damage !== undefined) {
    note(`The stage ${folder} is damaged (${damage}). The run goes on from what ${loadFile} says in its place.`);
  }
  return await goOn(folder, { ...found, start: start! }, staged, isBehind);
}

/** What there is of a load. */
interface Found {
  readonly journal: JournalContent;
  /** Whether there is no file of the journal. */
  readonly isGone: boolean;
  /** What its second place says. */
  readonly load: StartRecord | undefined;
  readonly start: StartRecord | undefined;
  /** Whether all rows had come, and neither place says it whole. */
  readonly isLost: boolean;
  /** What to say where its name is not sure then: it may be published in part. */
  readonly warning?: string;
}

async function find(folder: string): Promise<Found> {
  const journal = await readJournal(folder);
  // Without a journal, what has come to its end is none.
  const other = journal === undefined ? await readOpenLoad(folder) : await readLoad(folder);
  const known = journal?.whole.find(isStart) ?? other;
  const left = known === undefined ? await readLoadLeft(folder, journal !== undefined) : undefined;
  const start = known ?? left?.start;
  const load = other?.loadId === start?.loadId ? other : undefined;
  return {
    journal: journal ?? { records: [], whole: [], bytes: 0 },
    isGone: journal === undefined,
    load,
    start,
    isLost: left !== undefined,
    ...(left && !left.isSure && { warning: nameless }),
  };
}

const nameless =
  ' Both places that say which run it was are damaged: where it had put tables in their places already, its rows may be there twice after this run.';

function isStart(record: JournalRecord): record is StartRecord {
  return record.type === 'start';
}

/** What is wrong with the journal; `undefined` when nothing is, or when there was nothing to be said yet. */
async function damageOf(folder: string, { journal, isGone, load, isLost }: Found): Promise<string | undefined> {
  if (journal.damage !== undefined || journal.records.length > 0) return journal.damage;
  if (load?.complete !== undefined) return isGone ? 'the journal is missing' : noStart;
  if (isGone && isLost) return `the journal is missing, and ${loadFile} is damaged`;
  // On its way to an end a stage has segments and no journal.
  return !isGone && (await hasSegments(folder)) ? noStart : undefined;
}

async function hasSegments(folder: string): Promise<boolean> {
  return (await readdir(folder)).some((name) => /^t-.*\.jsonl$/.test(name));
}

/** Whether the second place of a load says more than its journal, which then has lost its end. */
function says({ complete = [], settled = [] }: StartRecord, told: StagedTables): 'more' | 'the same' {
  const isMore =
    complete.some((table) => !told.complete.has(table)) || settled.some((table) => !told.settled.has(table));
  return isMore ? 'more' : 'the same';
}

/** @param told What the journal says; `undefined` when it is damaged. */
function withLoad(journal: JournalContent, load: StartRecord, told: StagedTables | undefined): StagedTables {
  const hasLost = told === undefined || lacksCommits(load, told);
  return new StagedTables([
    ...(told === undefined ? journal.whole.filter(({ type }) => type === 'prepared') : journal.records),
    hasLost ? { ...load, settled: load.settled ?? [] } : load,
  ]);
}

/**
 * Whether a journal lacks commits that the second place of its load knows: then nobody knows either whether it has said that tables come to their
 * places. A run that died just after it wrote that place lacks none.
 */
function lacksCommits({ tables = {} }: StartRecord, told: StagedTables): boolean {
  return Object.entries(tables).some(([name, { rows }]) => told.tables.get(name)?.rows !== rows);
}

async function goOn(
  folder: string,
  { journal, load, start }: Found & { readonly start: StartRecord },
  staged: StagedTables,
  isBehind: boolean,
): Promise<Recovered> {
  // A second place that was lost is filled before anything else can be.
  if (load === undefined && staged.complete.size > 0) await writeLoad(folder, staged.record(start));
  else if (load === undefined && start.again) await writeLoad(folder, start);
  const isOld = start.version < journalVersion;
  const records = isBehind ? [staged.record(start), ...staged.preparedRecords] : journal.records;
  const journalBytes = isBehind || isOld ? await rewriteJournal(folder, records.map(ofThisVersion)) : journal.bytes;
  return { start, isDamaged: false, journalBytes, staged };
}

/** So that no older program takes what is added for something else. All that older versions say means the same today. */
function ofThisVersion(record: JournalRecord): JournalRecord {
  return isStart(record) ? { ...record, version: journalVersion } : record;
}

/** What stays of a load whose rows are set aside. */
function asideRecord({ loadId, startedAt }: StartRecord, { tables, settled }: StagedTables): StartRecord {
  const marks = [...tables].flatMap(([name, { withoutRows }]) => (withoutRows ? [[name, withoutRows] as const] : []));
  return {
    type: 'start',
    version: journalVersion,
    loadId,
    startedAt,
    again: true,
    ...(marks.length > 0 && { tables: Object.fromEntries(marks) }),
    ...(settled.size > 0 && { settled: [...settled] }),
  };
}

/** The journal gets its start in one go: at no moment is the load known by its second place alone. */
async function beginAnew(folder: string, start: StartRecord, whole: readonly JournalRecord[]): Promise<Recovered> {
  const journalBytes = await rewriteJournal(folder, [ofThisVersion(start)]);
  const staged = new StagedTables([...whole.filter(({ type }) => type === 'prepared'), start]);
  await cut(folder, new Map());
  return { start, isDamaged: true, journalBytes, staged };
}

/** Cuts all segments to their committed lengths and removes those that were never committed. Returns what is wrong, if anything. */
async function cut(folder: string, tables: ReadonlyMap<string, RecoveredTable>): Promise<string | undefined> {
  const marks = [...tables.values()].flatMap(({ segments }) => segments);
  for (const mark of marks) {
    const file = join(folder, mark.file);
    const size = await sizeOf(file);
    if (size === undefined) return `${mark.file} is missing`;
    if (size < mark.bytes) return `${mark.file} has ${size} bytes instead of ${mark.bytes}`;
    const crc = await checksumOf(file, mark.bytes);
    if (crc === undefined) return `${mark.file} cannot be read`;
    if (crc !== mark.crc) return `the checksum of ${mark.file} does not fit`;
    if (size > mark.bytes) await files.truncate(file, mark.bytes);
  }
  const known = new Set(marks.map(({ file }) => file));
  for (const name of await readdir(folder)) {
    const kept = isLock(name) || name === journalFile || isLoadFile(name) || known.has(name);
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

/** `undefined` when the disk does not give the file. */
async function checksumOf(file: string, bytes: number): Promise<number | undefined> {
  let crc = 0;
  if (bytes === 0) return crc;
  try {
    const stream = createReadStream(file, { end: bytes - 1, highWaterMark: 1024 * 1024 });
    for await (const chunk of stream) crc = crc32(chunk as Buffer, crc);
  } catch (error) {
    if (!hasCode(error, 'EIO')) throw error;
    return undefined;
  }
  return crc;
}

function newer(folder: string, version: number): StageError {
  return new StageError(
    'ERR_STAGE_VERSION',
    folder,
    `the stage ${folder} was written by a newer version of Sluice (format ${version}, this one knows ${journalVersion}). Finish the run with that version, or remove the folder to start over.`,
  );
}
