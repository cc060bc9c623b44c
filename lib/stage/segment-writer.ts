// Appends the rows of one table to its segments: large writes, one at a time, in the order of the calls.
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from './checksum.js';
import { files } from './file-system.js';
import type { FolderSync } from './folder-sync.js';
import type { OpenFiles } from './open-files.js';
import { SharedFiles } from './shared-files.js';
import { ioError } from './stage-error.js';
import type { WriteBuffers } from './write-buffers.js';

/** How far a segment is written: enough to cut it there and to tell that it is whole. */
export interface SegmentMark {
  readonly file: string;
  readonly bytes: number;
  /** CRC-32 of those bytes. */
  readonly crc: number;
}

export interface SegmentOptions {
  /** The stage's folder. */
  readonly folder: string;
  /** Segments are named `<prefix>.<number>.jsonl`. */
  readonly prefix: string;
  /** The segments so far, in order; the last is appended to. */
  readonly marks: readonly SegmentMark[];
  /** A segment that has this many bytes is followed by a new one. @default 16 MiB */
  readonly rotateBytes?: number;
  /** The number of the last segment that there is or was. @default that of the last mark */
  readonly number?: number;
  /** Is told of each segment that is written to its end, durable or not. @default nobody is told */
  readonly onFinished?: (file: string) => void;
  /** What it shares with the other tables of the stage. @default nothing */
  readonly shared?: SharedFiles;
}

interface Segment {
  readonly file: string;
  /** Bytes and checksum of everything appended, also of what is still waiting. */
  bytes: number;
  crc: number;
  written: number;
  handle?: FileHandle;
  changed: boolean;
  /** Whether its name is durable. */
  known: boolean;
}

/** What one write takes to the disk. */
interface Batch {
  readonly segment: Segment;
  readonly buffer: Uint8Array;
  bytes: number;
  /** Whether the buffer is one of the shared ones. */
  readonly own: boolean;
}

