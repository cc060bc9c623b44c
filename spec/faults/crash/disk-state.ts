// A disk at one moment: what it holds and what of that was synced, and what a crash would leave of it.
import { basename, dirname } from 'node:path';
import { DiskImage } from './disk-image.js';
import { randomNumbers } from './random-numbers.js';

/**
 * `killed`: what was written stays. `power lost`: only what was synced stays, names too. `half lost`: of what was not synced, every
 * second file and name stays. `torn`: of each file, half of what was not synced stays, from its start. `reordered`: of what was not synced, some
 * stays, whatever came first: each name, or its removal, and a part of each content, also without what stands before it.
 */
export type Crash = 'killed' | 'power lost' | 'half lost' | 'torn' | 'reordered';

export const crashes: readonly Crash[] = ['killed', 'power lost', 'half lost', 'torn', 'reordered'];

/** Paths are relative to the folder that is looked at; that folder itself is `''`, and always there. */
export interface DiskState {
  readonly files: ReadonlyMap<string, { readonly content: Buffer; readonly synced: number }>;
  /** The names that would be there after a power loss, and what they would stand for. */
  readonly durable: ReadonlyMap<string, { readonly content: Buffer; readonly isLive: boolean }>;
  readonly folders: ReadonlySet<string>;
  readonly durableFolders: ReadonlySet<string>;
}

/** What a crash leaves, with the lock of a process that is gone. `seed` says what stays of a disk that reorders. */
export function imageOf({ files, durable, folders, durableFolders }: DiskState, crash: Crash, seed: number): DiskImage {
  const stays = stayingOf(crash, randomNumbers(seed));
  const hasName = (folder: string): boolean =>
    folder === '' || folder === '.' || (durableFolders.has(folder) && hasName(dirname(folder)));
  const kept = new Map<string, Buffer>();
  for (const [path, { content, synced }] of files) if (stays.name()) kept.set(path, stays.content(content, synced));
  for (const [path, { content, isLive }] of durable) {
    // Its name was given to another file, or removed, and that was not synced.
    if (!kept.has(path) && stays.durable(isLive) && hasName(dirname(path))) kept.set(path, content);
  }
  const image = new DiskImage();
  for (const path of folders) if (stays.folder() || hasName(path)) image.addFolder(path);
  for (const [path, content] of kept) image.addFile(path, basename(path) === 'lock' ? ofOneGone(content) : content);
  return image;
}

const locks = new WeakMap<Buffer, Buffer>();

/** A lock whose process does not run. */
function ofOneGone(lock: Buffer): Buffer {
  const gone = locks.get(lock) ?? Buffer.from(lock.toString().replace(/"pid":\d+/, `"pid":${2 ** 22 + 1}`));
  locks.set(lock, gone);
  return gone;
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
