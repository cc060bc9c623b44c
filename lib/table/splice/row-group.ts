// One row group of a footer: where its bytes are, and the same entry with every position changed to where they are to be.
import { NotSpliceable } from './not-spliceable.js';
import { type Change, Cursor, copyStruct, kinds, Output } from './thrift.js';

/** Bytes of a file that belong to a row group but are not among its pages. */
export interface Attachment {
  readonly what: 'bloom filter' | 'column index' | 'offset index';
  readonly offset: number;
  readonly length: number;
}

export interface Group {
  /** The entry as it stands in the footer. */
  readonly bytes: Uint8Array;
  readonly rows: number;
  /** Bytes of its pages before they were compressed; 0 when it does not tell. */
  readonly size: number;
  /** The pages of all its columns are from here … */
  readonly start: number;
  /** … to before here. */
  readonly end: number;
  /** In the order of the columns. */
  readonly attachments: readonly Attachment[];
  /** Where the chunk of each column starts, and its length. */
  readonly chunks: readonly { readonly start: number; readonly length: number }[];
}

/** Where the bytes of a row group are to be. */
export interface Placement {
  /** What is added to the positions of its pages. */
  readonly shift: number;
  /** One for each attachment. */
  readonly attachments: readonly { readonly offset: number; readonly length: number }[];
  /** The number of the group in its file. */
  readonly ordinal: number;
  /** Columns, by the number of their chunk, whose statistics are left out. @default none */
  readonly withoutStatistics?: (column: number) => boolean;
}

const groupFields = { columns: 1, totalBytes: 2, rows: 3, sorting: 4, fileOffset: 5, compressedBytes: 6, ordinal: 7 };
const chunkFields = {
  path: 1,
  fileOffset: 2,
  meta: 3,
  offsetIndexOffset: 4,
  offsetIndexLength: 5,
  columnIndexOffset: 6,
  columnIndexLength: 7,
  crypto: 8,
  encrypted: 9,
};
const statisticsFields = { max: 5, min: 6 };
const metaFields = {
  path: 3,
  compressedBytes: 7,
  dataPage: 9,
  indexPage: 10,
  dictionaryPage: 11,
  statistics: 12,
  bloomOffset: 14,
  bloomLength: 15,
};
const lastMetaField = 17;

/** @throws NotSpliceable when it has bytes that could not be found again after a move */
export function readGroup(bytes: Uint8Array, dataEnd: number): Group {
  const cursor = new Cursor(bytes);
  const chunks: Chunk[] = [];
  let rows = -1;
  let size = 0;
  cursor.struct((id, kind) => {
    if (id === groupFields.columns) {
      const { size: count } = cursor.list();
      for (let index = 0; index < count; index += 1) chunks.push(readChunk(cursor));
    } else if (id === groupFields.totalBytes) {
      size = cursor.integer();
    } else if (id === groupFields.rows) {
      rows = cursor.integer();
    } else if (id > groupFields.ordinal) {
      refuseUnknown('a row group', id, kind);
    }
  });
  if (rows < 0 || chunks.length === 0) throw new NotSpliceable('a row group has no columns');
  let start = dataEnd;
  let end = 0;
  let used = 0;
  for (const chunk of chunks) {
    start = Math.min(start, chunk.start);
    end = Math.max(end, chunk.start + chunk.length);
    used += chunk.length;
  }
  if (start < 4 || end > dataEnd) throw new NotSpliceable('a row group is outside of the file');
  // Interleaved with the pages of others it would take their bytes along.
  if (end - start > used * 1.25 + 65_536) throw new NotSpliceable('the pages of a row group are scattered');
  const attachments = chunks.flatMap((chunk) => chunk.attachments);
  if (attachments.some(({ offset, length }) => offset < 4 || length < 0 || offset + length > dataEnd)) {
    throw new NotSpliceable('an index of a row group is outside of the file');
  }
  return { bytes, rows, size, start, end, attachments, chunks };
}

