// A load whose file system calls are recorded: it runs once, to its end, and of each call it is known what was on the disk before. The recorder stands
// between the library and the real file system, lets one call begin after the other, and remembers what was synced.
import * as fs from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { files } from '../../../lib/stage/index.js';
import type { DiskImage } from './disk-image.js';
import { type Crash, type DiskState, imageOf } from './disk-state.js';

type FileHandle = fs.FileHandle;

/** A file's content as it was last synced. */
interface Content {
  synced: Buffer;
}

/** When a load would have stopped: before one of its calls, or after the last. */
export class Moment {
  /** Which call comes next, counted from 0. */
  readonly at: number;
  /** Pages that the load was told to be durable. */
  readonly committed: number;
  readonly #disk: DiskState;

  constructor(at: number, committed: number, disk: DiskState) {
    this.at = at;
    this.committed = committed;
    this.#disk = disk;
  }

  /** What a crash leaves. */
  image(crash: Crash): DiskImage {
    return imageOf(this.#disk, crash, this.at);
  }
}

export interface Recorded {
  /** All calls, each with its path below the folder. */
  readonly trace: readonly string[];
  /** Those that were wanted, and at last the end of the load. */
  readonly moments: readonly Moment[];
  readonly end: Moment;
}

export interface RecordOptions {
  /** The numbers of the calls before which the disk is looked at, from the calls so far and the one that comes. @default at the end alone */
  readonly wanted?: (at: number, call: string) => boolean;
  /** Pages that the load was told to be durable. */
  readonly committed?: () => number;
}

/** Runs a load that writes to a folder; what is there before counts as synced. */
export async function recordCalls(
  folder: string,
  load: () => Promise<unknown>,
  options: RecordOptions = {},
): Promise<Recorded> {
  const disk = new RecordingDisk(resolve(folder), options);
  await disk.install();
  try {
    await load();
  } finally {
    disk.remove();
  }
  const end = await disk.look();
  return { trace: disk.trace, moments: [...disk.moments, end], end };
}

const calls = ['link', 'mkdir', 'rename', 'rm', 'rmdir', 'truncate', 'unlink'] as const;

class RecordingDisk {
  readonly trace: string[] = [];
  readonly moments: Moment[] = [];
  readonly #root: string;
  readonly #options: RecordOptions;
  readonly #original = { ...files };
  readonly #live = new Map<string, Content>();
  readonly #durable = new Map<string, Content>();
  /** The folders that are there, and those whose names would be after a power loss. */
  readonly #folders = new Set<string>();
  readonly #durableFolders = new Set<string>();
  /** What files held when they were last looked at: most hold the same the next time. */
  readonly #looked = new Map<string, Buffer>();
  /** Calls that are being carried out. */
  readonly #underWay = new Set<Promise<unknown>>();
  /** Ends when the call that came last has begun. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(root: string, options: RecordOptions) {
    this.#root = root;
    this.#options = options;
  }

  /** Takes in what is there. Then stands before the file system until `remove`. */
  async install(): Promise<void> {
    for (const folder of [this.#root, ...(await foldersIn(this.#root))]) {
      this.#folders.add(folder);
      this.#durableFolders.add(folder);
    }
    for (const path of await filesIn(this.#root)) {
      const content = { synced: await fs.readFile(path) };
      this.#live.set(path, content);
      this.#durable.set(path, content);
    }
    for (const name of calls) {
      const original = this.#original[name] as (...args: unknown[]) => Promise<unknown>;
      const call = async (...args: unknown[]): Promise<unknown> => {
        const paths = args.filter((each) => typeof each === 'string').map((path) => resolve(path as string));
        return await this.#call(name, paths[paths.length - 1]!, async () => {
          const result = await original(...args);
          this.#note(name, paths);
          return result;
        });
      };
      Object.assign(files, { [name]: call });
    }
    files.open = async (path, ...more) => {
      const file = resolve(String(path));
      return await this.#call('open', file, async () => {
        const handle = await this.#original.open(path, ...more);
        if (!(await handle.stat()).isDirectory() && !this.#live.has(file))
          this.#live.set(file, { synced: Buffer.alloc(0) });
        return this.#wrap(handle, file);
      });
    };
    files.utimes = async () => undefined;
  }

