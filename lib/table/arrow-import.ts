// Reads an Arrow IPC file into a table of DuckDB, batch by batch. What DuckDB keeps as a typed array is copied as it is.
import {
  DuckDBBlobValue,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimeValue,
  type DuckDBValue,
  type DuckDBVector,
} from '@duckdb/node-api';
import { type Data, DataType, type Decimal, type RecordBatch, TimeUnit, Type } from 'apache-arrow';
import { duckdbType } from './arrow-duckdb.js';
import { withArrowReader } from './arrow-file.js';
import { columnType } from './arrow-schema.js';
import { tableName } from './layout.js';
import { identifier } from './sql-text.js';

/**
 * Creates the table and fills it with the rows of the file, in their order. Columns keep their names; each has the DuckDB
 * type of its column type (`columnType`, `duckdbType`), so that nothing is rounded. No more than one batch is in memory
 * beside the table.
 * @param afterBatch Called when the rows of a batch, or `rowsAtOnce` of them, are in the table: may take them out again.
 * @returns the number of rows.
 * @throws TableError `ERR_TABLE_CORRUPT` when the file is not an Arrow IPC file, `ERR_TABLE_TYPE` for a type that cannot be
 *   read without loss.
 */
export async function importArrow(
  connection: DuckDBConnection,
  file: string,
  table: string,
  afterBatch: () => Promise<void> = async () => {},
  rowsAtOnce = Number.POSITIVE_INFINITY,
): Promise<number> {
  return withArrowReader(file, async (reader) => {
    const { fields } = reader.schema;
    const types = fields.map((field) => duckdbType(columnType(field.type, tableName(file), field.name)));
    const columns = fields.map((field, at) => `${identifier(field.name)} ${types[at]}`);
    await connection.run(`CREATE TABLE ${identifier(table)} (${columns.join(', ')})`);
    // One for all rows: its memory is not JavaScript's, so those that are no longer needed would not be collected in time.
    const chunk = DuckDBDataChunk.create(types);
    let rows = 0;
    for await (const batch of reader) {
      for (let start = 0; start < batch.numRows; start += rowsAtOnce) {
        const end = Math.min(start + rowsAtOnce, batch.numRows);
        const appender = await connection.createAppender(table);
        for (let from = start; from < end; from += chunkRows) {
          fill(chunk, batch, from, Math.min(chunkRows, end - from));
          appender.appendDataChunk(chunk);
        }
        appender.closeSync();
        await afterBatch();
      }
      rows += batch.numRows;
    }
    return rows;
  });
}

/** DuckDB's vector size. */
const chunkRows = 2048;

function fill(chunk: DuckDBDataChunk, batch: RecordBatch, from: number, count: number): void {
  chunk.reset();
  chunk.rowCount = count;
  for (const [at, data] of batch.data.children.entries()) {
    const vector = chunk.getColumnVector(at) as FillableVector;
    if (!copied(vector, data, from, count)) {
      const read = reader(data);
      for (let row = 0; row < count; row += 1) vector.setItem(row, read(from + row));
    }
    vector.flush();
  }
}

/** Every vector has both, each with its own type of value. */
type FillableVector = DuckDBVector & { setItem(at: number, value: DuckDBValue | null): void; flush(): void };

/** Copies the values as they lie in memory, where both sides have the same layout. Says whether it could. */
function copied(vector: DuckDBVector, data: Data, from: number, count: number): boolean {
  if (!sameLayout(data.type) || data.offset !== 0) return false;
  const { items, dataView, validity } = vector as unknown as {
    items?: { set(values: unknown): void };
    dataView?: DataView;
    validity: { data: BigUint64Array | null };
  };
  if (data.nullCount > 0) {
    // A bitmap is copied by bytes.
    if (from % 8 !== 0) return false;
    const words = new Uint8Array(Math.ceil(count / 64) * 8);
    words.set(data.nullBitmap.subarray(from >> 3, (from + count + 7) >> 3));
    validity.data = new BigUint64Array(words.buffer);
  }
  const values = data.values.subarray(from * data.stride, (from + count) * data.stride);
  if (items) items.set(values);
  else {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    new Uint8Array(dataView!.buffer, dataView!.byteOffset, bytes.length).set(bytes);
  }
  return true;
}

function sameLayout(type: DataType): boolean {
  if (DataType.isInt(type)) return type.bitWidth === 64 && type.isSigned;
  if (DataType.isFloat(type)) return type.ArrayType === Float64Array;
  if (DataType.isDecimal(type)) return type.precision > 18;
  if (DataType.isTimestamp(type)) return type.unit === TimeUnit.MICROSECOND;
  if (DataType.isTime(type)) return type.unit === TimeUnit.MICROSECOND;
  return DataType.isDate(type) && type.ArrayType === Int32Array;
}