interface Chunk {
  readonly start: number;
  readonly length: number;
  readonly attachments: readonly Attachment[];
}

function readChunk(cursor: Cursor): Chunk {
  let pages: Pages | undefined;
  const at: Record<number, number> = {};
  cursor.struct((id, kind) => {
    if (id === chunkFields.meta) pages = readMeta(cursor);
    else if (id === chunkFields.path) throw new NotSpliceable('its columns are in other files');
    else if (id === chunkFields.crypto || id === chunkFields.encrypted) throw new NotSpliceable('it is encrypted');
    else if (id > chunkFields.encrypted) refuseUnknown('a column', id, kind);
    else at[id] = cursor.integer();
  });
  if (pages === undefined) throw new NotSpliceable('a column has no metadata');
  const { bloom } = pages;
  const attachments: Attachment[] = [];
  const attach = (what: Attachment['what'], offset: number | undefined, length: number | undefined): void => {
    if (offset === undefined) return;
    if (length === undefined) throw new NotSpliceable(`a ${what} is of unknown length`);
    attachments.push({ what, offset, length });
  };
  attach('bloom filter', bloom?.offset, bloom?.length);
  attach('column index', at[chunkFields.columnIndexOffset], at[chunkFields.columnIndexLength]);
  attach('offset index', at[chunkFields.offsetIndexOffset], at[chunkFields.offsetIndexLength]);
  return { start: pages.start, length: pages.length, attachments };
}

interface Pages {
  readonly start: number;
  readonly length: number;
  readonly bloom?: { readonly offset: number; readonly length: number | undefined };
}

function readMeta(cursor: Cursor): Pages {
  let length = -1;
  let start = Number.POSITIVE_INFINITY;
  let bloomOffset: number | undefined;
  let bloomLength: number | undefined;
  cursor.struct((id, kind) => {
    if (id === metaFields.compressedBytes) length = cursor.integer();
    else if (isPagePosition(id)) start = Math.min(start, cursor.integer() || Number.POSITIVE_INFINITY);
    else if (id === metaFields.bloomOffset) bloomOffset = cursor.integer();
    else if (id === metaFields.bloomLength) bloomLength = cursor.integer();
    else if (id > lastMetaField) refuseUnknown('a column', id, kind);
  });
  if (length < 0 || start === Number.POSITIVE_INFINITY) throw new NotSpliceable('a column has no pages');
  return { start, length, ...(bloomOffset !== undefined && { bloom: { offset: bloomOffset, length: bloomLength } }) };
}

function isPagePosition(id: number): boolean {
  return id === metaFields.dataPage || id === metaFields.indexPage || id === metaFields.dictionaryPage;
}

/**
 * The bounds of a column, as its statistics have them: of text they may be cut short.
 * @param length How many bytes each has; others count as unknown. @default any
 */
export function boundsOf(
  { bytes }: Group,
  column: string,
  length?: number,
): { readonly min: Uint8Array; readonly max: Uint8Array } | undefined {
  const cursor = new Cursor(bytes);
  let [isIt, min, max]: [boolean, Uint8Array?, Uint8Array?] = [false];
  const visitStatistics = (id: number): void => {
    if (id === statisticsFields.max) max = cursor.binary();
    if (id === statisticsFields.min) min = cursor.binary();
  };
  const visitMeta = (id: number): void => {
    if (id === metaFields.path) isIt = isIt || isPathOf(column);
    else if (id === metaFields.statistics && isIt && max === undefined) cursor.struct(visitStatistics);
  };
  const visitChunk = (id: number): void => {
    if (id === chunkFields.meta && !isIt) cursor.struct(visitMeta);
  };
  cursor.struct((id) => {
    if (id !== groupFields.columns) return;
    const { size } = cursor.list();
    for (let index = 0; index < size; index += 1) cursor.struct(visitChunk);
  });
  const isRight = (bound: Uint8Array | undefined): bound is Uint8Array =>
    bound !== undefined && (length === undefined || bound.length === length);
  return isRight(min) && isRight(max) ? { min, max } : undefined;

  function isPathOf(name: string): boolean {
    const { size } = cursor.list();
    const path = Array.from({ length: size }, () => cursor.text());
    return size === 1 && path[0] === name;
  }
}