  remove(): void {
    Object.assign(files, this.#original);
  }

  /** How the disk is now, when all calls are done that have begun. */
  async look(): Promise<Moment> {
    await Promise.allSettled(this.#underWay);
    // What the load is told of them is told.
    await new Promise((resolve) => setImmediate(resolve));
    const committed = this.#options.committed?.() ?? 0;
    return new Moment(this.trace.length, committed, await this.#state());
  }

  /** Begins a call when those before it are done and, where it is wanted, the disk was looked at. */
  async #call<T>(name: string, path: string, act: () => Promise<T>): Promise<T> {
    const begun = this.#turn.then(async () => {
      const call = `${name} ${relative(this.#root, path)}`;
      if (this.#options.wanted?.(this.trace.length, call)) this.moments.push(await this.look());
      this.trace.push(call);
      const done = act();
      this.#underWay.add(done);
      // Not awaited here: the next call may begin before this one is done.
      return { done };
    });
    this.#turn = begun.catch(() => undefined);
    const { done } = await begun;
    try {
      return await done;
    } finally {
      this.#underWay.delete(done);
    }
  }

  async #state(): Promise<DiskState> {
    const found = new Map<string, { content: Buffer; synced: number }>();
    const inside = (path: string): string => relative(this.#root, path);
    for (const path of await filesIn(this.#root)) {
      const content = await this.#contentOf(path);
      if (content !== undefined) found.set(inside(path), { content, synced: this.#live.get(path)?.synced.length ?? 0 });
    }
    const durable = [...this.#durable].map(
      ([path, { synced }]) => [inside(path), { content: synced, isLive: this.#live.has(path) }] as const,
    );
    return {
      files: found,
      durable: new Map(durable),
      folders: new Set([...this.#folders].map(inside)),
      durableFolders: new Set([...this.#durableFolders].map(inside)),
    };
  }

  /** Undefined for one that the engine has removed meanwhile. */
  async #contentOf(path: string): Promise<Buffer | undefined> {
    const content = await fs.readFile(path).catch(() => undefined);
    const known = this.#looked.get(path);
    if (content === undefined || known?.equals(content)) return content && known;
    this.#looked.set(path, content);
    return content;
  }

  #note(name: (typeof calls)[number], [path, target]: string[]): void {
    if (name === 'mkdir') {
      for (let made = path!; isIn(this.#root, made); made = dirname(made)) this.#folders.add(made);
    } else if (name === 'rename' || name === 'link') {
      // What the engine wrote by itself is not synced before the library does so.
      this.#live.set(target!, this.#live.get(path!) ?? { synced: Buffer.alloc(0) });
      if (name === 'rename') this.#live.delete(path!);
    } else if (name === 'rm' || name === 'unlink' || name === 'rmdir') {
      for (const known of [...this.#live.keys()]) {
        if (isIn(path!, known)) this.#live.delete(known);
      }
      for (const known of [...this.#folders]) if (isIn(path!, known)) this.#folders.delete(known);
    }
  }

  #wrap(handle: FileHandle, path: string): FileHandle {
    const { write, sync, datasync, truncate } = handle;
    const synced = (flush: () => Promise<void>): Promise<void> =>
      this.#call('sync', path, async () => {
        await flush.call(handle);
        await this.#sync(path);
      });
    return Object.assign(handle, {
      write: (...args: Parameters<typeof write>) => this.#call('write', path, () => write.apply(handle, args)),
      truncate: (length?: number) => this.#call('truncate', path, () => truncate.call(handle, length)),
      sync: () => synced(sync),
      datasync: () => synced(datasync),
    });
  }

  async #sync(path: string): Promise<void> {
    const content = this.#live.get(path);
    if (content) {
      content.synced = await fs.readFile(path).catch(() => content.synced);
      return;
    }
    // A folder: the names in it are durable now, and so is that others are gone.
    const isHere = (file: string): boolean => dirname(file) === path;
    for (const file of [...this.#durable.keys()]) if (isHere(file) && !this.#live.has(file)) this.#durable.delete(file);
    for (const [file, each] of this.#live) if (isHere(file)) this.#durable.set(file, each);
    for (const folder of this.#folders) if (isHere(folder)) this.#durableFolders.add(folder);
    for (const folder of this.#durableFolders) {
      if (isHere(folder) && !this.#folders.has(folder)) this.#durableFolders.delete(folder);
    }
  }
}

function isIn(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await fs.readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await fs.readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}
