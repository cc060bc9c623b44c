// Gathers the vectors of DuckDB's chunks into the buffers of one Arrow column. What is a typed array in DuckDB is copied as it is.
import {
  DuckDBBlobVector,
  type DuckDBListType,
  type DuckDBListVector,
  type DuckDBStructType,
  type DuckDBStructVector,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBVector,
} from '@duckdb/node-api';
import { type Data, type DataType, makeData } from 'apache-arrow';

/**
 * What a DuckDB vector holds. The fields are private in its types, but the only way to its values without one JavaScript
 * object for each; the version of the package is pinned.
 */
interface RawVector {
  readonly items?: FixedArray;
  readonly dataView?: DataView;
  readonly validity: Validity;
}

interface Validity {
  readonly data: BigUint64Array | null;
  readonly offset: number;
  itemValid(at: number): boolean;
}

/** The buffers that every kind of column has. */
interface Bitmap {
  readonly length: number;
  readonly nullCount: number;
  readonly nullBitmap?: Uint8Array;
}

type FixedArray = Int32Array | BigInt64Array | Float64Array;

/** One column of the batch that is being gathered. */
export abstract class ArrowColumn {
  length = 0;
  #validity = new Uint8Array(0);
  #nulls = 0;

  constructor(protected readonly type: DataType) {}

  /** Adds `count` values of the vector, from the one at `from` on. */
  append(vector: DuckDBVector, from: number, count: number): void {
    this.#appendValidity((vector as unknown as RawVector).validity, from, count);
    this.appendValues(vector, from, count);
    this.length += count;
  }

  /** Size in bytes of what is gathered, children included. */
  abstract get bytes(): number;
  protected abstract appendValues(vector: DuckDBVector, from: number, count: number): void;
  protected abstract take(bitmap: Bitmap): Data;