/** A number that a later version of the format has added may be a position. */
function refuseUnknown(what: string, id: number, kind: number): void {
  if (kind === kinds.i32 || kind === kinds.i64 || kind === kinds.struct || kind === kinds.list) {
    throw new NotSpliceable(`${what} has a field that is not known (${id})`);
  }
}

/** The entry of a row group after a move. Every field that is no position is as it was, to the byte. */
export function placeGroup(group: Group, { shift, attachments, ordinal, withoutStatistics }: Placement): Uint8Array {
  const cursor = new Cursor(group.bytes);
  const output = new Output();
  const places = attachments.values();
  // Zero stands for "not there".
  const move: Change = (fields, kind, id) => {
    const position = cursor.integer();
    fields.integer(id, kind, position === 0 ? 0 : position + shift);
  };
  copyStruct(cursor, output, {
    [groupFields.fileOffset]: move,
    [groupFields.ordinal]: (fields, kind, id) => {
      cursor.integer();
      // It has 16 bits, and may be left out.
      if (ordinal <= 32_767) fields.integer(id, kind, ordinal);
    },
    [groupFields.columns]: (fields, kind, id) => {
      fields.header(id, kind);
      const { size, kind: item } = cursor.list();
      output.list(size, item);
      for (let column = 0; column < size; column += 1) placeChunk(column);
    },
  });
  return output.bytes;

  function placeChunk(column: number): void {
    const start = cursor.at;
    const { attachments: mine } = readChunk(cursor);
    cursor.at = start;
    const placed = new Map(mine.map(({ what }) => [what, places.next().value!]));
    const put = (what: Attachment['what'], part: 'offset' | 'length'): Change => {
      return (fields, kind, id) => {
        const old = cursor.integer();
        fields.integer(id, kind, placed.get(what)?.[part] ?? old);
      };
    };
    copyStruct(cursor, output, {
      [chunkFields.fileOffset]: move,
      [chunkFields.offsetIndexOffset]: put('offset index', 'offset'),
      [chunkFields.offsetIndexLength]: put('offset index', 'length'),
      [chunkFields.columnIndexOffset]: put('column index', 'offset'),
      [chunkFields.columnIndexLength]: put('column index', 'length'),
      [chunkFields.meta]: (fields, kind, id) => {
        fields.header(id, kind);
        copyStruct(cursor, output, {
          [metaFields.dataPage]: move,
          [metaFields.indexPage]: move,
          [metaFields.dictionaryPage]: move,
          [metaFields.bloomOffset]: put('bloom filter', 'offset'),
          [metaFields.bloomLength]: put('bloom filter', 'length'),
          ...(withoutStatistics?.(column) && {
            [metaFields.statistics]: (_: unknown, of: number) => void cursor.skip(of),
          }),
        });
      },
    });
  }
}

/** An offset index after a move: it has the position of each page. */
export function placeOffsetIndex(bytes: Uint8Array, shift: number): Uint8Array {
  const cursor = new Cursor(bytes);
  const output = new Output();
  const pageLocations = 1;
  const offset = 1;
  copyStruct(cursor, output, {
    [pageLocations]: (fields, kind, id) => {
      fields.header(id, kind);
      const { size, kind: item } = cursor.list();
      output.list(size, item);
      for (let page = 0; page < size; page += 1) {
        copyStruct(cursor, output, {
          [offset]: (location, as, field) => location.integer(field, as, cursor.integer() + shift),
        });
      }
    },
  });
  return output.bytes;
}
