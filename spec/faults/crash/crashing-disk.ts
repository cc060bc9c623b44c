// A disk that stops at a chosen file system call, as for a process that is killed there, or a machine that loses power there.
// It stands between the library and the real file system, and remembers what was synced.
import * as fs from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { files } from '../../../lib/stage/index.js';
import { randomNumbers } from './random-numbers.js';

type FileHandle = fs.FileHandle;

/** A file's content as it was last synced. */
interface Content {
  synced: Buffer;
}

/**
 * `killed`: what was written stays. `power lost`: only what was synced stays, names too. `half lost`: of what was not synced, every
 * second file and name stays. `torn`: of each file, half of what was not synced stays, from its start. `reordered`: of what was not synced, some
 * stays, whatever came first: each name, or its removal, and a part of each content, also without what stands before it.
 */
export type Crash = 'killed' | 'power lost' | 'half lost' | 'torn' | 'reordered';

export const crashes: readonly Crash[] = ['killed', 'power lost', 'half lost', 'torn', 'reordered'];

const calls = ['link', 'mkdir', 'rename', 'rm', 'rmdir', 'truncate', 'unlink'] as const;

const real = { ...files };
/** Folders of loads that were stopped: whatever of them has not been called yet never will be. */
const stopped = new Set<string>();

/** The file system for all but stopped loads. */
function restore(): void {
  for (const name of [...calls, 'open', 'utimes'] as const) {
    const call = real[name] as (...args: unknown[]) => Promise<unknown>;
    const guarded = async (...args: unknown[]): Promise<unknown> => {
      const path = resolve(String(args[0]));
      if ([...stopped].some((folder) => isIn(folder, path))) await new Promise(() => undefined);
      return await call(...args);
    };
    Object.assign(files, { [name]: guarded });
  }
}

export class CrashingDisk {
  /** What was called so far, with the paths below the root. */
  readonly trace: string[] = [];
  /** Resolves when the call has come at which the disk stops. */
  readonly crashed: Promise<void>;
  readonly #root: string;
  readonly #crashAt: number;
  readonly #original = real;
  readonly #live = new Map<string, Content>();
  readonly #durable = new Map<string, Content>();
  /** The folders that are there, and those whose names would be after a power loss. */
  readonly #folders = new Set<string>();
  readonly #durableFolders = new Set<string>();
  readonly #handles = new Set<FileHandle>();
  /** Calls that were made before the disk stopped, and are being carried out. */
  readonly #unfinished = new Set<Promise<unknown>>();
  #crash: () => void = () => undefined;

  /** @param crashAt The number of the call before which the disk stops, counted from 0; never when there are fewer. */
  constructor(root: string, crashAt: number) {
    this.#root = root;
    this.#crashAt = crashAt;
    this.crashed = new Promise((done) => {
      this.#crash = done;
    });
  }

