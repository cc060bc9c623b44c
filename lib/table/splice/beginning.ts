// The beginning of a new file that is the beginning of the published one: copied while what comes after it is still being made.
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { AbortedError } from '../../core/index.js';
import { files, syncFile } from '../../stage/index.js';
import type { Footer } from './footer.js';
import { NotSpliceable } from './not-spliceable.js';

/** So much is copied at a time: a system call for less costs more than the copying. */
export const chunkBytes = 4 * 1024 * 1024;

/** From this share on the whole file is copied. */
const mostOfIt = 0.75;
/** A copy by the system cannot be interrupted: of a file of so many bytes it takes a few seconds. */
export const atOnce = 2 ** 31;
/** What is less is left to the sync of the whole file. */
const flushBytes = 16 * 1024 * 1024;

export class Beginning {
  /** Where the bytes are from; they have the same places in the new file. */
  readonly file: string;
  /** How many there are. */
  readonly bytes: number;
  readonly #destination: string;
  readonly #signal: AbortSignal;
  /** Whether the whole file may be copied, and the rest cut off. */
  readonly #isMost: boolean;
  readonly #copied: Promise<void>;
  #flushed: Promise<void> = Promise.resolve();
  #givenUp = false;

  private constructor({ file, start: size }: Footer, bytes: number, destination: string, signal: AbortSignal) {
    this.file = file;
    this.bytes = bytes;
    this.#isMost = bytes > size * mostOfIt && size < atOnce;
    this.#destination = destination;
    this.#signal = signal;
    this.#copied = this.#make();
    // Whoever waits for it is told.
    this.#copied.catch(() => undefined);
  }

  /** Begins to copy what stands before the end of the first `groups` row groups, of all by default, as far as no byte is between them. */
  static of(published: Footer, destination: string, signal: AbortSignal, groups = published.groups.length): Beginning {
    let end = 4;
    for (const group of published.groups.slice(0, groups)) {
      if (group.start !== end) break;
      end = group.end;
    }
    return new Beginning(published, end, destination, signal);
  }

  /** Resolves when the bytes are in their places. @throws AbortedError; NotSpliceable when the published file is shorter than it says */
  async copied(): Promise<void> {
    await this.#copied;
  }

  /** Has the bytes on the disk soon, so that the sync of the whole file takes less time. To be called when the file is sure to be wanted. */
  flush(): void {
    if (this.bytes < flushBytes) return;
    this.#flushed = this.#copied.then(async () => await syncFile(this.#destination));
    this.#flushed.catch(() => undefined);
  }

  /** Resolves when all is done. Rejects when something could not be written. */
  async finished(): Promise<void> {
    await this.#copied;
    await this.#flushed;
  }

  /** Stops, and never fails. The file may be removed then. */
  async giveUp(): Promise<void> {
    this.#givenUp = true;
    await this.finished().catch(() => undefined);
  }

  async #make(): Promise<void> {
    if (this.#isMost || (await this.#share())) {
      // The system copies faster than a process does, and shares the blocks of the disk where it can.
      if (this.#isMost) await files.copyFile(this.file, this.#destination, constants.COPYFILE_FICLONE);
      await files.truncate(this.#destination, this.bytes);
      return;
    }
    const target = await files.open(this.#destination, 'w');
    try {
      await this.#copy(target);
    } finally {
      await target.close();
    }
  }

  async #share(): Promise<boolean> {
    try {
      await files.copyFile(this.file, this.#destination, constants.COPYFILE_FICLONE_FORCE);
      return true;
    } catch {
      // Most file systems cannot. What is really wrong with the disk shows when it is written to.
      return false;
    }
  }

  async #copy(target: FileHandle): Promise<void> {
    const source = await files.open(this.file, 'r');
    const buffer = Buffer.allocUnsafeSlow(Math.min(chunkBytes, this.bytes));
    try {
      for (let at = 0; at < this.bytes; ) {
        if (this.#signal.aborted || this.#givenUp) throw new AbortedError();
        const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, this.bytes - at), at);
        if (bytesRead === 0) throw new NotSpliceable('a file became shorter while it was read');
        await writeAll(target, buffer.subarray(0, bytesRead), at);
        at += bytesRead;
      }
    } finally {
      await source.close();
    }
  }
}

/** Writes all of the bytes at a position. */
export async function writeAll(target: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await target.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
