// Thrift's compact protocol, as far as a Parquet footer needs it: steps over what it does not know and copies it as it is, so
// that no field is lost, whatever version of the format wrote it.
import { NotSpliceable } from './not-spliceable.js';

/** The types of values, as a field's header names them. */
export const kinds = {
  true: 1,
  false: 2,
  byte: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
  map: 11,
  struct: 12,
  uuid: 13,
} as const;

/** Reads values one after the other. @throws NotSpliceable when the bytes end early, or are none of Thrift's */
export class Cursor {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new NotSpliceable('its footer ends early');
    return byte;
  }

  /** An unsigned number of variable length, at most 2^53. */
  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (value > Number.MAX_SAFE_INTEGER) throw new NotSpliceable('its footer has a number that is too large');
      if (byte < 128) return value;
    }
  }

  /** An integer of 16, 32 or 64 bits. */
  integer(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  text(): string {
    return new TextDecoder().decode(this.binary());
  }

  binary(): Uint8Array {
    const length = this.varint();
    return this.#take(length);
  }

  /** The header of a list: how many items of which type follow. */
  list(): { readonly size: number; readonly kind: number } {
    const head = this.byte();
    const size = head >> 4;
    return { size: size === 15 ? this.varint() : size, kind: head & 15 };
  }

  /** Visits each field of a struct, the cursor at its value. What the visitor does not read is stepped over. */
  struct(visit: (id: number, kind: number) => void): void {
    for (let id = 0; ; ) {
      const head = this.byte();
      if (head === 0) return;
      const kind = head & 15;
      id = head >> 4 === 0 ? this.integer() : id + (head >> 4);
      const start = this.at;
      visit(id, kind);
      if (this.at === start) this.skip(kind);
    }
  }

  /** Steps over a value and gives its bytes. */
  skip(kind: number): Uint8Array {
    const start = this.at;
    this.#skip(kind, 0);
    return this.bytes.subarray(start, this.at);
  }

  #skip(kind: number, depth: number): void {
    if (depth > 64) throw new NotSpliceable('its footer is nested too deeply');
    switch (kind) {
      case kinds.true:
      case kinds.false:
        return;
      case kinds.byte:
        this.#take(1);
        return;
      case kinds.i16:
      case kinds.i32:
      case kinds.i64:
        while (this.byte() >= 128);
        return;
      case kinds.double:
        this.#take(8);
        return;
      case kinds.binary:
        this.binary();
        return;
      case kinds.uuid:
        this.#take(16);
        return;
      case kinds.list:
      case kinds.set: {
        const { size, kind: item } = this.list();
        for (let index = 0; index < size; index += 1) this.#skipItem(item, depth);
        return;
      }
      case kinds.map: {
        const size = this.varint();
        const types = size === 0 ? 0 : this.byte();
        for (let index = 0; index < size; index += 1) {
          this.#skipItem(types >> 4, depth);
          this.#skipItem(types & 15, depth);
        }
        return;
      }
      case kinds.struct:
        for (;;) {
          const head = this.byte();
          if (head === 0) return;
          if (head >> 4 === 0) this.integer();
          this.#skip(head & 15, depth + 1);
        }
      default:
        throw new NotSpliceable(`its footer has a value of the unknown type ${kind}`);
    }
  }

  /** A truth value takes a byte in a list, and none in a struct. */
  #skipItem(kind: number, depth: number): void {
    if (kind === kinds.true || kind === kinds.false) this.#take(1);
    else this.#skip(kind, depth + 1);
  }

  #take(length: number): Uint8Array {
    const start = this.at;
    if (start + length > this.bytes.length) throw new NotSpliceable('its footer ends early');
    this.at = start + length;
    return this.bytes.subarray(start, this.at);
  }
}

/** Bytes that grow as they are written. */
export class Output {
  #bytes = new Uint8Array(4096);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  varint(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.byte((rest % 128) | 128);
    this.byte(rest);
  }

  integer(value: number): void {
    this.varint(value < 0 ? -value * 2 - 1 : value * 2);
  }

  list(size: number, kind: number): void {
    if (size < 15) {
      this.byte((size << 4) | kind);
    } else {
      this.byte(0xf0 | kind);
      this.varint(size);
    }
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
    grown.set(this.bytes);
    this.#bytes = grown;
  }
}

/** Writes the fields of one struct, in the order of their ids. */
export class Fields {
  readonly output: Output;
  #last = 0;

  constructor(output: Output) {
    this.output = output;
  }

  /** A field's header; its value is to be written to `output` next. */
  header(id: number, kind: number): void {
    const step = id - this.#last;
    if (step > 0 && step < 16) {
      this.output.byte((step << 4) | kind);
    } else {
      this.output.byte(kind);
      this.output.integer(id);
    }
    this.#last = id;
  }

  integer(id: number, kind: number, value: number): void {
    this.header(id, kind);
    this.output.integer(value);
  }

  raw(id: number, kind: number, bytes: Uint8Array): void {
    this.header(id, kind);
    this.output.raw(bytes);
  }

  end(): void {
    this.output.byte(0);
  }
}

/** What is to become of a field: reads its value and writes what is to stand there. */
export type Change = (fields: Fields, kind: number, id: number) => void;

/** Copies the struct at the cursor. Fields without a change are copied byte for byte. */
export function copyStruct(cursor: Cursor, output: Output, changes: Readonly<Record<number, Change>>): void {
  const fields = new Fields(output);
  cursor.struct((id, kind) => {
    const change = changes[id];
    if (change === undefined) fields.raw(id, kind, cursor.skip(kind));
    else change(fields, kind, id);
  });
  fields.end();
}
