// A disk to which recorded calls are done again one after the other, and what a crash leaves of it between two of them. It knows of each file
// and each folder what was synced, and each change since then.
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { DiskImage } from './disk-image.js';
import { randomNumbers } from './random-numbers.js';
import type { Call } from './recorded-calls.js';

/**
 * `killed`: what was written stays. `power lost`: only what was synced stays, names too. `torn`: all names stay, and of each file the last write that
 * was not synced is there by half. `reordered`: of what was not synced, any changes stay and the others do not; a rename is one change, and a file
 * has its name when its folder was synced.
 */
export type Loss = 'killed' | 'power lost' | 'torn' | 'reordered';

/** A change that was not synced, and the number of its call. */
type Change<T> = { readonly number: number; readonly apply: (to: T) => T };

type Names = ReadonlyMap<string, Entry>;

/** Its content or, of a folder, its names: as they are, as they were synced, and the changes between the two. */
class Stored<T> {
  now: T;
  #synced: T;
  #changes: Change<T>[] = [];

  constructor(durable: T) {
    this.now = durable;
    this.#synced = durable;
  }

  change(number: number, apply: (to: T) => T): void {
    this.now = apply(this.now);
    this.#changes.push({ number, apply });
  }

  /** What came before the call of this number is synced. */
  sync(before: number): void {
    this.#synced = this.#left(({ number }) => number < before);
    this.#changes = this.#changes.filter(({ number }) => number >= before);
  }

  left(stays: (number: number) => boolean): T {
    return this.#left(({ number }) => stays(number));
  }

  /** The last of the changes, when they are all there but for half of that. */
  get unsynced(): number | undefined {
    return this.#changes.at(-1)?.number;
  }

  #left(stays: (change: Change<T>) => boolean): T {
    return this.#changes.filter(stays).reduce((value, { apply }) => apply(value), this.#synced);
  }
}

type Entry = { readonly content: Stored<Buffer> } | { readonly names: Stored<Names> };

const file = (content: Buffer = Buffer.alloc(0)): Entry => ({ content: new Stored(content) });
const folder = (names: Names = new Map()): { readonly names: Stored<Names> } => ({ names: new Stored(names) });

export class ReplayedDisk {
  readonly #path: string;
  readonly #root: { readonly names: Stored<Names> };
  #number = 0;

  private constructor(path: string, root: { readonly names: Stored<Names> }) {
    this.#path = path;
    this.#root = root;
  }

  /** A disk that holds at `path` what is in `base`, all of it synced. */
  static async of(base: string, path: string): Promise<ReplayedDisk> {
    return new ReplayedDisk(path, await read(base));
  }

  /** Does the next call. */
  apply(call: Call): void {
    const number = this.#number;
    this.#number += 1;
    if (call.type === 'said') return;
    if (call.type === 'sync') {
      const entry = this.#find(call.path);
      if (entry !== undefined) ('names' in entry ? entry.names : entry.content).sync(call.began);
    } else if (call.type === 'create') {
      if (this.#find(call.path) === undefined) this.#name(number, call.path, file());
    } else if (call.type === 'mkdir') this.#name(number, call.path, folder());
    else if (call.type === 'remove') this.#name(number, call.path, undefined);
    else if (call.type === 'link') this.#name(number, call.to, this.#find(call.path));
    else if (call.type === 'rename') {
      const entry = this.#find(call.path);
      this.#name(number, call.path, undefined);
      this.#name(number, call.to, entry);
    } else this.#change(number, call);
  }

  /** What a crash leaves now. `seed` says what stays of a disk that reorders. */
  image(loss: Loss, seed = 0): DiskImage {
    const random = randomNumbers(seed);
    const share = random();
    const chosen = new Map<number, boolean>();
    const isChosen = (number: number): boolean => {
      const known = chosen.get(number) ?? random() < share;
      chosen.set(number, known);
      return known;
    };
    const stays = loss === 'reordered' ? isChosen : () => loss !== 'power lost';
    const content = (stored: Stored<Buffer>): Buffer => {
      const last = stored.unsynced;
      if (loss !== 'torn' || last === undefined) return stored.left(stays);
      const before = stored.left((number) => number !== last);
      const added = stored.now.length - before.length;
      return added > 0 ? stored.now.subarray(0, before.length + (added >> 1)) : halfOf(before, stored.now);
    };
    const image = new DiskImage();
    const add = (entry: Entry, path: string): void => {
      if ('content' in entry) image.addFile(path, content(entry.content));
      else {
        image.addFolder(path);
        for (const [name, each] of entry.names.left(stays)) add(each, join(path, name));
      }
    };
    add(this.#root, '');
    return image;
  }

  #change(number: number, call: Extract<Call, { type: 'write' | 'copy' | 'truncate' | 'extend' }>): void {
    const entry = this.#find(call.type === 'copy' ? call.to : call.path);
    if (entry === undefined || !('content' in entry)) return;
    const { content } = entry;
    if (call.type === 'truncate') content.change(number, (to) => resized(to, call.length));
    else if (call.type === 'extend') content.change(number, (to) => resized(to, Math.max(to.length, call.length)));
    else {
      const at = call.at === 'end' ? content.now.length : call.at;
      const data = call.type === 'write' ? call.data : this.#copied(call);
      content.change(number, (to) => {
        const changed = resized(to, Math.max(to.length, at + data.length));
        data.copy(changed, at);
        return changed;
      });
    }
  }

  #copied({ path, from, length }: Extract<Call, { type: 'copy' }>): Buffer {
    const entry = this.#find(path);
    if (entry === undefined || !('content' in entry)) throw new Error(`copied from what is not there: ${path}`);
    return entry.content.now.subarray(from, from + length);
  }

  #find(path: string): Entry | undefined {
    const names = relative(this.#path, path).split('/').filter(Boolean);
    return names.reduce<Entry | undefined>(
      (entry, name) => (entry && 'names' in entry ? entry.names.now.get(name) : undefined),
      this.#root,
    );
  }

  #name(number: number, path: string, entry: Entry | undefined): void {
    const parent = this.#find(dirname(path));
    if (parent === undefined || !('names' in parent)) throw new Error(`no folder for ${path}`);
    parent.names.change(number, (names) => {
      const changed = new Map(names);
      if (entry === undefined) changed.delete(basename(path));
      else changed.set(basename(path), entry);
      return changed;
    });
  }
}

/** As long as this, with zeros where there was nothing. */
function resized(content: Buffer, length: number): Buffer {
  const changed = Buffer.alloc(length);
  content.copy(changed);
  return changed;
}

/** The first half of a content as it is now, and the second as it was. */
function halfOf(before: Buffer, now: Buffer): Buffer {
  const changed = Buffer.from(before);
  now.copy(changed, 0, 0, Math.min(before.length, now.length) >> 1);
  return changed;
}

async function read(path: string): Promise<{ readonly names: Stored<Names> }> {
  const names = new Map<string, Entry>();
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const each = join(path, entry.name);
    names.set(entry.name, entry.isDirectory() ? await read(each) : file(await readFile(each)));
  }
  return folder(names);
}
