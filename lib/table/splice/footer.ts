// The footer of a Parquet file: its fields as bytes, to be written again as they are, and what of it must be understood to move row groups.
import type { FileHandle } from 'node:fs/promises';
import { files } from '../../stage/index.js';
import { NotSpliceable } from './not-spliceable.js';
import { type Group, readGroup } from './row-group.js';
import { Cursor, Fields, kinds, Output } from './thrift.js';

/** A value of the footer that is carried over. */
export interface RawField {
  readonly id: number;
  readonly kind: number;
  readonly bytes: Uint8Array;
}

export interface Footer {
  readonly file: string;
  /** Where the footer starts: the bytes before it are the file's data. */
  readonly start: number;
  readonly rows: number;
  /** Every field of FileMetaData but the number of rows and the row groups. */
  readonly fields: readonly RawField[];
  readonly groups: readonly Group[];
}

/** The ids of FileMetaData's fields. */
export const fileFields = {
  version: 1,
  schema: 2,
  rows: 3,
  groups: 4,
  keyValues: 5,
  createdBy: 6,
  columnOrders: 7,
  encryption: 8,
  signingKey: 9,
} as const;

const magic = Buffer.from('PAR1');

/** @throws NotSpliceable when the file has something that cannot be moved, or is no Parquet file; errors of the file system */
export async function readFooter(file: string): Promise<Footer> {
  const handle = await files.open(file, 'r');
  try {
    const { size } = await handle.stat();
    if (size < 12) throw new NotSpliceable('it is too short for a Parquet file');
    const tail = await readAt(handle, size - 8, 8);
    if (!tail.subarray(4).equals(magic)) throw new NotSpliceable('its footer is encrypted, or it is no Parquet file');
    const length = tail.readUInt32LE(0);
    const start = size - 8 - length;
    if (start < 4) throw new NotSpliceable('the length of its footer is wrong');
    return parseFooter(file, await readAt(handle, start, length), start);
  } finally {
    await handle.close();
  }
}

/** Reads a part of a file, all of it. */
export async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; ) {
    const { bytesRead } = await handle.read(buffer, at, length - at, position + at);
    if (bytesRead === 0) throw new NotSpliceable('the file ends early');
    at += bytesRead;
  }
  return buffer;
}

function parseFooter(file: string, bytes: Uint8Array, start: number): Footer {
  const cursor = new Cursor(bytes);
  const fields: RawField[] = [];
  const groups: Group[] = [];
  let rows = 0;
  cursor.struct((id, kind) => {
    if (id === fileFields.rows) {
      rows = cursor.integer();
    } else if (id === fileFields.groups) {
      const { size } = cursor.list();
      for (let index = 0; index < size; index += 1) groups.push(readGroup(cursor.skip(kinds.struct), start));
    } else if (id === fileFields.encryption || id === fileFields.signingKey) {
      throw new NotSpliceable('it is encrypted');
    } else {
      fields.push({ id, kind, bytes: cursor.skip(kind) });
    }
  });
  if (groups.reduce((sum, group) => sum + group.rows, 0) !== rows) {
    throw new NotSpliceable('its row groups do not have as many rows as its footer says');
  }
  return { file, start, rows, fields, groups };
}

/** The end of a file: the footer, its length, and the mark. `groups` are the row groups, as they are to stand in it. */
export function encodeFooter(fields: readonly RawField[], rows: number, groups: readonly Uint8Array[]): Uint8Array {
  const output = new Output();
  const own: RawField[] = [
    { id: fileFields.rows, kind: kinds.i64, bytes: encodeInteger(rows) },
    { id: fileFields.groups, kind: kinds.list, bytes: encodeList(groups) },
  ];
  const struct = new Fields(output);
  for (const { id, kind, bytes } of [...fields, ...own].sort((a, b) => a.id - b.id)) struct.raw(id, kind, bytes);
  struct.end();
  const length = Buffer.alloc(4);
  // A footer has 4 bytes for its own length.
  if (output.length > 0x7fffffff) throw new NotSpliceable('its footer would be too long');
  length.writeUInt32LE(output.length);
  output.raw(length);
  output.raw(magic);
  return output.bytes;
}

function encodeInteger(value: number): Uint8Array {
  const output = new Output();
  output.integer(value);
  return output.bytes;
}

function encodeList(structs: readonly Uint8Array[]): Uint8Array {
  const output = new Output();
  output.list(structs.length, kinds.struct);
  for (const struct of structs) output.raw(struct);
  return output.bytes;
}