type Read = (at: number) => DuckDBValue | null;

/** One value after the other, as DuckDB's value of the column's type. */
function reader(data: Data): Read {
  const value = valueReader(data);
  return (at) => (data.getValid(at) ? value(at) : null);
}

function valueReader(data: Data): Read {
  const { type, values, valueOffsets, children, offset } = data;
  switch (type.typeId) {
    case Type.Null:
      return () => null;
    case Type.Bool:
      return (at) => (values[(offset + at) >> 3] & (1 << ((offset + at) & 7))) !== 0;
    case Type.Int:
      return unsigned64(type) ? (at) => new DuckDBDecimalValue(BigInt(values[at]), 20, 0) : (at) => BigInt(values[at]);
    case Type.Float:
      return type.ArrayType === Uint16Array ? (at) => half(values[at]) : (at) => values[at];
    case Type.Decimal: {
      const { precision, scale } = type as Decimal;
      const words = new DataView(values.buffer, values.byteOffset, values.byteLength);
      return (at) => {
        const value = (words.getBigInt64(at * 16 + 8, true) << 64n) | words.getBigUint64(at * 16, true);
        return new DuckDBDecimalValue(value, precision, scale);
      };
    }
    case Type.Utf8:
    case Type.LargeUtf8:
      return (at) => text.decode(values.subarray(Number(valueOffsets[at]), Number(valueOffsets[at + 1])));
    case Type.Binary:
    case Type.LargeBinary:
      return (at) => new DuckDBBlobValue(values.subarray(Number(valueOffsets[at]), Number(valueOffsets[at + 1])));
    case Type.Utf8View:
      return (at) => text.decode(viewed(data, at));
    case Type.BinaryView:
      return (at) => new DuckDBBlobValue(viewed(data, at));
    case Type.FixedSizeBinary:
      return (at) => new DuckDBBlobValue(values.subarray(at * data.stride, (at + 1) * data.stride));
    case Type.Date:
      return type.ArrayType === Int32Array
        ? (at) => new DuckDBDateValue(values[at])
        : (at) => new DuckDBTimestampTZValue(BigInt(values[at]) * 1000n);
    case Type.Time:
      return (at) => new DuckDBTimeValue(BigInt(values[at]) * micros(type));
    case Type.Timestamp:
      return (at) => new DuckDBTimestampTZValue(BigInt(values[at]) * micros(type));
    case Type.Dictionary: {
      const chunks = data.dictionary!.data.map((part) => ({ length: part.length, read: reader(part) }));
      return (at) => {
        let index = Number(values[at]);
        for (const { length, read } of chunks) {
          if (index < length) return read(index);
          index -= length;
        }
        return null;
      };
    }
    case Type.List:
    case Type.LargeList: {
      const item = reader(children[0]!);
      return (at) => listed(item, Number(valueOffsets[at]), Number(valueOffsets[at + 1]));
    }
    case Type.FixedSizeList: {
      const item = reader(children[0]!);
      const { listSize } = type as unknown as { listSize: number };
      return (at) => listed(item, at * listSize, (at + 1) * listSize);
    }
    default: {
      const fields = type.children.map((field, at) => ({ name: field.name, read: reader(children[at]!) }));
      return (at) => {
        const entries = Object.create(null) as Record<string, DuckDBValue>;
        for (const { name, read } of fields) entries[name] = read(at);
        return new DuckDBStructValue(entries);
      };
    }
  }
}

/** The bytes of a value that lies in one of several buffers, or, when it has at most 12 bytes, in its view. */
function viewed({ values, variadicBuffers }: Data, at: number): Uint8Array {
  const view = new DataView(values.buffer, values.byteOffset + at * 16, 16);
  const length = view.getInt32(0, true);
  if (length <= 12) return values.subarray(at * 16 + 4, at * 16 + 4 + length);
  const offset = view.getInt32(12, true);
  return variadicBuffers[view.getInt32(8, true)]!.subarray(offset, offset + length);
}

/** Keeps a byte order mark at the start of a text. */
const text = new TextDecoder('utf-8', { ignoreBOM: true });

function listed(item: Read, from: number, to: number): DuckDBListValue {
  return new DuckDBListValue(Array.from({ length: to - from }, (_, at) => item(from + at)));
}

function unsigned64(type: DataType): boolean {
  return DataType.isInt(type) && !type.isSigned && type.bitWidth === 64;
}

/** Microseconds in one unit of the type. */
function micros(type: DataType): bigint {
  const { unit } = type as unknown as { unit: TimeUnit };
  return unit === TimeUnit.SECOND ? 1_000_000n : unit === TimeUnit.MILLISECOND ? 1000n : 1n;
}

/** The number that 16 bits stand for. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