  /** What was gathered; the column is empty afterwards. */
  finish(): Data {
    const nulls = this.#nulls;
    const data = this.take({
      length: this.length,
      nullCount: nulls,
      ...(nulls > 0 && { nullBitmap: this.#validity.slice(0, (this.length + 7) >> 3) }),
    });
    this.length = 0;
    this.#nulls = 0;
    return data;
  }

  #appendValidity({ data, offset }: Validity, from: number, count: number): void {
    if (data === null && this.#nulls === 0) return;
    const needed = (this.length + count + 7) >> 3;
    if (needed > this.#validity.length) this.#validity = grown(this.#validity, needed);
    if (this.#nulls === 0) this.#validity.fill(0xff, 0, (this.length + 7) >> 3);
    const words = data === null ? undefined : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    for (let at = 0; at < count; at += 1) {
      const bit = offset + from + at;
      const to = this.length + at;
      if (words === undefined || (words[bit >> 3]! & (1 << (bit & 7))) !== 0) {
        this.#validity[to >> 3]! |= 1 << (to & 7);
      } else {
        this.#validity[to >> 3]! &= ~(1 << (to & 7));
        this.#nulls += 1;
      }
    }
  }
}

/** A column for values of a DuckDB type. */
export function arrowColumn(from: DuckDBType, to: DataType): ArrowColumn {
  switch (from.typeId) {
    case DuckDBTypeId.BOOLEAN:
      return new BoolColumn(to);
    case DuckDBTypeId.VARCHAR:
    case DuckDBTypeId.BLOB:
      return new BytesColumn(to);
    case DuckDBTypeId.DECIMAL:
      return new DecimalColumn(to);
    case DuckDBTypeId.LIST:
      return new ListColumn(to, arrowColumn((from as DuckDBListType).valueType, to.children[0]!.type));
    case DuckDBTypeId.STRUCT:
      return new StructColumn(
        to,
        (from as DuckDBStructType).entryTypes.map((entry, at) => arrowColumn(entry, to.children[at]!.type)),
      );
    default:
      return new FixedColumn(to);
  }
}

function grown<T extends Uint8Array | Int32Array | BigInt64Array | Float64Array>(values: T, needed: number): T {
  const make = values.constructor as new (length: number) => T;
  const larger = new make(Math.max(needed, values.length * 2, 1024));
  larger.set(values as never);
  return larger;
}

class FixedColumn extends ArrowColumn {
  #values: FixedArray | undefined;

  get bytes(): number {
    return this.length * (this.#values?.BYTES_PER_ELEMENT ?? 0);
  }

  protected appendValues(vector: DuckDBVector, from: number, count: number): void {
    const items = (vector as unknown as { items: FixedArray }).items;
    this.#values ??= new (items.constructor as new (length: number) => FixedArray)(1024);
    if (this.length + count > this.#values.length) this.#values = grown(this.#values, this.length + count);
    this.#values.set(items.subarray(from, from + count) as never, this.length);
  }

  protected take(bitmap: Bitmap): Data {
    const data = this.#values?.slice(0, bitmap.length) ?? new (this.type.ArrayType as new () => FixedArray)();
    return makeData({ type: this.type, data, ...bitmap } as never);
  }
}

class BoolColumn extends ArrowColumn {
  #bits = new Uint8Array(0);

  get bytes(): number {
    return this.length >> 3;
  }

  protected appendValues(vector: DuckDBVector, from: number, count: number): void {
    const view = (vector as unknown as { dataView: DataView }).dataView;
    const needed = (this.length + count + 7) >> 3;
    if (needed > this.#bits.length) this.#bits = grown(this.#bits, needed);
    for (let at = 0; at < count; at += 1) {
      const to = this.length + at;
      if (view.getUint8(from + at) !== 0) this.#bits[to >> 3]! |= 1 << (to & 7);
      else this.#bits[to >> 3]! &= ~(1 << (to & 7));
    }
  }

  protected take(bitmap: Bitmap): Data {
    return makeData({ type: this.type, data: this.#bits.slice(0, (bitmap.length + 7) >> 3), ...bitmap } as never);
  }
}

/** 16 bytes for each value, whatever width DuckDB keeps them in. */
class DecimalColumn extends ArrowColumn {
  #values = new BigInt64Array(0);

  get bytes(): number {
    return this.length * 16;
  }

  protected appendValues(vector: DuckDBVector, from: number, count: number): void {
    const { dataView, items } = vector as unknown as RawVector;
    const to = this.length * 2;
    if (to + count * 2 > this.#values.length) this.#values = grown(this.#values, to + count * 2);
    const width = (dataView ?? items)!.byteLength / vector.itemCount;
    const view = dataView ?? new DataView(items!.buffer, items!.byteOffset, items!.byteLength);
    for (let at = 0; at < count; at += 1) {
      const low = lowWord(view, (from + at) * width, width);
      this.#values[to + at * 2] = low;
      this.#values[to + at * 2 + 1] = width === 16 ? view.getBigInt64((from + at) * 16 + 8, true) : low < 0n ? -1n : 0n;
    }
  }

  protected take(bitmap: Bitmap): Data {
    const words = this.#values.slice(0, bitmap.length * 2);
    return makeData({ type: this.type, data: new Uint32Array(words.buffer), ...bitmap } as never);
  }
}

function lowWord(view: DataView, offset: number, width: number): bigint {
  if (width === 2) return BigInt(view.getInt16(offset, true));
  if (width === 4) return BigInt(view.getInt32(offset, true));
  return view.getBigInt64(offset, true);
}

/** Offsets are 32 bits wide. A batch ends long before that, unless single values are tens of megabytes in size. */
const largestOffset = 2 ** 31 - 1;

/** Text and bytes. Copied as bytes: decoding the text would drop a byte order mark at its start. */
class BytesColumn extends ArrowColumn {
  #offsets = new Int32Array(1);
  #values = new Uint8Array(0);

  get bytes(): number {
    return this.length * 4 + this.#offsets[this.length]!;
  }

  protected appendValues(vector: DuckDBVector, from: number, count: number): void {
    if (this.length + count + 1 > this.#offsets.length) this.#offsets = grown(this.#offsets, this.length + count + 1);
    const { dataView, validity } = vector as unknown as { dataView: DataView; validity: Validity };
    const blobs = new DuckDBBlobVector(dataView, validity as never, undefined as never, 0, vector.itemCount);
    let end = this.#offsets[this.length]!;
    for (let at = 0; at < count; at += 1) {
      const value = blobs.getItemBytes(from + at);
      if (value !== null) {
        if (end + value.length > largestOffset) throw new RangeError('the texts of one batch are beyond 2 GiB');
        if (end + value.length > this.#values.length) this.#values = grown(this.#values, end + value.length);
        this.#values.set(value, end);
        end += value.length;
      }
      this.#offsets[this.length + at + 1] = end;
    }
  }

  protected take(bitmap: Bitmap): Data {
    const valueOffsets = this.#offsets.slice(0, bitmap.length + 1);
    const data = this.#values.slice(0, valueOffsets[bitmap.length]!);
    return makeData({ type: this.type, valueOffsets, data, ...bitmap } as never);
  }
}

class ListColumn extends ArrowColumn {
  #offsets = new Int32Array(1);

  constructor(
    type: DataType,
    readonly items: ArrowColumn,
  ) {
    super(type);
  }

  get bytes(): number {
    return this.length * 4 + this.items.bytes;
  }

  protected appendValues(vector: DuckDBVector, from: number, count: number): void {
    if (this.length + count + 1 > this.#offsets.length) this.#offsets = grown(this.#offsets, this.length + count + 1);
    const lists = vector as DuckDBListVector;
    const { validity } = vector as unknown as RawVector;
    for (let at = 0; at < count; at += 1) {
      const length = validity.itemValid(from + at) ? lists.getEntryLength(from + at) : 0;
      if (length > 0) this.items.append(lists.childVector, lists.getEntryOffset(from + at), length);
      this.#offsets[this.length + at + 1] = this.items.length;
    }
  }

  protected take(bitmap: Bitmap): Data {
    const valueOffsets = this.#offsets.slice(0, bitmap.length + 1);
    return makeData({ type: this.type, valueOffsets, child: this.items.finish(), ...bitmap } as never);
  }
}

class StructColumn extends ArrowColumn {
  constructor(
    type: DataType,
    readonly fields: readonly ArrowColumn[],
  ) {
    super(type);
  }

  get bytes(): number {
    return this.fields.reduce((sum, field) => sum + field.bytes, 0);
  }

  protected appendValues(vector: DuckDBVector, from: number, count: number): void {
    for (const [at, field] of this.fields.entries()) {
      field.append((vector as DuckDBStructVector).entryVectorAt(at), from, count);
    }
  }

  protected take(bitmap: Bitmap): Data {
    return makeData({ type: this.type, children: this.fields.map((field) => field.finish()), ...bitmap } as never);
  }
}