export class SegmentWriter {
  readonly #folder: string;
  readonly #prefix: string;
  readonly #rotateBytes: number;
  readonly #onFinished: ((file: string) => void) | undefined;
  #number: number;
  #current: Segment | undefined;
  /** Segments that changed since the last `sync`. */
  #changed: Segment[] = [];
  readonly #open = new Set<Segment>();
  #queue: Batch[] = [];
  readonly #buffers: WriteBuffers;
  readonly #openFiles: OpenFiles;
  readonly #names: FolderSync;
  #waiting = 0;
  #work: Promise<void> | undefined;
  /** The last sync; it never rejects. */
  #syncing: Promise<unknown> | undefined;
  /** From now on nothing is written but what a sync waits for. */
  #closing = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: SegmentOptions) {
    this.#folder = options.folder;
    this.#prefix = options.prefix;
    this.#rotateBytes = options.rotateBytes ?? 16 * 1024 * 1024;
    this.#onFinished = options.onFinished;
    const { buffers, open, names } = options.shared ?? new SharedFiles(options.folder);
    this.#buffers = buffers;
    this.#openFiles = open;
    this.#names = names;
    const last = options.marks.at(-1);
    this.#number = options.number ?? Number(/\.(\d+)\.\w+$/.exec(last?.file ?? '')?.[1] ?? 0);
    if (last) this.#current = { ...last, written: last.bytes, changed: false, known: true };
  }

  /** The number of the last segment. */
  get number(): number {
    return this.#number;
  }

  /** The segment that is appended to. */
  get current(): string | undefined {
    return this.#current?.file;
  }

  /** Whether so much waits to be written that no more should be appended before `drained`. */
  get full(): boolean {
    return this.#waiting >= this.#buffers.allowance;
  }

  /** Appends lines. They are written soon, and for sure by `sync`. A large chunk must not be changed afterwards. */
  append(chunk: Uint8Array): void {
    const segment = this.#segment();
    segment.bytes += chunk.length;
    segment.crc = crc32(chunk, segment.crc);
    if (!segment.changed) {
      segment.changed = true;
      this.#changed.push(segment);
    }
    this.#enqueue(segment, chunk);
    this.#waits(chunk.length);
    this.#startWhenDue();
  }

  /** Small chunks are copied together, so that what they were part of, such as the body of a page, is not held until they are written. */
  #enqueue(segment: Segment, chunk: Uint8Array): void {
    const last = this.#queue.at(-1);
    if (last?.own && last.segment === segment && last.bytes + chunk.length <= last.buffer.length) {
      last.buffer.set(chunk, last.bytes);
      last.bytes += chunk.length;
      return;
    }
    const buffer = this.#buffers.take(chunk.length);
    buffer?.set(chunk);
    this.#queue.push({ segment, buffer: buffer ?? chunk, bytes: chunk.length, own: buffer !== undefined });
  }

  #waits(bytes: number): void {
    this.#waiting += bytes;
    this.#buffers.waiting += bytes;
  }

  /** Resolves when no more than half of what may wait is waiting, or when it is closed. Rejects when writing failed. */
  async drained(): Promise<void> {
    while (!this.#closing && this.#waiting > this.#buffers.allowance / 2) await this.#step();
    this.#check();
  }

  /**
   * Makes everything appended before the call durable. Returns how far each segment that changed since the last call is written;
   * what is appended meanwhile is not part of it.
   */
  sync(): Promise<SegmentMark[]> {
    const syncing = this.#sync();
    this.#syncing = syncing.catch(() => undefined);
    return syncing;
  }

  async #sync(): Promise<SegmentMark[]> {
    this.#check();
    const changed = this.#changed;
    this.#changed = [];
    for (const segment of changed) segment.changed = false;
    const marks = changed.map(({ file, bytes, crc }) => ({ file, bytes, crc }));
    try {
      for (const [i, segment] of changed.entries()) await this.#syncTo(segment, marks[i]!.bytes);
      if (changed.some((segment) => !segment.known)) await this.#names.sync();
    } catch (error) {
      // After a failed fsync the system may have dropped what it could not write: nothing more can be promised.
      this.#failure ??= { error };
      throw error;
    }
    for (const segment of changed) segment.known = true;
    return marks;
  }

  async #syncTo(segment: Segment, bytes: number): Promise<void> {
    while (segment.written < bytes) await this.#step();
    await segment.handle?.sync();
    // What was appended after the marks were made is for the next sync, for which the file stays open.
    if (segment !== this.#current && !segment.changed) await this.#close(segment);
  }

  /** Waits for the sync and the write under way and closes the files. What was not synced may be lost. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#syncing;
    await this.#work;
    // What still waits is dropped.
    this.#buffers.waiting -= this.#waiting;
    for (const { own, buffer } of this.#queue) if (own) this.#buffers.lost(buffer);
    for (const segment of [...this.#open]) await this.#close(segment);
  }

  async #close(segment: Segment): Promise<void> {
    const { handle } = segment;
    if (handle === undefined) return;
    delete segment.handle;
    this.#open.delete(segment);
    this.#openFiles.closed();
    await handle.close();
  }

  #segment(): Segment {
    if (this.#current === undefined || this.#current.bytes >= this.#rotateBytes) {
      this.#number += 1;
      const before = this.#current;
      const file = `${this.#prefix}.${String(this.#number).padStart(6, '0')}.jsonl`;
      this.#current = { file, bytes: 0, crc: 0, written: 0, changed: false, known: false };
      if (before !== undefined && before.written === before.bytes) this.#onFinished?.(before.file);
    }
    return this.#current;
  }

  /** What is appended from now on goes into another segment. */
  endSegment(): void {
    const ended = this.#current;
    this.#current = undefined;
    if (ended !== undefined && ended.written === ended.bytes) this.#onFinished?.(ended.file);
  }

  #check(): void {
    if (this.#failure) throw this.#failure.error;
  }

  /** One more write, or the one under way. */
  async #step(): Promise<void> {
    this.#check();
    this.#start();
    await this.#work;
    this.#check();
  }

  #startWhenDue(): void {
    const [first] = this.#queue;
    if (first !== undefined && this.#waiting >= first.buffer.length && !this.#closing) this.#start();
  }

  #start(): void {
    if (this.#work !== undefined || this.#failure !== undefined) return;
    this.#work = this.#write()
      .catch((error: unknown) => {
        this.#failure ??= { error: ioError(this.#folder, 'the log cannot be written', error) };
      })
      .finally(() => {
        this.#work = undefined;
        this.#startWhenDue();
      });
  }

  async #write(): Promise<void> {
    const batch = this.#queue.shift();
    if (batch === undefined) return;
    const { segment, buffer, bytes, own } = batch;
    await this.#openFiles.inTurn(() => this.#writeTo(segment, buffer.subarray(0, bytes)));
    if (own) this.#buffers.give(buffer);
    segment.written += bytes;
    this.#waits(-bytes);
    if (segment !== this.#current && segment.written === segment.bytes) this.#onFinished?.(segment.file);
  }

  async #writeTo(segment: Segment, bytes: Uint8Array): Promise<void> {
    if (segment.handle === undefined) {
      segment.handle = await files.open(join(this.#folder, segment.file), segment.written === 0 ? 'w' : 'r+');
      this.#open.add(segment);
      this.#openFiles.opened();
    }
    await writeAll(segment.handle, bytes, segment.written);
    if (!this.#openFiles.crowded) return;
    // Whoever opens it again is not told what went wrong before.
    await segment.handle.sync();
    await this.#close(segment);
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
