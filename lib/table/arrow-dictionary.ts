// Columns of an Arrow file whose texts are stored once, with a number for each row. One dictionary for the whole file, ahead of its rows:
// that is what every reader takes.
import type { DuckDBVector } from '@duckdb/node-api';
import { type Data, Dictionary, Int32, makeData, Utf8, type Vector } from 'apache-arrow';
import { ArrowColumn } from './arrow-column.js';

/** Takes the numbers of texts in a dictionary. */
export class DictionaryColumn extends ArrowColumn {
  readonly #dictionary: Vector<Utf8>;
  #numbers = new Int32Array(1024);

  constructor(type: Dictionary, dictionary: Vector<Utf8>) {
    super(type);
    this.#dictionary = dictionary;
  }

  get bytes(): number {
    return this.length * 4;
  }

  protected appendValues(vector: DuckDBVector, from: number, count: number): void {
    const { items } = vector as unknown as { readonly items: Int32Array };
    if (this.length + count > this.#numbers.length) {
      const larger = new Int32Array(Math.max(this.length + count, this.#numbers.length * 2));
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers.set(items.subarray(from, from + count), this.length);
  }

  protected take(bitmap: {
    readonly length: number;
    readonly nullCount: number;
    readonly nullBitmap?: Uint8Array;
  }): Data {
    const data = this.#numbers.slice(0, bitmap.length);
    return makeData({ type: this.type as Dictionary, data, dictionary: this.#dictionary, ...bitmap } as never);
  }
}

/** The type of a column with a dictionary; `id` tells the dictionaries of a file apart. */
export function dictionaryType(id: number): Dictionary {
  return new Dictionary(new Utf8(), new Int32(), id);
}
