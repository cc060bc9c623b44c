// Writes one Parquet file of row groups that stand in others: their bytes are copied, and the footer says where they are now.
import type { FileHandle } from 'node:fs/promises';
import { AbortedError } from '../../core/index.js';
import { files } from '../../stage/index.js';
import { type Beginning, chunkBytes, writeAll } from './beginning.js';
import { encodeFooter, type Footer, type RawField, readAt } from './footer.js';
import { NotSpliceable } from './not-spliceable.js';
import { type Attachment, placeGroup, placeOffsetIndex } from './row-group.js';

/** Row groups of one file, from `from` to before `to`. */
export interface Part {
  readonly footer: Footer;
  readonly from: number;
  readonly to: number;
}

export interface Assembly {
  /** In their order. */
  readonly parts: readonly Part[];
  /** What the footer says beside its row groups. */
  readonly fields: readonly RawField[];
  readonly destination: string;
  /** What of the destination is written, or being written, already. @default nothing */
  readonly beginning?: Beginning;
  readonly signal: AbortSignal;
}

/** Some bytes of the new file: those of another one, or its own. */
type Piece = { readonly file: string; readonly from: number; readonly length: number } | Uint8Array;

/** Writes the file. It is not synced. Memory stays the same, whatever the size. */
export async function assemble(assembly: Assembly): Promise<void> {
  const { parts, fields } = assembly;
  const sources = new Sources();
  try {
    const pieces = new Pieces();
    const { groups, rows } = await place(parts, pieces, sources);
    pieces.add(encodeFooter(fields, rows, groups));
    await write(pieces.list, sources, assembly);
  } finally {
    await sources.close();
  }
}

/** Lays the bytes out: the pages of all groups, then their bloom filters and indexes. Gives the groups' entries in the footer. */
async function place(
  parts: readonly Part[],
  pieces: Pieces,
  sources: Sources,
): Promise<{ groups: Uint8Array[]; rows: number }> {
  const all = parts.flatMap(({ footer, from, to }) =>
    footer.groups.slice(from, to).map((group) => ({ group, file: footer.file, shift: 0 })),
  );
  pieces.add(mark);
  for (const entry of all) {
    const { start, end } = entry.group;
    entry.shift = pieces.length - start;
    pieces.add({ file: entry.file, from: start, length: end - start });
  }
  const groups: Uint8Array[] = [];
  for (const [ordinal, { group, file, shift }] of all.entries()) {
    const attachments = [];
    for (const attachment of group.attachments) {
      const offset = pieces.length;
      pieces.add(await moved(attachment, file, shift, sources));
      attachments.push({ offset, length: pieces.length - offset });
    }
    groups.push(placeGroup(group, { shift, attachments, ordinal }));
  }
  return { groups, rows: all.reduce((sum, { group }) => sum + group.rows, 0) };
}

const mark = Buffer.from('PAR1');

async function moved(
  { what, offset, length }: Attachment,
  file: string,
  shift: number,
  sources: Sources,
): Promise<Piece> {
  if (what !== 'offset index' || shift === 0) return { file, from: offset, length };
  return placeOffsetIndex(await readAt(await sources.open(file), offset, length), shift);
}

/** What a file is to be made of. Neighbours that are neighbours in their file, too, are one piece. */
class Pieces {
  readonly list: Piece[] = [];
  length = 0;

  add(piece: Piece): void {
    const last = this.list.at(-1);
    this.length += piece.length;
    if (piece instanceof Uint8Array || last === undefined || last instanceof Uint8Array) {
      this.list.push(piece);
    } else if (last.file === piece.file && last.from + last.length === piece.from) {
      this.list[this.list.length - 1] = { ...last, length: last.length + piece.length };
    } else {
      this.list.push(piece);
    }
  }
}

/** The files that are copied from, each opened once. */
class Sources {
  readonly #open = new Map<string, FileHandle>();

  async open(file: string): Promise<FileHandle> {
    const known = this.#open.get(file);
    if (known) return known;
    const handle = await files.open(file, 'r');
    this.#open.set(file, handle);
    return handle;
  }

  async close(): Promise<void> {
    for (const handle of this.#open.values()) await handle.close();
  }
}

async function write(pieces: readonly Piece[], sources: Sources, assembly: Assembly): Promise<void> {
  const { destination, beginning, signal } = assembly;
  await beginning?.copied();
  const target = await files.open(destination, beginning === undefined ? 'w' : 'r+');
  // One buffer, so that memory stays flat; of this size, since a system call for less costs more than the copying.
  const buffer = Buffer.allocUnsafeSlow(chunkBytes);
  try {
    let at = 0;
    for (const piece of pieces) {
      const rest = withoutBegun(piece, at, beginning);
      const to = at + piece.length - rest.length;
      if (rest instanceof Uint8Array) await writeAll(target, rest, to);
      else if (rest.length > 0) await copy(await sources.open(rest.file), rest, target, to, buffer, signal);
      at += piece.length;
    }
    if (beginning !== undefined && beginning.bytes > at) await target.truncate(at);
  } finally {
    await target.close();
  }
}

/** What of a piece, that is to be written at a position, is not there already. */
function withoutBegun(piece: Piece, at: number, beginning: Beginning | undefined): Piece {
  if (beginning === undefined) return piece;
  const there = Math.min(Math.max(beginning.bytes - at, 0), piece.length);
  if (piece instanceof Uint8Array) return piece === mark ? piece.subarray(there) : piece;
  if (piece.file !== beginning.file || piece.from !== at) return piece;
  return { ...piece, from: piece.from + there, length: piece.length - there };
}

async function copy(
  source: FileHandle,
  { from, length }: { readonly from: number; readonly length: number },
  target: FileHandle,
  to: number,
  buffer: Buffer,
  signal: AbortSignal,
): Promise<void> {
  for (let done = 0; done < length; ) {
    if (signal.aborted) throw new AbortedError();
    const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, length - done), from + done);
    if (bytesRead === 0) throw new NotSpliceable('a file became shorter while it was read');
    await writeAll(target, buffer.subarray(0, bytesRead), to + done);
    done += bytesRead;
  }
}
