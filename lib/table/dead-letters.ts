// The file of rows that were left out because they were against the contract of their table. It grows with each load that has some.
import { createReadStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { files, makeFolder, type Stage, syncFolder } from '../stage/index.js';
import { type ComingFile, placeFile } from './coming-files.js';
import { draftPath } from './layout.js';
import type { Target } from './publish-task.js';
import { checkRead, linesIn } from './row-count.js';
import { writeError } from './write-error.js';

/** The name of the log that holds them. */
export function deadLettersLog(table: string): string {
  return `${table} (dead letters)`;
}

/** What is written and not visible yet. */
export interface PendingDeadLetters {
  readonly isSettled: boolean;
  /** The file, when it changes. */
  readonly coming: readonly ComingFile[];
  place(): Promise<void>;
  discard(): Promise<void>;
}

/**
 * Writes the file anew: what earlier loads have left out, unless the table is replaced, and then what this one has. A load that the file
 * has already is not added again.
 * @throws TableError `ERR_TABLE_WRITE`
 */
export async function prepareDeadLetters(
  { table, disposition }: Target,
  path: string,
  stage: Stage,
): Promise<PendingDeadLetters> {
  const draft = draftPath(path);
  const discard = (): Promise<void> => files.rm(draft, { force: true }).catch(() => undefined);
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      await discard();
      throw writeError(table, path, error);
    }
  };
  return await guard(async () => {
    const isThere = await stat(path).then(
      () => true,
      () => false,
    );
    const segments = stage.segments(deadLettersLog(table));
    const { rows } = stage.table(deadLettersLog(table));
    const isEmpty = rows === 0;
    if ((isThere && (await lastLoad(path)) === stage.loadId) || (isEmpty && (disposition !== 'replace' || !isThere))) {
      // A run that died may have left one.
      await discard();
      return { isSettled: true, coming: [], place: async () => undefined, discard };
    }
    if (!isEmpty) {
      await makeFolder(dirname(path));
      const handle = await files.open(draft, 'w');
      try {
        if (isThere && disposition !== 'replace') await writeAll(handle, [path]);
        checkRead({ table: deadLettersLog(table), rows }, await writeAll(handle, segments));
        await handle.sync();
      } finally {
        await handle.close();
      }
    }
    const coming: ComingFile = { path, ...(isEmpty && { goes: true }) };
    return {
      isSettled: false,
      coming: [coming],
      place: async () => {
        try {
          await stage.check();
          await placeFile(coming);
        } catch (error) {
          throw writeError(table, path, error);
        }
      },
      discard,
    };
  });
}

/** Whether the file of dead letters has those of a load. */
export async function hasDeadLetters(path: string, loadId: string): Promise<boolean> {
  return (await lastLoad(path).catch(() => undefined)) === loadId;
}

/** Puts a draft that a run has left in the place of the file, if it is of this load. */
export async function placeDeadLettersDraft(path: string, loadId: string): Promise<void> {
  const draft = draftPath(path);
  if (!(await hasDeadLetters(draft, loadId))) return;
  await files.rename(draft, path);
  await syncFolder(dirname(path));
}

/** Appends one file after the other. Returns how many lines that was. */
async function writeAll(handle: FileHandle, sources: readonly string[]): Promise<number> {
  let lines = 0;
  for (const source of sources) {
    for await (const chunk of createReadStream(source) as AsyncIterable<Buffer>) {
      lines += linesIn(chunk);
      for (let done = 0; done < chunk.length; ) done += (await handle.write(chunk, done)).bytesWritten;
    }
  }
  return lines;
}

/** The file's name when none is given: `out/orders.dead.jsonl` for the table `orders` in `out`. */
export function deadLettersPath({ path, table }: Pick<Target, 'path' | 'table'>): string {
  return join(dirname(path), `${table.replaceAll(/[/\\]/g, '_')}.dead.jsonl`);
}

const tailBytes = 1024;

/** The load that the last line of a file is from. Each line begins with it. */
async function lastLoad(path: string): Promise<string | undefined> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    // Lines have no bound, so the start of the last one is looked for from the end.
    for (let end = size - 1; end > 0; ) {
      const start = Math.max(0, end - tailBytes);
      const bytes = Buffer.alloc(end - start);
      await handle.read(bytes, 0, bytes.length, start);
      const feed = bytes.lastIndexOf(0x0a);
      if (feed >= 0 || start === 0) return await loadAt(handle, feed >= 0 ? start + feed + 1 : 0);
      end = start;
    }
    return undefined;
  } finally {
    await handle.close();
  }
}

async function loadAt(handle: Awaited<ReturnType<typeof open>>, at: number): Promise<string | undefined> {
  const bytes = Buffer.alloc(256);
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, at);
  return /^\{"load_id":"([^"]*)"/.exec(bytes.toString('utf8', 0, bytesRead))?.[1];
}