  /** Takes in what is there: that counts as synced. Then stands before the file system until `remove`. */
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
        await this.#reach(name, paths[paths.length - 1]!);
        const result = await this.#finishing(original(...args));
        this.#note(name, paths);
        return result;
      };
      Object.assign(files, { [name]: call });
    }
    files.open = async (path, ...more) => {
      const file = resolve(String(path));
      await this.#reach('open', file);
      const handle = await this.#finishing(this.#original.open(path, ...more));
      if (!(await handle.stat()).isDirectory() && !this.#live.has(file))
        this.#live.set(file, { synced: Buffer.alloc(0) });
      return this.#wrap(handle, file);
    };
    files.utimes = async () => undefined;
  }

  /** Goes away when what was called before is done, and closes what the stopped load left open. */
  async remove(): Promise<void> {
    if (this.trace.length >= this.#crashAt) stopped.add(this.#root);
    restore();
    await Promise.allSettled(this.#unfinished);
    for (const handle of [...this.#handles]) await handle.close().catch(() => undefined);
  }

  /** Writes what the crash leaves into another folder, with the lock of a process that is gone. `seed` says what stays of a disk that reorders. */
  async image(crash: Crash, target: string, seed = this.trace.length): Promise<void> {
    const stays = stayingOf(crash, randomNumbers(seed));
    const kept = new Map<string, Buffer>();
    for (const path of await filesIn(this.#root)) {
      if (stays.name())
        kept.set(path, stays.content(await fs.readFile(path), this.#live.get(path)?.synced.length ?? 0));
    }
    for (const [path, { synced }] of this.#durable) {
      // Its name was given to another file, or removed, and that was not synced.
      if (!kept.has(path) && stays.durable(this.#live.has(path)) && this.#hasName(dirname(path)))
        kept.set(path, synced);
    }
    for (const path of this.#folders) {
      if (stays.folder() || this.#hasName(path))
        await fs.mkdir(join(target, relative(this.#root, path)), { recursive: true });
    }
    for (const [path, content] of kept) {
      const copy = join(target, relative(this.#root, path));
      await fs.mkdir(dirname(copy), { recursive: true });
      const isLock = basename(path) === 'lock' && content.length > 0;
      await fs.writeFile(copy, isLock ? content.toString().replace(/"pid":\d+/, `"pid":${2 ** 22 + 1}`) : content);
    }
  }

  async #finishing<T>(call: Promise<T>): Promise<T> {
    this.#unfinished.add(call);
    try {
      return await call;
    } finally {
      this.#unfinished.delete(call);
    }
  }

  /** Counts a call. The one at which the disk stops, and all after it, never return. */
  async #reach(name: string, path: string): Promise<void> {
    if (this.trace.length >= this.#crashAt) {
      this.#crash();
      await new Promise(() => undefined);
    }
    this.trace.push(`${name} ${relative(this.#root, path)}`);
  }

  /** Whether the name of a folder, and of all above it, would be there after a power loss. */
  #hasName(folder: string): boolean {
    if (!isIn(this.#root, folder)) return true;
    return this.#durableFolders.has(folder) && this.#hasName(dirname(folder));
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
    const { write, sync, datasync, truncate, close } = handle;
    this.#handles.add(handle);
    const synced = async (flush: () => Promise<void>): Promise<void> => {
      await this.#reach('sync', path);
      await this.#finishing(flush.call(handle).then(() => this.#sync(path)));
    };
    return Object.assign(handle, {
      write: async (...args: Parameters<typeof write>) => {
        await this.#reach('write', path);
        return await this.#finishing(write.apply(handle, args));
      },
      truncate: async (length?: number) => {
        await this.#reach('truncate', path);
        await this.#finishing(truncate.call(handle, length));
      },
      close: async () => {
        this.#handles.delete(handle);
        await close.call(handle);
      },
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

/** What of that which was not synced a crash leaves. */
interface Staying {
  /** Whether a file stays under the name that it has now. */
  name(): boolean;
  /** Of what it holds. */
  content(content: Buffer, synced: number): Buffer;
  /** Whether a name that was synced stays with what it stood for then, where it is not what it is now. */
  durable(isLive: boolean): boolean;
  /** Whether a folder stays whose name was not synced. */
  folder(): boolean;
}

function stayingOf(crash: Crash, random: () => number): Staying {
  const isKilled = crash === 'killed' || crash === 'torn';
  let files = 0;
  const all: Staying = {
    name: () => isKilled || (crash === 'half lost' && files++ % 2 === 0),
    content: (content, synced) => (crash === 'torn' ? content.subarray(0, halfWay(content, synced)) : content),
    durable: () => !isKilled,
    folder: () => isKilled,
  };
  if (crash !== 'reordered') return all;
  const half = (): boolean => random() < 0.5;
  return {
    name: half,
    content: (content, synced) => {
      const kept = Buffer.from(half() ? content : content.subarray(0, halfWay(content, synced)));
      // A later part of it can be there without an earlier one.
      return half() ? kept.fill(0, Math.min(synced, kept.length), halfWay(kept, synced)) : kept;
    },
    durable: (isLive) => isLive || half(),
    folder: half,
  };
}

/** The middle of what was not synced. */
function halfWay({ length }: Buffer, synced: number): number {
  return Math.min(length, synced) + ((length - Math.min(length, synced)) >> 1);
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
