// One writer for each stage: a lock file that names its owner and is touched while the owner lives.
import { randomUUID } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { hasCode } from './durable.js';
import { files } from './file-system.js';
import { markOf, type ProcessMark } from './process-mark.js';
import { StageError } from './stage-error.js';

/** The owner as its lock file names it. */
export interface LockOwner {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  /** ISO date and time. */
  readonly since: string;
  /** When its process started, and among which processes its number counts; absent where the system does not say. */
  readonly process?: ProcessMark;
}

/** How often the owner touches its lock file, and the age at which others take it for dead. Milliseconds. */
export interface LockTiming {
  readonly beat: number;
  readonly stale: number;
}

/** The locks that this thread holds. */
const heldHere = new Set<string>();

const defaultTiming: LockTiming = { beat: 10_000, stale: 60_000 };

/**
 * Holds `<folder>/lock` until `release`. It needs nothing of the file system but exclusive creation and rename, so it also works
 * where there is no `flock`. A lock is stale when its process is gone, and, where that cannot be found out (another host, another container),
 * when it was not touched for 60 s.
 */
export class Lock {
  readonly owner: LockOwner;
  readonly #folder: string;
  readonly #file: string;
  readonly #timer: NodeJS.Timeout;

  private constructor(folder: string, file: string, owner: LockOwner, beat: number) {
    this.#folder = folder;
    this.#file = file;
    this.owner = owner;
    heldHere.add(owner.id);
    this.#timer = setInterval(() => {
      const now = new Date();
      // A beat that fails is noticed by `check`, or by nobody when the lock is released meanwhile.
      files.utimes(file, now, now).catch(() => undefined);
    }, beat);
    this.#timer.unref();
  }

  /**
   * Takes the lock of an existing folder; a stale one is taken over.
   * @throws StageError `ERR_STAGE_LOCKED` when a live run holds it; the message names it.
   */
  static async acquire(folder: string, timing: LockTiming = defaultTiming): Promise<Lock> {
    const file = join(folder, 'lock');
    const owner: LockOwner = {
      id: randomUUID(),
      pid: process.pid,
      host: hostname(),
      since: new Date().toISOString(),
      ...(await markOf('self')),
    };
    for (let attempt = 0; attempt < 10; attempt += 1) {
      if (await create(file, owner)) return new Lock(folder, file, owner, timing.beat);
      const found = await inspect(file);
      if (found === undefined) continue;
      if (await isAlive(found, timing.stale)) throw locked(folder, found);
      await takeAway(file, found, owner.id);
    }
    throw new StageError('ERR_STAGE_LOCKED', folder, `several runs try to take the stage ${folder} at once; run again`);
  }

  /**
   * Makes sure that this run still owns the stage: a run that slept longer than 60 s may have lost it.
   * @throws StageError `ERR_STAGE_LOST`
   */
  async check(): Promise<void> {
    const found = await inspect(this.#file);
    if (found?.owner?.id === this.owner.id) return;
    const who = found === undefined ? 'it was removed' : `it belongs to ${describe(found)}`;
    throw new StageError(
      'ERR_STAGE_LOST',
      this.#folder,
      `the stage ${this.#folder} is no longer ours: ${who}. This run did not respond for a while, and another took over. Let that one finish.`,
    );
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    heldHere.delete(this.owner.id);
    const found = await inspect(this.#file);
    if (found?.owner?.id !== this.owner.id) return;
    await removeDrafts(this.#folder);
    await remove(this.#file);
  }
}

/** A lock file as it was found. The owner is absent where the file holds none: its writer died while writing it. */
interface Found {
  readonly owner: LockOwner | undefined;
  readonly age: number;
}

async function create(file: string, owner: LockOwner): Promise<boolean> {
  // Written under another name and linked, so that nobody ever reads half an owner.
  const draft = `${file}.${owner.id}`;
  const handle = await files.open(draft, 'wx');
  try {
    await handle.writeFile(JSON.stringify(owner));
    // Or a power loss would leave a lock without an owner, which nobody could tell to be dead before its time.
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await files.link(draft, file);
    return true;
  } catch (error) {
    // An owner that is leaving may have taken the draft for one of a process that died.
    if (hasCode(error, 'EEXIST', 'ENOENT')) return false;
    if (!hasCode(error, 'EPERM', 'ENOTSUP', 'ENOSYS')) throw error;
    return await createWithoutLink(file, owner);
  } finally {
    await remove(draft);
  }
}

/** Removes what processes left that died while they took the lock. */
async function removeDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder)) if (name.startsWith('lock.')) await remove(join(folder, name));
}

async function remove(file: string): Promise<void> {
  await files.unlink(file).catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT')) throw error;
  });
}

async function createWithoutLink(file: string, owner: LockOwner): Promise<boolean> {
  try {
    const handle = await files.open(file, 'wx');
    await handle.writeFile(JSON.stringify(owner));
    await handle.close();
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function inspect(file: string): Promise<Found | undefined> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
    return { owner: parseOwner(text), age: Date.now() - mtimeMs };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function parseOwner(text: string): LockOwner | undefined {
  try {
    const value = JSON.parse(text) as Partial<LockOwner> | null;
    const whole = typeof value?.id === 'string' && typeof value.pid === 'number' && typeof value.host === 'string';
    return whole ? (value as LockOwner) : undefined;
  } catch {
    return undefined;
  }
}

/** What the owner's process says counts where it can be asked; elsewhere the age of the lock. */
async function isAlive({ owner, age }: Found, stale: number): Promise<boolean> {
  const isFresh = age <= stale;
  if (owner === undefined || owner.host !== hostname()) return isFresh;
  const own = await markOf('self');
  // The same host name, and not the same processes: two containers.
  if (owner.process && own.process && owner.process.among !== own.process.among) return isFresh;
  if (!isRunning(owner.pid)) return false;
  // One that could not be given back is not held any more. Another thread may hold it.
  if (owner.pid === process.pid) return heldHere.has(owner.id) || isFresh;
  const now = owner.process && (await markOf(owner.pid)).process;
  // A process that was stopped, or whose machine slept, goes on where it was: it is not to be taken over however old its lock is.
  return now === undefined ? isFresh : now.started === owner.process?.started;
}

/** Moves a stale lock away; if another run was quicker and the lock moved is its live one, puts it back. */
async function takeAway(file: string, stale: Found, id: string): Promise<void> {
  const aside = `${file}.${id}.stale`;
  try {
    await files.rename(file, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  const moved = await inspect(aside);
  if (moved?.owner?.id !== stale.owner?.id) await files.link(aside, file).catch(() => undefined);
  await remove(aside);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

function locked(folder: string, found: Found): StageError {
  return new StageError(
    'ERR_STAGE_LOCKED',
    folder,
    `another run is writing: ${describe(found)}, in ${folder}. Wait for it to end, or stop it. A run that died is noticed by itself.`,
  );
}

function describe({ owner }: Found): string {
  return owner === undefined ? 'an unknown owner' : `process ${owner.pid} on ${owner.host}, since ${owner.since}`;
}
