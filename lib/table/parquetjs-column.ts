// Turns rows into the columns of Parquet: for each leaf of the schema its values, with the levels that say where lists and NULLs are.
import type { Column, ColumnType } from '../schema/index.js';

/** What a leaf is in the file. */
export interface Physical {
  /** `BOOLEAN`, `INT32`, `INT64`, `DOUBLE`, `BYTE_ARRAY` or `FIXED_LEN_BYTE_ARRAY`. */
  readonly primitive: string;
  readonly length?: number;
  /** The type that the bytes stand for, in the words of parquet.thrift. */
  readonly converted?: string;
  readonly precision?: number;
  readonly scale?: number;
  /** What is handed to the encoder for a value of the column. */
  readonly encode: (value: never) => unknown;
}

const asItIs = (value: unknown): unknown => value;

/** The physical type of everything that is neither list nor struct. */
export function physical(type: Exclude<ColumnType, { kind: 'list' | 'struct' }>): Physical {
  switch (type.kind) {
    case 'bool':
      return { primitive: 'BOOLEAN', encode: asItIs };
    case 'bigint':
      return { primitive: 'INT64', encode: asItIs };
    case 'double':
      return { primitive: 'DOUBLE', encode: asItIs };
    case 'decimal': {
      const { precision, scale } = type;
      return {
        primitive: 'FIXED_LEN_BYTE_ARRAY',
        length: 16,
        converted: 'DECIMAL',
        precision,
        scale,
        encode: bigEndian,
      };
    }
    case 'timestamp':
      return { primitive: 'INT64', converted: 'TIMESTAMP_MICROS', encode: asItIs };
    case 'date':
      return { primitive: 'INT32', converted: 'DATE', encode: asItIs };
    case 'time':
      return { primitive: 'INT64', converted: 'TIME_MICROS', encode: asItIs };
    case 'binary':
      return { primitive: 'BYTE_ARRAY', encode: asItIs };
    default:
      return { primitive: 'BYTE_ARRAY', converted: 'UTF8', encode: asItIs };
  }
}

/** 128 bits, two's complement. */
function bigEndian(value: number | bigint): Buffer {
  const bytes = Buffer.allocUnsafe(16);
  const whole = BigInt(value);
  bytes.writeBigInt64BE(whole >> 64n, 0);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, whole), 8);
  return bytes;
}

/** One leaf: what it is, and the values that were gathered. */
export interface LeafColumn extends Physical {
  /** The names from the column down to the leaf, as the file has them. */
  readonly path: readonly string[];
  readonly mostRepeated: number;
  readonly mostDefined: number;
  readonly values: unknown[];
  readonly repeated: number[];
  readonly defined: number[];
}

/** Adds one value at a place of the schema. `undefined` for a value that a parent is without. */
type Shred = (value: unknown, repeated: number, defined: number) => void;

/** The columns of one row group. */
export class ColumnGatherer {
  /** In the order of the schema. */
  readonly leaves: LeafColumn[] = [];
  readonly #columns: readonly Shred[];
  rows = 0;
  /** Size of texts and bytes, roughly. */
  bytes = 0;

  constructor(columns: readonly Column[]) {
    this.#columns = columns.map(({ name, type, nullable }) => this.#shredder(type, [name], nullable, 0, 0));
  }

  /** Adds a row: the values of all columns, in order. */
  add(row: readonly unknown[]): void {
    for (let at = 0; at < this.#columns.length; at += 1) this.#columns[at]!(row[at], 0, 0);
    this.rows += 1;
  }

  #shredder(type: ColumnType, path: readonly string[], optional: boolean, repeated: number, defined: number): Shred {
    const here = defined + (optional ? 1 : 0);
    if (type.kind === 'list') return this.#list(type.item, path, repeated, here);
    if (type.kind === 'struct') return this.#struct(type.fields, path, repeated, here);
    return this.#leaf(physical(type), path, repeated, here);
  }

  #leaf(type: Physical, path: readonly string[], mostRepeated: number, mostDefined: number): Shred {
    const leaf: LeafColumn = { ...type, path, mostRepeated, mostDefined, values: [], repeated: [], defined: [] };
    this.leaves.push(leaf);
    const encode = type.encode as (value: unknown) => unknown;
    return (value, repeated, defined) => {
      leaf.repeated.push(repeated);
      if (value === null || value === undefined) {
        leaf.defined.push(defined);
        return;
      }
      leaf.defined.push(mostDefined);
      leaf.values.push(encode(value));
      this.bytes += typeof value === 'string' || Buffer.isBuffer(value) ? value.length : 8;
    };
  }

  #struct(
    fields: readonly { name: string; type: ColumnType }[],
    path: readonly string[],
    repeated: number,
    defined: number,
  ) {
    const inner = fields.map(({ name, type }) => this.#shredder(type, [...path, name], true, repeated, defined));
    const shred: Shred = (value, again, parent) => {
      const values = value as readonly unknown[] | null | undefined;
      for (let at = 0; at < inner.length; at += 1) {
        if (values) inner[at]!(values[at], again, defined);
        else inner[at]!(undefined, again, parent);
      }
    };
    return shred;
  }

  #list(item: ColumnType, path: readonly string[], repeated: number, defined: number): Shred {
    // A list is three levels: the list that may be NULL, its repeated part, and the item that may be NULL.
    const inner = this.#shredder(item, [...path, 'list', 'element'], true, repeated + 1, defined + 1);
    return (value, again, parent) => {
      const items = value as readonly unknown[] | null | undefined;
      if (!items) inner(undefined, again, parent);
      else if (items.length === 0) inner(undefined, again, defined);
      else for (let at = 0; at < items.length; at += 1) inner(items[at], at === 0 ? again : repeated + 1, defined + 1);
    };
  }
}
